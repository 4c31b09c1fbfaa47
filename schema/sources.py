"""Sources and published figures in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import Confidence, DatePrecision, Measure, Qualifier
from schema.entities import Entity, represents
from schema.money import Money
from schema.scalars import BigInt, Url

if TYPE_CHECKING:
    from schema.contributions import Contribution
    from schema.deliveries import Delivery
    from schema.meetings import Meeting
    from schema.participants import Participant


@represents(models.sources_of(models.Participant))
class Source:
    """A source."""

    url: Url
    publisher: str | None
    published_on: dt.date | None
    confidence: Confidence | None
    note: str | None


@represents(models.PublishedFigure)
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
