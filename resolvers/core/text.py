"""Finds characters that the databases cannot store, and invisible characters."""

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


def is_control(character: str) -> bool:
    """Return whether a character is a control, unassigned or private character, or half of a surrogate pair."""
    return unicodedata.category(character) in UNASSIGNED_OR_CONTROL


def is_invisible(character: str) -> bool:
    """Return whether a character is invisible, so that two different names can look the same."""
    category = unicodedata.category(character)
    return category in UNASSIGNED_OR_CONTROL or category == FORMAT or IGNORABLE.match(character) is not None
