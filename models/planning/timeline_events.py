"""The timeline of the coalition: what happened, in the order of time.

An event is not stored. A statement computes it from the rows that the viewer sees, by the rules of
`figures.timeline_rows`.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.figures.timeline_rows import timeline_rows, timeline_sources
from models.funding.contributions import Contribution
from models.funding.disbursements import Disbursement
from models.meetings.decisions import Decision
from models.meetings.meetings import Meeting
from models.orders.deliveries import Delivery
from models.orders.purchase_orders import PurchaseOrder
from models.people.expert_groups import ExpertGroup
from models.people.participants import Participant
from models.precision import Confidence, DatePrecision
from models.types import ADDRESS, CURRENCY, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


@unique
class TimelineEventKind(Enum):
    """The kind of an event."""

    JOINED = "A participant joined the coalition. Later changes of its role are no events."
    MET = "A body met."
    DECIDED = "A meeting adopted a decision."
    PLEDGED = "A contribution was announced."
    COMMITTED = "A contribution was committed."
    PAID = "A part of a contribution was paid, or refunded with a negative amount."
    ORDERED = "A purchase order was placed."
    DELIVERED = "A delivery arrived."


class TimelineSource(ComputedRows, Uncreated):
    """A source of a row that an event is of."""

    __tablename__ = "timeline_sources"
    natural_key = ("url",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True)
    ordinal: Mapped[int] = mapped_column()
    owner_id: Mapped[str] = mapped_column(KEY)
    url: Mapped[str] = mapped_column(ADDRESS)
    publisher: Mapped[str | None] = mapped_column(LINE)
    published_on: Mapped[dt.date | None] = mapped_column()
    confidence: Mapped[Confidence | None] = mapped_column(enum_column(Confidence, "confidence"))
    note: Mapped[str | None] = mapped_column(PARAGRAPH)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the sources."""
        del parent
        return timeline_sources(tables)


class TimelineEvent(ComputedRows, Uncreated):
    """Something that happened in the coalition on a day."""

    __tablename__ = "timeline_events"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID: made of the kind and the object.")
    kind: Mapped[TimelineEventKind] = mapped_column(enum_column(TimelineEventKind, "kind"), doc="The kind.")
    happened_on: Mapped[dt.date | None] = mapped_column(doc="The date; null if no source states it.")
    happened_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "happened_on_precision"), doc="The precision of `happenedOn`."
    )
    happened_by: Mapped[dt.date | None] = mapped_column(doc="The date; of a vague date, its last possible day.")
    amount_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The value of the contribution, order or delivery, or the payment; null if it is unknown."
    )
    amount_currency: Mapped[str | None] = mapped_column(CURRENCY)
    #: The key of the row that records the event.
    recorded_id: Mapped[str] = mapped_column(KEY)
    participant_id: Mapped[str | None] = mapped_column(KEY)
    group_id: Mapped[str | None] = mapped_column(KEY)
    meeting_id: Mapped[str | None] = mapped_column(KEY)
    decision_id: Mapped[str | None] = mapped_column(KEY)
    contribution_id: Mapped[str | None] = mapped_column(KEY)
    disbursement_id: Mapped[str | None] = mapped_column(KEY)
    purchase_order_id: Mapped[str | None] = mapped_column(KEY)
    delivery_id: Mapped[str | None] = mapped_column(KEY)

    sources: Mapped[list[TimelineSource]] = relationship(
        primaryjoin=lambda: foreign(TimelineSource.owner_id) == TimelineEvent.recorded_id,
        order_by=lambda: [TimelineSource.ordinal, TimelineSource.id],
        viewonly=True,
        doc="The public statements about the event, the main source first.",
    )

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the events."""
        del parent
        return timeline_rows(tables)


#: The objects of an event, by their names.
EVENT_OBJECTS: dict[str, tuple[Any, str]] = {
    "participant": (
        Participant,
        "The participant that joined, gave alone, leads the procurement or received; null for several together.",
    ),
    "group": (ExpertGroup, "The expert group that met, decided or buys."),
    "meeting": (Meeting, "The meeting."),
    "decision": (Decision, "The decision."),
    "contribution": (Contribution, "The contribution that was given, paid or delivered."),
    "disbursement": (Disbursement, "The payment."),
    "purchase_order": (PurchaseOrder, "The order that was placed or delivered."),
    "delivery": (Delivery, "The delivery."),
}

for _name, (_model, _doc) in EVENT_OBJECTS.items():
    _joined = foreign(getattr(TimelineEvent, f"{_name}_id")) == _model.id
    inspect(TimelineEvent).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
