"""The viewer: which rights an account has today, and what `viewer` reports about them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models import Account, CoalitionRole, GroupRole, Marking, Scope
from resolvers.access.viewer import LEADS_GROUP, PUBLIC, Viewer
from resolvers.identity.viewer_loader import read_viewer
from tests.support.execute import read
from tests.support.factories import (
    a_coalition_membership,
    a_group_membership,
    a_participant,
    an_account,
    an_expert_group,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

DAY = dt.timedelta(days=1)
TODAY = dt.datetime.now(dt.UTC).date()
EVERYBODYS, IN_TOUCH, INSIDE = [Marking.CLEAR], [Marking.CLEAR, Marking.GREEN], [*Marking][:3]
QUERY = """
{ viewer {
    account { displayName } participant { code } roles permissions
    groups { totalCount nodes { role inForce group { code } } }
} }
"""


async def someone(database: Database, role: CoalitionRole | None = None, **period: Any) -> Account:
    """Keep an account of a participant with a role, or with none."""
    home = a_participant()
    account = an_account(home)
    if role:
        await keep(database, a_coalition_membership(home, role=role, **period), account)
    else:
        await keep(database, account)
    return account


async def viewer_of(database: Database, account: Account, **options: Any) -> Viewer:
    found = await read_viewer(database, account.id, **options)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("role", "markings"),
    [
        (CoalitionRole.LEAD, INSIDE),
        (CoalitionRole.PARTICIPANT, INSIDE),
        (CoalitionRole.OBSERVER, IN_TOUCH),
        (CoalitionRole.ORGANISATION, IN_TOUCH),
        (None, IN_TOUCH),
    ],
)
async def test_a_role_in_the_coalition_admits_to_markings(
    database: Database, role: CoalitionRole | None, markings: list[Marking]
) -> None:
    viewer = await viewer_of(database, await someone(database, role))
    assert viewer.markings == tuple(markings)
    assert viewer.roles == ((role,) if role else ())


@pytest.mark.parametrize(
    ("first", "last", "markings"),
    [
        (TODAY, None, INSIDE),
        (None, TODAY, INSIDE),
        (TODAY + DAY, None, EVERYBODYS),
        (None, TODAY - DAY, EVERYBODYS),
    ],
)
async def test_a_membership_counts_from_its_first_day_to_its_last(
    database: Database, first: dt.date | None, last: dt.date | None, markings: list[Marking]
) -> None:
    account = await someone(database, CoalitionRole.PARTICIPANT, valid_from=first, valid_to=last)
    assert (await viewer_of(database, account)).markings == tuple(markings)


@pytest.mark.parametrize(
    ("role", "writes", "decides"),
    [
        (GroupRole.CHAIR, True, True),
        (GroupRole.CO_CHAIR, True, True),
        (GroupRole.SECRETARY, True, False),
        (GroupRole.MEMBER, True, False),
        (GroupRole.OBSERVER, False, False),
    ],
)
async def test_a_place_in_a_group_admits_to_its_papers(
    database: Database, role: GroupRole, *, writes: bool, decides: bool
) -> None:
    account, group = await someone(database), an_expert_group("EG1")
    await keep(database, a_group_membership(group, account, role=role))
    viewer = await viewer_of(database, account)
    assert viewer.groups == (group.id,)
    assert viewer.writable_groups == ((group.id,) if writes else ())
    assert viewer.chaired_groups == ((group.id,) if decides else ())


@pytest.mark.parametrize(("first", "last"), [(TODAY + DAY, None), (TODAY - 9 * DAY, TODAY - DAY)])
async def test_a_place_that_is_not_in_force_gives_nothing(
    database: Database, first: dt.date, last: dt.date | None
) -> None:
    account = await someone(database)
    await keep(database, a_group_membership(an_expert_group(), account, valid_from=first, expires_on=last))
    viewer = await viewer_of(database, account)
    assert (viewer.groups, viewer.writable_groups, viewer.chaired_groups) == ((), (), ())
    assert (await read(database, QUERY, viewer=viewer))["viewer"]["groups"]["totalCount"] == 0


async def test_the_leads_keep_what_no_group_owns(database: Database) -> None:
    viewer = await viewer_of(database, await someone(database, CoalitionRole.LEAD))
    assert (viewer.groups, viewer.writable_groups, viewer.chaired_groups) == ((LEADS_GROUP,),) * 3


async def test_a_disabled_account_is_nobody(database: Database) -> None:
    account = await someone(database, CoalitionRole.LEAD)
    async with database.bypass_policies("a test disables an account", unaudited=True).begin() as connection:
        await connection.execute(update(Account).values(disabled_at=dt.datetime.now(dt.UTC)))
    assert await read_viewer(database, account.id) is None
    assert await read_viewer(database, LEADS_GROUP) is None


async def test_the_viewer_is_told_what_he_or_she_is(database: Database) -> None:
    account = await someone(database, CoalitionRole.LEAD)
    chaired = an_expert_group("EG1")
    await keep(database, a_group_membership(chaired, account, role=GroupRole.CHAIR))
    found = (await read(database, QUERY, viewer=await viewer_of(database, account)))["viewer"]
    assert found == {
        "account": {"displayName": account.display_name},
        "participant": {"code": account.participant.code},
        "roles": ["LEAD"],
        "permissions": ["WRITE", "DECIDE", "CONTRIBUTE", "MAINTAIN"],
        "groups": {"totalCount": 1, "nodes": [{"role": "CHAIR", "inForce": True, "group": {"code": "EG1"}}]},
    }


async def test_a_token_that_only_reads_permits_no_more(database: Database) -> None:
    account = await someone(database, CoalitionRole.LEAD)
    viewer = await viewer_of(database, account, scopes=frozenset({Scope.READ}))
    found = (await read(database, QUERY, viewer=viewer))["viewer"]
    assert found["roles"] == ["LEAD"]
    assert found["permissions"] == []


async def test_the_public_is_nobody_in_particular(database: Database) -> None:
    assert await read(database, QUERY, viewer=PUBLIC) == {"viewer": None}
