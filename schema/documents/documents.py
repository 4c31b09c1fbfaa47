"""Documents in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import DatePrecision, DocumentStatus, DocumentType, Marking
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.builder.scalars import Url
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.comment_threads import CommentThread
    from schema.documents.document_links import DocumentLink
    from schema.documents.document_versions import DocumentVersion
    from schema.documents.review_requests import ReviewRequest
    from schema.meetings.action_items import ActionItem
    from schema.meetings.meetings import Meeting
    from schema.meetings.minutes import Minutes
    from schema.people.expert_groups import ExpertGroup


@entity_type(
    models.Document,
    root="documents",
    description="The documents of the groups, and the public releases that the record cites.",
)
class Document(Entity):
    """A document."""

    reference: str
    title: str
    description: str | None
    document_type: DocumentType
    marking: Marking
    status: DocumentStatus
    available_transitions: list[DocumentStatus]
    transitions: Transitions
    visible_since: dt.datetime | None
    language: str | None
    keywords: list[str]
    issue_date: dt.date | None
    issue_date_precision: DatePrecision | None
    expires_on: dt.date | None
    is_expired: bool
    url: Url | None
    publisher: str | None
    group: ExpertGroup | None
    shared_with: Connection[ExpertGroup]
    versions: Connection[DocumentVersion]
    released_version: DocumentVersion | None
    current_version: DocumentVersion | None
    superseded_by: Document | None
    meetings: Connection[Meeting]
    minutes_of: Connection[Minutes]
    links: Connection[DocumentLink]
    comment_threads: Connection[CommentThread]
    review_requests: Connection[ReviewRequest]
    action_items: Connection[ActionItem]
