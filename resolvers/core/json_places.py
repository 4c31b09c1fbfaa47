"""Finds the places in the JSON of a response at which a statement left the values to be computed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def places(data: Any, member: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each object that has such a place, and the response key of its field. `member` marks the places."""
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            for key, part in value.items():
                if isinstance(part, dict) and member in part:
                    yield value, key
                else:
                    pending.append(part)
        elif isinstance(value, list):
            pending.extend(value)
