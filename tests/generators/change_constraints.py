"""What random changes of the feed must be bent to: they name objects that exist."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

#: Types of objects that some viewers do not see, and to which others refer.
REFERRED = (
    *(models.Document, models.CapabilityNeed, models.Contribution, models.Procurement, models.PurchaseOrder),
    *(models.Meeting, models.ActionItem, models.Account),
)


def change_of_feed(row: dict[str, Any], rows: Mapping[type[Base], Sequence[dict[str, Any]]], values: Values) -> bool:
    """Let a change name an object, and sometimes a second one; some changes share their time."""
    kind = values.choice([model for model in rows if issubclass(model, models.Entity) and rows[model]])
    through = values.choice([None, None, None, *REFERRED])
    row |= {
        "at": START + dt.timedelta(microseconds=len(rows[models.Change]) // 2),
        "entity_type": kind.__name__,
        "entity_key": values.choice(rows[kind])["id"],
        "changed_fields": values.choice(([], ["title"], ["needs", "status"])),
        "through_type": through and through.__name__,
        "through_key": through and values.choice(rows[through])["id"],
    }
    return True
