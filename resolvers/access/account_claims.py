"""Returns the `Viewer` of an account, with its claims on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import (
    Account,
    CoalitionMembership,
    CoalitionRole,
    Deputy,
    GroupMembership,
    GroupRole,
    Marking,
    Meeting,
    Scope,
)
from models.meetings.meetings import meeting_days
from resolvers.access.viewer import CHAIR_ROLES, LEADS_GROUP, MEMBER_ROLES, READ_AND_WRITE, WRITER_ROLES, Viewer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection


def viewer_of(
    connection: Connection, account: str, day: dt.date, scopes: frozenset[Scope] = READ_AND_WRITE
) -> Viewer | None:
    """Return the viewer of an account on a day (UTC); None if the account does not exist or is disabled.

    The connection must read all rows: the policies need the viewer, so no policy applies here.
    """
    found = connection.execute(
        select(Account.participant_id).where(Account.id == account, Account.disabled_at.is_(None))
    ).scalar_one_or_none()
    if found is None:
        return None
    had_roles, roles = _roles(connection, found, day)
    groups = _groups(connection, account, day)
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


def _roles(connection: Connection, participant: str, day: dt.date) -> tuple[bool, set[CoalitionRole]]:
    """Return whether the participant was ever a member of the coalition, and its coalition roles on `day`."""
    held = CoalitionMembership.held_on(day).label("held")
    wanted = select(CoalitionMembership.role, held).where(CoalitionMembership.participant_id == participant)
    rows = connection.execute(wanted).all()
    return bool(rows), {row.role for row in rows if row.held}


def _groups(connection: Connection, account: str, day: dt.date) -> dict[str, set[GroupRole]]:
    """Return the roles of an account in each group on a day: its own, and those of the members for whom it acts."""
    found: dict[str, set[GroupRole]] = {}
    for group, role in (*_own_roles(connection, account, day), *_roles_as_deputy(connection, account, day)):
        found.setdefault(group, set()).add(role)
    return found


def _own_roles(connection: Connection, account: str, day: dt.date) -> Iterator[tuple[str, GroupRole]]:
    rows = connection.execute(
        select(GroupMembership.group_id, GroupMembership.role, GroupMembership.valid_from, GroupMembership.expires_on)
        .where(GroupMembership.account_id == account)
        .where(GroupMembership.valid_from <= day)
    )
    for row in rows:
        if day <= (row.expires_on or day):
            yield row.group_id, row.role


def _roles_as_deputy(connection: Connection, account: str, day: dt.date) -> Iterator[tuple[str, GroupRole]]:
    """Yield the roles of the members for whom an account acts, while they are members themselves."""
    rows = connection.execute(
        select(
            GroupMembership.group_id,
            GroupMembership.role,
            GroupMembership.expires_on,
            Deputy.meeting_id,
            Meeting.held_on,
            Meeting.ends_at,
            Meeting.status,
        )
        .select_from(Deputy)
        .join(Deputy.deputy_for)
        .outerjoin(Deputy.meeting)
        .where(Deputy.account_id == account, Deputy.valid_from <= day, Deputy.expires_on >= day)
        .where(GroupMembership.valid_from <= day)
    )
    for row in rows:
        days = meeting_days(row.status, row.held_on, row.ends_at) if row.meeting_id else (day, day)
        if day <= (row.expires_on or day) and days and days[0] <= day <= days[1]:
            yield row.group_id, row.role


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
