"""Objects of JSON in which no key occurs twice (RFC 8259, section 4): parsers disagree about which value counts."""

from __future__ import annotations

from collections import Counter
from typing import Any


class RepeatedKeyError(ValueError):
    """An object has a key twice.

    Attributes:
        key: The first such key.
        value: Its last value.
    """

    def __init__(self, key: str, value: Any) -> None:
        super().__init__(f"the key {key!r} occurs twice in one object")
        self.key = key
        self.value = value


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these pairs; to be given to `json.loads` as its `object_pairs_hook`.

    Raises RepeatedKeyError for a key that occurs twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise RepeatedKeyError(key, found[key])
    return found
