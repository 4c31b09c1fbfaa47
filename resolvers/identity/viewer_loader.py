"""Loads the `Viewer` of an account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Account, CoalitionMembership, CoalitionRole, GroupMembership, GroupRole, Marking, Scope
from resolvers.access.viewer import CHAIR_ROLES, LEADS_GROUP, MEMBER_ROLES, READ_AND_WRITE, WRITER_ROLES, Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database


async def read_viewer(
    database: Database, account: str, scopes: frozenset[Scope] = READ_AND_WRITE, today: dt.date | None = None
) -> Viewer | None:
    """Return the viewer of an account on `today` (UTC), None if the account does not exist or is disabled."""
    day = today or dt.datetime.now(dt.UTC).date()
    engine = database.bypass_policies("the policies need the viewer, so no policy applies here", read_only=True)
    async with engine.connect() as connection:
        found = (
            await connection.execute(
                select(Account.participant_id).where(Account.id == account, Account.disabled_at.is_(None))
            )
        ).scalar_one_or_none()
        if found is None:
            return None
        had_roles, roles = await _roles(connection, found, day)
        groups = await _groups(connection, account, day)
    leads = [LEADS_GROUP] if CoalitionRole.LEAD in roles else []
    return Viewer(
        account=account,
        participant=found,
        roles=tuple(sorted(roles, key=list(CoalitionRole).index)),
        markings=tuple(_markings(roles, had_roles=had_roles)),
        groups=tuple(sorted([*groups, *leads])),
        writable_groups=tuple(sorted([*_with_roles(groups, WRITER_ROLES), *leads])),
        chaired_groups=tuple(sorted([*_with_roles(groups, CHAIR_ROLES), *leads])),
        scopes=scopes,
    )


async def _roles(connection: AsyncConnection, participant: str, day: dt.date) -> tuple[bool, set[CoalitionRole]]:
    """Return whether the participant was ever a member of the coalition, and its coalition roles on `day`."""
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
    # A former participant of the coalition can read only what is public.
    if roles or not had_roles:
        admitted.append(Marking.GREEN)
    if MEMBER_ROLES.intersection(roles):
        admitted.append(Marking.AMBER)
    return admitted


def _with_roles(groups: dict[str, set[GroupRole]], wanted: frozenset[GroupRole]) -> Sequence[str]:
    return [group for group, roles in groups.items() if roles & wanted]
