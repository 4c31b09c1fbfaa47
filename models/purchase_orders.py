"""Orders placed with suppliers, line by line."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, case, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.deliveries import COUNTED_STATUSES
from models.derived.shares import share, share_sql
from models.derived.values import derived
from models.money import money_checks
from models.precision import DatePrecision, Qualifier
from models.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, CPV, CURRENCY, KEY, LINE, PARAGRAPH, enum_column, text

if TYPE_CHECKING:
    from models.capability_needs import CapabilityNeed
    from models.deliveries import Delivery, DeliveryLine
    from models.derived.rows import RowAlias
    from models.procurements import Procurement


@unique
class PurchaseOrderStatus(Enum):
    """Where a purchase order stands."""

    DRAFT = "Being written."
    PLACED = "Sent to the supplier."
    CONFIRMED = "Confirmed by the supplier."
    PARTIALLY_DELIVERED = "Part of it is accepted."
    DELIVERED = "All of it is accepted."
    CLOSED = "Settled."


PURCHASE_ORDER_TRANSITIONS = {
    PurchaseOrderStatus.DRAFT: frozenset({PurchaseOrderStatus.PLACED}),
    PurchaseOrderStatus.PLACED: frozenset({PurchaseOrderStatus.CONFIRMED}),
    PurchaseOrderStatus.CONFIRMED: frozenset({PurchaseOrderStatus.PARTIALLY_DELIVERED}),
    PurchaseOrderStatus.PARTIALLY_DELIVERED: frozenset({PurchaseOrderStatus.DELIVERED}),
    PurchaseOrderStatus.DELIVERED: frozenset({PurchaseOrderStatus.CLOSED}),
    PurchaseOrderStatus.CLOSED: frozenset[PurchaseOrderStatus](),
}

#: These follow from what is accepted of its deliveries.
PURCHASE_ORDER_AUTOMATIC = frozenset({PurchaseOrderStatus.PARTIALLY_DELIVERED, PurchaseOrderStatus.DELIVERED})

#: Orders that bind money: all but drafts.
BINDING_STATUSES = tuple(status for status in PurchaseOrderStatus if status is not PurchaseOrderStatus.DRAFT)

#: Orders of which something is still to come.
OPEN_STATUSES = (
    PurchaseOrderStatus.PLACED,
    PurchaseOrderStatus.CONFIRMED,
    PurchaseOrderStatus.PARTIALLY_DELIVERED,
)


class PurchaseOrder(HasStatus, Sourced, Entity):
    """An order placed with a supplier in a procurement; its value is the sum of its lines, where those are known."""

    __tablename__ = "purchase_orders"
    natural_key = ("number",)
    transitions = PURCHASE_ORDER_TRANSITIONS
    automatic_statuses = PURCHASE_ORDER_AUTOMATIC

    number: Mapped[str] = mapped_column(CODE, unique=True, doc="Its number.")
    title: Mapped[str | None] = mapped_column(LINE, doc="What is ordered, in a line.")
    supplier: Mapped[str | None] = mapped_column(LINE, doc="Who supplies; null where no source says.")
    status: Mapped[PurchaseOrderStatus] = mapped_column(
        enum_column(PurchaseOrderStatus, "status"), default=PurchaseOrderStatus.DRAFT, doc="Where it stands."
    )
    ordered_on: Mapped[dt.date | None] = mapped_column(doc="When it was placed.")
    ordered_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "ordered_on_precision"), doc="How exactly that date is known."
    )
    expected_on: Mapped[dt.date | None] = mapped_column(doc="When it should arrive.")
    value_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="What it is worth; the sum of its lines where those are known."
    )
    value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    value_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "value_qualifier"), default=Qualifier.EXACT, doc="How its source qualifies the value."
    )
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What a reader must know before citing it.")
    procurement_id: Mapped[str] = mapped_column(KEY, reference_to("procurements"))

    procurement: Mapped[Procurement] = relationship(
        back_populates="purchase_orders", doc="The procurement it is placed in."
    )
    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="purchase_order", cascade="all, delete-orphan", doc="What is ordered, line by line."
    )
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="purchase_order", doc="What has arrived or is to arrive of it."
    )

    @derived
    def delivered_share(self) -> int | None:
        """Share of the ordered units that is accepted, from 0 to 1; null while a quantity is unknown."""
        ordered = [line.quantity for line in self.lines]
        if None in ordered:
            return None
        accepted = sum(
            line.accepted or 0
            for delivery in self.deliveries
            if delivery.status in COUNTED_STATUSES
            for line in delivery.lines
        )
        return share(accepted, sum(quantity or 0 for quantity in ordered))

    @delivered_share.expression
    @staticmethod
    def _delivered_share(order: RowAlias) -> Any:
        delivery, line = order.related("deliveries"), order.related("lines")
        accepted = delivery.sum(delivery.join("lines").accepted, where=delivery.status.in_(COUNTED_STATUSES))
        # A sum passes over unknown quantities: the share is known only where every line has one.
        all_known = func.count() == func.count(line.quantity)
        ordered = line.figures(quantity=case((all_known, func.sum(line.quantity)))).quantity
        return share_sql(accepted, ordered)

    __table_args__ = (
        *money_checks("value"),
        CheckConstraint("expected_on >= ordered_on", name="expected_on"),
        *sort_indexes(
            "number", "title", "supplier", "status", "ordered_on", "expected_on", "value_currency+value_minor"
        ),
        *sort_indexes("created_at", "updated_at"),
        *sort_indexes("number", within="procurement_id"),
    )


class OrderLine(Entity):
    """One line of a purchase order."""

    __tablename__ = "order_lines"
    natural_key = ("purchase_order", "ordinal")
    parent_relation = "purchase_order"

    purchase_order_id: Mapped[str] = mapped_column(KEY, reference_to("purchase_orders", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="Its place in the order, from 1.")
    description: Mapped[str] = mapped_column(LINE, doc="What is ordered.")
    cpv_code: Mapped[str | None] = mapped_column(CPV, doc="What it is in the Common Procurement Vocabulary.")
    quantity: Mapped[int | None] = mapped_column(doc="How many units; null where no source says.")
    unit: Mapped[str | None] = mapped_column(text(40), doc="What is counted.")
    unit_price_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The price of one unit.")
    unit_price_currency: Mapped[str | None] = mapped_column(CURRENCY)
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))

    purchase_order: Mapped[PurchaseOrder] = relationship(back_populates="lines", doc="The order.")
    need: Mapped[CapabilityNeed | None] = relationship(doc="The need this line is to meet.")
    delivery_lines: Mapped[list[DeliveryLine]] = relationship(
        back_populates="order_line", foreign_keys="DeliveryLine.order_line_id", doc="What arrived of it."
    )

    __table_args__ = (
        *money_checks("unit_price"),
        UniqueConstraint("purchase_order_id", "ordinal"),
        # What a delivered line's need is held to.
        UniqueConstraint("id", "need_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("length(cpv_code) = 10", name="cpv_code"),
        *sort_indexes("ordinal", "description", "cpv_code", "quantity", "created_at", "updated_at"),
        *sort_indexes("unit_price_currency+unit_price_minor"),
        *sort_indexes("ordinal", within="purchase_order_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
