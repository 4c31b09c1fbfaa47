"""How an explained figure is declared: the rows that it adds up, and the reasons for which rows are left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, type_coerce

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.derived.rows import QueriedRow

    Rows = Callable[[QueriedRow], "Part"]
    Unknown = Callable[[QueriedRow], tuple[tuple[Any, "LeftOutReason"], ...]]


@unique
class LeftOutReason(Enum):
    """The reason why a figure leaves a row out."""

    FIGURE_UNKNOWN = "The figure is null: the object does not state the amount or the quantity that it starts from."
    CANCELLED = "The figure is null: the contribution is cancelled."
    TOTAL_TO_DATE = "The figure is null: the amount is a running total, which includes other contributions."
    PART = "The figure is null: the amount is included in that of a joint contribution."
    UPPER_BOUND = "The figure is null: the amount is an upper bound."
    IN_KIND = "The figure is null: the contribution is in kind, so no money of it can be allocated."
    NOT_IN_FORCE = "The line is not in the roadmap in force."
    ORDER_NOT_PLACED = "The order is a draft or is cancelled."
    ORDER_ENDED = "The order has ended, so the delivery can no longer be received."
    ORDERED = "The goods were ordered, so they are not given in kind."
    NOT_GOODS = "The line has no units to deliver: it is freight, a discount or another cost."
    NOT_IN_COST = "The line is not part of the cost of the order: it is cancelled, or none of its units was accepted."
    NOT_IN_TRANSIT = "The delivery is not in transit."
    NOT_RECEIVED = "The delivery is not received."
    NOT_INSPECTED = "The delivery is not inspected yet, or it never arrived."
    NOT_ACCEPTED = "The delivery is not accepted."
    NOT_FIRM = "The contribution is not committed or disbursed."
    NOT_PLEDGED = "The contribution is not PLEDGED: it is firm money, or it is cancelled."
    OTHER_UNIT = "The unit differs from that of the need."
    OTHER_CURRENCY = "The currency differs from that of the figure. Currencies are never added."
    QUANTITY_UNKNOWN = "The line states no quantity."
    AMOUNT_UNKNOWN = "The amount is unknown."
    FOR_ANOTHER_NEED = "The money or the goods are for another need as well, or only for another one."
    SHARED = "The needs of the procurement share the money. It is never divided among them."
    IN_WHOLE_AMOUNT = "The contribution is DISBURSED, so its whole amount counts as paid."


@dataclass(frozen=True)
class Part:
    """Rows that a figure adds up, and rows of the same type that it leaves out.

    Attributes:
        object: The type of the rows: the name of their relation in `ExplanationRow`.
        row: The row, as a query.
        quantity: The units that a row adds; None for a figure of money.
        minor: The minor units that a row adds; None for a quantity.
        currency: The currency of the amount.
        left_out: Conditions under which a row is left out, each with its reason; the first one that holds is stated.
        where: The condition for a row to be listed at all.
        by: What the rows are grouped by, if several of them are shown as one.
    """

    object: str
    row: QueriedRow
    quantity: Any = None
    minor: Any = None
    currency: Any = None
    left_out: tuple[tuple[Any, LeftOutReason], ...] = ()
    where: Any = None
    by: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where rows of a figure come from.

    Attributes:
        rows: Returns the rows, from a query of the explained objects. Its docstring says what a row adds.
        words: What a row adds, in one sentence.
    """

    rows: Rows
    words: str


@dataclass(frozen=True)
class Figure:
    """An explained figure.

    Attributes:
        model: The type of the explained objects.
        name: The attribute with the figure; of money without `_minor`. Its description is the rule in words.
        sources: The rows that it is made of, in the order in which they are shown.
        unknown: Returns the conditions under which the figure of an object is null, each with its reason.
    """

    model: type[Any]
    name: str
    sources: tuple[Source, ...]
    unknown: Unknown | None = None


def not_stated(name: str) -> Unknown:
    """Return the condition that an object does not state the attribute that its figure starts from."""
    return lambda row: ((getattr(row, name).is_(None), LeftOutReason.FIGURE_UNKNOWN),)


def added(rows: Rows) -> Source:
    """Return the source whose rows the figure adds."""
    return Source(rows, " ".join((rows.__doc__ or "").split()))


def subtracted(rows: Rows) -> Source:
    """Return the source whose rows the figure subtracts."""
    words = added(rows).words

    def negative(row: QueriedRow) -> Part:
        part = rows(row)
        return replace(part, quantity=_negative(part.quantity), minor=_negative(part.minor))

    return Source(negative, f"Subtracted: {words[0].lower()}{words[1:]}")


def _negative(number: Any) -> Any:
    return None if number is None else -type_coerce(number, BigInteger)


def not_below_zero(object_: str, left: Callable[[QueriedRow], Any], currency: str = "") -> Source:
    """Return the source of the row that lifts a figure to 0, for objects that have more than they need.

    Args:
        object_: The name of the relation to the object itself.
        left: Returns the rest without the limit, possibly below 0.
        currency: The attribute with the currency of an amount; empty for a quantity.
    """

    def lifted(row: QueriedRow) -> Part:
        rest = -type_coerce(left(row), BigInteger)
        if currency:
            return Part(object_, row, minor=rest, currency=getattr(row, currency), where=rest > 0)
        return Part(object_, row, quantity=rest, where=rest > 0)

    return Source(lifted, "The excess over the need: the figure is at least 0.")
