"""Minutes of meetings in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.documents import Document
    from schema.meetings.decisions import Decision
    from schema.meetings.meetings import Meeting


@entity_type(models.Minutes)
class Minutes(Entity):
    """The minutes of a meeting."""

    meeting: Meeting
    document: Document
    approved_on: dt.date | None
    approved_by: Decision | None
