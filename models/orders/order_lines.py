"""Lines of purchase orders, with their amounts."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, UniqueConstraint, func, type_coerce
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import MAX_PRICE, line_amount, money_checks
from models.order_amounts.line_amounts import AMOUNT_FITS, LINE_AMOUNT, LINE_AMOUNT_CURRENCY
from models.order_amounts.vat import vat_of, vat_sql
from models.types import CPV, CURRENCY, KEY, LINE, Quantity, UnitPrice, enum_column
from models.units import HasUnit

if TYPE_CHECKING:
    from models.orders.delivery_lines import DeliveryLine
    from models.orders.order_amendments import OrderAmendmentLine
    from models.orders.purchase_orders import PurchaseOrder
    from models.planning.capability_needs import CapabilityNeed


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
    quantity: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units; null if no source states it, 0 if an amendment cancelled the line."
    )
    unit_price_minor: Mapped[Decimal | None] = mapped_column(
        UnitPrice, doc="The price of one unit without VAT, with up to four decimals more than the currency has."
    )
    unit_price_currency: Mapped[str | None] = mapped_column(CURRENCY)
    amount_minor: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(LINE_AMOUNT, persisted=True),
        doc="The quantity times the unit price, rounded half to even; negative for a discount or a credit.",
    )
    amount_currency: Mapped[str | None] = mapped_column(CURRENCY, Computed(LINE_AMOUNT_CURRENCY, persisted=True))
    vat_rate: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The rate of the value-added tax (VAT) in percent, such as `24`; null if it is not stated."
    )
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

    @hybrid_property
    def is_cancelled(self) -> bool:
        """Whether an amendment cancelled the line: no units are ordered, and nothing is owed for it."""
        return self.quantity == 0

    @is_cancelled.inplace.expression
    @classmethod
    def _is_cancelled(cls) -> Any:
        return func.coalesce(cls.quantity, 1) == 0

    @hybrid_property
    def vat_minor(self) -> int | None:
        """VAT of the amount, rounded half to even; null if the amount or the rate is unknown. No sum includes it."""
        return vat_of(self.amount_minor, self.vat_rate)

    @vat_minor.inplace.expression
    @classmethod
    def _vat_minor(cls) -> Any:
        return vat_sql(cls.amount_minor, cls.vat_rate)

    @hybrid_property
    def vat_currency(self) -> str | None:
        """Currency of the VAT; the same as the amount's."""
        return self.amount_currency

    @hybrid_property
    def gross_amount_minor(self) -> int | None:
        """Amount with VAT; null if the amount or the VAT rate is unknown."""
        vat = self.vat_minor
        return None if vat is None or self.amount_minor is None else self.amount_minor + vat

    @gross_amount_minor.inplace.expression
    @classmethod
    def _gross_amount_minor(cls) -> Any:
        return type_coerce(cls.amount_minor + vat_sql(cls.amount_minor, cls.vat_rate), BigInteger)

    @hybrid_property
    def gross_amount_currency(self) -> str | None:
        """Currency of the amount with VAT; the same as the amount's."""
        return self.amount_currency

    __table_args__ = (
        *money_checks("unit_price", most=UnitPrice.units(MAX_PRICE)),
        UniqueConstraint("purchase_order_id", "ordinal"),
        # A foreign key of delivery lines refers to both columns, so that their needs agree.
        UniqueConstraint("id", "need_id"),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("vat_rate BETWEEN 0 AND 100000", name="vat_rate"),
        CheckConstraint(AMOUNT_FITS, name="amount_fits"),
        CheckConstraint("length(cpv_code) = 10", name="cpv_code"),
        *sort_indexes("ordinal", "description", "cpv_code", "quantity", "created_at", "updated_at"),
        *sort_indexes("unit_price_currency+unit_price_minor", "amount_currency+amount_minor", "kind", "vat_rate"),
        *sort_indexes("ordinal", within="purchase_order_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
