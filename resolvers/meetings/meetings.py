"""Declares the queries and commands of meetings, with their agenda items and attendances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import (
    AgendaItem,
    Meeting,
    MeetingBody,
    MeetingStatus,
    Roadmap,
    RoadmapStatus,
)
from models.meetings.targets import OWNERS
from resolvers.audit.recorder import changed_rows, former_values, is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.active_owners import has_left
from resolvers.commands.rules.meeting_times import move_end, set_date, takes_place_in_order
from resolvers.commands.rules.votes import votes_agree_with_the_outcome
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.commands.uniqueness import unique_among_visible
from resolvers.core.naming import api_name
from resolvers.meetings.action_items import carry_over, has_one_owner
from resolvers.meetings.attendees import ATTENDANCE, attended_once, fill_in_capacities
from resolvers.meetings.decisions import (
    DECISION,
    clear_revoked_priorities,
    decided_when_held,
    decisions_stay,
    endorsements_stay,
    in_the_future,
    only_members_vote,
    revoked_by_what_is_later,
    revokes_what_is_in_force,
    starts_in_the_future,
    targets_are_one_thing_each,
    voted_on_by_vote,
    was_held,
)
from resolvers.meetings.minutes import (
    MINUTES,
    approval_follows,
    held_after_what_it_approved,
    held_before_its_minutes,
    minutes_are_of_the_meeting,
    readers_of_minutes_see_the_meeting,
)
from resolvers.people.expert_groups import group_is_active
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Meeting,
        filterable=(
            "id",
            "reference",
            "status",
            "body",
            "number",
            "title",
            "marking",
            "held_on",
            "held_year",
            "starts_at",
            "place",
            "host",
            "group",
            "attendances",
            "decisions",
            "action_items",
            "documents",
            "minutes",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "number", "title", "held_on", "starts_at", "place", "created_at", "updated_at"),
        groupable=("marking", "status", "body", "held_year", "host", "group"),
    )
)

register_query_spec(
    QuerySpec(
        AgendaItem,
        filterable=(
            "id",
            "ordinal",
            "title",
            "meeting",
            "action_item",
            "carried_over_from",
            *OWNERS,
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "title", "created_at", "updated_at"),
    )
)

_unique_number = unique_among_visible("number", "body")


def steering_group_numbers_are_unique(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """The meetings of the Steering Group are numbered."""
    if row.body is MeetingBody.STEERING_GROUP:
        yield from _unique_number(unit, row)


def group_of_an_expert_group(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Only a meeting of an expert group can have a group."""
    if row.group_id and row.body is not MeetingBody.EXPERT_GROUP:
        message = "Only a meeting with the body EXPERT_GROUP has a group. Omit groupId or correct the body."
        yield Violation((*INPUT, "groupId"), "group_of_an_expert_group", message)


def a_roadmap_keeps_its_body(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """The body of a meeting must not change if its decision endorsed a roadmap, even a superseded one."""
    if "id" not in unit.input or not is_changed(row, "body"):
        return
    decided = [each.id for each in row.decisions]
    resting = select(Roadmap).where(Roadmap.endorsed_by_id.in_(decided), Roadmap.status != RoadmapStatus.DRAFT)
    if unit.rows(resting):
        message = "A decision of this meeting endorsed a roadmap, so the body can no longer change. Omit it."
        yield Violation((*INPUT, "body"), "endorsed_by", message)


def begins_as_planned_or_held(unit: UnitOfWork, _row: Meeting) -> Iterator[Violation]:
    """Check that a new meeting is planned or held."""
    if unit.input.get("status") in {MeetingStatus.POSTPONED, MeetingStatus.CANCELLED}:
        message = "A new meeting is PLANNED or HELD: create it as PLANNED, then change its status."
        yield Violation((*INPUT, "status"), "new_meeting", message)


def held_by_now(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a meeting that is held has no date in the future. `plan_what_is_to_come` plans a new one instead."""
    is_new = "id" not in unit.input and "status" not in unit.input
    if row.status is MeetingStatus.HELD and in_the_future(row) and not is_new:
        at = "to" if "to" in unit.input else "startsAt" if starts_in_the_future(row) else "heldOn"
        message = "The date is in the future: a meeting is HELD when it took place. Correct the date or the status."
        yield Violation((*INPUT, at), "held_by_now", message)


def plan_what_is_to_come(unit: UnitOfWork, row: Meeting) -> None:
    """Set the status of a new meeting in the future that has none: it is planned."""
    if "id" not in unit.input and "status" not in unit.input and in_the_future(row):
        row.status = MeetingStatus.PLANNED


def an_action_item_is_listed_once(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that the agenda lists an action item once."""
    known = set()
    for place, item in enumerate(row.agenda):
        if item.action_item_id in known:
            message = "The agenda lists this action item already: leave one of the two out."
            yield Violation((*INPUT, "agenda", str(place), "actionItemId"), "listed_once", message)
        known.add(item.action_item_id or item)


def owners_are_at_work(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a new owner of an agenda item is active: an account, a participant of the coalition, or a group."""
    changed = changed_rows(unit.session) if "agenda" in unit.input else []
    for place, item in enumerate(row.agenda):
        if item not in changed:
            continue
        changes = former_values(item)
        for name in OWNERS:
            field = f"{api_name(name)}Id"
            if (field in changes or not changes) and has_left(getattr(item, name)):
                message = "This owner has left or is no longer active: give another owner."
                yield Violation((*INPUT, "agenda", str(place), field), "owner_left", message)


def _item_stays(row: AgendaItem) -> str | None:
    if not was_held(row.meeting):
        return None
    return f"The meeting was held: item {row.ordinal} stays on its agenda. To correct it, send its id and its title."


AGENDA_ITEM = ChildSpec(
    AgendaItem,
    fields=("title", "action_item", *OWNERS),
    back="meeting",
    stays=_item_stays,
    checked=has_one_owner,
)

register_mutation_spec(
    MutationSpec(
        Meeting,
        create_only=("status",),
        fields=(
            "reference",
            "body",
            "number",
            "title",
            "marking",
            "held_on",
            "held_on_precision",
            "starts_at",
            "ends_at",
            "time_zone",
            "place",
            "link",
            "note",
            "host",
            "group",
        ),
        auto_named=("reference",),
        name_prefix="MTG",
        many_to_many={"documents": "document_ids", "recipients": "recipient_ids"},
        ranges={"number": (1, None)},
        children={
            "agenda": AGENDA_ITEM,
            "attendances": ATTENDANCE,
            "minutes": MINUTES,
            "decisions": DECISION,
        },
        validators=(
            group_is_active,
            steering_group_numbers_are_unique,
            group_of_an_expert_group,
            a_roadmap_keeps_its_body,
            attended_once,
            targets_are_one_thing_each,
            only_members_vote,
            an_action_item_is_listed_once,
            owners_are_at_work,
            minutes_are_of_the_meeting,
            readers_of_minutes_see_the_meeting,
            held_before_its_minutes,
            held_after_what_it_approved,
            begins_as_planned_or_held,
            held_by_now,
            decided_when_held,
            decisions_stay,
            endorsements_stay,
            revokes_what_is_in_force,
            revoked_by_what_is_later,
            voted_on_by_vote,
            votes_agree_with_the_outcome,
            takes_place_in_order,
        ),
        filled_in=(set_date, move_end, fill_in_capacities),
        lock_also=("decisions.revokes", "decisions.revokes.meeting", "decisions.revoked_by.meeting"),
        before_flush=(plan_what_is_to_come,),
        after_flush=(carry_over, clear_revoked_priorities, approval_follows),
    )
)
