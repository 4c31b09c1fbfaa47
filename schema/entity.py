"""The fields of every entity."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from schema.builder.entity_types import Connection, Node

if TYPE_CHECKING:
    from schema.administration.audit_events import AuditEvent


class Entity(Node):
    """The base of every entity's type; its fields come after those of the type."""

    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    history: Connection[AuditEvent]
