"""Valid rows of reviews and comments for tests, not yet stored, as in `factories`."""

from __future__ import annotations

from typing import Any

import models as m
from tests.support.factories import an_expert_group, named


def a_review_request(version: m.DocumentVersion, **changes: Any) -> m.ReviewRequest:
    group = {} if "reviewer_account" in changes else {"reviewer_group": an_expert_group()}
    fields = {"document_version": version, "reference": named("REV"), **group}
    return m.ReviewRequest(**{**fields, **changes})


def a_comment(**target: Any) -> m.Comment:
    return m.Comment(thread=m.CommentThread(reference=named("THR"), **target), ordinal=1, content="Who pays?")
