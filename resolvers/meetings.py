"""How meetings, their agendas, attendances and decisions may be read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import (
    AgendaItem,
    Attendance,
    CoalitionMembership,
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
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
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
        filterable=("id", "ordinal", "title", "meeting", "created_at", "updated_at"),
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
        filterable=("id", "reference", "ordinal", "kind", "meeting", "targets", "votes", "created_at", "updated_at"),
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

TARGETS = ("expert_group", "procurement", "roadmap", "participant")


def group_of_an_expert_group(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Only a meeting of an expert group is one of a group."""
    if row.group_id and row.body is not MeetingBody.EXPERT_GROUP:
        message = "Only a meeting of an EXPERT_GROUP names the group: leave it out, or mend the body."
        yield Violation((*INPUT, "groupId"), "group_of_an_expert_group", message)


def a_roadmap_keeps_its_body(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """The body stays that by whose decision a roadmap came into force, also once a later one took its place."""
    if "id" not in unit.input or not is_changed(row, "body"):
        return
    decided = [each.id for each in row.decisions]
    resting = select(Roadmap.id).where(Roadmap.endorsed_by_id.in_(decided), Roadmap.status != RoadmapStatus.DRAFT)
    if unit.session.scalars(resting.limit(1)).first() is not None:
        message = "A roadmap was endorsed by a decision of this meeting: the body stays as it is."
        yield Violation((*INPUT, "body"), "endorsed_by", message)


def attended_once(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A participant attends a meeting once."""
    known = set()
    for place, attendance in enumerate(row.attendances):
        if attendance.participant_id in known:
            at = (*INPUT, "attendances", str(place), "participantId")
            yield Violation(at, "attended_once", "This participant is on the list already.")
        known.add(attendance.participant_id)


def targets_are_one_thing_each(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A target of a decision is one thing."""
    for place, decision in enumerate(row.decisions):
        for number, target in enumerate(decision.targets):
            if sum(getattr(target, f"{name}_id") is not None for name in TARGETS) != 1:
                at = (*INPUT, "decisions", str(place), "targets", str(number))
                yield Violation(at, "one_target", "A target names one thing: give exactly one of its ids.")


def only_members_vote(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """On a decision vote the leads and participants of that day that attend the meeting as such, each once."""
    voters = {each.participant_id for each in row.attendances if each.may_vote}
    members = _members(unit, row) if any(decision.votes for decision in row.decisions) else frozenset()
    for place, decision in enumerate(row.decisions):
        voted = set()
        for number, vote in enumerate(decision.votes):
            at = (*INPUT, "decisions", str(place), "votes", str(number), "participantId")
            if vote.participant_id not in voters:
                message = "Only those vote who attend the meeting as LEAD or PARTICIPANT: mend the attendances first."
                yield Violation(at, "only_members_vote", message)
            elif vote.participant_id not in members:
                message = "Only those vote who are LEAD or PARTICIPANT of the coalition on the day of the meeting: "
                yield Violation(at, "only_members_vote", f"{message}mend heldOn, or its memberships.")
            elif vote.participant_id in voted:
                yield Violation(at, "voted_once", "This participant has voted on this decision already.")
            voted.add(vote.participant_id)


def _members(unit: UnitOfWork, row: Meeting) -> frozenset[str]:
    """Give the keys of those who have a vote in the coalition on the day of a meeting, today where it names none."""
    day = row.held_on or now().date()
    votes = CoalitionMembership.role.in_(VOTING_ROLES), CoalitionMembership.held_on(day)
    return frozenset(unit.session.scalars(select(CoalitionMembership.participant_id).where(*votes)))


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
            "agenda": ChildSpec(AgendaItem, fields=("title",), back="meeting"),
            "attendances": ChildSpec(Attendance, fields=("participant", "capacity"), back="meeting"),
            "decisions": ChildSpec(
                Decision,
                fields=("reference", "kind", "text"),
                back="meeting",
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
            group_of_an_expert_group,
            a_roadmap_keeps_its_body,
            attended_once,
            targets_are_one_thing_each,
            only_members_vote,
        ),
    )
)
