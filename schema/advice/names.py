"""Sentences that name what exists: the nearest names, or all of a short list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql.pyutils import suggestion_list

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A longer list of names does not help.
MAX_LISTED = 16
MAX_NEAREST = 3
#: Comparing a longer text with all names is slow, and no name is as long.
MAX_COMPARED = 80


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that are most like `name`, at most three, the nearest first."""
    if len(name) > MAX_COMPARED:
        return []
    names = list(known)
    if same := [each for each in names if each.replace("_", "").lower() == name.replace("_", "").lower()]:
        return same[:MAX_NEAREST]
    return suggestion_list(name, names)[:MAX_NEAREST]


def advise_name(name: str, known: Iterable[str], what: str) -> str:
    """Return the nearest names, or all if they are few; `what` is the noun in the plural, such as `fields`."""
    names = list(known)
    if found := nearest(name, names):
        return f"Do you mean {joined(found, 'or')}?"
    if len(names) <= MAX_LISTED:
        return f"The {what} are {listed(names)}."
    return f"The {what} are in the documentation, such as {listed(names[:MAX_NEAREST])}."


def joined(names: list[str], word: str) -> str:
    """Return names as an enumeration: `a`, `b` or `c`; `word` is the one before the last name."""
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} {word} {last}" if others else last


def listed(names: list[str]) -> str:
    """Return names as a list: `a`, `b`, `c`."""
    return ", ".join(f"`{name}`" for name in names)
