"""Declares the queries and commands of expert groups and their memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import ExpertGroup, ExpertGroupStatus, GroupMembership, GroupRole
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.periods import ends_after_start, overlap
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        ExpertGroup,
        filterable=(
            "id",
            "ordinal",
            "code",
            "name",
            "theme_status",
            "status",
            "documents",
            "capability_needs",
            "earmarked_contributions",
            "procurements",
            "meetings",
            "memberships",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "code", "name", "created_at", "updated_at"),
        lookup_by=("code",),
        groupable=("status", "theme_status"),
    )
)

register_query_spec(
    QuerySpec(
        GroupMembership,
        filterable=(
            "id",
            "role",
            "valid_from",
            "expires_on",
            "in_force",
            "group",
            "account",
            "created_at",
            "updated_at",
        ),
        sortable=("valid_from", "expires_on", "created_at", "updated_at"),
        groupable=("role", "group"),
    )
)


def one_chair_at_a_time(_unit: UnitOfWork, row: GroupMembership) -> Iterator[Violation]:
    """A group must not have two chairs on the same day, past or future; a database trigger also checks this."""
    if row.role is not GroupRole.CHAIR:
        return
    period = (row.valid_from, row.expires_on)
    chairs = [each for each in row.group.memberships if each.role is GroupRole.CHAIR and each is not row]
    if any(overlap(period, (each.valid_from, each.expires_on)) for each in chairs):
        message = "The group has a chair in this period. End that membership first, or begin the day after."
        yield Violation((*INPUT, "role"), "one_chair", message)


def not_by_oneself(unit: UnitOfWork, row: GroupMembership) -> Iterator[Violation]:
    """Others decide who belongs to a group and as what; a member may only leave sooner."""
    if row.account_id != unit.viewer.account:
        return
    ask = "ask the chair, or a lead where the group has no other chair."
    if not inspect(row).persistent:
        yield Violation((*INPUT, "accountId"), "oneself", f"You cannot appoint yourself: {ask}")
        return
    for name in ("role", "validFrom"):
        if is_changed(row, name):
            yield Violation((*INPUT, name), "oneself", f"You cannot change this of your own membership: {ask}")
    (before,) = inspect(row).attrs.expires_on.history.deleted or (row.expires_on,)
    if row.expires_on != before and not (row.expires_on and (before is None or row.expires_on < before)):
        yield Violation((*INPUT, "expiresOn"), "oneself", f"You may end your own membership sooner, not later: {ask}")


def member_is_not_erased(_unit: UnitOfWork, row: GroupMembership) -> Iterator[Violation]:
    """An erased person does not become a member again; a database trigger also checks this."""
    if row.account.erased_at is not None and (not inspect(row).persistent or is_changed(row, "expiresOn")):
        message = "The person is erased and no longer a member. Choose another account."
        yield Violation((*INPUT, "accountId"), "erased", message)


def group_is_active(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
    """New objects and memberships must not be added to a dissolved group, and objects must not be moved to it."""
    if not unit.input.get("group_id") or row.group is None or row.group.status is not ExpertGroupStatus.DISSOLVED:
        return
    # Existing objects of the group can still change.
    if not inspect(row).persistent or is_changed(row, "groupId"):
        message = "The group is DISSOLVED and accepts no new objects or members. Choose an ACTIVE group."
        yield Violation((*INPUT, "groupId"), "dissolved", message)


register_mutation_spec(
    MutationSpec(
        ExpertGroup,
        fields=("ordinal", "code", "name", "theme", "theme_status", "mandate", "created_by"),
        reasoned_statuses=frozenset({ExpertGroupStatus.DISSOLVED}),
        ranges={"ordinal": (1, None)},
    )
)

register_mutation_spec(
    MutationSpec(
        GroupMembership,
        create_only=("group", "account"),
        fields=("role", "valid_from", "expires_on"),
        lock_also=("group",),
        validators=(
            ends_after_start("valid_from", "expires_on"),
            one_chair_at_a_time,
            not_by_oneself,
            member_is_not_erased,
            group_is_active,
        ),
    )
)
