"""The explanations of figures once more, in plain Python over the loaded rows that a viewer sees.

The figures are those of `planning`, and share nothing with `models/figures` and `models/explained` but their words.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm.attributes import set_committed_value

from models import ExplanationRow
from models.explained.declaration import LeftOutReason
from models.explained.rows import FIGURES, rule_of
from models.planning.explanations import ROW_OBJECTS
from tests.reference.aggregates import money as money_of
from tests.reference.explained_needs import NEED_SOURCES, Row, first, less, lifted
from tests.reference.pagination import quantity_text
from tests.reference.planning import FIRM, NOT_PLACED

if TYPE_CHECKING:
    from collections.abc import Iterator

BEHIND = 100


def amounts(name: str, statuses: set[str] | None = None, reason: str = "", estimate: str = "") -> Any:
    """Return what yields rows of one relation with their amounts."""

    def rows(subject: Any, _in_force: Any) -> Iterator[Row]:
        for each in getattr(subject, name):
            other = bool(estimate) and each.amount_currency != getattr(subject, f"{estimate}_currency")
            unfit = statuses is not None and each.contribution.status.name not in statuses
            yield Row(each, each.amount_minor, first((unfit, reason), (other, "OTHER_CURRENCY")), each.amount_currency)

    return rows


def itself(name: str, statuses: set[str] | None = None) -> Any:
    """Return what yields the object itself with an amount of its own."""

    def rows(subject: Any, _in_force: Any) -> Iterator[Row]:
        if statuses is None or subject.status.name in statuses:
            yield Row(subject, getattr(subject, f"{name}_minor"), None, getattr(subject, f"{name}_currency"))

    return rows


def bound(procurement: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the orders with the money that they bind."""
    for order in procurement.purchase_orders:
        not_placed = (order.status.name in NOT_PLACED, "ORDER_NOT_PLACED")
        reason = first(not_placed, (order.bound_minor is None, "AMOUNT_UNKNOWN"))
        yield Row(order, order.bound_minor, reason, order.bound_currency)


def payments(contribution: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the payments."""
    for each in contribution.disbursements:
        whole = (contribution.status.name == "DISBURSED", "IN_WHOLE_AMOUNT")
        yield Row(each, each.amount_minor, first(whole), each.amount_currency)


def of_parts(contribution: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the allocations of the parts."""
    for part in contribution.parts:
        for each in part.allocations:
            other = (each.amount_currency != contribution.amount_currency, "OTHER_CURRENCY")
            yield Row(each, each.amount_minor, first(other), each.amount_currency)


OF_PROCUREMENT = amounts("allocations", FIRM, "NOT_FIRM", "estimated_value")

#: The rows of each figure, by the type of the explained object.
SOURCES: dict[str, dict[str, tuple[Any, ...]]] = {
    "CapabilityNeed": NEED_SOURCES,
    "Contribution": {
        "allocated": (amounts("allocations"),),
        "paid": (itself("amount", {"DISBURSED"}), payments),
        "unallocated": (itself("amount"), less(amounts("allocations")), less(of_parts)),
    },
    "Procurement": {
        "allocated_funds": (amounts("allocations"),),
        "bound_funds": (bound,),
        "funded_amount": (OF_PROCUREMENT,),
        "pledged_amount": (amounts("allocations", {"PLEDGED"}, "NOT_PLEDGED", "estimated_value"),),
        "unmet_amount": lifted(itself("estimated_value"), less(OF_PROCUREMENT)),
    },
}

#: What a figure starts from; without it, the figure is unknown.
STARTS = {
    "CapabilityNeed": "estimated_cost_minor",
    "Procurement": "estimated_value_minor",
    "Contribution": "amount_minor",
}


def is_unknown(subject: Any, name: str) -> bool:
    """Return whether a figure is unknown, because the object does not state what it starts from."""
    if name in {"outstanding_quantity", "not_yet_secured_quantity"}:
        return subject.quantity is None
    if name.endswith(("_quantity", "_funds")) or name == "quantity":
        return False
    return getattr(subject, STARTS[type(subject).__name__]) is None


def why_unallocated_is_unknown(given: Any) -> str | None:
    """Return why no money of a contribution is unallocated."""
    return first(
        (given.status.name == "CANCELLED", "CANCELLED"),
        (given.statement_kind is not None and given.statement_kind.name == "TOTAL_TO_DATE", "TOTAL_TO_DATE"),
        (given.part_of is not None, "PART"),
        (given.amount_qualifier is not None and given.amount_qualifier.name == "UP_TO", "UPPER_BOUND"),
        (given.amount_minor is None, "FIGURE_UNKNOWN"),
        (given.kind.name == "IN_KIND", "IN_KIND"),
    )


def explanation_of(subject: Any, name: str, in_force: Any) -> dict[str, Any]:
    """Return the explanation of a figure: the figure itself, and `rows` that it adds up or leaves out."""
    kind, name = type(subject).__name__, name.lower()
    figure = next(each for each in FIGURES if each.name == name and each.model.__name__ == kind)
    minor = getattr(subject, f"{name}_minor", None)
    unknown = "FIGURE_UNKNOWN" if is_unknown(subject, name) else None
    if name == "unallocated":
        unknown = why_unallocated_is_unknown(subject)
    return {
        "figure": re.sub("_(.)", lambda found: found[1].upper(), name),
        "rule": rule_of(figure),
        "quantity": quantity_text(getattr(subject, name)) if is_units(subject, name) else None,
        "amount": None if minor is None else money_of(minor, getattr(subject, f"{name}_currency")),
        "rows": [
            shown(row._replace(reason=unknown or row.reason), place, source.words)
            for place, (source, rows) in enumerate(zip(figure.sources, SOURCES[kind][name], strict=True), start=1)
            for row in rows(subject, in_force)
        ],
    }


def is_units(subject: Any, name: str) -> bool:
    """Return whether a figure is a number of units that is known."""
    return "quantity" in name and getattr(subject, name) is not None


def shown(row: Row, place: int, words: str) -> ExplanationRow:
    """Return a row of an explanation."""
    has_money = row.number is not None and not isinstance(row.number, Decimal)
    currency = row.currency if has_money else None
    letters = "".join(str(ord(letter)) for letter in currency) if currency else "000000"
    made = ExplanationRow(
        id=str(UUID(f"{place:02}{letters}{row.object.id[8:]}")),
        counts=row.reason is None,
        reason=LeftOutReason[row.reason] if row.reason else None,
        message=LeftOutReason[row.reason].value if row.reason else words,
        rank=place + (BEHIND if row.reason else 0),
        quantity=None if has_money else row.number,
        amount_minor=row.number if has_money else None,
        amount_currency=currency,
    )
    made.counted_minor = made.amount_minor if made.counts else None
    made.counted_currency = made.amount_currency if made.counts else None
    for name, (model, _) in ROW_OBJECTS.items():
        set_committed_value(made, name, row.object if type(row.object) is model else None)
    return made
