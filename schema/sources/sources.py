"""Sources in the contract."""

from __future__ import annotations

import datetime as dt

import models
from models import Confidence
from schema.builder.entity_types import entity_type
from schema.builder.scalars import Url


@entity_type(models.sources_of(models.Participant))
class Source:
    """A source."""

    url: Url
    publisher: str | None
    published_on: dt.date | None
    confidence: Confidence | None
    note: str | None
