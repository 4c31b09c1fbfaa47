"""Lines of deliveries, with the accepted and rejected quantities."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.precision import Qualifier
from models.types import KEY, LINE, Quantity, enum_column
from models.units import HasUnit

if TYPE_CHECKING:
    from models.capability_needs import CapabilityNeed
    from models.deliveries import Delivery
    from models.purchase_orders import OrderLine


class DeliveryLine(HasUnit, Entity):
    """A line of a delivery, with the received, accepted and rejected units."""

    __tablename__ = "delivery_lines"
    natural_key = ("delivery", "ordinal")
    parent_relation = "delivery"

    delivery_id: Mapped[str] = mapped_column(KEY, reference_to("deliveries", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position in the delivery, from 1.")
    description: Mapped[str] = mapped_column(LINE, doc="The delivered goods.")
    quantity: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units received; null if no source states it."
    )
    quantity_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "quantity_qualifier"),
        default=Qualifier.EXACT,
        doc="How the source qualifies the quantity.",
    )
    accepted: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units accepted; null before inspection."
    )
    rejected: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units rejected; null before inspection."
    )
    order_line_id: Mapped[str | None] = mapped_column(KEY, reference_to("order_lines"))
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))

    delivery: Mapped[Delivery] = relationship(back_populates="lines", doc="The delivery.")
    order_line: Mapped[OrderLine | None] = relationship(
        back_populates="delivery_lines",
        foreign_keys=[order_line_id],
        doc="The order line that the delivery line fulfils.",
    )
    need: Mapped[CapabilityNeed | None] = relationship(
        back_populates="delivery_lines", foreign_keys=[need_id], doc="The capability need that the line counts towards."
    )

    __table_args__ = (
        UniqueConstraint("delivery_id", "ordinal"),
        # A delivery line with an order line counts towards the need of that order line, or no need.
        ForeignKeyConstraint(["order_line_id", "need_id"], ["order_lines.id", "order_lines.need_id"]),
        CheckConstraint("quantity >= 0 AND accepted >= 0 AND rejected >= 0", name="not_negative"),
        CheckConstraint("accepted + rejected = quantity", name="examined_in_full"),
        CheckConstraint("(accepted IS NULL) = (rejected IS NULL)", name="examined"),
        *sort_indexes("ordinal", "description", "quantity", "accepted", "rejected", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="delivery_id"),
        *sort_indexes("ordinal", within="order_line_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
