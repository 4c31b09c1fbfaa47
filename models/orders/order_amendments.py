"""Amendments of purchase orders: numbered entries that never change, and what an order says before and after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import MAX_PRICE, money_checks
from models.order_amounts.exchange import MAX_RATE
from models.types import CURRENCY, KEY, LINE, PARAGRAPH, ExchangeRate, Quantity, UnitPrice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.orders.order_lines import OrderLine
    from models.orders.purchase_orders import PurchaseOrder

#: The highest exchange rate, as the database stores it.
MOST = ExchangeRate.units(MAX_RATE)


class OrderAmendment(Entity):
    """An amendment of a placed purchase order: a numbered entry that never changes."""

    __tablename__ = "order_amendments"
    natural_key = ("purchase_order", "number")
    parent_relation = "purchase_order"

    purchase_order_id: Mapped[str] = mapped_column(KEY, reference_to("purchase_orders"))
    number: Mapped[int] = mapped_column(doc="The number of the amendment within the order, from 1.")
    amended_on: Mapped[dt.date] = mapped_column(doc="The day of the amendment.")
    reason: Mapped[str] = mapped_column(PARAGRAPH, doc="The reason for the amendment.")
    value_before_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The value of the order before the amendment; null if it was unknown."
    )
    value_before_currency: Mapped[str | None] = mapped_column(CURRENCY)
    value_after_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The value of the order after the amendment; null if it was unknown."
    )
    value_after_currency: Mapped[str | None] = mapped_column(CURRENCY)
    expected_on_before: Mapped[dt.date | None] = mapped_column(doc="The expected date of arrival before the amendment.")
    expected_on_after: Mapped[dt.date | None] = mapped_column(doc="The expected date of arrival after the amendment.")
    exchange_rate_before: Mapped[Decimal | None] = mapped_column(
        ExchangeRate, doc="The exchange rate before the amendment; null if the order has none."
    )
    exchange_rate_after: Mapped[Decimal | None] = mapped_column(
        ExchangeRate, doc="The exchange rate after the amendment; null if the order has none."
    )
    exchange_rate_on_before: Mapped[dt.date | None] = mapped_column(doc="The day of the exchange rate before.")
    exchange_rate_on_after: Mapped[dt.date | None] = mapped_column(doc="The day of the exchange rate after.")
    exchange_rate_source_before: Mapped[str | None] = mapped_column(LINE, doc="The source of the exchange rate before.")
    exchange_rate_source_after: Mapped[str | None] = mapped_column(LINE, doc="The source of the exchange rate after.")

    purchase_order: Mapped[PurchaseOrder] = relationship(back_populates="amendments", doc="The purchase order.")
    lines: Mapped[list[OrderAmendmentLine]] = relationship(
        back_populates="amendment", doc="The changed lines of the order, and the new ones."
    )

    __table_args__ = (
        *money_checks("value_before", "value_after"),
        UniqueConstraint("purchase_order_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(f"exchange_rate_before BETWEEN 1 AND {MOST}", name="exchange_rate_before"),
        CheckConstraint(f"exchange_rate_after BETWEEN 1 AND {MOST}", name="exchange_rate_after"),
        *sort_indexes("amended_on", "number", "created_at", "updated_at"),
        *sort_indexes("number", within="purchase_order_id"),
    )


class OrderAmendmentLine(Entity):
    """The quantity and the unit price of an order line, before and after an amendment."""

    __tablename__ = "order_amendment_lines"
    natural_key = ("amendment", "order_line")
    parent_relation = "amendment"

    amendment_id: Mapped[str] = mapped_column(KEY, reference_to("order_amendments"))
    ordinal: Mapped[int] = mapped_column(doc="The position of the order line in the order.")
    order_line_id: Mapped[str] = mapped_column(KEY, reference_to("order_lines"))
    quantity_before: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units before; null if it was unknown or the line is new."
    )
    quantity_after: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units after; null if it is unknown, 0 if the line is cancelled."
    )
    unit_price_before_minor: Mapped[Decimal | None] = mapped_column(
        UnitPrice, doc="The price of one unit before; null if it was unknown or the line is new."
    )
    unit_price_before_currency: Mapped[str | None] = mapped_column(CURRENCY)
    unit_price_after_minor: Mapped[Decimal | None] = mapped_column(
        UnitPrice, doc="The price of one unit after; null if it is unknown."
    )
    unit_price_after_currency: Mapped[str | None] = mapped_column(CURRENCY)
    vat_rate_before: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The VAT rate before, in percent; null if it was not stated or the line is new."
    )
    vat_rate_after: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The VAT rate after, in percent; null if it is not stated."
    )
    is_new: Mapped[bool] = mapped_column(default=False, doc="Whether the amendment added the line.")

    amendment: Mapped[OrderAmendment] = relationship(back_populates="lines", doc="The amendment.")
    order_line: Mapped[OrderLine] = relationship(back_populates="amendments", doc="The order line.")

    __table_args__ = (
        *money_checks("unit_price_before", "unit_price_after", most=UnitPrice.units(MAX_PRICE)),
        UniqueConstraint("amendment_id", "order_line_id"),
        CheckConstraint("quantity_before >= 0 AND quantity_after >= 0", name="quantity"),
        CheckConstraint("vat_rate_before BETWEEN 0 AND 100000", name="vat_rate_before"),
        CheckConstraint("vat_rate_after BETWEEN 0 AND 100000", name="vat_rate_after"),
        CheckConstraint("NOT is_new OR (quantity_before IS NULL AND unit_price_before_minor IS NULL)", name="is_new"),
        *sort_indexes("ordinal", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="amendment_id"),
        *sort_indexes("ordinal", within="order_line_id"),
    )


#: What an amendment changes of an order's exchange rate, together.
RATE = ("exchange_rate", "exchange_rate_on", "exchange_rate_source")


@dataclass(frozen=True)
class Terms:
    """What an order says: its value, its expected day, its exchange rate, and quantity, price and VAT of each line.

    `owed` is the amount that it owes, and `bound` the money that it binds.
    """

    value: tuple[int | None, str | None]
    owed: int
    bound: int
    expected_on: dt.date | None
    exchange: tuple[Decimal | None, dt.date | None, str | None]
    lines: Mapping[str, tuple[Any, Any, str | None, Any]]

    @classmethod
    def of(cls, row: PurchaseOrder) -> Terms:
        """Return the terms of an order."""
        lines = {line.id: _terms_of(line) for line in row.lines if line.id}
        exchange = row.exchange_rate, row.exchange_rate_on, row.exchange_rate_source
        value = row.value_minor, row.value_currency
        return cls(value, row.owed_amount(), row.bound_amount(), row.expected_on, exchange, lines)

    def amendment(self, row: PurchaseOrder, day: dt.date, reason: str | None) -> OrderAmendment:
        """Return the amendment from these terms to those that an order has now."""
        rate = {f"{name}_before": value for name, value in zip(RATE, self.exchange, strict=True)}
        entry = OrderAmendment(
            number=row.amendment_count,
            amended_on=day,
            reason=reason,
            value_before_minor=self.value[0],
            value_before_currency=self.value[1],
            value_after_minor=row.value_minor,
            value_after_currency=row.value_currency,
            expected_on_before=self.expected_on,
            expected_on_after=row.expected_on,
            **rate,
            **{f"{name}_after": getattr(row, name) for name in RATE},
        )
        entry.lines = [self._line(line) for line in row.lines if self.lines.get(line.id) != _terms_of(line)]
        return entry

    def _line(self, line: OrderLine) -> OrderAmendmentLine:
        is_new = line.id not in self.lines
        was, now_is = (None, None, None, None) if is_new else self.lines[line.id], _terms_of(line)
        names, suffixes = ("quantity", "unit_price", "unit_price", "vat_rate"), ("", "_minor", "_currency", "")
        found = {
            f"{name}_{when}{suffix}": value
            for when, terms in (("before", was), ("after", now_is))
            for name, suffix, value in zip(names, suffixes, terms, strict=True)
        }
        return OrderAmendmentLine(ordinal=line.ordinal, order_line=line, is_new=is_new, **found)


def _terms_of(line: OrderLine) -> tuple[Any, Any, str | None, Any]:
    return line.quantity, line.unit_price_minor, line.unit_price_currency, line.vat_rate
