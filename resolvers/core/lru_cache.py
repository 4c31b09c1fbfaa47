"""An LRU cache, bounded by the number of entries and their total size."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Value = TypeVar("Value")


class LRUCache(Generic[Value]):
    """An LRU cache. The size of an entry is the length of the text that it was made from."""

    def __init__(self, max_entries: int, max_size: int) -> None:
        """Bound the entries and their total size in characters. The newest entry always stays, even if it is larger."""
        self._max_entries = max_entries
        self._max_size = max_size
        self._size = 0
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Value | None:
        """Return the value of a key, or None, and mark the entry as used."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, characters: int) -> None:
        """Store a value with its size and evict the least recently used entries."""
        _, replaced = self._entries.pop(key, (None, 0))
        self._entries[key] = value, characters
        self._size += characters - replaced
        while len(self._entries) > 1 and (len(self._entries) > self._max_entries or self._size > self._max_size):
            _, (_, gone) = self._entries.popitem(last=False)
            self._size -= gone
