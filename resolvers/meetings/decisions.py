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
    Roadmap,
    RoadmapStatus,
    Vote,
)
from models.base import now
from models.people.participants import VOTING_ROLES
from resolvers.audit.recorder import changed_rows, former_values
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Entity, Participant
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

#: What to do instead of a change of what was decided.
ANEW = "To decide anew, enter what a later meeting decides, with revokesId."

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
    """Return whether a meeting is in the future; a vague date counts as its first possible day."""
    if starts_in_the_future(meeting):
        return True
    if meeting.held_on is None or meeting.held_on_precision is DatePrecision.REPORTED_BY:
        return False
    week = dt.timedelta(days=6) if meeting.held_on_precision is DatePrecision.WEEK else dt.timedelta()
    return meeting.held_on - week > now().date()


def starts_in_the_future(meeting: Meeting) -> bool:
    """Return whether the start of a meeting is in the future."""
    return meeting.starts_at is not None and meeting.starts_at > now()


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
    """Check that a decision revokes an earlier one that is in force or deferred, and is adopted itself."""
    known: set[str] = set()
    for place, decision in enumerate(row.decisions):
        revoked = decision.revokes
        if revoked is None:
            continue
        at = (*INPUT, "decisions", str(place), "revokesId")
        others = [each for each in revoked.revoked_by if each is not decision]
        if not _is_adopted(decision):
            yield Violation(at, "revokes", "Only a decision that is ADOPTED revokes another.")
        elif others or revoked.id in known or revoked.outcome is DecisionOutcome.REJECTED:
            message = "This decision is not in force: give one that is ADOPTED or DEFERRED and not revoked."
            yield Violation(at, "revokes", message)
        elif not _is_earlier(revoked, decision):
            yield Violation(at, "revokes", _too_early(revoked))
        known.add(revoked.id)


def _too_early(revoked: Decision) -> str:
    made = f"{revoked.reference} is of {revoked.meeting.held_on}"
    return f"It is not an earlier decision: {made}. Only a later decision revokes another: correct heldOn or revokesId."


def revoked_by_what_is_later(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that the decisions of a meeting that later ones revoke are still earlier than those."""
    for decision in row.decisions:
        for later in decision.revoked_by:
            if later.meeting is row or _is_earlier(decision, later):
                continue
            which = f"{later.reference} of {later.meeting.held_on}"
            message = (
                f"{which} revokes {decision.reference}, and only a later decision revokes another: correct heldOn."
            )
            yield Violation((*INPUT, "heldOn"), "revokes", message)


def decisions_stay(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that what a meeting decided stays, and that a correction of the rest of a decision has a reason."""
    corrected = []
    if row.decisions and row.held_on is None and (day := former_values(row).get("heldOn")):
        message = f"The meeting decided on {day}: send the day on which it was held, or omit heldOn."
        yield Violation((*INPUT, "heldOn"), "decided", message)
    for place, decision in enumerate(row.decisions):
        before, at = former_values(decision), (*INPUT, "decisions", str(place))
        if "outcome" in before:
            message = f"The meeting decided on {decision.reference}: it is {before['outcome']}, and that stays. {ANEW}"
            yield Violation((*at, "outcome"), "decided", message)
        if before.get("revokesId"):
            message = f"The meeting decided what {decision.reference} revokes, and that stays. {ANEW}"
            yield Violation((*at, "revokesId"), "decided", message)
        parts = [decision, *decision.targets, *decision.votes]
        if any(_is_corrected(each) for each in parts):
            corrected.append(decision.reference)
    if corrected and not unit.reason:
        message = f"The meeting was held: give the reason for the correction of {', '.join(corrected)}."
        yield Violation((*INPUT, "reason"), "reason", message)


def endorsements_stay(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a decision keeps the roadmap that it endorsed among its targets."""
    changed = [each for each in changed_rows(unit.session) if isinstance(each, DecisionTarget)]
    before = {former_values(each).get("roadmapId") or each.roadmap_id for each in changed}
    for place, decision in enumerate(row.decisions if before - {None} else ()):
        endorsed = select(Roadmap).where(Roadmap.endorsed_by_id == decision.id, Roadmap.id.in_(before - {None}))
        there = {each.roadmap_id for each in decision.targets}
        for plan in unit.rows(endorsed.where(Roadmap.status != RoadmapStatus.DRAFT)):
            if plan.id not in there:
                message = f"{decision.reference} endorsed {plan.reference}: send it back as a target. {ANEW}"
                yield Violation((*INPUT, "decisions", str(place), "targets"), "endorsed_by", message)


def _is_corrected(row: Entity) -> bool:
    """Return whether a known fact of a decision, or of a part of one, changes."""
    changes = former_values(row).items()
    return any(before is not None for name, before in changes if name not in {"ordinal", "outcome", "sources"})


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
