"""Deliveries in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import DatePrecision, DeliveryStatus, Marking, Qualifier, SumExclusion
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.builder.money import Money
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.document_links import DocumentLink
    from schema.funding.contributions import Contribution
    from schema.orders.delivery_lines import DeliveryLine
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.participants import Participant
    from schema.planning.clashes import Clash
    from schema.sources.published_figures import PublishedFigure
    from schema.sources.sources import Source


@entity_type(models.Delivery, root="deliveries", description="The deliveries to Ukraine.")
class Delivery(Entity):
    """A delivery."""

    reference: str
    title: str
    status: DeliveryStatus
    available_transitions: list[DeliveryStatus]
    transitions: Transitions
    marking: Marking
    recipient: Participant | None
    recipient_note: str | None
    planned_on: dt.date | None
    received_on: dt.date | None
    received_on_precision: DatePrecision | None
    received_year: int | None
    ended_on: dt.date | None
    end_reason: str | None
    value: Money | None
    value_qualifier: Qualifier
    counts_in_sums: bool
    left_out_of_sums: SumExclusion | None
    channel: str | None
    note: str | None
    purchase_order: PurchaseOrder | None
    contribution: Contribution | None
    funders: Connection[Participant]
    lines: Connection[DeliveryLine]
    published_figures: Connection[PublishedFigure]
    document_links: Connection[DocumentLink]
    clashes: Connection[Clash]
    sources: list[Source]
