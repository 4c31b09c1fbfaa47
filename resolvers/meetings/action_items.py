"""Declares the queries and commands of action items, and carries open ones over to the next meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, select

from models import (
    ActionItem,
    ActionItemStatus,
    ActionItemTarget,
    AgendaItem,
    Meeting,
    MeetingBody,
    MeetingStatus,
)
from models.base import now
from models.meetings.action_items import OPEN_ACTION_ITEMS
from models.meetings.targets import OWNERS, TARGETS
from resolvers.access.permissions import is_writer, observes
from resolvers.audit.versions import touch
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.active_owners import has_left
from resolvers.commands.rules.task_readers import accounts_of, cannot_read
from resolvers.commands.spec import ChildSpec, MutationSpec, OneOf, register_mutation_spec
from resolvers.core.naming import api_name
from resolvers.people.expert_groups import group_is_active
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement

    from models import DocumentLink
    from models.meetings.targets import HasTarget
    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        ActionItem,
        filterable=(
            "id",
            "reference",
            "status",
            "marking",
            "priority",
            "due_on",
            "is_overdue",
            "done_on",
            "meeting",
            "decision",
            "group",
            *OWNERS,
            "targets",
            "agenda_items",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "due_on", "priority_rank", "done_on", "created_at", "updated_at"),
        groupable=("marking", "status", "priority", "meeting", "group", "owner_participant", "owner_group"),
    )
)

register_query_spec(
    QuerySpec(
        ActionItemTarget,
        filterable=("id", "ordinal", "action_item", *TARGETS, "created_at", "updated_at"),
        sortable=("ordinal", "created_at", "updated_at"),
    )
)

#: Meetings of these bodies follow each other; other meetings have no next one.
BODIES_IN_SERIES = frozenset(MeetingBody) - {MeetingBody.OTHER}

TITLE_LENGTH = 300


def targets_are_one_thing_each(
    targets: Sequence[HasTarget | DocumentLink], path: Path, names: Sequence[str] = TARGETS
) -> Iterator[Violation]:
    """Yield a violation for each target that names no object, several objects, or the object of an earlier target."""
    known = set()
    for place, target in enumerate(targets):
        named = [(name, key) for name in names if (key := getattr(target, f"{name}_id")) is not None]
        if len(named) != 1:
            yield Violation((*path, str(place)), "one_target", "A target names one object: set exactly one of its ids.")
        elif named[0] in known:
            message = "An earlier target names this object: leave one of the two out."
            yield Violation((*path, str(place)), "targeted_once", message)
        known.update(named)


def _targets_are_one_thing_each(_unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that each target names one object, and no two the same."""
    yield from targets_are_one_thing_each(row.targets, (*INPUT, "targets"))


def _take_group_of_meeting(unit: UnitOfWork, row: ActionItem) -> None:
    """The group that met monitors the action item, if the input names no group."""
    if row.meeting and "group_id" not in unit.input:
        row.group, row.group_id = row.meeting.group, row.meeting.group_id


def _meeting_agrees(_unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that a new action item belongs to the meeting of its decision, and to the group of its meeting.

    Later, it can be handed over to another group, and groups are merged.
    """
    if inspect(row).persistent:
        return
    if row.decision and row.decision.meeting_id != row.meeting_id:
        message = "The decision was made at another meeting: give the id of that meeting."
        yield Violation((*INPUT, "meetingId"), "meeting_of_the_decision", message)
    elif row.meeting and row.meeting.group_id != row.group_id:
        message = "The group that met monitors its action items: give the group of the meeting, or none if it has none."
        yield Violation((*INPUT, "groupId"), "group_of_the_meeting", message)


def _due_after_meeting(unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that the due date is not before the meeting; a hidden meeting is not compared, as that would reveal it."""
    if not ("due_on" in unit.input and row.due_on and row.meeting and unit.sees(row.meeting)):
        return
    if row.meeting.held_on and row.due_on < row.meeting.held_on:
        message = "It is before the meeting that agreed on the action item: give a later date."
        yield Violation((*INPUT, "dueOn"), "due_after_meeting", message)


def _owner_is_at_work(unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that a new owner is active: an account, a participant of the coalition, or a group."""
    if "owner" not in unit.input:
        return
    (name,) = unit.input["owner"]
    if any(map(has_left, (row.owner_participant, row.owner_group, row.owner_account))):
        message = "This owner has left or is no longer active: give another owner."
        yield Violation((*INPUT, "owner", api_name(name)), "owner_left", message)


def _owner_reads_it(unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that a new owner can read it, and the present one of an open item; owners without accounts pass."""
    owner = row.owner_account or row.owner_group or row.owner_participant
    asked = "owner" in unit.input or (row.status in OPEN_ACTION_ITEMS and not has_left(owner))
    if asked and owner is not None and (accounts := accounts_of(unit, owner)):
        yield from cannot_read(unit, row, "owner", accounts, ("group_id", "marking"))


def has_one_owner(_owner: Meeting, row: AgendaItem, path: Path) -> Iterator[Violation]:
    """Yield a violation for an agenda item with several owners."""
    if sum(getattr(row, f"{name}_id") is not None for name in OWNERS) > 1:
        message = "An agenda item has one owner at most: set one of these ids, and the others to null."
        yield Violation(path, "one_owner", message)


def _observers_only_do(unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that an owner that only observes leaves the words of the group as they are."""
    is_own = is_writer(unit.viewer, row) or row.owner_group_id in unit.viewer.writable_groups
    if "id" not in unit.input or is_own or not observes(unit.viewer, row):
        return
    message = "You are an observer: change only the status and the outcome of your action item. Omit it."
    for name in ("text", "marking", "group_id", "priority", "due_on", "reference", "owner", "targets", "recipient_ids"):
        if name in unit.input:
            yield Violation((*INPUT, api_name(name)), "observer", message)


def _done_on_a_day(unit: UnitOfWork, row: ActionItem) -> Iterator[Violation]:
    """Check that only an action item that is done has the day on which it was done, and that the day is not to come."""
    if "done_on" not in unit.input:
        return
    if row.status is not ActionItemStatus.DONE:
        if row.done_on:
            yield Violation((*INPUT, "doneOn"), "done_on", "Only an action item that is DONE has this date.")
    elif row.done_on is None or row.done_on > now().date():
        yield Violation((*INPUT, "doneOn"), "done_on", "It is DONE: give the date, which is today or earlier.")


def _set_done_on(_unit: UnitOfWork, row: ActionItem) -> None:
    """Set the day when an action item is done, and clear it when the action item is reopened."""
    if row.status is not ActionItemStatus.DONE:
        row.done_on = None
    elif row.done_on is None:
        row.done_on = now().date()


def carry_over(unit: UnitOfWork, meeting: Meeting) -> None:
    """Add open action items to the agenda of the next meeting of the same body and group.

    A new meeting takes over those of the meetings held before it. A meeting that is held or cancelled passes its own on
    to the next planned meeting, if there is one. An action item is on the agenda of one coming meeting at a time.
    """
    if meeting.body not in BODIES_IN_SERIES:
        return
    if "id" not in unit.input:
        for item in _open_items(unit, meeting):
            latest = _latest_held(item)
            if latest and not _is_coming_up(item) and _is_before(latest, meeting):
                put_on_agenda(meeting, item, latest)
    elif unit.input.get("to") in {MeetingStatus.HELD, MeetingStatus.CANCELLED}:
        listed = {each.action_item_id for each in meeting.agenda}
        items = [each for each in _open_items(unit, meeting) if each.meeting is meeting or each.id in listed]
        _pass_on(unit, meeting, items)


def pass_on_new(unit: UnitOfWork, item: ActionItem) -> None:
    """Add a new action item of a meeting that was held to the agenda of the next planned meeting."""
    meeting = item.meeting
    if "id" not in unit.input and meeting and meeting.body in BODIES_IN_SERIES:
        _pass_on(unit, meeting, [item])


def _pass_on(unit: UnitOfWork, meeting: Meeting, items: Sequence[ActionItem]) -> None:
    following = unit.session.scalars(
        select(Meeting)
        .where(Meeting.id != meeting.id, Meeting.status == MeetingStatus.PLANNED, *_same_series(meeting))
        .order_by(Meeting.held_on.is_(None), Meeting.held_on, Meeting.id)
    ).all()
    following = [each for each in following if meeting.held_on is None or _is_before(meeting, each)]
    if not items or not following:
        return
    unit.lock(following[0])
    for item in items:
        latest = _latest_held(item)
        if latest and not _is_coming_up(item):
            put_on_agenda(following[0], item, latest)
            # One more agenda item is a change of the meeting.
            touch(following[0], item)


def _same_series(meeting: Meeting) -> tuple[ColumnElement[bool], ...]:
    return Meeting.body == meeting.body, Meeting.group_id.is_not_distinct_from(meeting.group_id)


def _open_items(unit: UnitOfWork, meeting: Meeting) -> Sequence[ActionItem]:
    """Return the open action items of the body and group of a meeting, the most urgent first.

    Their group counts, not that of their meeting: a group also takes over those of a group that is merged into it.
    """
    found = select(ActionItem).join(ActionItem.meeting).where(ActionItem.status.in_(OPEN_ACTION_ITEMS))
    series = Meeting.body == meeting.body, ActionItem.group_id.is_not_distinct_from(meeting.group_id)
    order = ActionItem.due_on.is_(None), ActionItem.due_on, ActionItem.reference
    return unit.session.scalars(found.where(*series).order_by(*order)).all()


def _is_coming_up(item: ActionItem) -> bool:
    """Return whether an action item is on the agenda of a meeting that is still to be held."""
    return any(each.meeting.status in {MeetingStatus.PLANNED, MeetingStatus.POSTPONED} for each in item.agenda_items)


def _latest_held(item: ActionItem) -> Meeting | None:
    """Return the last held meeting that agreed on an action item or had it on its agenda."""
    meetings = [item.meeting, *(each.meeting for each in item.agenda_items)]
    held = [each for each in meetings if each and each.status is MeetingStatus.HELD]
    return max(held, key=lambda each: (each.held_on or each.created_at.date(), each.id), default=None)


def _is_before(one: Meeting, other: Meeting) -> bool:
    """Return whether a meeting was held before another; a meeting without a date is still to be held."""
    return one is not other and one.held_on is not None and (other.held_on is None or one.held_on < other.held_on)


def put_on_agenda(meeting: Meeting, item: ActionItem, carried_over_from: Meeting) -> None:
    """Append an action item to the agenda of a meeting."""
    title = item.text if len(item.text) <= TITLE_LENGTH else f"{item.text[: TITLE_LENGTH - 1]}…"
    ordinal, title = 1 + max((each.ordinal for each in meeting.agenda), default=0), " ".join(title.split())
    given = {"title": title, "action_item": item, "carried_over_from": carried_over_from}
    meeting.agenda.append(AgendaItem(ordinal=ordinal, **given))


register_mutation_spec(
    MutationSpec(
        ActionItem,
        create_only=("meeting", "decision"),
        fields=("group", "reference", "text", "marking", "priority", "due_on", "done_on", "outcome"),
        one_of={"owner": OneOf("The owner, who must do the work.", OWNERS)},
        auto_named=("reference",),
        name_prefix="ACT",
        many_to_many={"recipients": "recipient_ids"},
        children={"targets": ChildSpec(ActionItemTarget, fields=TARGETS, back="action_item")},
        locked_fields=dict.fromkeys(
            (ActionItemStatus.DONE, ActionItemStatus.CANCELLED), ("text", "due_on", "owner", "targets", "group")
        ),
        completed_by=(_take_group_of_meeting,),
        validators=(
            group_is_active,
            _meeting_agrees,
            _due_after_meeting,
            _owner_is_at_work,
            _targets_are_one_thing_each,
            _done_on_a_day,
            _observers_only_do,
        ),
        before_flush=(_set_done_on,),
        # The owner is judged with the marking as it is after the change.
        invariants=(_owner_reads_it,),
        after_flush=(pass_on_new,),
    )
)
