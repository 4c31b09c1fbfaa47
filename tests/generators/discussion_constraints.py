"""What random reviews and comments must be bent to, so that they obey the constraints of their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models import ReviewResult, ReviewStatus
from models.documents.comment_threads import COMMENTED
from models.documents.review_requests import REVIEWERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]


def keep_one(row: Row, names: Sequence[str], values: Values) -> str | None:
    """Clear all columns but one that has a value; return its name, or None if no column has a value."""
    chosen = values.choice([name for name in names if row[name]] or [None])
    row |= {name: row[name] if name == chosen else None for name in names}
    return chosen


def review_request(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Bind a request to the file of its version, and set the columns that its status needs."""
    chosen = keep_one(row, [f"{name}_id" for name in REVIEWERS], values)
    version = next(each for each in rows[models.DocumentVersion] if each["id"] == row["document_version_id"])
    row |= {"document_id": version["document_id"], "sha256": version["sha256"]}
    done = row["status"] is ReviewStatus.DONE
    row["result"] = (row["result"] or ReviewResult.READY) if done else None
    row["done_at"] = version["created_at"] if done else None
    row["text"] = (row["text"] or "Two figures are wrong.") if done else None
    ended = row["status"] in {ReviewStatus.DECLINED, ReviewStatus.CANCELLED}
    row["reason"] = (row["reason"] or "No time.") if ended else None
    others = (each for each in rows[models.ReviewRequest] if each["document_version_id"] == version["id"])
    return chosen is not None and all(each[chosen] != row[chosen] for each in others)


def thread(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Leave a thread one target."""
    row["resolved_by_id"] = row["resolved_by_id"] if row["resolved_at"] else None
    return keep_one(row, [f"{name}_id" for name in COMMENTED], values) is not None


def comment(row: Row, _rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Set the text of a comment, or its withdrawal."""
    if row["withdrawn_at"]:
        row |= {"content": None, "withdrawal_reason": row["withdrawal_reason"] or "It was a mistake."}
    else:
        row |= {"content": row["content"] or "Who pays?", "withdrawal_reason": None, "withdrawn_by_id": None}
    return True
