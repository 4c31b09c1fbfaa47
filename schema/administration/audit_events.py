"""The audit log in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

import models
from models import AuditAction
from schema.builder.entity_types import Node, entity_type
from schema.builder.scalars import BigInt, Json

if TYPE_CHECKING:
    from schema.administration.accounts import Account


@entity_type(
    models.AuditEvent,
    root="audit_events",
    description="The audit log of the objects that the viewer may see, oldest event first.",
)
class AuditEvent(Node):
    """An event in the audit log."""

    sequence: BigInt
    at: dt.datetime
    actor: Account | None
    credential: str | None
    request_id: str | None
    action: AuditAction
    entity_type: str
    entity_id: strawberry.ID
    before: Json | None
    after: Json | None
    reason: str | None
    previous_hash: str
    hash: str
