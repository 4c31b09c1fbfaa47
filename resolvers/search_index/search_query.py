"""Reads what a user searches for, and renders it for both engines: a `tsquery` on PostgreSQL, FTS5 on SQLite.

starlink terminals     both words, also misspelled or in another form
"air defence"          these words, one after the other
termin*                words that begin so
-training              not this word
drones OR radars       one of the two; OR binds closer than the space
PROC-001               a name or number: its parts, one after the other
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple, NoReturn

from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS
from resolvers.core.text import as_written
from resolvers.search_index.words import spellings, words_of

#: Before a word of a title, before one spelling of a word, and before the whole name of an object.
IN_TITLE, SPELLING, NAME = "=", "~", "@"

#: Between two texts of one object, so that no phrase reaches from one to the other.
BOUNDARY = "~"

#: The letters that a beginning of words must have.
SHORTEST_BEGINNING = 2

QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'))
#: A minus or a dash, as word processors write it, at the beginning of a word.
DASH = re.compile(r"(?<!\S)[\u2212\u2013\u2014](?=\S)")
PART = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"|(?P<quote>-?")|(?P<word>\S+)')


class Level(Enum):
    """How well an object must match."""

    NAMED = auto()
    IN_TITLE = auto()
    EXACT = auto()
    SIMILAR = auto()


class Term(NamedTuple):
    """One term: a word, a phrase, or the beginning of words if `is_beginning`."""

    words: tuple[str, ...]
    is_beginning: bool = False
    is_quoted: bool = False

    @property
    def spellings(self) -> list[str]:
        """The spellings under which similar words are found; none for phrases, beginnings and quoted words."""
        plain = len(self.words) == 1 and not self.is_beginning and not self.is_quoted
        return sorted(spellings(self.words[0])) if plain else []


class SearchQuery(NamedTuple):
    """A search as it is read: the terms that are wanted, and those that are not.

    Attributes:
        wanted: Groups of terms: of each group, at least one term is found.
        unwanted: Terms that are not found.
    """

    wanted: tuple[tuple[Term, ...], ...]
    unwanted: tuple[Term, ...]

    @property
    def name(self) -> str:
        """All words as one, as in the name of an object; empty if the search is no list of words."""
        terms = [term for group in self.wanted for term in group]
        if self.unwanted or len(terms) > len(self.wanted) or any(term.is_beginning for term in terms):
            return ""
        return "".join(word for term in terms for word in term.words)


@lru_cache(maxsize=500)
def parsed(text: str, place: str) -> SearchQuery:
    """Return what a text searches for. `place` is its place in messages, such as `query`.

    Raises:
        BadUserInputError: the text is too long, has no word to find, or is not in the form above.
    """
    if len(text) > MAX_SEARCH_LENGTH:
        _refuse(place, f"has {len(text)} characters. Use at most {MAX_SEARCH_LENGTH}.")
    reader = _Reader(place)
    for match in PART.finditer(DASH.sub("-", as_written(text).translate(QUOTES))):
        reader.read(match)
    return reader.end()


class _Reader:
    """Reads the parts of a search one after the other."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.wanted: list[list[Term]] = []
        self.unwanted: list[Term] = []
        self.joins = False

    def read(self, match: re.Match[str]) -> None:
        """Read the next part."""
        if match["word"] == "OR":
            if not self.wanted or self.joins:
                _refuse(self.place, "has OR without a word before it. Write OR between two words.")
            self.joins = True
            return
        is_unwanted, term = _term(match, self.place)
        if term is None:
            return
        if is_unwanted and self.joins:
            _refuse(self.place, "has OR before a minus. Write OR between two words that can be found.")
        if is_unwanted:
            self.unwanted.append(term)
        elif self.joins:
            self.wanted[-1].append(term)
        else:
            self.wanted.append([term])
        self.joins = False

    def end(self) -> SearchQuery:
        """Return the search, if it is complete."""
        count = sum(len(term.words) for group in (*self.wanted, self.unwanted) for term in group)
        if count > MAX_SEARCH_WORDS:
            _refuse(self.place, f"has {count} words. Use at most {MAX_SEARCH_WORDS}.")
        if self.joins:
            _refuse(self.place, "ends with OR. Write OR between two words.")
        if not self.wanted:
            _refuse(self.place, "has no word to find. Write at least one letter or digit without a minus before it.")
        return SearchQuery(tuple(map(tuple, self.wanted)), tuple(self.unwanted))


def _term(match: re.Match[str], place: str) -> tuple[bool, Term | None]:
    """Return whether a term is unwanted, and the term; None if it has no word."""
    if match["quote"]:
        _refuse(place, "has a quotation mark that is not closed. Add the second one, or remove the first.")
    if match["phrase"] is not None:
        if match["phrase"].endswith("*"):
            _refuse(place, "has a star inside of quotation marks. Write it after a word without quotation marks.")
        words = tuple(words_of(match["phrase"]))
        return bool(match["minus"]), Term(words, is_quoted=True) if words else None
    written = match["word"]
    words, is_beginning = tuple(words_of(written)), written.endswith("*")
    if not words:
        return False, None
    if is_beginning and len(words[-1]) < SHORTEST_BEGINNING:
        _refuse(place, f"has the beginning {words[-1]}*. Write at least {SHORTEST_BEGINNING} letters before the star.")
    return written.startswith("-"), Term(words, is_beginning)


def _refuse(place: str, fault: str) -> NoReturn:
    message = f"{place} {fault}"
    raise BadUserInputError(message)


class Notation(NamedTuple):
    """How an engine writes a full-text query."""

    all_of: str
    one_of: str
    but_not: str
    next: str
    quote: str
    beginning: str

    def rendered(self, query: SearchQuery, level: Level) -> str:
        """Return the query that finds the objects which match at this level or better."""
        named = self._term(Term((f"{NAME}{query.name}",)))
        if level is Level.NAMED:
            return named
        groups = [self._one([part for term in group for part in self._parts(term, level)]) for group in query.wanted]
        found = self.all_of.join(groups)
        for term in query.unwanted:
            found = f"({found}){self.but_not}{self._term(term)}"
        return self._one([found, named]) if level is Level.SIMILAR and query.name else found

    def _parts(self, term: Term, level: Level) -> list[str]:
        if level is Level.IN_TITLE:
            return [self._term(term._replace(words=tuple(f"{IN_TITLE}{word}" for word in term.words)))]
        similar = term.spellings if level is Level.SIMILAR else []
        return [self._term(term), *(self._term(Term((f"{SPELLING}{each}",))) for each in similar)]

    def _one(self, parts: list[str]) -> str:
        return f"({self.one_of.join(parts)})"

    def _term(self, term: Term) -> str:
        written = f"{self.quote}{self.next.join(term.words)}{self.quote}"
        return f"({written}{self.beginning if term.is_beginning else ''})"


def as_tsquery(query: SearchQuery, level: Level) -> str:
    """Return the search as a `tsquery` of PostgreSQL."""
    return Notation(" & ", " | ", " & !", "' <-> '", "'", ":*").rendered(query, level)


def as_fts5(query: SearchQuery, level: Level) -> str:
    """Return the search as a full-text query of SQLite's FTS5."""
    return Notation(" AND ", " OR ", " NOT ", " ", '"', " *").rendered(query, level)
