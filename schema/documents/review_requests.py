"""Review requests in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import ReviewResult, ReviewStatus
from schema.builder.entity_types import Transitions, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.documents.document_versions import DocumentVersion
    from schema.documents.documents import Document
    from schema.people.expert_groups import ExpertGroup


@entity_type(
    models.ReviewRequest,
    root="review_requests",
    description="The requests to review versions of documents, with their results.",
)
class ReviewRequest(Entity):
    """A review request."""

    reference: str
    status: ReviewStatus
    available_transitions: list[ReviewStatus]
    transitions: Transitions
    result: ReviewResult | None
    text: str | None
    due_on: dt.date | None
    is_overdue: bool
    is_stale: bool
    note: str | None
    reason: str | None
    done_at: dt.datetime | None
    sha256: str
    document: Document
    document_version: DocumentVersion
    reviewer_account: Account | None
    reviewer_group: ExpertGroup | None
    requested_by: Account | None
