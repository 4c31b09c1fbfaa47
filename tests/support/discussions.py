"""Valid rows of reviews, comments and contacts for tests, not yet stored, as in `factories`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import models as m
from models.base import now
from tests.support.factories import a_participant, an_account, an_expert_group, named


def a_review_request(version: m.DocumentVersion, **changes: Any) -> m.ReviewRequest:
    group = {} if "reviewer_account" in changes else {"reviewer_group": an_expert_group()}
    fields = {"document_version": version, "reference": named("REV"), **group}
    return m.ReviewRequest(**{**fields, **changes})


def a_comment(**target: Any) -> m.Comment:
    return m.Comment(thread=m.CommentThread(reference=named("THR"), **target), ordinal=1, content="Who pays?")


def a_contact(group: m.ExpertGroup | None, *, is_past: bool = False) -> m.Contact:
    """Return the contact of a member of a group, or of one whose membership ended yesterday."""
    last = now().date() - dt.timedelta(days=1) if is_past else None
    account = an_account(a_participant())
    account.group_memberships = [
        m.GroupMembership(group=group, role=m.GroupRole.MEMBER, valid_from=dt.date(2024, 1, 1), expires_on=last)
    ]
    return m.Contact(account=account, email="reach@example.org", phone="+372 5555")
