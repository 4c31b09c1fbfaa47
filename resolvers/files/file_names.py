"""Which names a file may have: those that every system can write, and that show themselves whole."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 255
SEPARATORS = frozenset('/\\<>:"|?*')
# Names of devices on Windows, whatever stands behind a dot.
RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)
#: Categories of Unicode that show nothing, or show what follows in another order; Cs are halves of surrogate pairs.
INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# What Unicode lists as ignorable beyond these (DerivedCoreProperties, Default_Ignorable_Code_Point).
IGNORED = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def check_file_name(name: str) -> str:
    """Give a file's name in its composed form (NFC). Raises ValueError for one that is not allowed, with the rule."""
    message = _fault(name)
    if message is None:
        name = unicodedata.normalize("NFC", name)
        if len(name.encode()) > MAX_BYTES:
            message = f"A file name has at most {MAX_BYTES} bytes in UTF-8."
    if message is not None:
        raise ValueError(message)
    return name


def _fault(name: str) -> str | None:
    unseen = next((character for character in name if _is_invisible(character)), None)
    if unseen is not None:
        return f"A file name has only characters that are seen; U+{ord(unseen):04X} is not."
    if not SEPARATORS.isdisjoint(name):
        return f"A file name is no path: none of {' '.join(sorted(SEPARATORS))} is in it."
    if not name.strip(". "):
        return "A file name has more than dots and spaces."
    if name != name.strip() or name.endswith("."):
        return "A file name neither begins with a space nor ends with one or with a dot."
    if RESERVED.fullmatch(name):
        return f"{name} is the name of a device on some systems: give the file another."
    return None


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in INVISIBLE or IGNORED.match(character) is not None
