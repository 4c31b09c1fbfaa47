"""All viewers that a policy distinguishes: the public, and accounts by their participant's and their groups' roles."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

import models as m
from models import Base
from resolvers.access.viewer import PUBLIC
from resolvers.identity.viewer_loader import read_viewer
from tests.support.factories import a_coalition_membership, a_group_membership, a_participant, an_account

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database

LONG_AGO, LATE = dt.date(2023, 9, 19), dt.date(2100, 12, 31)
YESTERDAY = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)

#: Whose participant has which role in the coalition.
ROLES = {
    "lead": m.CoalitionRole.LEAD,
    "participant": m.CoalitionRole.PARTICIPANT,
    "observer": m.CoalitionRole.OBSERVER,
    "organisation": m.CoalitionRole.ORGANISATION,
}

#: What an observer's account may be in the first group; the others are in none.
PLACES = {
    "chair": m.GroupRole.CHAIR,
    "member": m.GroupRole.MEMBER,
    "reader": m.GroupRole.OBSERVER,
    "expired": m.GroupRole.SECRETARY,
}

NAMES = ("public", *ROLES, "left", "stranger", *PLACES, "recipient")


def people(group: m.ExpertGroup) -> Iterator[Base]:
    """Yield the rows of all viewers except the public; each account's e-mail address begins with its name here."""
    for name, role in ROLES.items():
        home = a_participant(f"P-{name}")
        yield a_coalition_membership(home, role=role, valid_from=LONG_AGO)
        yield an_account(home, f"{name}@example.org")
    home = a_participant("P-left")
    yield a_coalition_membership(home, role=m.CoalitionRole.LEAD, valid_from=LONG_AGO, valid_to=YESTERDAY)
    yield an_account(home, "left@example.org")
    yield an_account(a_participant("P-stranger"), "stranger@example.org")
    home = a_participant("P-places")
    yield a_coalition_membership(home, role=m.CoalitionRole.OBSERVER, valid_from=LONG_AGO)
    for name, place in PLACES.items():
        last = YESTERDAY if name == "expired" else LATE
        yield a_group_membership(
            group, an_account(home, f"{name}@example.org"), role=place, valid_from=LONG_AGO, expires_on=last
        )
    yield an_account(home, "recipient@example.org")


async def name_as_recipient(session: AsyncSession, email: str) -> None:
    """Name an account as recipient of every row that may have recipients."""
    account = (await session.execute(select(m.Account.id).where(m.Account.email == email))).scalar_one()
    for table in Base.metadata.sorted_tables:
        if table.name.endswith("_recipients"):
            column, *_ = table.columns
            (key,) = column.foreign_keys
            keys: Sequence[str] = (await session.execute(select(key.column))).scalars().all()
            if keys:
                await session.execute(insert(table), [{column.name: each, "account_id": account} for each in keys])


async def cast(database: Database) -> dict[str, tuple[str, Viewer]]:
    """Return all viewers by name, each with the key of the account; the public's key is empty."""
    async with database.bypass_policies("a test asks for all accounts").connect() as connection:
        rows = (await connection.execute(select(m.Account.email, m.Account.id))).all()
    keys = {row.email.partition("@")[0]: row.id for row in rows if row.email.endswith("@example.org")}
    found = {"public": ("", PUBLIC)}
    for name in NAMES[1:]:
        viewer = await read_viewer(database, keys[name])
        assert viewer is not None
        found[name] = (keys[name], viewer)
    return found
