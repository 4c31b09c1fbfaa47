"""Accounts are entered, closed and opened again by the leads; the command line goes the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import Account, AuditEvent
from resolvers.identity.account_admin import AccountCommandError, create_account, disable_account
from resolvers.identity.viewer_loader import read_viewer
from tests.support.mutations import changed, refused
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ACCOUNT = "account { id version displayName disabledAt participant { code } }"


def a_person(world: World, **given: Any) -> dict[str, Any]:
    """Return an input that creates an account for a person."""
    who = {"displayName": "Mari Maasikas", "email": "Mari@example.org"}
    return {**who, "participantId": an_id(world.home), **given}


async def kept(database: Database, *columns: Any) -> list[Any]:
    """Return columns of the account that was entered last."""
    statement = select(*columns).order_by(Account.created_at.desc()).limit(1)
    async with database.bypass_policies("a test looks behind the policies").connect() as connection:
        return list((await connection.execute(statement)).one())


async def the_events(database: Database) -> list[Any]:
    async with database.bypass_policies("a test reads the trail").connect() as connection:
        return list((await connection.execute(select(AuditEvent).order_by(AuditEvent.sequence))).mappings())


async def test_a_lead_enters_a_person_whose_address_is_kept_and_not_told(world: World) -> None:
    found = await changed(world.database, await world.viewer("lead"), "createAccount", ACCOUNT, **a_person(world))
    assert (found["displayName"], found["participant"]["code"]) == ("Mari Maasikas", "DK")
    assert await kept(world.database, Account.email) == ["mari@example.org"]
    assert "mari@" not in str([event["after"] for event in await the_events(world.database)])


async def test_nobody_but_a_lead_enters_one(world: World) -> None:
    error = await refused(world.database, await world.viewer("chair"), "createAccount", **a_person(world))
    assert error["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("email", "rule"),
    [
        ("mari", "email"), ("mari@example", "email"), (" ", "text_empty"), ("CHAIR@example.org", "unique"),
        ("ma ri@example.org", "text_code"), ("m\u00e4ri@example.org", "text_code"),
        ("\u212aari@example.org", "text_code"), ("mari\u200b@example.org", "text_code"),
        ("mari\0@example.org", "text_code"),
        ("x" * 300 + "@b.c", "string_too_long"),
    ],
)  # fmt: skip
async def test_an_address_that_is_none_or_taken_is_refused(world: World, email: str, rule: str) -> None:
    lead = await world.viewer("lead")
    error = await refused(world.database, lead, "createAccount", **a_person(world, email=email))
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "email"], rule)]


async def test_an_account_keeps_its_own_address_when_it_is_renamed(world: World) -> None:
    given = {
        "id": an_id(world.accounts["member"]),
        "expectedVersion": 1,
        "displayName": "M.",
        "email": "Member@example.org",
    }
    found = await changed(world.database, await world.viewer("lead"), "updateAccount", ACCOUNT, **given)
    assert (found["displayName"], found["version"]) == ("M.", 2)


async def test_a_disabled_account_is_nobody_until_it_is_enabled_again(world: World) -> None:
    lead, member = await world.viewer("lead"), world.accounts["member"]
    given = {"id": an_id(member), "expectedVersion": 1}
    found = await changed(world.database, lead, "disableAccount", ACCOUNT, **given, reason="left the ministry")
    assert found["disabledAt"] is not None
    assert await read_viewer(world.database, member.id) is None
    error = await refused(world.database, lead, "disableAccount", id=an_id(member), expectedVersion=2)
    assert error["violations"][0]["rule"] == "transition"
    found = await changed(world.database, lead, "enableAccount", ACCOUNT, id=an_id(member), expectedVersion=2)
    assert found["disabledAt"] is None
    assert await read_viewer(world.database, member.id) is not None
    reasons = [event["reason"] for event in await the_events(world.database) if event["action"].name == "UPDATE"]
    assert reasons == ["left the ministry", None]


async def test_nobody_shuts_himself_out(world: World) -> None:
    given = {"id": an_id(world.accounts["lead"]), "expectedVersion": 1}
    error = await refused(world.database, await world.viewer("lead"), "disableAccount", **given)
    assert error["violations"][0]["rule"] == "oneself"


async def test_a_member_disables_nobody(world: World) -> None:
    given = {"id": an_id(world.accounts["chair"]), "expectedVersion": 1}
    error = await refused(world.database, await world.viewer("member"), "disableAccount", **given)
    assert error["code"] == "FORBIDDEN"


async def test_the_command_line_enters_and_disables_with_the_same_checks_and_a_trail(world: World) -> None:
    await create_account(world.database, "Mari@example.org", "Mari", "DK")
    assert await kept(world.database, Account.email, Account.display_name) == ["mari@example.org", "Mari"]
    await disable_account(world.database, "MARI@example.org")
    [made, contact, closed] = await the_events(world.database)
    assert (contact["entity_type"], "mari@" in str(contact["after"])) == ("Contact", False)
    assert [made["action"].name, closed["action"].name] == ["CREATE", "UPDATE"]
    assert {made["credential"], closed["credential"]} == {"command line"}
    assert list(closed["after"]) == ["disabledAt"]


@pytest.mark.parametrize(
    ("email", "name"), [("chair@example.org", "C."), ("mari", "Mari"), ("m@example.org", "M\u200b.")]
)
async def test_the_command_line_refuses_what_the_api_refuses(world: World, email: str, name: str) -> None:
    with pytest.raises(AccountCommandError):
        await create_account(world.database, email, name, "DK")
    assert await the_events(world.database) == []
