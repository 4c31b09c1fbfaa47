"""Deliveries from purchase orders or in kind."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.documents.document_links import document_links_of
from models.markings import HasMarking
from models.money import money_checks
from models.precision import DatePrecision, Qualifier
from models.sources.sources import Sourced
from models.sql_functions import year_of
from models.status_transitions import HasStatus
from models.sums import Summed
from models.types import CODE, CURRENCY, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.documents.document_links import DocumentLink
    from models.funding.contributions import Contribution
    from models.orders.delivery_lines import DeliveryLine
    from models.orders.purchase_orders import PurchaseOrder
    from models.people.participants import Participant
    from models.sources.published_figures import PublishedFigure


@unique
class DeliveryStatus(Enum):
    """The status of a delivery."""

    SCHEDULED = "Planned."
    IN_TRANSIT = "In transit."
    RECEIVED = "Received, not yet inspected."
    ACCEPTED = "Inspected and fully accepted."
    PARTIALLY_ACCEPTED = "Inspected and partly accepted."
    REJECTED = "Inspected and rejected."
    CANCELLED = "Called off; it will not arrive."
    LOST = "Lost on the way; it will not arrive."


_EXAMINED_AGAIN = frozenset({DeliveryStatus.RECEIVED})

DELIVERY_TRANSITIONS = {
    DeliveryStatus.SCHEDULED: frozenset({DeliveryStatus.IN_TRANSIT, DeliveryStatus.CANCELLED}),
    DeliveryStatus.IN_TRANSIT: frozenset({DeliveryStatus.RECEIVED, DeliveryStatus.CANCELLED, DeliveryStatus.LOST}),
    DeliveryStatus.RECEIVED: frozenset(
        {DeliveryStatus.ACCEPTED, DeliveryStatus.PARTIALLY_ACCEPTED, DeliveryStatus.REJECTED}
    ),
    DeliveryStatus.ACCEPTED: _EXAMINED_AGAIN,
    DeliveryStatus.PARTIALLY_ACCEPTED: _EXAMINED_AGAIN,
    DeliveryStatus.REJECTED: _EXAMINED_AGAIN,
    DeliveryStatus.CANCELLED: frozenset({DeliveryStatus.SCHEDULED}),
    DeliveryStatus.LOST: frozenset({DeliveryStatus.IN_TRANSIT}),
}

#: Deliveries whose accepted units count towards needs and orders.
COUNTED_STATUSES = (DeliveryStatus.ACCEPTED, DeliveryStatus.PARTIALLY_ACCEPTED)

#: Deliveries after their inspection.
EXAMINED_STATUSES = (*COUNTED_STATUSES, DeliveryStatus.REJECTED)

#: Deliveries that are expected.
ON_THE_WAY = (DeliveryStatus.SCHEDULED, DeliveryStatus.IN_TRANSIT)

#: Deliveries that are expected or to be examined.
OPEN_STATUSES = (*ON_THE_WAY, DeliveryStatus.RECEIVED)

#: Deliveries that never arrived.
FAILED_STATUSES = (DeliveryStatus.CANCELLED, DeliveryStatus.LOST)

delivery_funders = link_table("delivery_funders", "delivery_id=deliveries", "participant_id=participants")


class Delivery(HasStatus, HasMarking, Summed, Sourced, Entity):
    """Goods delivered to Ukraine from a purchase order, an in-kind contribution or an unknown origin."""

    __tablename__ = "deliveries"
    natural_key = ("reference",)
    owned_through = "purchase_order"
    transitions = DELIVERY_TRANSITIONS
    summed_amount = "value"
    reopens = frozenset(
        {
            *((status, DeliveryStatus.RECEIVED) for status in EXAMINED_STATUSES),
            (DeliveryStatus.CANCELLED, DeliveryStatus.SCHEDULED),
            (DeliveryStatus.LOST, DeliveryStatus.IN_TRANSIT),
        }
    )

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `DEL-003`.")
    title: Mapped[str] = mapped_column(LINE, doc="The delivered goods, in one line.")
    status: Mapped[DeliveryStatus] = mapped_column(
        enum_column(DeliveryStatus, "status"), default=DeliveryStatus.SCHEDULED, doc="The status of the delivery."
    )
    recipient_note: Mapped[str | None] = mapped_column(
        LINE, doc="The recipient in the words of the source, such as a ministry or the armed forces of a participant."
    )
    planned_on: Mapped[dt.date | None] = mapped_column(doc="The planned date of arrival.")
    received_on: Mapped[dt.date | None] = mapped_column(doc="The date of arrival.")
    received_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "received_on_precision"), doc="The precision of `receivedOn`."
    )
    ended_on: Mapped[dt.date | None] = mapped_column(doc="The date on which the delivery was called off or lost.")
    end_reason: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The reason why the delivery did not arrive.")
    value_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The value of the goods.")
    value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    value_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "value_qualifier"), default=Qualifier.EXACT, doc="How the source qualifies the value."
    )
    channel: Mapped[str | None] = mapped_column(LINE, doc="The intermediary, such as `NSPA`, if a source names one.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Caveats to read before you cite the delivery.")
    purchase_order_id: Mapped[str | None] = mapped_column(KEY, reference_to("purchase_orders"))
    contribution_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))
    recipient_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    purchase_order: Mapped[PurchaseOrder | None] = relationship(
        back_populates="deliveries", doc="The purchase order that the delivery fulfils; null if no source names one."
    )
    contribution: Mapped[Contribution | None] = relationship(
        back_populates="deliveries", doc="The in-kind contribution that the delivery is part of."
    )
    recipient: Mapped[Participant | None] = relationship(
        back_populates="deliveries", doc="The participant that receives the goods; null if no source names one."
    )
    funders: Mapped[list[Participant]] = relationship(
        secondary=delivery_funders, doc="The participants that reportedly paid for the delivery."
    )
    lines: Mapped[list[DeliveryLine]] = relationship(
        back_populates="delivery", cascade="all, delete-orphan", doc="The lines of the delivery."
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="delivery", doc="Other figures published about the delivery."
    )

    document_links: Mapped[list[DocumentLink]] = document_links_of()

    @hybrid_property
    def received_year(self) -> int | None:
        """Year of arrival."""
        return self.received_on.year if self.received_on else None

    @received_year.inplace.expression
    @classmethod
    def _received_year(cls) -> Any:
        return year_of(cls.received_on)

    __table_args__ = (
        *money_checks("value"),
        CheckConstraint("purchase_order_id IS NULL OR contribution_id IS NULL", name="one_origin"),
        CheckConstraint("ended_on IS NULL OR status IN ('CANCELLED', 'LOST')", name="ended_on"),
        *sort_indexes("reference", "title", "status", "marking", "planned_on", "received_on", "ended_on"),
        *sort_indexes("recipient_note", "value_currency+value_minor", "created_at", "updated_at"),
        *sort_indexes("reference", within="recipient_id"),
        *sort_indexes("reference", within="purchase_order_id"),
        *sort_indexes("reference", within="contribution_id"),
    )
