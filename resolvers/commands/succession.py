"""Which object may take the place of another: one that every reader of the other one sees.

Otherwise the status of the other one would change because of something that some of its readers do not see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.access.readers import why_hidden

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from enum import Enum


def cannot_replace(later: Any, row: Any, statuses: Collection[Enum]) -> Iterator[tuple[str, str]]:
    """Yield the rule and the message if a later document cannot replace another one.

    Args:
        later: The later document.
        row: The document that it replaces; `superseded_by` leads from one to the next.
        statuses: The statuses that the later document may have.
    """
    if row in _successors(later):
        yield "circle", "This is the same document or an earlier one. Choose a later document."
    elif later.status not in statuses:
        yield "replacing", f"The later document is {later.status.name}. It must be FINAL or RELEASED."
    elif remedy := why_hidden(later, row, "the later document", "the superseded document"):
        yield "succession", f"Some readers of the superseded document would not see the later one. {remedy}"


def _successors(row: Any) -> list[Any]:
    """Return a document and the chain of documents that supersede it."""
    found = [row]
    while (later := found[-1].superseded_by) is not None and later not in found:
        found.append(later)
    return found
