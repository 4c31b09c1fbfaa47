"""The fields that every editable object has."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from schema.builder.entity_types import Connection, Node

if TYPE_CHECKING:
    from schema.audit_events import AuditEvent


class Entity(Node):
    """What every entity's type ends with."""

    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    history: Connection[AuditEvent]
