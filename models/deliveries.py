"""What arrived, from an order or in kind, and how much of it was accepted."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.markings import HasMarking
from models.money import money_checks
from models.precision import DatePrecision, Qualifier
from models.sources import Sourced
from models.sql_functions import year_of
from models.status_transitions import HasStatus
from models.types import CODE, CURRENCY, KEY, LINE, PARAGRAPH, enum_column, text

if TYPE_CHECKING:
    from models.capability_needs import CapabilityNeed
    from models.contributions import Contribution
    from models.participants import Participant
    from models.published_figures import PublishedFigure
    from models.purchase_orders import OrderLine, PurchaseOrder


@unique
class DeliveryStatus(Enum):
    """Where a delivery stands."""

    SCHEDULED = "Planned."
    IN_TRANSIT = "On its way."
    RECEIVED = "Arrived, not yet examined."
    ACCEPTED = "Examined and accepted in full."
    PARTIALLY_ACCEPTED = "Examined; part of it is accepted."
    REJECTED = "Examined and turned down."


DELIVERY_TRANSITIONS = {
    DeliveryStatus.SCHEDULED: frozenset({DeliveryStatus.IN_TRANSIT}),
    DeliveryStatus.IN_TRANSIT: frozenset({DeliveryStatus.RECEIVED}),
    DeliveryStatus.RECEIVED: frozenset(
        {DeliveryStatus.ACCEPTED, DeliveryStatus.PARTIALLY_ACCEPTED, DeliveryStatus.REJECTED}
    ),
    DeliveryStatus.ACCEPTED: frozenset[DeliveryStatus](),
    DeliveryStatus.PARTIALLY_ACCEPTED: frozenset[DeliveryStatus](),
    DeliveryStatus.REJECTED: frozenset[DeliveryStatus](),
}

#: Deliveries whose accepted units count towards needs and orders.
COUNTED_STATUSES = (DeliveryStatus.ACCEPTED, DeliveryStatus.PARTIALLY_ACCEPTED)

delivery_funders = link_table("delivery_funders", "delivery_id=deliveries", "participant_id=participants")


class Delivery(HasStatus, HasMarking, Sourced, Entity):
    """Goods handed over to Ukraine, from a purchase order or an in-kind contribution where that is known."""

    __tablename__ = "deliveries"
    natural_key = ("reference",)
    transitions = DELIVERY_TRANSITIONS

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in the register, such as `DEL-003`.")
    title: Mapped[str] = mapped_column(LINE, doc="What was delivered, in a line.")
    status: Mapped[DeliveryStatus] = mapped_column(
        enum_column(DeliveryStatus, "status"), default=DeliveryStatus.SCHEDULED, doc="Where it stands."
    )
    recipient: Mapped[str | None] = mapped_column(LINE, doc="Who received it.")
    planned_on: Mapped[dt.date | None] = mapped_column(doc="When it should arrive.")
    received_on: Mapped[dt.date | None] = mapped_column(doc="When it arrived.")
    received_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "received_on_precision"), doc="How exactly that date is known."
    )
    value_minor: Mapped[int | None] = mapped_column(BigInteger, doc="What it is worth.")
    value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    value_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "value_qualifier"), default=Qualifier.EXACT, doc="How its source qualifies the value."
    )
    channel: Mapped[str | None] = mapped_column(LINE, doc="Through whom it went, where a source says.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What a reader must know before citing it.")
    purchase_order_id: Mapped[str | None] = mapped_column(KEY, reference_to("purchase_orders"))
    contribution_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))

    purchase_order: Mapped[PurchaseOrder | None] = relationship(
        back_populates="deliveries", doc="The order it fulfils; null where no source says."
    )
    contribution: Mapped[Contribution | None] = relationship(
        back_populates="deliveries", doc="The in-kind contribution it hands over."
    )
    funders: Mapped[list[Participant]] = relationship(
        secondary=delivery_funders, doc="Who is reported to have paid for it."
    )
    lines: Mapped[list[DeliveryLine]] = relationship(
        back_populates="delivery", cascade="all, delete-orphan", doc="What was delivered, line by line."
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="delivery", doc="Other figures published of it."
    )

    @hybrid_property
    def received_year(self) -> int | None:
        """Year in which it arrived."""
        return self.received_on.year if self.received_on else None

    @received_year.inplace.expression
    @classmethod
    def _received_year(cls) -> Any:
        return year_of(cls.received_on)

    __table_args__ = (
        *money_checks("value"),
        CheckConstraint("purchase_order_id IS NULL OR contribution_id IS NULL", name="one_origin"),
        *sort_indexes("reference", "title", "status", "marking", "recipient", "planned_on", "received_on"),
        *sort_indexes("value_currency+value_minor", "created_at", "updated_at"),
        *sort_indexes("reference", within="purchase_order_id"),
        *sort_indexes("reference", within="contribution_id"),
    )


class DeliveryLine(Entity):
    """One line of a delivery: what arrived, what of it was accepted and what turned down."""

    __tablename__ = "delivery_lines"
    natural_key = ("delivery", "ordinal")
    parent_relation = "delivery"

    delivery_id: Mapped[str] = mapped_column(KEY, reference_to("deliveries", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="Its place in the delivery, from 1.")
    description: Mapped[str] = mapped_column(LINE, doc="What was delivered.")
    quantity: Mapped[int | None] = mapped_column(doc="Units received; null where no source says.")
    quantity_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "quantity_qualifier"),
        default=Qualifier.EXACT,
        doc="How its source qualifies the quantity.",
    )
    unit: Mapped[str | None] = mapped_column(text(40), doc="What is counted.")
    accepted: Mapped[int | None] = mapped_column(doc="Units accepted; null until examined.")
    rejected: Mapped[int | None] = mapped_column(doc="Units turned down; null until examined.")
    order_line_id: Mapped[str | None] = mapped_column(KEY, reference_to("order_lines"))
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))

    delivery: Mapped[Delivery] = relationship(back_populates="lines", doc="The delivery.")
    order_line: Mapped[OrderLine | None] = relationship(
        back_populates="delivery_lines", foreign_keys=[order_line_id], doc="The order line it fulfils."
    )
    need: Mapped[CapabilityNeed | None] = relationship(
        back_populates="delivery_lines", foreign_keys=[need_id], doc="The need it counts towards."
    )

    __table_args__ = (
        UniqueConstraint("delivery_id", "ordinal"),
        # A line of an order counts towards that order line's need, or none.
        ForeignKeyConstraint(["order_line_id", "need_id"], ["order_lines.id", "order_lines.need_id"]),
        CheckConstraint("quantity >= 0 AND accepted >= 0 AND rejected >= 0", name="not_negative"),
        CheckConstraint("accepted + rejected = quantity", name="examined_in_full"),
        CheckConstraint("(accepted IS NULL) = (rejected IS NULL)", name="examined"),
        *sort_indexes("ordinal", "description", "quantity", "accepted", "rejected", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="delivery_id"),
        *sort_indexes("ordinal", within="order_line_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
