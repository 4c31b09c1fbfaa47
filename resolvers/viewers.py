"""Who asks, and what they bring along: the rights that every statement binds.

The rights are read when somebody is recognised and handed to each request as they are,
so that no query asks for them again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Account, CoalitionMembership, CoalitionRole, GroupMembership, GroupRole, Marking, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database import Database

#: The key that stands for no group at all: the leads keep what no group owns.
NO_GROUP = "00000000-0000-0000-0000-000000000000"

#: The roles in the coalition that admit to TLP:AMBER.
INSIDE = frozenset({CoalitionRole.LEAD, CoalitionRole.PARTICIPANT})

#: The roles in a group that may write.
WRITERS = frozenset({GroupRole.CHAIR, GroupRole.CO_CHAIR, GroupRole.SECRETARY, GroupRole.MEMBER})

#: The roles in a group that decide: what is validated, agreed or marked lower.
CHAIRS = frozenset({GroupRole.CHAIR, GroupRole.CO_CHAIR})


# Compared by identity: what is kept for a viewer is found without a look at all the rights.
@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """Somebody who asks; the public has no account.

    Attributes:
        account: The key of the account, None for the public.
        participant: The key of the participant the person works for.
        roles: The roles that participant has in the coalition today.
        markings: The markings that are read wherever they stand.
        groups: The keys of the groups whose papers are read.
        writes: The keys of the groups whose papers are written.
        chairs: The keys of the groups that are chaired.
        scopes: What the credential that was shown may be used for.
        credential: What that credential is known by in the trail, such as the key of an API token.
    """

    account: str | None = None
    participant: str | None = None
    roles: tuple[CoalitionRole, ...] = ()
    markings: tuple[Marking, ...] = (Marking.CLEAR,)
    groups: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    chairs: tuple[str, ...] = ()
    scopes: frozenset[Scope] = frozenset({Scope.READ})
    credential: str | None = None


#: Whoever shows no credential, where the public record is open.
PUBLIC = Viewer()

READ_AND_WRITE = frozenset(Scope)


async def read_viewer(
    database: Database, account: str, scopes: frozenset[Scope] = READ_AND_WRITE, today: dt.date | None = None
) -> Viewer | None:
    """Give the viewer an account is on `today` (UTC), None where there is no such account or it is disabled."""
    day = today or dt.datetime.now(dt.UTC).date()
    lane = database.unguarded("the rights of whoever asks come before any policy", reading=True)
    async with lane.connect() as connection:
        found = (
            await connection.execute(
                select(Account.participant_id).where(Account.id == account, Account.disabled_at.is_(None))
            )
        ).scalar_one_or_none()
        if found is None:
            return None
        had_roles, roles = await _roles(connection, found, day)
        groups = await _groups(connection, account, day)
    leads = [NO_GROUP] if CoalitionRole.LEAD in roles else []
    return Viewer(
        account=account,
        participant=found,
        roles=tuple(sorted(roles, key=list(CoalitionRole).index)),
        markings=tuple(_markings(roles, had_roles=had_roles)),
        groups=tuple(sorted([*groups, *leads])),
        writes=tuple(sorted([*_with(groups, WRITERS), *leads])),
        chairs=tuple(sorted([*_with(groups, CHAIRS), *leads])),
        scopes=scopes,
    )


async def _roles(connection: AsyncConnection, participant: str, day: dt.date) -> tuple[bool, set[CoalitionRole]]:
    """Give whether the participant ever belonged to the coalition, and its roles there on `day`."""
    rows = (
        await connection.execute(
            select(CoalitionMembership.role, CoalitionMembership.held_on(day).label("held")).where(
                CoalitionMembership.participant_id == participant
            )
        )
    ).all()
    return bool(rows), {row.role for row in rows if row.held}


async def _groups(connection: AsyncConnection, account: str, day: dt.date) -> dict[str, set[GroupRole]]:
    rows = await connection.execute(
        select(GroupMembership.group_id, GroupMembership.role, GroupMembership.valid_from, GroupMembership.expires_on)
        .where(GroupMembership.account_id == account)
        .where(GroupMembership.valid_from <= day)
    )
    found: dict[str, set[GroupRole]] = {}
    for row in rows:
        if day <= (row.expires_on or day):
            found.setdefault(row.group_id, set()).add(row.role)
    return found


def _markings(roles: Iterable[CoalitionRole], *, had_roles: bool) -> list[Marking]:
    admitted = [Marking.CLEAR]
    # Who belonged to the coalition and belongs no more reads what everybody does.
    if roles or not had_roles:
        admitted.append(Marking.GREEN)
    if INSIDE.intersection(roles):
        admitted.append(Marking.AMBER)
    return admitted


def _with(groups: dict[str, set[GroupRole]], wanted: frozenset[GroupRole]) -> Sequence[str]:
    return [group for group, roles in groups.items() if roles & wanted]
