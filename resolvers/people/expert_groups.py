"""Declares the queries and commands of expert groups and their memberships."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Account, ExpertGroup, ExpertGroupStatus, GroupMembership, GroupRole
from resolvers.access.permissions import Action
from resolvers.audit.recorder import is_changed
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ConflictError, ValidationError, Violation
from resolvers.commands.handover import hand_over
from resolvers.commands.input_fields import InputField
from resolvers.commands.marking_changes import require_reason
from resolvers.commands.rules.active_owners import person_is_active
from resolvers.commands.rules.appointments import chair_is_not_named_by_deputy, not_by_oneself
from resolvers.commands.rules.periods import end_has_reason, ends_after_start, overlap
from resolvers.commands.spec import MutationSpec, mutation_spec_of, register_mutation_spec
from resolvers.commands.standard_changes import check_version, create, find_and_lock, validate_and_flush
from resolvers.commands.uniqueness import created_once
from resolvers.core.attributes import Kind
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models import Entity
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
            "milestones",
            "memberships",
            "merged_into",
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
        as_of=lambda membership, day: membership.held_on(day),
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


def group_is_active(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
    """New objects and memberships must not be added to a dissolved group, and objects must not be moved to it."""
    # Existing objects of the group can still change.
    if row.group is None or (inspect(row).persistent and not is_changed(row, "groupId")):
        return
    # No other transaction dissolves or merges the group before this one ends.
    unit.hold(row.group)
    if row.group.status is not ExpertGroupStatus.DISSOLVED:
        return
    if "group_id" in unit.input:
        message = "The group is DISSOLVED and accepts no new objects or members. Choose an ACTIVE group."
        yield Violation((*INPUT, "groupId"), "dissolved", message)
    else:
        message = f"Its group {row.group.code} is DISSOLVED and accepts no new objects. Reopen the group first."
        yield Violation(INPUT, "dissolved", message)


def is_merged_no_longer(_unit: UnitOfWork, row: ExpertGroup) -> None:
    """Clear the group that a group was merged into, once the group is ACTIVE again; the work stays where it is."""
    if row.status is ExpertGroupStatus.ACTIVE:
        row.merged_into = row.merged_into_id = None


register_mutation_spec(
    MutationSpec(
        ExpertGroup,
        fields=("ordinal", "code", "name", "theme", "theme_status", "mandate", "created_by"),
        reasoned_statuses=frozenset({ExpertGroupStatus.DISSOLVED}),
        ranges={"ordinal": (1, None)},
        before_flush=(is_merged_no_longer,),
    )
)


def merge_groups(unit: UnitOfWork, values: Mapping[str, Any]) -> ExpertGroup:
    """Merge a group into another one and hand its open work over. Raises CommandError."""
    row = unit.find(ExpertGroup, values["id"])
    into = unit.resolve_reference(ExpertGroup, values["into_id"], ("into_id",))
    unit.lock(*{row, into})
    for each in (row, into):
        unit.require(Action.TRANSITION, each)
    _check_versions(row, into, values)
    if broken := _why_not(row, into):
        raise ValidationError([broken])
    require_reason(unit, "the groups are merged")
    hand_over(unit, row, into)
    row.merged_into, row.merged_into_id, row.status = into, into.id, ExpertGroupStatus.DISSOLVED
    validate_and_flush(unit, mutation_spec_of(ExpertGroup), row)
    return row


def _check_versions(row: ExpertGroup, into: ExpertGroup, values: Mapping[str, Any]) -> None:
    check_version(row, values["expected_version"])
    if into.version != values["expected_into_version"]:
        message = f"The group {into.code} has changed since you read it; its version is now {into.version}. Read it."
        raise ConflictError(
            message,
            (*INPUT, "expectedIntoVersion"),
            current=("ExpertGroup", into.id),
            current_version=into.version,
        )


def _why_not(row: ExpertGroup, into: ExpertGroup) -> Violation | None:
    """Return the violation of two groups that cannot be merged."""
    at = (*INPUT, "intoId")
    if row is into:
        return Violation(at, "itself", "A group cannot be merged into itself. Choose another group.")
    if row.status is ExpertGroupStatus.DISSOLVED:
        message = f"{row.code} is DISSOLVED{_merged(row)}. Reopen it first, with transitionExpertGroup."
        return Violation((*INPUT, "id"), "dissolved", message)
    if row in _successors(into):
        message = f"{into.code} was merged into {row.code}. Reopen {into.code} first, or choose another group."
        return Violation(at, "circle", message)
    if into.status is ExpertGroupStatus.DISSOLVED:
        message = f"{into.code} is DISSOLVED{_merged(into)}. Choose an ACTIVE group, or reopen it first."
        return Violation(at, "dissolved", message)
    return None


def _merged(row: ExpertGroup) -> str:
    return f" and was merged into {row.merged_into.code}" if row.merged_into else ""


def _successors(row: ExpertGroup) -> list[ExpertGroup]:
    """Return the groups that a group was merged into, one after the other."""
    found: list[ExpertGroup] = []
    while row.merged_into is not None and row.merged_into not in found:
        row = row.merged_into
        found.append(row)
    return found


command(
    Command(
        "merge_expert_groups",
        ExpertGroup,
        "Merge an expert group into another one, with a reason. The former group becomes DISSOLVED. The other group "
        "takes over its open work that is not marked AMBER_STRICT or RED: needs, procurements, documents, suppliers, "
        "milestones, planned meetings and action items. What has ended stays with the former group; so do its members.",
        (
            id_of(ExpertGroup),
            EXPECTED_VERSION,
            InputField(
                "into_id",
                Kind.REFERENCE,
                "The id of the group that takes over the work.",
                required=True,
                target=ExpertGroup,
            ),
            InputField(
                "expected_into_version",
                Kind.INTEGER,
                "The `version` of that group that the client last read.",
                required=True,
                minimum=1,
            ),
        ),
        merge_groups,
    )
)

register_mutation_spec(
    MutationSpec(
        GroupMembership,
        create_only=("group", "account"),
        fields=("role", "valid_from", "expires_on"),
        lock_also=("group",),
        validators=(
            created_once("group_id", "account_id", "valid_from"),
            ends_after_start("valid_from", "expires_on"),
            end_has_reason("expires_on"),
            one_chair_at_a_time,
            not_by_oneself,
            chair_is_not_named_by_deputy,
            person_is_active,
            group_is_active,
        ),
    )
)


def _succeed(unit: UnitOfWork, values: Mapping[str, Any]) -> Entity:
    """End the membership of a chair, and appoint the next chair from the day after. Raises CommandError."""
    spec = mutation_spec_of(GroupMembership)
    row: GroupMembership = find_and_lock(unit, spec, values)
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    first: dt.date = values["valid_from"]
    if broken := [*_why_not_succeeded(row, first)]:
        raise ValidationError(broken)
    if row.expires_on is None or row.expires_on >= first:
        row.expires_on = first - dt.timedelta(days=1)
    validate_and_flush(unit, spec, row)
    given = {"group_id": row.group_id, "account_id": values["account_id"], "role": GroupRole.CHAIR, "valid_from": first}
    unit.input = given
    return create(unit, spec, given)


def _why_not_succeeded(row: GroupMembership, first: dt.date) -> Iterator[Violation]:
    at = (*INPUT, "validFrom")
    if row.role is not GroupRole.CHAIR:
        message = f"It is the membership of a {row.role.name}. Choose that of the CHAIR."
        yield Violation((*INPUT, "id"), "chair", message)
    elif first <= row.valid_from:
        yield Violation(at, "succession", f"The chair is in office from {row.valid_from}. Give a later day.")
    later = [each for each in row.group.memberships if each.role is GroupRole.CHAIR and each is not row]
    if any(overlap((first, None), (each.valid_from, each.expires_on)) for each in later):
        message = "The group has another chair from that day or later. Change that membership, or choose it for `id`."
        yield Violation(at, "one_chair", message)


command(
    Command(
        "succeed_chair",
        GroupMembership,
        "Appoint the next chair of a group from a day on. The membership of the present chair ends the day before. "
        "Returns the new membership.",
        (
            id_of(GroupMembership),
            EXPECTED_VERSION,
            InputField(
                "account_id", Kind.REFERENCE, "The id of the account of the next chair.", required=True, target=Account
            ),
            InputField("valid_from", Kind.DATE, "The first day of the next chair.", required=True),
        ),
        _succeed,
    )
)
