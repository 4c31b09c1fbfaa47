"""The rule for text: the form in which it is stored, and the form in which it is compared.

Commands, the loader and filters all use it, so that a filter finds a text as people write it. It also finds characters
that the databases cannot store, and invisible characters. `docs/decisions/text.md` explains the choices.
"""

from __future__ import annotations

import re
import unicodedata

#: Half of a surrogate pair, which UTF-8 cannot encode.
HALF_PAIR = re.compile("[\ud800-\udfff]")

#: Characters that a text column cannot store on both engines: NUL, and half of a surrogate pair.
UNSTORABLE = re.compile(f"\0|{HALF_PAIR.pattern}")

#: Control characters, half pairs, unassigned and private characters, by their Unicode categories.
UNASSIGNED_OR_CONTROL = frozenset({"Cc", "Cs", "Cn", "Co"})

#: Format characters: invisible, or they change the order in which others are shown.
FORMAT = "Cf"

#: Invisible, although Unicode counts them among letters and marks (the property Default_Ignorable_Code_Point).
IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

#: Spaces that are not the plain one, such as no-break and thin spaces.
SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
#: White space within a line that has such a space.
OTHER_SPACES = re.compile(f" *[{SPACES}][ {SPACES}]*")


#: The signs that people write for an apostrophe, besides the plain one: quotation marks, letters and accents.
APOSTROPHES = "\u2018\u2019\u02bb\u02bc\u2032\u0060\u00b4\uff07"
PLAIN_APOSTROPHES = str.maketrans(APOSTROPHES, "'" * len(APOSTROPHES))


def normalized(text: str) -> str:
    """Return a text as it is stored: in NFC, with plain spaces, without white space at its ends."""
    return OTHER_SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def as_written(text: str) -> str:
    """Return a text of a filter in the form of stored text; invisible format characters, such as soft hyphens, go."""
    return normalized("".join(character for character in text if unicodedata.category(character) != FORMAT))


def as_compared(text: str | None) -> str | None:
    """Return a text without the differences of case and of apostrophes, in every alphabet; null for null.

    Case: Unicode, section 3.13.3. PostgreSQL's `casefold` with the collation `pg_unicode_fast` does the same.
    """
    return None if text is None else text.casefold().translate(PLAIN_APOSTROPHES)


def is_control(character: str) -> bool:
    """Return whether a character is a control, unassigned or private character, or half of a surrogate pair."""
    return unicodedata.category(character) in UNASSIGNED_OR_CONTROL


def is_invisible(character: str) -> bool:
    """Return whether a character is invisible, so that two different names can look the same."""
    category = unicodedata.category(character)
    return category in UNASSIGNED_OR_CONTROL or category == FORMAT or IGNORABLE.match(character) is not None
