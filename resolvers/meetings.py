"""Declares the queries and commands of meetings, with their agenda items, attendances, decisions and votes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import (
    AgendaItem,
    Attendance,
    CoalitionMembership,
    DatePrecision,
    Decision,
    DecisionTarget,
    Meeting,
    MeetingBody,
    Roadmap,
    RoadmapStatus,
    Vote,
)
from models.base import now
from models.participants import VOTING_ROLES
from resolvers.action_items import carry_over
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.commands.uniqueness import unique_among_visible
from resolvers.expert_groups import the_group_is_at_work
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
            "body",
            "number",
            "title",
            "marking",
            "held_on",
            "held_year",
            "place",
            "host",
            "group",
            "attendances",
            "decisions",
            "action_items",
            "documents",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "number", "title", "held_on", "place", "created_at", "updated_at"),
        groupable=("marking", "body", "held_year", "host", "group"),
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
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "title", "created_at", "updated_at"),
    )
)

register_query_spec(
    QuerySpec(
        Attendance,
        filterable=("id", "capacity", "meeting", "participant", "created_at", "updated_at"),
        sortable=("created_at", "updated_at"),
        groupable=("capacity", "participant"),
    )
)

register_query_spec(
    QuerySpec(
        Decision,
        filterable=(
            "id",
            "reference",
            "ordinal",
            "kind",
            "meeting",
            "targets",
            "votes",
            "action_items",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "ordinal", "created_at", "updated_at"),
        groupable=("kind", "meeting"),
    )
)

register_query_spec(
    QuerySpec(
        Vote,
        filterable=("id", "choice", "decision", "participant", "created_at", "updated_at"),
        sortable=("created_at", "updated_at"),
        groupable=("choice", "participant"),
    )
)

register_query_spec(
    QuerySpec(
        DecisionTarget,
        filterable=(
            "id",
            "ordinal",
            "decision",
            "expert_group",
            "procurement",
            "roadmap",
            "participant",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "created_at", "updated_at"),
    )
)

_unique_number = unique_among_visible("number", "body")


def steering_group_numbers_are_unique(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """The meetings of the Steering Group are numbered."""
    if row.body is MeetingBody.STEERING_GROUP:
        yield from _unique_number(unit, row)


TARGETS = ("expert_group", "procurement", "roadmap", "participant")


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
    resting = select(Roadmap.id).where(Roadmap.endorsed_by_id.in_(decided), Roadmap.status != RoadmapStatus.DRAFT)
    if unit.session.scalars(resting.limit(1)).first() is not None:
        message = "A decision of this meeting endorsed a roadmap, so the body can no longer change. Omit it."
        yield Violation((*INPUT, "body"), "endorsed_by", message)


def decided_when_held(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A meeting in the future has no decisions yet, and so no votes; a vague date counts as its first possible day."""
    if row.held_on is None or row.held_on_precision is DatePrecision.REPORTED_BY or not row.decisions:
        return
    week = dt.timedelta(days=6) if row.held_on_precision is DatePrecision.WEEK else dt.timedelta()
    if row.held_on - week > now().date():
        message = "The meeting is in the future: record decisions and votes after it was held, or correct heldOn."
        yield Violation((*INPUT, "decisions"), "decided_when_held", message)


def attended_once(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A participant must not attend the same meeting twice."""
    known = set()
    for place, attendance in enumerate(row.attendances):
        if attendance.participant_id in known:
            at = (*INPUT, "attendances", str(place), "participantId")
            yield Violation(at, "attended_once", "This participant is already in the list. Remove the duplicate.")
        known.add(attendance.participant_id)


def an_action_item_is_listed_once(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that the agenda lists an action item once."""
    known = set()
    for place, item in enumerate(row.agenda):
        if item.action_item_id in known:
            message = "The agenda lists this action item already: leave one of the two out."
            yield Violation((*INPUT, "agenda", str(place), "actionItemId"), "listed_once", message)
        known.add(item.action_item_id or item)


def targets_are_one_thing_each(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A target of a decision must have exactly one id."""
    for place, decision in enumerate(row.decisions):
        for number, target in enumerate(decision.targets):
            if sum(getattr(target, f"{name}_id") is not None for name in TARGETS) != 1:
                at = (*INPUT, "decisions", str(place), "targets", str(number))
                yield Violation(at, "one_target", "A target must have exactly one id. Set only one of its id fields.")


def only_members_vote(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Only members that attend with a voting role, also in the coalition on that day, can vote, each once."""
    voters = {each.participant_id for each in row.attendances if each.may_vote}
    members = _members(unit, row) if any(decision.votes for decision in row.decisions) else frozenset()
    for place, decision in enumerate(row.decisions):
        voted = set()
        for number, vote in enumerate(decision.votes):
            at = (*INPUT, "decisions", str(place), "votes", str(number), "participantId")
            if vote.participant_id not in voters:
                message = "A voter must attend the meeting as LEAD or PARTICIPANT. Correct the attendances first."
                yield Violation(at, "only_members_vote", message)
            elif vote.participant_id not in members:
                message = "A voter must be LEAD or PARTICIPANT of the coalition on the day of the meeting. "
                yield Violation(at, "only_members_vote", f"{message}Correct heldOn or the participant's memberships.")
            elif vote.participant_id in voted:
                message = "This participant has already voted on this decision. Remove the duplicate."
                yield Violation(at, "voted_once", message)
            voted.add(vote.participant_id)


def _members(unit: UnitOfWork, row: Meeting) -> frozenset[str]:
    """Return the keys of the participants with a voting role on the day of a meeting, or today if it has no date."""
    day = row.held_on or now().date()
    votes = CoalitionMembership.role.in_(VOTING_ROLES), CoalitionMembership.held_on(day)
    return frozenset(unit.session.scalars(select(CoalitionMembership.participant_id).where(*votes)))


def _is_held(meeting: Meeting) -> bool:
    return meeting.held_on is not None and meeting.held_on <= now().date()


def _item_stays(row: AgendaItem) -> str | None:
    if not _is_held(row.meeting):
        return None
    return f"The meeting was held: item {row.ordinal} stays on its agenda. To correct it, send its id and its title."


def _decision_stays(row: Decision) -> str | None:
    if not _is_held(row.meeting):
        return None
    advice = "To correct its text, send its id and the text; to take it back, enter what a later meeting decides."
    return f"The meeting was held: its decision {row.reference} stays. {advice}"


register_mutation_spec(
    MutationSpec(
        Meeting,
        fields=(
            "reference",
            "body",
            "number",
            "title",
            "marking",
            "held_on",
            "held_on_precision",
            "place",
            "note",
            "host",
            "group",
        ),
        auto_named=("reference",),
        name_prefix="MTG",
        many_to_many={"documents": "document_ids", "recipients": "recipient_ids"},
        ranges={"number": (1, None)},
        children={
            "agenda": ChildSpec(AgendaItem, fields=("title", "action_item"), back="meeting", stays=_item_stays),
            "attendances": ChildSpec(Attendance, fields=("participant", "capacity"), back="meeting"),
            "decisions": ChildSpec(
                Decision,
                fields=("reference", "kind", "text"),
                back="meeting",
                stays=_decision_stays,
                auto_named=("reference",),
                name_prefix="DEC",
                children={
                    "targets": ChildSpec(DecisionTarget, fields=TARGETS, back="decision"),
                    "votes": ChildSpec(Vote, fields=("participant", "choice"), back="decision"),
                },
            ),
        },
        validators=(
            the_group_is_at_work,
            steering_group_numbers_are_unique,
            group_of_an_expert_group,
            a_roadmap_keeps_its_body,
            decided_when_held,
            attended_once,
            targets_are_one_thing_each,
            only_members_vote,
            an_action_item_is_listed_once,
        ),
        after_flush=(carry_over,),
    )
)
