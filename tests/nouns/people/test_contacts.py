"""Contacts: the members of a group reach each other, the leads reach everyone, and others see no address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Account
from resolvers.access.viewer import PUBLIC
from resolvers.identity.account_admin import create_account
from tests.support.execute import read
from tests.support.factories import a_group_membership
from tests.support.mutations import changed, refused, the_trail
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

CONTACT = "contact { id version email phone availability account { displayName } }"
MEMBERS = f"{{ expertGroups {{ nodes {{ memberships {{ nodes {{ account {{ displayName {CONTACT} }} }} }} }} }} }}"


async def entered(world: World) -> Any:
    """Enter a member of the group; return the contact."""
    given = {"displayName": "Mari", "email": "mari@example.org", "participantId": an_id(world.home)}
    account = f"account {{ id version {CONTACT} }}"
    found = await changed(world.database, await world.viewer("lead"), "createAccount", account, **given)
    member = {"accountId": found["id"], "groupId": an_id(world.group), "role": "MEMBER", "validFrom": "2025-01-01"}
    await changed(
        world.database, await world.viewer("chair"), "createGroupMembership", "groupMembership { id }", **member
    )
    return found


async def emails(world: World, who: str | None) -> list[str]:
    """Return the addresses that an account sees of the members of all groups."""
    viewer = await world.viewer(who) if who else PUBLIC
    nodes = (await read(world.database, MEMBERS, viewer=viewer))["expertGroups"]["nodes"]
    accounts = [each["account"] for group in nodes for each in group["memberships"]["nodes"]]
    return [each["contact"]["email"] for each in accounts if each["contact"]]


async def test_members_of_the_group_and_leads_see_a_contact_and_others_do_not(world: World) -> None:
    await entered(world)
    elsewhere = world.accounts["other"]
    await keep(world.database, a_group_membership(world.other_group, elsewhere, role="OBSERVER"))
    for who in ("chair", "member", "reader", "lead"):
        assert await emails(world, who) == ["mari@example.org"], who
    assert await emails(world, "other") == await emails(world, None) == []


async def test_a_person_edits_the_own_contact_and_no_other_member_does(world: World) -> None:
    database, made = world.database, await entered(world)
    contact = made["contact"]
    world.accounts["mari"] = Account(id=made["id"].partition(":")[2])
    given = {"id": contact["id"], "expectedVersion": contact["version"]}
    new = {"email": "mari@work.example", "phone": "+372 5555 0101", "availability": "Weekdays before noon"}
    error = await refused(database, await world.viewer("chair"), "updateContact", **given, **new)
    assert error["code"] == "FORBIDDEN"
    mari = await world.viewer("mari")
    for wrong, rule in (({"email": "mari"}, "email"), ({"phone": "call me"}, "phone")):
        [violation] = (await refused(database, mari, "updateContact", **given, **wrong))["violations"]
        assert (violation["path"], violation["rule"]) == (["input", rule], rule)
    assert {**contact, **new, "version": 2} == await changed(database, mari, "updateContact", CONTACT, **given, **new)
    assert await emails(world, "reader") == ["mari@work.example"]
    assert not [each for each in await the_trail(database) if "5555" in str(each["after"]) or "@" in str(each["after"])]


async def test_a_contact_follows_the_address_of_the_account_until_the_person_enters_another(world: World) -> None:
    database, lead = world.database, await world.viewer("lead")
    made = await entered(world)
    moved = {"id": made["id"], "expectedVersion": 1, "email": "mari@new.example"}
    account = f"account {{ id version {CONTACT} }}"
    found = await changed(database, lead, "updateAccount", account, **moved)
    assert found["contact"]["email"] == "mari@new.example"
    own = {"id": found["contact"]["id"], "expectedVersion": found["contact"]["version"], "email": None}
    await changed(database, lead, "updateContact", CONTACT, **own)
    moved = {**moved, "expectedVersion": found["version"], "email": "mari@newest.example"}
    assert (await changed(database, lead, "updateAccount", account, **moved))["contact"]["email"] is None
    await create_account(database, "operator@example.org", "By command", "DK")
    found = f'accounts(where: {{displayName: {{eq: "By command"}}}}) {{ nodes {{ {CONTACT} }} }}'
    query = f'{{ participant(code: "DK") {{ {found} }} }}'
    [node] = (await read(database, query, viewer=lead))["participant"]["accounts"]["nodes"]
    assert node["contact"]["email"] == "operator@example.org"
