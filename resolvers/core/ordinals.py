"""Reorders the items of a list whose ordinals are unique."""

from __future__ import annotations

from typing import Any

#: Larger than the number of items in any list.
OFFSET = 1_000_000


def moved_aside(ordinal: Any) -> Any:
    """Return an unused ordinal, so that no two items have the same ordinal during the reordering.

    The argument is a number, or the SQL expression of a column of numbers.
    """
    return ordinal + OFFSET
