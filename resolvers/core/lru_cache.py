"""What was made once and may be needed again: kept within a number and a size, the least recently used going first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Things by their keys; the size of each is that of the text it was made from."""

    def __init__(self, most: int, most_characters: int) -> None:
        """Keep at most `most` things, made from at most `most_characters` together, but always the last one."""
        self._most = most
        self._most_characters = most_characters
        self._characters = 0
        self._found: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: Hashable) -> Value | None:
        """Give what is kept under a key, which is thereby used."""
        found = self._found.get(key)
        if found is None:
            return None
        self._found.move_to_end(key)
        return found[0]

    def keep(self, key: Hashable, value: Value, characters: int) -> None:
        """Keep what was made from a text of so many characters, and let go of what is too much."""
        _, replaced = self._found.pop(key, (None, 0))
        self._found[key] = value, characters
        self._characters += characters - replaced
        while len(self._found) > 1 and (len(self._found) > self._most or self._characters > self._most_characters):
            _, (_, gone) = self._found.popitem(last=False)
            self._characters -= gone
