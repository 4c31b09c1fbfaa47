"""Purchase orders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    and_,
    case,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.rows import total
from models.derived.shares import share, share_sql
from models.derived.values import derived
from models.documents.document_links import document_links_of
from models.drafts import HasDrafts
from models.meetings.targets import action_items_of
from models.money import money_checks
from models.order_amounts.bound_money import EXCHANGE_ARGUMENTS, OWED, HasExchange
from models.order_amounts.vat import vat_sql
from models.orders.deliveries import COUNTED_STATUSES
from models.orders.order_lines import DELIVERABLE_KINDS
from models.precision import DatePrecision, Qualifier
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.sums import Summed
from models.types import CODE, CURRENCY, KEY, LINE, PARAGRAPH, enum_column
from models.units import have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.documents.document_links import DocumentLink
    from models.meetings.action_items import ActionItem
    from models.orders.deliveries import Delivery
    from models.orders.order_amendments import OrderAmendment
    from models.orders.order_lines import OrderLine
    from models.procurement.awards import Award
    from models.procurement.procurements import Procurement
    from models.procurement.suppliers import Supplier


@unique
class PurchaseOrderStatus(Enum):
    """The status of a purchase order."""

    DRAFT = "In preparation."
    PLACED = "Sent to the supplier."
    CONFIRMED = "Confirmed by the supplier, also by a delivery that is accepted."
    PARTIALLY_DELIVERED = "Partly delivered and accepted."
    DELIVERED = "Fully delivered and accepted."
    CLOSED = "Paid and closed; the rest will not come if it was not fully delivered."
    TERMINATED = "Ended after the confirmation; the rest will not come."
    CANCELLED = "Ended as a draft or before the confirmation; nothing is owed."


PURCHASE_ORDER_TRANSITIONS = {
    PurchaseOrderStatus.DRAFT: frozenset({PurchaseOrderStatus.PLACED, PurchaseOrderStatus.CANCELLED}),
    PurchaseOrderStatus.PLACED: frozenset({PurchaseOrderStatus.CONFIRMED, PurchaseOrderStatus.CANCELLED}),
    PurchaseOrderStatus.CONFIRMED: frozenset({PurchaseOrderStatus.PARTIALLY_DELIVERED, PurchaseOrderStatus.TERMINATED}),
    PurchaseOrderStatus.PARTIALLY_DELIVERED: frozenset(
        {PurchaseOrderStatus.DELIVERED, PurchaseOrderStatus.TERMINATED, PurchaseOrderStatus.CLOSED}
    ),
    PurchaseOrderStatus.DELIVERED: frozenset({PurchaseOrderStatus.CLOSED}),
    PurchaseOrderStatus.CLOSED: frozenset[PurchaseOrderStatus](),
    PurchaseOrderStatus.TERMINATED: frozenset[PurchaseOrderStatus](),
    PurchaseOrderStatus.CANCELLED: frozenset({PurchaseOrderStatus.DRAFT}),
}

#: Accepted deliveries set these.
PURCHASE_ORDER_AUTOMATIC = frozenset({PurchaseOrderStatus.PARTIALLY_DELIVERED, PurchaseOrderStatus.DELIVERED})

#: The statuses in which nothing is owed.
NOT_BINDING = (PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.CANCELLED)

#: The orders that bind money.
BINDING_STATUSES = tuple(status for status in PurchaseOrderStatus if status not in NOT_BINDING)

#: The statuses that end an order.
ENDED_STATUSES = (PurchaseOrderStatus.CLOSED, PurchaseOrderStatus.TERMINATED, PurchaseOrderStatus.CANCELLED)

SETTLED = (
    "settled_minor IS NULL OR (value_minor IS NOT NULL AND settled_minor <= value_minor "
    "AND settled_currency = value_currency AND status IN ('CLOSED', 'TERMINATED'))"
)

#: The orders that still expect deliveries.
OPEN_STATUSES = (
    PurchaseOrderStatus.PLACED,
    PurchaseOrderStatus.CONFIRMED,
    PurchaseOrderStatus.PARTIALLY_DELIVERED,
)

#: The placed orders whose terms can change: a price also after the delivery.
AMENDABLE_STATUSES = (*OPEN_STATUSES, PurchaseOrderStatus.DELIVERED)


class PurchaseOrder(HasExchange, HasDrafts, Summed, Sourced, Entity):
    """An order that a procurement places with a supplier."""

    __tablename__ = "purchase_orders"
    natural_key = ("number",)
    searched = Searched("number", "title", ("note",))
    owned_through = "procurement"
    transitions = PURCHASE_ORDER_TRANSITIONS
    automatic_statuses = PURCHASE_ORDER_AUTOMATIC
    summed_amount = "value"
    reopens = frozenset({(PurchaseOrderStatus.CANCELLED, PurchaseOrderStatus.DRAFT)})

    number: Mapped[str] = mapped_column(CODE, unique=True, doc="The number of the order.")
    title: Mapped[str | None] = mapped_column(LINE, doc="The ordered goods, in one line.")
    status: Mapped[PurchaseOrderStatus] = mapped_column(
        enum_column(PurchaseOrderStatus, "status"), default=PurchaseOrderStatus.DRAFT, doc="The status of the order."
    )
    ordered_on: Mapped[dt.date | None] = mapped_column(doc="The date of the order.")
    ordered_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "ordered_on_precision"), doc="The precision of `orderedOn`."
    )
    expected_on: Mapped[dt.date | None] = mapped_column(doc="The expected date of arrival.")
    value_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The value; the sum of the lines if these are known."
    )
    value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    value_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "value_qualifier"), default=Qualifier.EXACT, doc="How the source qualifies the value."
    )
    ended_on: Mapped[dt.date | None] = mapped_column(doc="The date on which the order was closed, ended or cancelled.")
    end_reason: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The reason for the end of the order.")
    settled_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The amount owed after an early end; if omitted, the value of the accepted goods and services."
    )
    settled_currency: Mapped[str | None] = mapped_column(CURRENCY)
    owed_minor: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(OWED, persisted=True),
        doc="The amount owed to the supplier: the value, or after an early end the settled amount; 0 for a draft.",
    )
    owed_currency: Mapped[str | None] = mapped_column(CURRENCY, Computed("value_currency", persisted=True))
    amendment_count: Mapped[int] = mapped_column(default=0, server_default="0", doc="The number of amendments.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Caveats to read before you cite the order.")
    procurement_id: Mapped[str] = mapped_column(KEY, reference_to("procurements"))
    award_id: Mapped[str | None] = mapped_column(KEY, reference_to("awards"))
    supplier_id: Mapped[str | None] = mapped_column(KEY, reference_to("suppliers"))

    procurement: Mapped[Procurement] = relationship(
        back_populates="purchase_orders", doc="The procurement that the order belongs to."
    )
    award: Mapped[Award | None] = relationship(
        back_populates="purchase_orders", foreign_keys=[award_id], doc="The award under which the order is placed."
    )
    supplier: Mapped[Supplier | None] = relationship(
        back_populates="purchase_orders", doc="The supplier; null if no source names one."
    )
    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="purchase_order", cascade="all, delete-orphan", doc="The lines of the order."
    )
    amendments: Mapped[list[OrderAmendment]] = relationship(
        back_populates="purchase_order", doc="The amendments after the order was placed."
    )
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="purchase_order", doc="The past and planned deliveries of the order."
    )
    action_items: Mapped[list[ActionItem]] = action_items_of()
    document_links: Mapped[list[DocumentLink]] = document_links_of()

    @derived
    def delivered_share(self) -> int | None:
        """Share of goods and services that is accepted, 0 to 1; null while a quantity is unknown or units differ."""
        expected = [line for line in self.lines if line.kind in DELIVERABLE_KINDS and not line.is_cancelled]
        ordered = [line.quantity for line in expected]
        units = {line.unit for line in expected}
        if None in ordered or len(units) > 1:
            return None
        accepted = sum(
            line.remaining
            for delivery in self.deliveries
            if delivery.status in COUNTED_STATUSES
            for line in delivery.lines
            if line.unit in units and not line.gift
        )
        return share(accepted, sum(quantity or Decimal(0) for quantity in ordered))

    @delivered_share.expression
    @staticmethod
    def _delivered_share(order: RowAlias) -> Any:
        delivery, line, other = order.related("deliveries"), order.related("lines"), order.related("lines")
        arrived = delivery.join("lines")
        expected = and_(other.kind.in_(DELIVERABLE_KINDS), ~other.is_cancelled)
        has_unit = other.exists(where=and_(expected, have_same_unit(other, arrived)))
        counts = and_(delivery.status.in_(COUNTED_STATUSES), has_unit, ~arrived.gift)
        accepted = delivery.sum(arrived.accepted - arrived.returned, where=counts)
        # SUM ignores nulls, but the share is known only if every line has a quantity, and all have the same unit.
        units = func.count(line.unit.distinct()) + case((func.count() > func.count(line.unit), 1), else_=0)
        all_known = and_(func.count() == func.count(line.quantity), units <= literal(1))
        deliverable = and_(line.kind.in_(DELIVERABLE_KINDS), ~line.is_cancelled)
        ordered = line.figures(deliverable, quantity=case((all_known, total(line.quantity)))).quantity
        return share_sql(accepted, ordered)

    @hybrid_property
    def vat_currency(self) -> str | None:
        """Currency of the VAT; the same as the value's."""
        return self.value_currency

    @derived
    def vat_minor(self) -> int | None:
        """Sum of the VAT of the lines; null if that of a line is unknown. The value and all sums are without VAT."""
        found = [0 if line.is_cancelled else line.vat_minor for line in self.lines]
        known = [each for each in found if each is not None]
        return sum(known) if found and len(known) == len(found) else None

    @vat_minor.expression
    @staticmethod
    def _vat_minor(order: RowAlias) -> Any:
        line = order.related("lines")
        vat = case((line.is_cancelled, 0), else_=vat_sql(line.amount_minor, line.vat_rate))
        known = and_(func.count() > 0, func.count() == func.count(vat))
        return type_coerce(line.figures(vat=case((known, total(vat)))).vat, BigInteger)

    @hybrid_property
    def original_value_currency(self) -> str | None:
        """Currency of the original value; the same as the value's."""
        return self.value_currency

    @derived
    def original_value_minor(self) -> int | None:
        """Value when the order was placed, before its amendments; null for a draft, or if the value is unknown now."""
        if self.status is PurchaseOrderStatus.DRAFT or self.value_currency is None:
            return None
        first = min(self.amendments, key=lambda each: each.number, default=None)
        return self.value_minor if first is None else first.value_before_minor

    @original_value_minor.expression
    @staticmethod
    def _original_value_minor(order: RowAlias) -> Any:
        amendment = order.related("amendments")
        first = amendment.first(amendment.value_before_minor, amendment.number)
        value = case((amendment.exists(), first), else_=order.value_minor)
        shown = and_(order.status != PurchaseOrderStatus.DRAFT, order.value_currency.is_not(None))
        return type_coerce(case((shown, value)), BigInteger)

    def owed_amount(self) -> int:
        """Return the amount that the order owes in minor units, as the database computes it; 0 if it is unknown."""
        if self.status in NOT_BINDING:
            return 0
        return (self.value_minor if self.settled_minor is None else self.settled_minor) or 0

    def bound_amount(self) -> int:
        """Return the amount of allocated money that the order binds in minor units, as the database computes it."""
        return self.in_money(self.owed_amount(), self.value_currency)

    __table_args__ = (
        *money_checks("value", "settled"),
        *EXCHANGE_ARGUMENTS,
        ForeignKeyConstraint(["award_id", "procurement_id"], ["awards.id", "awards.procurement_id"]),
        CheckConstraint(SETTLED, name="settled_at_the_end"),
        CheckConstraint(
            "status <> 'TERMINATED' OR settled_minor IS NOT NULL OR value_minor IS NULL", name="terminated"
        ),
        CheckConstraint("ended_on IS NULL OR status IN ('CLOSED', 'TERMINATED', 'CANCELLED')", name="ended_on"),
        CheckConstraint("expected_on >= ordered_on", name="expected_on"),
        *sort_indexes("number", "title", "status", "ordered_on", "expected_on", "ended_on"),
        *sort_indexes("value_currency+value_minor", "owed_currency+owed_minor"),
        *sort_indexes("created_at", "updated_at", "amendment_count"),
        *sort_indexes("number", within="procurement_id"),
        *sort_indexes("number", within="supplier_id"),
        *sort_indexes("number", within="award_id"),
    )
