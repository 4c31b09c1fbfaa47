"""The rule by which texts become words, for the index and for searches, so that both engines find the same.

A word has neither case nor accents: `Õhutõrje` and `ohutorje` are one word. `docs/decisions/search.md` explains it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from resolvers.core.text import PLAIN_APOSTROPHES, as_compared

#: Letters that Unicode does not decompose, although people write them without their stroke or ligature.
PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)

#: Ukrainian writes an apostrophe inside words; elsewhere it separates words, as in French.
INNER_APOSTROPHE = re.compile("(?<=[\u0400-\u04ff])'(?=[\u0400-\u04ff])")

#: A letter in the place of an apostrophe inside a word; `folded` drops it.
JOINER = "\u02bc"

WORD = re.compile(r"[^\W_]+")

#: The shortest word for which a misspelling is forgiven, and the longest.
SHORTEST, LONGEST = 5, 40

#: The shortest word whose last two letters can differ, because many languages inflect them.
INFLECTED = 6


@lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """Return a word in the form in which words are compared; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", as_compared(word) or "").translate(PLAIN_LETTERS)
    return "".join(each for each in plain if each.isalnum())


def words_of(text: str | None) -> list[str]:
    """Return the words of a text, in order; none of null."""
    return [word for word, _, _ in placed_words(text or "")]


def placed_words(text: str) -> list[tuple[str, int, int]]:
    """Return the words of a text in order, each with its start and its end in the text."""
    # Each sign that people write for an apostrophe is one character, so the places stay the same.
    joined = INNER_APOSTROPHE.sub(JOINER, text.translate(PLAIN_APOSTROPHES))
    found = ((folded(match[0]), *match.span()) for match in WORD.finditer(joined))
    return [each for each in found if each[0]]


@lru_cache(maxsize=20_000)
def spellings(word: str) -> frozenset[str]:
    """Return the spellings of a word by which similar words find each other.

    Two words are similar if they share a spelling: one letter was left out, added, replaced or swapped with its
    neighbour; or, of long words, up to two letters at the end differ. Words with digits have no similar words.
    """
    if not word.isalpha() or len(word) < SHORTEST - 1 or len(word) > LONGEST:
        return frozenset()
    if len(word) < SHORTEST:
        return frozenset({word})
    endings = {word[:-2]} if len(word) >= INFLECTED else set()
    return frozenset({word, *(word[:place] + word[place + 1 :] for place in range(len(word))), *endings})
