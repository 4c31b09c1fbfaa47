"""The rows of `TimelineEvent`, and their sources: what happened, from the rows that record it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Date,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from models.clash_kinds.rows import clash_key
from models.derived.rows import QueriedRow
from models.figures.coverage import RECEIVED_STATUSES
from models.figures.in_force import latest_day
from models.funding.contribution_status import FIRM_STATUSES, ContributionStatus, StatementKind
from models.funding.contributions import Contribution
from models.funding.disbursements import Disbursement
from models.meetings.decisions import Decision, DecisionOutcome
from models.meetings.meetings import Meeting, MeetingStatus
from models.orders.deliveries import Delivery
from models.orders.purchase_orders import BINDING_STATUSES, PurchaseOrder
from models.people.participants import CoalitionMembership
from models.sources.sources import CITED, sources_of
from models.types import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select, SelectBase

    from models.derived.queries import RowQuery
    from models.derived.tables import Tables

#: The kinds of events. Those of one day are in this order, because it is that of the first digits of their ids.
KINDS = ("JOINED", "MET", "DECIDED", "PLEDGED", "COMMITTED", "PAID", "ORDERED", "DELIVERED")
#: The objects of an event, by the names of their keys.
KEYS = (
    *("participant_id", "group_id", "meeting_id", "decision_id", "contribution_id", "disbursement_id"),
    *("purchase_order_id", "delivery_id"),
)
#: The types whose rows are events.
RECORDED: tuple[type[Any], ...] = (
    *(CoalitionMembership, Meeting, Decision, Contribution, Disbursement, PurchaseOrder, Delivery),
)


def timeline_rows(tables: Tables) -> SelectBase:
    """Return the SELECT with one row for each event."""
    return union_all(
        _joined(tables),
        _met(tables),
        _decided(tables),
        *_given(tables),
        _paid(tables),
        _ordered(tables),
        _delivered(tables),
    )


def timeline_sources(tables: Tables) -> SelectBase:
    """Return the SELECT of the sources of all rows that can be events, with the key of the row as `owner_id`."""
    return union_all(*_sources(tables))


def _sources(tables: Tables) -> Iterator[Select[*tuple[Any, ...]]]:
    for model in RECORDED:
        source = tables.alias(sources_of(model))
        columns = [getattr(source, name).label(name) for name in ("id", "ordinal", "owner_id", *CITED)]
        yield select(*columns)


def _joined(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, membership = _every(tables, CoalitionMembership)
    other = membership.join("participant").related("memberships")
    # Periods of a participant never overlap, and one without a first day is the first.
    earlier = or_(other.valid_from.is_(None), other.valid_from < membership.valid_from)
    is_first = ~other.exists(where=and_(other.id != membership.id, earlier))
    columns = _event("JOINED", membership, "valid_from", participant_id=membership.participant_id)
    return query.select(*columns, where=is_first)


def _met(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, meeting = _every(tables, Meeting)
    columns = _event("MET", meeting, "held_on", group_id=meeting.group_id, meeting_id=meeting.id)
    return query.select(*columns, where=meeting.status == MeetingStatus.HELD)


def _decided(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, decision = _every(tables, Decision)
    meeting = decision.join("meeting")
    keys = {"group_id": meeting.group_id, "meeting_id": meeting.id, "decision_id": decision.id}
    columns = _event("DECIDED", decision, "held_on", dated=meeting, **keys)
    was_made = and_(meeting.status == MeetingStatus.HELD, decision.outcome == DecisionOutcome.ADOPTED)
    return query.select(*columns, where=was_made)


def _given(tables: Tables) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the events of contributions: they were announced, and committed."""
    for kind, day in (("PLEDGED", "announced_on"), ("COMMITTED", "committed_on")):
        query, given = _every(tables, Contribution)
        keys = {"participant_id": _donor(given), "contribution_id": given.id}
        counts = given.statement_kind == StatementKind.INCREMENT
        is_firm = given.status.in_(FIRM_STATUSES)
        has_status = is_firm if kind == "COMMITTED" else given.status != ContributionStatus.CANCELLED
        columns = _event(kind, given, day, amount=(given.amount_minor, given.amount_currency), **keys)
        yield query.select(*columns, where=and_(counts, has_status))


def _paid(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, paid = _every(tables, Disbursement)
    given = paid.join("contribution")
    keys = {"participant_id": _donor(given), "contribution_id": given.id, "disbursement_id": paid.id}
    return query.select(*_event("PAID", paid, "paid_on", amount=(paid.amount_minor, paid.amount_currency), **keys))


def _ordered(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, order = _every(tables, PurchaseOrder)
    procurement = order.join("procurement")
    keys = {
        "participant_id": procurement.lead_participant_id,
        "group_id": procurement.group_id,
        "purchase_order_id": order.id,
    }
    columns = _event("ORDERED", order, "ordered_on", amount=(order.value_minor, order.value_currency), **keys)
    return query.select(*columns, where=order.status.in_(BINDING_STATUSES))


def _delivered(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, delivery = _every(tables, Delivery)
    order = delivery.related("purchase_order")
    keys = {
        "participant_id": delivery.recipient_id,
        "group_id": order.first(order.join("procurement").group_id, order.id),
        "purchase_order_id": delivery.purchase_order_id,
        "contribution_id": delivery.contribution_id,
        "delivery_id": delivery.id,
    }
    columns = _event(
        "DELIVERED", delivery, "received_on", amount=(delivery.value_minor, delivery.value_currency), **keys
    )
    return query.select(*columns, where=delivery.status.in_(RECEIVED_STATUSES))


def _donor(given: QueriedRow) -> Any:
    """Return the key of the donor of a contribution; null for several donors together."""
    donor, only = given.related("donors"), given.related("donors")
    return case((donor.figures(found=func.count()).found == 1, only.first(only.participant_id, only.id)))


def _event(
    kind: str,
    row: QueriedRow,
    day: str,
    *,
    dated: QueriedRow | None = None,
    amount: tuple[Any, Any] = (null(), null()),
    **keys: Any,
) -> list[Any]:
    """Return the columns of an event of a row; `day` is the attribute with its date, of `dated` or of the row."""
    on = getattr(dated or row, day)
    precision = null() if day == "paid_on" else getattr(dated or row, f"{day}_precision")
    minor, currency = amount
    columns = {
        "id": clash_key(row.id, literal(f"{KINDS.index(kind):04}")),
        "kind": literal(kind),
        "happened_on": on,
        "happened_on_precision": cast(precision, String),
        "happened_by": on if day == "paid_on" else type_coerce(latest_day(on, precision), Date),
        "amount_minor": cast(minor, BigInteger),
        "amount_currency": case((cast(minor, BigInteger).is_not(None), cast(currency, String))),
        "recorded_id": row.id,
        **{name: cast(keys.get(name, null()), KEY) for name in KEYS},
    }
    return [column.label(name) for name, column in columns.items()]


def _every(tables: Tables, model: type[Any]) -> tuple[RowQuery, QueriedRow]:
    query = tables.every(model, model)
    return query, QueriedRow(query.first, query)
