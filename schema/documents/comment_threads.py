"""Comment threads in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import Connection, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.documents.documents import Document
    from schema.planning.capability_needs import CapabilityNeed
    from schema.procurement.procurements import Procurement


@entity_type(
    models.CommentThread,
    root="comment_threads",
    description="The threads of comments on documents, capability needs and procurements.",
)
class CommentThread(Entity):
    """A thread of comments."""

    reference: str
    document: Document | None
    need: CapabilityNeed | None
    procurement: Procurement | None
    opened_by: Account | None
    is_resolved: bool
    resolved_at: dt.datetime | None
    resolved_by: Account | None
    comments: Connection[Comment]


@entity_type(models.Comment)
class Comment(Entity):
    """A comment."""

    thread: CommentThread
    ordinal: int
    author: Account | None
    content: str | None
    mentions: Connection[Account]
    edited_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    withdrawn_by: Account | None
    withdrawal_reason: str | None
