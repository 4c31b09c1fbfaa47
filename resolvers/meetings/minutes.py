"""Declares the queries, rules and commands of minutes: a meeting names them, and they are approved once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models import Decision, DocumentStatus, DocumentType, Meeting, MeetingStatus, Minutes
from models.base import now
from resolvers.access.permissions import Action
from resolvers.access.readers import why_hidden
from resolvers.audit.recorder import changed_rows, former_values
from resolvers.audit.versions import touch
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField
from resolvers.commands.spec import ChildSpec
from resolvers.commands.standard_changes import check_version
from resolvers.core.attributes import Kind
from resolvers.core.naming import api_name
from resolvers.documents.documents import REPLACING
from resolvers.meetings.decisions import is_in_force, was_held
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Minutes,
        filterable=("id", "meeting", "document", "approved_on", "approved_by", "created_at", "updated_at"),
        sortable=("approved_on", "created_at", "updated_at"),
    )
)

#: The statuses of documents that cannot become minutes.
ENDED = frozenset({DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN})


def _approved_stay(row: Minutes) -> str | None:
    return "The minutes are approved, so they stay: add the document that corrects them." if row.approved_on else None


ONE_DRAFT = "one_draft", "A meeting has one draft of its minutes at a time: leave out all others."

MINUTES = ChildSpec(Minutes, fields=("document",), back="meeting", stays=_approved_stay)


def minutes_are_of_the_meeting(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check the documents that become minutes, and that a meeting has one draft of its minutes at a time."""
    if "minutes" not in unit.input:
        return
    # Minutes that the viewer does not see change nothing.
    changed = changed_rows(unit.session)
    hidden = unit.not_visible([each for each in row.minutes if each not in changed])
    seen = [each for each in row.minutes if each not in hidden]
    for place, each in enumerate(seen):
        at = (*INPUT, "minutes", str(place), "documentId")
        if each in changed:
            if each.approved_on:
                yield Violation(at, "approved_minutes", str(_approved_stay(each)))
            yield from (Violation(at, *fault) for fault in _cannot_be_minutes(row, each))
    if len(_drafts(seen)) > 1:
        yield Violation((*INPUT, "minutes"), *ONE_DRAFT)


def _cannot_be_minutes(row: Meeting, minutes: Minutes) -> Iterator[tuple[str, str]]:
    document = minutes.document
    if document.document_type is not DocumentType.MINUTES:
        yield "document_type", f"The document is a {document.document_type.name}. Give one with the type MINUTES."
    if document.status in ENDED:
        yield "ended", f"The document is {document.status.name}. Give another one."
    if document.group_id != row.group_id:
        yield "group_of_the_meeting", "The document must belong to the group that met, or to the leads if none did."
    elif remedy := why_hidden(row, document, "the meeting", "the document"):
        yield "readers", f"Some readers of the document would not see the meeting. {remedy}"


def readers_of_minutes_see_the_meeting(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a meeting whose readers change is still seen by all readers of its minutes."""
    fields = [name for name in ("marking", "recipient_ids", "group_id") if name in unit.input]
    documents = [each.document for each in row.minutes if each.document and why_hidden(row, each.document)]
    if "id" in unit.input and fields and documents:
        names = ", ".join(sorted(each.reference for each in documents))
        message = f"Some readers of its minutes, {names}, would not see the meeting: change the marking of these first."
        yield Violation((*INPUT, api_name(fields[0])), "readers", message)


def held_before_its_minutes(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a meeting with approved minutes stays held, before they were approved."""
    if "id" not in unit.input:
        return
    days = [each.approved_on for each in row.minutes if each.approved_on]
    if days and row.status is not MeetingStatus.HELD:
        message = f"The minutes of the meeting were approved on {min(days)}, so it stays HELD."
        yield Violation((*INPUT, "to"), "approved_minutes", message)
    elif days and (row.held_on is None or row.held_on > min(days)):
        message = f"The minutes of the meeting were approved on {min(days)}: give a day that is not later."
        yield Violation((*INPUT, "heldOn"), "approved_minutes", message)


def held_after_what_it_approved(unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that a meeting that approved minutes was not held before the meeting that they are of."""
    approved = _approved_by(unit, row)
    days = [each.meeting.held_on for each in approved if each.meeting.held_on]
    if days and (row.held_on is None or row.held_on < max(days)):
        names = ", ".join(sorted(each.meeting.reference for each in approved))
        message = f"The meeting approved the minutes of {names}, held on {max(days)}: give a day that is not earlier."
        yield Violation((*INPUT, "heldOn"), "approved_minutes", message)


def approval_follows(unit: UnitOfWork, row: Meeting) -> None:
    """Minutes are approved on the day of the meeting whose decision approved them, also if that day is corrected."""
    moved = [each for each in _approved_by(unit, row) if each.approved_on != row.held_on]
    unit.lock(*moved)
    for each in moved:
        each.approved_on = row.held_on
        touch(each.meeting, each)


def _approved_by(unit: UnitOfWork, row: Meeting) -> Sequence[Minutes]:
    """Return the minutes of other meetings that the decisions of a meeting approved, if its day changes."""
    if "id" not in unit.input or "heldOn" not in former_values(row):
        return ()
    return unit.rows(select(Minutes).join(Minutes.approved_by).where(Decision.meeting_id == row.id))


def approve(unit: UnitOfWork, values: Mapping[str, Any]) -> Meeting:
    """Approve the minutes of a meeting, by a decision or as its chair. Raises CommandError."""
    meeting = unit.find(Meeting, values["id"])
    key = values.get("decision_id")
    decision = unit.resolve_reference(Decision, key, ("decision_id",)) if key else None
    approving = [decision.meeting] if decision else []
    unit.lock(meeting, *approving, *meeting.minutes, *(each.document for each in meeting.minutes))
    unit.require(Action.UPDATE if decision else Action.DECIDE, meeting)
    check_version(meeting, values["expected_version"])
    hidden = unit.not_visible(meeting.minutes)
    seen = [each for each in meeting.minutes if each not in hidden]
    if broken := [*_cannot_approve(meeting, seen)]:
        raise ValidationError([Violation((*INPUT, "id"), *each) for each in broken[:1]])
    day = values.get("approved_on") or (decision.meeting.held_on if decision else None)
    if misplaced := [*_approved_in_order(meeting, decision, day)]:
        raise ValidationError([Violation((*INPUT, name), rule, said) for name, rule, said in misplaced[:1]])
    (minutes,) = _drafts(seen)
    minutes.approved_on, minutes.approved_by = day, decision
    touch(meeting, minutes)
    unit.session.flush()
    return meeting


def _drafts(minutes: list[Minutes]) -> list[Minutes]:
    return [each for each in minutes if each.approved_on is None]


def _cannot_approve(meeting: Meeting, seen: list[Minutes]) -> Iterator[tuple[str, str]]:
    if not was_held(meeting):
        yield "held", f"The meeting is {meeting.status.name}: minutes are approved after it was held on a known day."
    if not (drafts := _drafts(seen)):
        yield "minutes", "The meeting has no draft of its minutes: name the document with `minutes` of updateMeeting."
        return
    if len(drafts) > 1:
        yield ONE_DRAFT
    document = drafts[0].document
    if document.status not in REPLACING:
        yield "final", f"The document is {document.status.name}. Make it FINAL first, so that it names its version."
    yield from _cannot_be_minutes(meeting, drafts[0])
    for each in seen:
        if each.approved_on and each.document.status not in ENDED:
            first = "release and supersede" if each.document.status is DocumentStatus.FINAL else "supersede"
            message = f"{each.document.reference} is approved already: {first} that document first, or withdraw it."
            yield "supersedes", message


def _approved_in_order(
    meeting: Meeting, decision: Decision | None, day: dt.date | None
) -> Iterator[tuple[str, str, str]]:
    if decision:
        later = decision.meeting
        if later is meeting or not was_held(later) or not is_in_force(decision):
            message = "Give a decision that is in force, of a later meeting that was held on a known day."
            yield "decisionId", "later_decision", message
        elif day != later.held_on:
            yield "approvedOn", "day_of_the_decision", f"The decision is of {later.held_on}: give that day, or omit it."
    if day is None:
        yield "approvedOn", "required", "Give the day on which the chair approved the minutes, or a decision."
    elif meeting.held_on and not meeting.held_on <= day <= now().date():
        message = f"It must be from {meeting.held_on}, when the meeting was held, until today."
        yield "decisionId" if decision else "approvedOn", "approved_on", message


command(
    Command(
        "approve_minutes",
        Meeting,
        "Approve the minutes of a meeting: by a decision of a later meeting, or as the chair. From then on the "
        "document takes no new version.",
        (
            id_of(Meeting),
            EXPECTED_VERSION,
            InputField(
                "approved_on", Kind.DATE, "The date of the approval; omit it with a decision, which has a date."
            ),
            InputField(
                "decision_id", Kind.REFERENCE, "The decision that approved the minutes; omit it if the chair did.",
                target=Decision,
            ),
        ),
        approve,
    )
)  # fmt: skip
