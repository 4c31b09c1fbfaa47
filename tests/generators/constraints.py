"""What a random row must be bent to, so that it obeys the constraints of its table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import models
from models import (
    ActionItemStatus,
    DecisionOutcome,
    MeetingBody,
    MeetingStatus,
    ParticipantKind,
    RoadmapStatus,
    VersionState,
)
from models.documents.document_links import LINKED
from models.meetings.targets import TARGETS
from tests.generators.buying_constraints import (
    amended_line,
    amendment,
    item,
    order,
    order_line,
    procurement,
    supplier,
)
from tests.generators.change_constraints import change_of_feed
from tests.generators.delivery_constraints import delivery, delivery_line, delivery_return
from tests.generators.discussion_constraints import comment, keep_one, review_request, thread
from tests.generators.group_constraints import delegate, deputy, expert_group, former_name, group_membership, milestone
from tests.generators.money_constraints import allocation, contribution, disbursement, donor, tranche
from tests.reference.filters import MODELS
from tests.support.execute import NO_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]

COUNTRIES = ("EE", "LU", "DK", "DE", "NL", "SE", "IS", "UA", "LV", "LT", "JP", "KW", "NO", "FI")
EARLIEST = dt.date(1900, 1, 1)
WITHDRAWAL = {"withdrawn_at": dt.datetime(2026, 11, 28, tzinfo=dt.UTC), "withdrawal_reason": "Wrong."}
LATEST = dt.date(2100, 12, 31)
OWNERS = ("owner_participant_id", "owner_group_id", "owner_account_id")
DECISION_TARGETS = ("expert_group_id", "procurement_id", "roadmap_id", "participant_id")

#: Pairs of columns of which the second may not lie before the first.
PERIODS = (
    ("valid_from", "valid_to"),
    ("starts_at", "ends_at"),
    ("valid_from", "expires_on"),
    ("issue_date", "expires_on"),
    ("ordered_on", "expected_on"),
    ("first_year", "last_year"),
    ("tender_starts_on", "tender_ends_on"),
    ("framework_starts_on", "framework_ends_on"),
)

#: The column of the parent within which a row has its ordinal; None where it is within the table.
ORDINALS: dict[type[Base], str | None] = {
    models.ExpertGroup: None,
    models.AgendaItem: "meeting_id",
    models.Attendee: "attendance_id",
    models.Decision: "meeting_id",
    models.DecisionTarget: "decision_id",
    models.ActionItemTarget: "action_item_id",
    models.DocumentLink: "document_id",
    models.RoadmapLine: "roadmap_id",
    models.OrderLine: "purchase_order_id",
    models.ProcurementItem: "procurement_id",
    models.DeliveryLine: "delivery_id",
    models.Comment: "thread_id",
}

#: What may be hidden by itself, so that events of the trail name it.
HIDEABLE = [model for model in MODELS.values() if issubclass(model, models.HasMarking) or model is models.PurchaseOrder]

#: Columns that no two rows have in common.
PAIRS: dict[type[Base], tuple[str, ...]] = {
    models.Attendance: ("meeting_id", "participant_id"),
    models.Vote: ("decision_id", "participant_id"),
    models.ContributionDonor: ("contribution_id", "participant_id"),
    models.Allocation: ("contribution_id", "procurement_id"),
    models.ContributionTranche: ("contribution_id", "year"),
    models.Contact: ("account_id",),
    models.FormerName: ("participant_id", "until"),
    models.GroupMembership: ("group_id", "account_id", "valid_from"),
    models.RoadmapLine: ("roadmap_id", "need_id", "year", "quarter", "lead_participant_id"),
    models.Deputy: ("deputy_for_id", "account_id", "valid_from"),
}


def obey(model: type[Base], row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Change a row to obey the rules of its table beside the other `rows`; return whether it can join them."""
    for first, last in PERIODS:
        if row.get(first) is not None and row.get(last) is not None:
            row[first], row[last] = sorted((row[first], row[last]))
    if model in ORDINALS:
        parent = ORDINALS[model]
        row["ordinal"] = 1 + sum(parent is None or other[parent] == row[parent] for other in rows[model])
    if model in RULES and not RULES[model](row, rows, values):
        return False
    pair = PAIRS.get(model)
    return not pair or all(any(other[name] != row[name] for name in pair) for other in rows[model])


def _participant(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    state = row["kind"] is ParticipantKind.STATE
    row["country_code"] = COUNTRIES[len(rows[models.Participant])] if state else None
    return True


def _membership(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    others = [other for other in rows[models.CoalitionMembership] if other["participant_id"] == row["participant_id"]]
    return not any(_meet(row, other, "valid_to") for other in others)


def _meet(one: Row, other: Row, last: str) -> bool:
    """Return whether two periods have a day in common."""
    begins, ends = (
        [row["valid_from"] or EARLIEST for row in (one, other)],
        [row[last] or LATEST for row in (one, other)],
    )
    return begins[0] <= ends[1] and begins[1] <= ends[0]


def _meeting(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    if row["body"] is not MeetingBody.EXPERT_GROUP:
        row["group_id"] = None
    if row["body"] is MeetingBody.STEERING_GROUP and row["number"] is not None:
        row["number"] = 100 + len(rows[models.Meeting])
    if values.chance(0.6):
        row["status"] = MeetingStatus.HELD
    return True


def _decision(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    meeting = next(other for other in rows[models.Meeting] if other["id"] == row["meeting_id"])
    taken = [other["revokes_id"] for other in rows[models.Decision]]
    if row["outcome"] is not DecisionOutcome.ADOPTED or row["revokes_id"] in taken:
        row["revokes_id"] = None
    return meeting["status"] is MeetingStatus.HELD


def _roadmap(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    # Of those that name one as superseded, one is more than a draft.
    if any(other["supersedes_id"] == row["supersedes_id"] for other in rows[models.Roadmap]):
        row["status"] = RoadmapStatus.DRAFT
    return True


def _roadmap_line(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    plan = next(other for other in rows[models.Roadmap] if other["id"] == row["roadmap_id"])
    row["year"] = max(row["year"], plan["first_year"] or 0)
    row["year"] = min(row["year"], plan["last_year"] or row["year"])
    return True


def _target(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    return keep_one(row, DECISION_TARGETS, values) is not None


def _action_item(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    done = row["status"] is ActionItemStatus.DONE
    row["done_on"] = (row["done_on"] or dt.date(2024, 4, 3)) if done else None
    return keep_one(row, OWNERS, values) is not None


def _action_item_target(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    chosen = keep_one(row, [f"{name}_id" for name in TARGETS], values)
    others = (each for each in rows[models.ActionItemTarget] if each["action_item_id"] == row["action_item_id"])
    return chosen is not None and all(each[chosen] != row[chosen] for each in others)


def _document_link(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    chosen = keep_one(row, [f"{name}_id" for name in LINKED], values)
    others = (each for each in rows[models.DocumentLink] if each["document_id"] == row["document_id"])
    return chosen is not None and all(each[chosen] != row[chosen] for each in others)


def _document_version(row: Row, _rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    if row["state"] is VersionState.WITHDRAWN:
        row |= {name: row[name] or default for name, default in WITHDRAWAL.items()}
        row["purged_at"] = row["purged_at"] if row["received_at"] else None
    else:
        row |= dict.fromkeys((*WITHDRAWAL, "withdrawn_by_id", "purged_at"))
    return True


def _attendee(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    chosen = keep_one(row, ("account_id", "person_name"), values)
    same = [each for each in rows[models.Attendee] if each["attendance_id"] == row["attendance_id"]]
    return chosen is not None and all(
        row["account_id"] is None or each["account_id"] != row["account_id"] for each in same
    )


def _minutes(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    if row["approved_on"] is None:
        row["approved_by_id"] = None
    return all(each["document_id"] != row["document_id"] for each in rows[models.Minutes])


def _agenda_item(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    keep_one(row, OWNERS, values)
    if row["action_item_id"] is None:
        row["carried_over_from_id"] = None
        return True
    same = ("meeting_id", "action_item_id")
    return not any(all(each[name] == row[name] for name in same) for each in rows[models.AgendaItem])


def _figure(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    if row["money_minor"] is None:
        row["value"] = row["value"] or 0
    elif values.chance(0.5):
        row["value"] = None
    else:
        row |= {"value": row["value"] or 0, "money_minor": None, "money_currency": None}
    return True


def _account(row: Row, _rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    row |= {"issuer": None, "subject": None, "disabled_at": None, "erased_at": None}
    return True


def _audit_event(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    kinds = [model for model in rows if issubclass(model, models.Entity) and rows[model]]
    kind = values.choice(kinds)
    key = values.choice(rows[kind])["id"]
    hideable = [model for model in HIDEABLE if rows[model]]
    named = [values.choice(hideable) for _ in range(values.choice((0, 0, 1, 1, 2)))]
    accounts = [values.choice(rows[models.Account])["id"] for _ in range(2)]
    row |= {
        "sequence": 1 + len(rows[models.AuditEvent]),
        "hash": f"{len(rows[models.AuditEvent]):064x}",
        "entity_type": kind.__name__,
        "entity_id": f"{kind.__name__}:{key}",
        "entity_key": key,
        "subject_key": values.choice(rows[values.choice(kinds)])["id"],
        "before": values.choice((None, {"title": row["reason"]}, {"quantity": 3})),
        "after": values.choice((None, {"keywords": ["a", row["reason"]], "area": {}}, {"marking": "RED"})),
        "readers": values.choice((None, None, [["Account", each] for each in (*accounts, NO_ACCOUNT)])),
        "names": [[model.__name__, values.choice(rows[model])["id"]] for model in named],
    }
    return True


RULES: dict[type[Base], Callable[[Row, Mapping[type[Base], Sequence[Row]], Values], bool]] = {
    models.Account: _account,
    models.AuditEvent: _audit_event,
    models.Change: change_of_feed,
    models.Participant: _participant,
    models.CoalitionMembership: _membership,
    models.FormerName: former_name,
    models.ExpertGroup: expert_group,
    models.GroupMembership: group_membership,
    models.Deputy: deputy,
    models.Delegate: delegate,
    models.Meeting: _meeting,
    models.Decision: _decision,
    models.Milestone: milestone,
    models.ActionItem: _action_item,
    models.ActionItemTarget: _action_item_target,
    models.DocumentLink: _document_link,
    models.DocumentVersion: _document_version,
    models.AgendaItem: _agenda_item,
    models.Attendee: _attendee,
    models.Minutes: _minutes,
    models.ReviewRequest: review_request,
    models.CommentThread: thread,
    models.Comment: comment,
    models.Roadmap: _roadmap,
    models.RoadmapLine: _roadmap_line,
    models.DecisionTarget: _target,
    models.Contribution: contribution,
    models.ContributionDonor: donor,
    models.Allocation: allocation,
    models.ContributionTranche: tranche,
    models.Disbursement: disbursement,
    models.Supplier: supplier,
    models.Procurement: procurement,
    models.ProcurementItem: item,
    models.PurchaseOrder: order,
    models.OrderLine: order_line,
    models.OrderAmendment: amendment,
    models.OrderAmendmentLine: amended_line,
    models.Delivery: delivery,
    models.DeliveryLine: delivery_line,
    models.DeliveryReturn: delivery_return,
    models.PublishedFigure: _figure,
}
