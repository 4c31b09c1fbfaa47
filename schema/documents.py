"""Documents and their versions in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import DatePrecision, DocumentStatus, DocumentType, Marking, VersionState
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.builder.scalars import BigInt, Url
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.action_items import ActionItem
    from schema.expert_groups import ExpertGroup
    from schema.meetings import Meeting


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
    url: Url | None
    publisher: str | None
    group: ExpertGroup | None
    shared_with: Connection[ExpertGroup]
    versions: Connection[DocumentVersion]
    released_version: DocumentVersion | None
    superseded_by: Document | None
    meetings: Connection[Meeting]
    action_items: Connection[ActionItem]


@entity_type(models.DocumentVersion)
class DocumentVersion(Entity):
    """A version of a document."""

    document: Document
    label: str
    notes: str | None
    file_name: str | None
    media_type: str
    byte_size: BigInt
    sha256: str
    state: VersionState
    draft_since: dt.datetime | None
    released_at: dt.datetime | None
    path: str
    upload_until: dt.datetime | None
    received_at: dt.datetime | None
    scanned_at: dt.datetime | None
    uploaded_by: Account | None
