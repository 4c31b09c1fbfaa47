"""The timeline once more, in plain Python over the loaded rows that a viewer sees.

It is written from `docs/guides/planning.md`, and shares nothing with `models/figures`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from models import TimelineEvent, TimelineEventKind
from tests.reference.planning import ARRIVED, FIRM, NOT_PLACED, last_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OBJECTS = (
    *("participant", "group", "meeting", "decision", "contribution", "disbursement", "purchase_order", "delivery"),
)


def add_timeline(entities: dict[str, list[Any]]) -> None:
    """Add the events of the loaded entities."""
    entities["TimelineEvent"] = [*of_people(entities), *of_money(entities), *of_goods(entities)]


def of_people(entities: Mapping[str, Sequence[Any]]) -> Iterator[TimelineEvent]:
    """Yield who joined, met and decided."""
    for participant in entities["Participant"]:
        if participant.memberships:
            first = min(participant.memberships, key=lambda each: each.valid_from or dt.date.min)
            yield event("JOINED", first, first.valid_from, first.valid_from_precision, participant=participant)
    for meeting in entities["Meeting"]:
        if meeting.status.name == "HELD":
            when = (meeting.held_on, meeting.held_on_precision)
            of = {"meeting": meeting, "group": meeting.group}
            yield event("MET", meeting, *when, **of)
            for decision in meeting.decisions:
                if decision.outcome.name == "ADOPTED":
                    yield event("DECIDED", decision, *when, decision=decision, **of)


def of_money(entities: Mapping[str, Sequence[Any]]) -> Iterator[TimelineEvent]:
    """Yield the pledges, commitments and payments."""
    for given in entities["Contribution"]:
        donors = [each.participant for each in given.donors]
        of = {"contribution": given, "participant": donors[0] if len(donors) == 1 else None}
        amount = (given.amount_minor, given.amount_currency)
        if given.statement_kind.name == "INCREMENT" and given.status.name != "CANCELLED":
            yield event("PLEDGED", given, given.announced_on, given.announced_on_precision, amount, **of)
        if given.statement_kind.name == "INCREMENT" and given.status.name in FIRM:
            yield event("COMMITTED", given, given.committed_on, given.committed_on_precision, amount, **of)
        for paid in given.disbursements:
            part = (paid.amount_minor, paid.amount_currency)
            yield event("PAID", paid, paid.paid_on, None, part, disbursement=paid, **of)


def of_goods(entities: Mapping[str, Sequence[Any]]) -> Iterator[TimelineEvent]:
    """Yield the orders and deliveries."""
    for order in entities["PurchaseOrder"]:
        if order.status.name not in NOT_PLACED:
            bought = order.procurement
            of = {"purchase_order": order, "participant": bought.lead_participant, "group": bought.group}
            amount = (order.value_minor, order.value_currency)
            yield event("ORDERED", order, order.ordered_on, order.ordered_on_precision, amount, **of)
    for delivery in entities["Delivery"]:
        if delivery.status.name in ARRIVED:
            order = delivery.purchase_order
            of = {
                "delivery": delivery,
                "purchase_order": order,
                "contribution": delivery.contribution,
                "participant": delivery.recipient,
                "group": order and order.procurement.group,
            }
            amount = (delivery.value_minor, delivery.value_currency)
            yield event("DELIVERED", delivery, delivery.received_on, delivery.received_on_precision, amount, **of)


def event(
    kind: str, row: Any, day: dt.date | None, precision: Any, amount: tuple[Any, Any] = (None, None), **of: Any
) -> TimelineEvent:
    """Return the event of a row."""
    made = TimelineEvent(
        id=f"000{[*TimelineEventKind].index(TimelineEventKind[kind])}{row.id[4:]}",
        kind=TimelineEventKind[kind],
        happened_on=day,
        happened_on_precision=precision,
        happened_by=last_day(day, precision),
        amount_minor=amount[0],
        amount_currency=None if amount[0] is None else amount[1],
    )
    for name in OBJECTS:
        set_committed_value(made, name, of.get(name))
    set_committed_value(made, "sources", row.sources)
    return made
