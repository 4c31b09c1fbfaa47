"""Refuses JSON objects with a repeated key, because parsers disagree about the value (RFC 8259, section 4)."""

from __future__ import annotations

from collections import Counter
from typing import Any


class RepeatedKeyError(ValueError):
    """A key occurs twice in one object.

    Attributes:
        key: The first repeated key.
        value: Its last value.
    """

    def __init__(self, key: str, value: Any) -> None:
        super().__init__(f"the key {key!r} occurs twice in one object")
        self.key = key
        self.value = value


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these pairs. Pass this function to `json.loads` as `object_pairs_hook`.

    Raises RepeatedKeyError if a key occurs twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise RepeatedKeyError(key, found[key])
    return found
