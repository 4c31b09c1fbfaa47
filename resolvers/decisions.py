"""Declares the queries and inputs of decisions, with their targets and votes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import (
    DatePrecision,
    Decision,
    DecisionMethod,
    DecisionOutcome,
    DecisionTarget,
    Meeting,
    MeetingStatus,
    Procurement,
    Vote,
)
from models.base import now
from models.participants import VOTING_ROLES
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Participant
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Decision,
        filterable=(
            "id",
            "reference",
            "ordinal",
            "kind",
            "outcome",
            "method",
            "meeting",
            "revokes",
            "revoked_by",
            "targets",
            "votes",
            "action_items",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "ordinal", "created_at", "updated_at"),
        groupable=("kind", "outcome", "method", "meeting"),
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


def was_held(meeting: Meeting) -> bool:
    """Return whether a meeting was held on a known date, today or earlier."""
    return meeting.status is MeetingStatus.HELD and meeting.held_on is not None and meeting.held_on <= now().date()


def _decision_stays(row: Decision) -> str | None:
    if not was_held(row.meeting):
        return None
    advice = "To correct its text, send its id and the text; to take it back, enter what a later meeting decides."
    return f"The meeting was held: its decision {row.reference} stays. {advice}"


DECISION = ChildSpec(
    Decision,
    fields=("reference", "kind", "text", "outcome", "method", "revokes"),
    back="meeting",
    stays=_decision_stays,
    auto_named=("reference",),
    name_prefix="DEC",
    children={
        "targets": ChildSpec(DecisionTarget, fields=TARGETS, back="decision"),
        "votes": ChildSpec(Vote, fields=("participant", "choice"), back="decision"),
    },
)


def in_the_future(meeting: Meeting) -> bool:
    """Return whether the date of a meeting is in the future; a vague date counts as its first possible day."""
    if meeting.held_on is None or meeting.held_on_precision is DatePrecision.REPORTED_BY:
        return False
    week = dt.timedelta(days=6) if meeting.held_on_precision is DatePrecision.WEEK else dt.timedelta()
    return meeting.held_on - week > now().date()


def decided_when_held(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that only a meeting that is held, and not in the future, has decisions, and so votes."""
    if not row.decisions:
        return
    if row.status is not MeetingStatus.HELD:
        message = "Only a meeting that is HELD makes decisions, and a meeting with decisions stays HELD."
        yield Violation((*INPUT, "to" if "to" in unit.input else "decisions"), "decided_when_held", message)
    elif in_the_future(row):
        message = "The meeting is in the future: record decisions and votes after it was held, or correct heldOn."
        yield Violation((*INPUT, "decisions"), "decided_when_held", message)


def revokes_what_is_in_force(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a decision revokes an earlier one that is in force, and is adopted itself."""
    known: set[str] = set()
    for place, decision in enumerate(row.decisions):
        revoked = decision.revokes
        if revoked is None:
            continue
        at = (*INPUT, "decisions", str(place), "revokesId")
        others = [each for each in revoked.revoked_by if each is not decision]
        if not _is_adopted(decision):
            yield Violation(at, "revokes", "Only a decision that is ADOPTED revokes another.")
        elif others or revoked.id in known or not _is_adopted(revoked):
            yield Violation(at, "revokes", "This decision is not in force: give one that is ADOPTED and not revoked.")
        elif not _is_earlier(revoked, decision):
            yield Violation(at, "revokes", "It is not an earlier decision: only a later decision revokes another.")
        known.add(revoked.id)


def is_in_force(decision: Decision) -> bool:
    """Return whether a decision is adopted and no later decision revokes it."""
    return _is_adopted(decision) and not decision.revoked_by


def clear_revoked_priorities(unit: UnitOfWork, row: Meeting) -> None:
    """Take the decided priority from the procurements whose decision the meeting revokes."""
    for decision in row.decisions if "decisions" in unit.input else ():
        named = Procurement.priority_decision_id == decision.revokes_id
        found = unit.session.scalars(select(Procurement).where(named)).all() if decision.revokes_id else ()
        unit.lock(*found)
        for bought in found:
            bought.decided_priority = bought.priority_decision = bought.priority_decision_id = None


def _is_adopted(decision: Decision) -> bool:
    """Return whether a decision is adopted, which is the default of a new one."""
    return decision.outcome in {None, DecisionOutcome.ADOPTED}


def _is_earlier(revoked: Decision, decision: Decision) -> bool:
    """Return whether a decision was made before another; the order is known if both meetings have a date."""
    if revoked.meeting is decision.meeting:
        return revoked is not decision and revoked.ordinal < decision.ordinal
    before, after = revoked.meeting.held_on, decision.meeting.held_on
    return before is None or after is None or before <= after


def voted_on_by_vote(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a decision by consensus has no votes."""
    for place, decision in enumerate(row.decisions):
        if decision.votes and decision.method is DecisionMethod.CONSENSUS:
            message = "A decision by CONSENSUS has no votes: set the method VOTE, or leave the votes out."
            yield Violation((*INPUT, "decisions", str(place), "votes"), "method", message)


def targets_are_one_thing_each(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A target of a decision must have exactly one id."""
    for place, decision in enumerate(row.decisions):
        for number, target in enumerate(decision.targets):
            if sum(getattr(target, f"{name}_id") is not None for name in TARGETS) != 1:
                at = (*INPUT, "decisions", str(place), "targets", str(number))
                yield Violation(at, "one_target", "A target must have exactly one id. Set only one of its id fields.")


def only_members_vote(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Only members that attend with a voting role, also in the coalition on that day, can vote, each once."""
    voters = {each.participant_id for each in row.attendances if each.may_vote}
    day = row.held_on or now().date()
    for place, decision in enumerate(row.decisions):
        voted = set()
        for number, vote in enumerate(decision.votes):
            at = (*INPUT, "decisions", str(place), "votes", str(number), "participantId")
            if vote.participant_id not in voters:
                message = "A voter must attend the meeting as LEAD or PARTICIPANT. Correct the attendances first."
                yield Violation(at, "only_members_vote", message)
            elif not _is_member(vote.participant, day):
                message = "A voter must be LEAD or PARTICIPANT of the coalition on the day of the meeting. "
                yield Violation(at, "only_members_vote", f"{message}Correct heldOn or the participant's memberships.")
            elif vote.participant_id in voted:
                message = "This participant has already voted on this decision. Remove the duplicate."
                yield Violation(at, "voted_once", message)
            voted.add(vote.participant_id)


def _is_member(participant: Participant, day: dt.date) -> bool:
    """Return whether a participant has a voting role in the coalition on a day."""
    return any(each.role in VOTING_ROLES and each.is_held_on(day) for each in participant.memberships)
