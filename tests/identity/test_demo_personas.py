"""The four people of the demonstration: who they are, and that each start gives them tokens of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update

from models import Account, ApiToken, CoalitionRole, GroupMembership, GroupRole
from models.base import now
from resolvers.identity.account_erasure import erase_account
from resolvers.identity.api_tokens import list_tokens
from resolvers.identity.demo_personas import PERSONAS, make_personas
from resolvers.record.loader import load_file
from server.auth.authenticator import Authenticator
from server.cli.demo import missing_personas
from server.config.settings import DemoPersona, load_settings
from server.startup.demo import PUBLIC_RECORD
from tests.support.accounts import a_request

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def record(database: Database) -> Database:
    await load_file(database.bypass_policies("a test loads the public record"), PUBLIC_RECORD)
    return database


async def viewer_of(database: Database, token: str) -> Viewer:
    # Another worker each time.
    authenticator = Authenticator(database, load_settings())
    viewer = await authenticator.authenticate(a_request(authorization=f"Bearer {token}"))
    await authenticator.close()
    return viewer


async def test_each_persona_has_the_rights_its_title_says(record: Database) -> None:
    made = await make_personas(record)
    secretary, chair, member, observer = [await viewer_of(record, token) for _, token in made]
    assert [title.split()[0] for title, _ in made] == ["Secretary", "Chair", "Member", "Observer"]
    assert secretary.roles == (CoalitionRole.LEAD,)
    assert len(secretary.writable_groups) == 2
    assert chair.roles == member.roles == (CoalitionRole.PARTICIPANT,)
    assert (len(chair.chaired_groups), len(member.chaired_groups)) == (1, 0)
    assert len(member.writable_groups) == 1
    assert observer.roles == (CoalitionRole.OBSERVER,)
    assert (observer.writable_groups, observer.chaired_groups) == ((), ())


async def test_a_second_start_enters_nobody_twice_and_leaves_the_tokens_of_the_first_valid(record: Database) -> None:
    first, second = [dict(await make_personas(record)) for _ in range(2)]
    assert first.keys() == second.keys()
    async with record.bypass_policies("a test counts").connect() as connection:
        assert len((await connection.execute(select(Account.id))).all()) == len(PERSONAS)
        roles = (await connection.execute(select(GroupMembership.role))).scalars()
        assert set(roles) == {GroupRole.SECRETARY, GroupRole.CHAIR, GroupRole.MEMBER, GroupRole.OBSERVER}
    for title in first:
        accounts = {(await viewer_of(record, made[title])).account for made in (first, second)}
        assert len(accounts) == 1
        assert accounts != {None}


async def test_a_start_deletes_the_tokens_that_expired(record: Database) -> None:
    await make_personas(record)
    async with record.bypass_policies("a test lets time pass", unaudited=True).begin() as connection:
        await connection.execute(update(ApiToken).values(expires_at=now() - dt.timedelta(seconds=1)))
    await make_personas(record)
    assert [row.state for row in await list_tokens(record)] == ["active"] * 4


async def test_a_start_says_which_account_is_disabled(record: Database) -> None:
    await make_personas(record)
    async with record.bypass_policies("a test disables an account", unaudited=True).begin() as connection:
        chair = Account.email == "chair@example.org"
        await connection.execute(update(Account).where(chair).values(disabled_at=now()))
    said = [title for title, _ in await make_personas(record) if "DISABLED" in title]
    assert said == ["Chair of EG1 (Denmark), DISABLED until a lead enables this account"]


async def test_a_start_leaves_out_a_persona_that_was_erased_and_another_one_succeeded(record: Database) -> None:
    await make_personas(record)
    async with record.bypass_policies("a test hands the chair over", unaudited=True).begin() as connection:
        found = select(GroupMembership).join(GroupMembership.account).where(Account.email == "chair@example.org")
        chair = (await connection.execute(found)).mappings().one()
        yesterday = now().date() - dt.timedelta(days=1)
        ended = update(GroupMembership).where(GroupMembership.id == chair["id"])
        await connection.execute(ended.values(expires_on=yesterday))
        member = await connection.scalar(select(Account.id).where(Account.email == "member@example.org"))
        given = {"role": GroupRole.CHAIR, "valid_from": now().date()}
        await connection.execute(insert(GroupMembership).values(group_id=chair["group_id"], account_id=member, **given))
    await erase_account(record, "chair@example.org")
    titles = [title for title, _ in await make_personas(record)]
    assert titles == [each.title for each in PERSONAS if each.role is not GroupRole.CHAIR]
    shown = [DemoPersona(title=title, token="x") for title in titles]  # noqa: S106 - no token
    settings = load_settings().model_copy(update={"demo_personas": shown})
    [line] = missing_personas(settings)
    assert line.startswith("Chair of EG1 (Denmark) is missing: its account was erased")
    assert line.endswith("then run coalition demo reset.")


async def test_the_record_can_be_loaded_again_around_them(record: Database) -> None:
    await make_personas(record)
    report = await load_file(record.bypass_policies("a test loads the public record again"), PUBLIC_RECORD)
    assert str(report).startswith("0 created, 0 updated, 0 removed")
