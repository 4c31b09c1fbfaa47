"""Versions of documents in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import VersionState
from schema.builder.entity_types import Connection, entity_type
from schema.builder.scalars import BigInt
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.documents.documents import Document
    from schema.documents.review_requests import ReviewRequest


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
    withdrawn_at: dt.datetime | None
    withdrawn_by: Account | None
    withdrawal_reason: str | None
    purged_at: dt.datetime | None
    review_requests: Connection[ReviewRequest]
