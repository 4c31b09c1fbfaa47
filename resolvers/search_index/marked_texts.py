"""Marks the words in a text that a search found: the text in parts, each with whether it matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from resolvers.search_index.search_query import parsed
from resolvers.search_index.words import placed_words, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.search_index.search_query import SearchQuery, Term

#: The characters of a passage, and of those before the first match.
PASSAGE, BEFORE = 240, 60

ELLIPSIS = "…"


class TextPart(NamedTuple):
    """A part of a text, and whether it matches the search."""

    text: str
    is_match: bool


def marked(text: str, query: str) -> list[TextPart]:
    """Return a whole text in parts, of which those match that the search `query` found."""
    return list(_parts(text, _matches(text, parsed(query, "query")), 0, len(text)))


def passage(text: str, query: str) -> list[TextPart]:
    """Return a passage of a text with the first match, in parts; the beginning if nothing in it matches."""
    matches = _matches(text, parsed(query, "query"))
    if len(text) <= PASSAGE:
        return list(_parts(text, matches, 0, len(text)))
    start = _word_start(text, max(0, matches[0][0] - BEFORE)) if matches else 0
    end = _word_end(text, min(len(text), start + PASSAGE), start)
    parts = list(_parts(text, [(a, b) for a, b in matches if b <= end], start, end))
    before = [TextPart(ELLIPSIS, is_match=False)] if start else []
    after = [TextPart(ELLIPSIS, is_match=False)] if end < len(text) else []
    return [*before, *parts, *after]


def _word_start(text: str, place: int) -> int:
    """Return the start of a word at or after a place, unless none is near."""
    space = text.find(" ", place, place + BEFORE)
    return space + 1 if place and space >= 0 else place


def _word_end(text: str, place: int, start: int) -> int:
    space = text.rfind(" ", start, place)
    return space if place < len(text) and space > start + PASSAGE // 2 else place


def _parts(text: str, matches: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[TextPart]:
    place = start
    for first, last in matches:
        if first > place:
            yield TextPart(text[place:first], is_match=False)
        yield TextPart(text[first:last], is_match=True)
        place = last
    if place < end:
        yield TextPart(text[place:end], is_match=False)


def _matches(text: str, query: SearchQuery) -> list[tuple[int, int]]:
    """Return the places of the words that match, in order and without overlaps."""
    words = placed_words(text)
    found: set[int] = set()
    for term in (term for group in query.wanted for term in group):
        found.update(_places([word for word, _, _ in words], term))
    return [words[place][1:] for place in sorted(found)]


def _places(words: Sequence[str], term: Term) -> Iterator[int]:
    """Yield the places of the words that a term matches, counted in words."""
    length, similar = len(term.words), frozenset(term.spellings)
    for start in range(len(words) - length + 1):
        found = tuple(words[start : start + length])
        whole = found[:-1] == term.words[:-1]
        last = found[-1].startswith(term.words[-1]) if term.is_beginning else found[-1] == term.words[-1]
        if (whole and last) or (similar and not similar.isdisjoint(spellings(found[0]))):
            yield from range(start, start + length)
