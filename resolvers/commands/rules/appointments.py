"""Rules about who may appoint whom: as a member of a group, or as a deputy of a member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models.base import now
from resolvers.access.permissions import may_appoint_as_lead
from resolvers.access.viewer import CHAIR_ROLES
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.active_owners import lasts_longer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Deputy, GroupMembership
    from resolvers.commands.unit_of_work import UnitOfWork


def not_by_oneself(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
    """Others decide who belongs to a group and as what, or acts for whom; a person may only leave sooner."""
    if row.account_id != unit.viewer.account:
        return
    ask = "ask the chair, or a lead where the group has no other chair."
    if not inspect(row).persistent:
        yield Violation((*INPUT, "accountId"), "oneself", f"You cannot appoint yourself: {ask}")
        return
    for name in ("role", "validFrom"):
        if is_changed(row, name):
            yield Violation((*INPUT, name), "oneself", f"You cannot change this of your own period: {ask}")
    if lasts_longer(row):
        yield Violation((*INPUT, "expiresOn"), "oneself", f"You may end your own period sooner, not later: {ask}")


def chair_is_not_named_by_deputy(unit: UnitOfWork, row: GroupMembership) -> Iterator[Violation]:
    """A deputy of the chair or a co-chair does not change who holds these offices, and until when."""
    if inspect(row).persistent and not any(is_changed(row, name) for name in ("role", "validFrom", "expiresOn")):
        return
    (before,) = inspect(row).attrs.role.history.deleted or (row.role,)
    if {before, row.role} & CHAIR_ROLES and row.account_id != unit.viewer.account and _deputyships(unit, row):
        message = (
            "You act for the chair as a deputy. A deputy does not appoint, change or end a chair or a co-chair: ask "
            "the chair, or a lead if the group has no chair."
        )
        yield Violation(INPUT, "by_deputy", message)


def deputy_appoints_within_own_days(unit: UnitOfWork, row: Deputy) -> Iterator[Violation]:
    """A deputy of the chair or a co-chair appoints deputies only until the last day of the own period."""
    own = _deputyships(unit, row.deputy_for)
    if not own or not (not inspect(row).persistent or lasts_longer(row)):
        return
    last = max(each.expires_on for each in own)
    if row.expires_on > last:
        message = (
            f"You act for the chair as a deputy until {last}, and appoint deputies only until then. Give this day or "
            "an earlier one, or ask the chair."
        )
        yield Violation((*INPUT, "expiresOn"), "by_deputy", message)


def _deputyships(unit: UnitOfWork, row: GroupMembership) -> list[Deputy]:
    """Return the periods of today in which the viewer acts for a chair; none if the viewer appoints without them."""
    viewer, today = unit.viewer, now().date()
    chairs = [each for each in row.group.memberships if each.role in CHAIR_ROLES]
    if any(each.account_id == viewer.account and each.in_force for each in chairs) or may_appoint_as_lead(viewer, row):
        return []
    deputies = (deputy for each in chairs for deputy in each.deputies)
    return [
        each for each in deputies if each.account_id == viewer.account and each.valid_from <= today <= each.expires_on
    ]
