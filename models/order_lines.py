"""Lines of purchase orders, with their amounts."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Computed, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.line_amounts import AMOUNT_FITS, LINE_AMOUNT, LINE_AMOUNT_CURRENCY
from models.money import MAX_PRICE, line_amount, money_checks
from models.types import CPV, CURRENCY, KEY, LINE, Quantity, UnitPrice, enum_column
from models.units import HasUnit

if TYPE_CHECKING:
    from models.capability_needs import CapabilityNeed
    from models.delivery_lines import DeliveryLine
    from models.order_amendments import OrderAmendmentLine
    from models.purchase_orders import PurchaseOrder


@unique
class OrderLineKind(Enum):
    """What an order line is for."""

    GOODS = "Goods, which are delivered."
    SERVICE = "A service, which is delivered."
    FREIGHT = "Freight or another charge."
    DISCOUNT = "A discount; its amount is negative."
    CREDIT = "A credit of the supplier; its amount is negative."


#: The lines that deliveries fulfil.
DELIVERABLE_KINDS = (OrderLineKind.GOODS, OrderLineKind.SERVICE)

#: The lines whose amount is negative.
NEGATIVE_KINDS = (OrderLineKind.DISCOUNT, OrderLineKind.CREDIT)


def amount_of(kind: OrderLineKind, quantity: Decimal, price: Decimal) -> int:
    """Return the amount of a line in minor units, as the database computes it; `price` is in minor units."""
    return line_amount(quantity, price) * (-1 if kind in NEGATIVE_KINDS else 1)


class OrderLine(HasUnit, Entity):
    """A line of a purchase order."""

    __tablename__ = "order_lines"
    natural_key = ("purchase_order", "ordinal")
    parent_relation = "purchase_order"

    purchase_order_id: Mapped[str] = mapped_column(KEY, reference_to("purchase_orders", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position in the order, from 1.")
    kind: Mapped[OrderLineKind] = mapped_column(
        enum_column(OrderLineKind, "kind"),
        default=OrderLineKind.GOODS,
        server_default=OrderLineKind.GOODS.name,
        doc="What the line is for.",
    )
    description: Mapped[str] = mapped_column(LINE, doc="The ordered goods.")
    cpv_code: Mapped[str | None] = mapped_column(CPV, doc="The code in the Common Procurement Vocabulary (CPV).")
    quantity: Mapped[Decimal | None] = mapped_column(Quantity, doc="The number of units; null if no source states it.")
    unit_price_minor: Mapped[Decimal | None] = mapped_column(
        UnitPrice, doc="The price of one unit, with up to four decimals more than the currency has."
    )
    unit_price_currency: Mapped[str | None] = mapped_column(CURRENCY)
    amount_minor: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(LINE_AMOUNT, persisted=True),
        doc="The quantity times the unit price, rounded half to even; negative for a discount or a credit.",
    )
    amount_currency: Mapped[str | None] = mapped_column(CURRENCY, Computed(LINE_AMOUNT_CURRENCY, persisted=True))
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))

    purchase_order: Mapped[PurchaseOrder] = relationship(back_populates="lines", doc="The purchase order.")
    need: Mapped[CapabilityNeed | None] = relationship(
        back_populates="order_lines", doc="The capability need that the line is intended to meet."
    )
    delivery_lines: Mapped[list[DeliveryLine]] = relationship(
        back_populates="order_line",
        foreign_keys="DeliveryLine.order_line_id",
        doc="The delivery lines that fulfil the line.",
    )
    amendments: Mapped[list[OrderAmendmentLine]] = relationship(
        back_populates="order_line", doc="The amendments of the line: its quantity and unit price before and after."
    )

    __table_args__ = (
        *money_checks("unit_price", most=UnitPrice.units(MAX_PRICE)),
        UniqueConstraint("purchase_order_id", "ordinal"),
        # A foreign key of delivery lines refers to both columns, so that their needs agree.
        UniqueConstraint("id", "need_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(AMOUNT_FITS, name="amount_fits"),
        CheckConstraint("length(cpv_code) = 10", name="cpv_code"),
        *sort_indexes("ordinal", "description", "cpv_code", "quantity", "created_at", "updated_at"),
        *sort_indexes("unit_price_currency+unit_price_minor", "amount_currency+amount_minor", "kind"),
        *sort_indexes("ordinal", within="purchase_order_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
