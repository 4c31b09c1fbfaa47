"""Declares what of an entity is searched."""

from __future__ import annotations

from typing import NamedTuple


class Searched(NamedTuple):
    """The attributes of an entity that a search reads. A viewer who sees a row sees all of them.

    Attributes:
        name: The attribute by which people cite the object, such as its reference; empty if it has none.
        title: The attribute with the title; empty if it has none.
        texts: The other texts, and lists of texts.
    """

    name: str = ""
    title: str = ""
    texts: tuple[str, ...] = ()

    @property
    def attributes(self) -> tuple[str, ...]:
        """All attributes, the name first."""
        return tuple(each for each in (self.name, self.title, *self.texts) if each)
