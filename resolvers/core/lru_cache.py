"""What was made once and may be needed again: kept within a number and a size, the least recently used going first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Value = TypeVar("Value")


class LRUCache(Generic[Value]):
    """Things by their keys; the size of each is that of the text it was made from."""

    def __init__(self, max_entries: int, max_size: int) -> None:
        """Keep at most `most` things, made from at most `max_size` together, but always the last one."""
        self._max_entries = max_entries
        self._max_size = max_size
        self._size = 0
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Value | None:
        """Give what is kept under a key, which is thereby used."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, characters: int) -> None:
        """Keep what was made from a text of so many characters, and let go of what is too much."""
        _, replaced = self._entries.pop(key, (None, 0))
        self._entries[key] = value, characters
        self._size += characters - replaced
        while len(self._entries) > 1 and (len(self._entries) > self._max_entries or self._size > self._max_size):
            _, (_, gone) = self._entries.popitem(last=False)
            self._size -= gone
