"""Lines of deliveries, with the accepted and rejected quantities."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.orders.deliveries import COUNTED_STATUSES, EXAMINED_STATUSES, FAILED_STATUSES, OPEN_STATUSES
from models.precision import Qualifier
from models.types import KEY, LINE, Quantity, enum_column
from models.units import HasUnit

if TYPE_CHECKING:
    from models.orders.deliveries import Delivery
    from models.orders.delivery_returns import DeliveryReturn
    from models.orders.order_lines import OrderLine
    from models.planning.capability_needs import CapabilityNeed


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
    returned: Mapped[Decimal] = mapped_column(
        Quantity,
        default=Decimal(0),
        server_default="0",
        doc="The number of accepted units that were returned: the sum of the returns.",
    )
    gift: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        doc="Whether the units exceed the order: they count towards the need, not towards the order.",
    )
    order_line_id: Mapped[str | None] = mapped_column(KEY, reference_to("order_lines"))
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))
    replaces_id: Mapped[str | None] = mapped_column(KEY, reference_to("delivery_lines"))

    delivery: Mapped[Delivery] = relationship(back_populates="lines", doc="The delivery.")
    order_line: Mapped[OrderLine | None] = relationship(
        back_populates="delivery_lines",
        foreign_keys=[order_line_id],
        doc="The order line that the delivery line fulfils.",
    )
    need: Mapped[CapabilityNeed | None] = relationship(
        back_populates="delivery_lines", foreign_keys=[need_id], doc="The capability need that the line counts towards."
    )
    replaces: Mapped[DeliveryLine | None] = relationship(
        back_populates="replaced_by",
        remote_side="DeliveryLine.id",
        doc="The line whose rejected, returned or lost units it replaces.",
    )
    replaced_by: Mapped[list[DeliveryLine]] = relationship(
        back_populates="replaces", doc="The lines that replace rejected, returned or lost units of the line."
    )
    returns: Mapped[list[DeliveryReturn]] = relationship(
        back_populates="delivery_line", doc="The returns of accepted units, and their corrections."
    )

    @property
    def remaining(self) -> Decimal:
        """The number of accepted units that were not returned."""
        return (self.accepted or Decimal(0)) - self.returned

    def used(self) -> Decimal:
        """Return the number of units that are expected, or accepted and not returned."""
        if self.delivery.status in COUNTED_STATUSES:
            arrived = self.quantity if self.accepted is None else self.accepted
            return (arrived or Decimal(0)) - (self.returned or Decimal(0))
        return (self.quantity or Decimal(0)) if self.delivery.status in OPEN_STATUSES else Decimal(0)

    def lacking(self) -> Decimal:
        """Return the number of units that did not arrive, were rejected or were returned."""
        if self.delivery.status in FAILED_STATUSES:
            return self.quantity or Decimal(0)
        return (
            (self.rejected or Decimal(0)) + self.returned if self.delivery.status in EXAMINED_STATUSES else Decimal(0)
        )

    __table_args__ = (
        UniqueConstraint("delivery_id", "ordinal"),
        # A delivery line with an order line counts towards the need of that order line, or no need.
        ForeignKeyConstraint(["order_line_id", "need_id"], ["order_lines.id", "order_lines.need_id"]),
        CheckConstraint("quantity >= 0 AND accepted >= 0 AND rejected >= 0", name="not_negative"),
        CheckConstraint("accepted + rejected = quantity", name="examined_in_full"),
        CheckConstraint("returned BETWEEN 0 AND coalesce(accepted, 0)", name="returned"),
        CheckConstraint("replaces_id <> id", name="replaces"),
        CheckConstraint("(accepted IS NULL) = (rejected IS NULL)", name="examined"),
        *sort_indexes("ordinal", "description", "quantity", "accepted", "rejected", "created_at", "updated_at"),
        *sort_indexes("returned", "gift"),
        *sort_indexes("ordinal", within="replaces_id"),
        *sort_indexes("ordinal", within="delivery_id"),
        *sort_indexes("ordinal", within="order_line_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
