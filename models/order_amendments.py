"""Amendments of purchase orders: numbered entries that never change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import MAX_PRICE, money_checks
from models.types import CURRENCY, KEY, PARAGRAPH, Quantity, UnitPrice

if TYPE_CHECKING:
    from models.order_lines import OrderLine
    from models.purchase_orders import PurchaseOrder


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

    purchase_order: Mapped[PurchaseOrder] = relationship(back_populates="amendments", doc="The purchase order.")
    lines: Mapped[list[OrderAmendmentLine]] = relationship(
        back_populates="amendment", doc="The changed lines of the order, and the new ones."
    )

    __table_args__ = (
        *money_checks("value_before", "value_after"),
        UniqueConstraint("purchase_order_id", "number"),
        CheckConstraint("number > 0", name="number"),
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
        Quantity, doc="The number of units after; null if it is unknown."
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
        CheckConstraint("quantity_before > 0 AND quantity_after > 0", name="quantity"),
        CheckConstraint("vat_rate_before BETWEEN 0 AND 100000", name="vat_rate_before"),
        CheckConstraint("vat_rate_after BETWEEN 0 AND 100000", name="vat_rate_after"),
        CheckConstraint("NOT is_new OR (quantity_before IS NULL AND unit_price_before_minor IS NULL)", name="is_new"),
        *sort_indexes("ordinal", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="amendment_id"),
        *sort_indexes("ordinal", within="order_line_id"),
    )
