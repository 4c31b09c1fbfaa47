"""Assigns the sources of an input to an object: the public statements that support it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import sources_of
from models.sources.sources import CITED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.sources.sources import Sourced


def assign_sources(row: Sourced, items: Sequence[Mapping[str, Any]]) -> None:
    """Make `items` the complete list of an object's sources, in this order.

    A source with the same URL stays the same row. What an item omits becomes null.
    """
    citation = sources_of(type(row))
    there = {source.url: source for source in row.sources}
    found = []
    for place, item in enumerate(items, start=1):
        source = there.get(item["url"]) or citation()
        for name in CITED:
            setattr(source, name, item.get(name))
        # The list numbers only new items.
        source.ordinal = place
        found.append(source)
    row.sources = found
