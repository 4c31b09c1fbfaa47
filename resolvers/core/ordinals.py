"""Places in an ordered list, which are unique within it, while they change."""

from __future__ import annotations

from typing import Any

#: More than any list has items.
OFFSET = 1_000_000


def moved_aside(ordinal: Any) -> Any:
    """Return a place that no item will have, so that no two meet while they change places.

    Takes a number, or the SQL expression of a column of numbers.
    """
    return ordinal + OFFSET
