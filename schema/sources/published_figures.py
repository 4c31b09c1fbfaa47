"""Published figures in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import DatePrecision, Measure, Qualifier
from schema.builder.entity_types import entity_type
from schema.builder.money import Money
from schema.builder.scalars import BigInt
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.meetings.meetings import Meeting
    from schema.orders.deliveries import Delivery
    from schema.people.participants import Participant
    from schema.sources.sources import Source


@entity_type(
    models.PublishedFigure,
    root="published_figures",
    description="The published head counts and totals; sources can disagree.",
)
class PublishedFigure(Entity):
    """A published figure."""

    reference: str
    measure: Measure
    value: BigInt | None
    money: Money | None
    qualifier: Qualifier
    as_of: dt.date | None
    as_of_precision: DatePrecision | None
    note: str | None
    meeting: Meeting | None
    contribution: Contribution | None
    delivery: Delivery | None
    participant: Participant | None
    sources: list[Source]
