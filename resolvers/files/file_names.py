"""Which names a file may have: those that every system can write, and that show themselves whole."""

from __future__ import annotations

import re
import unicodedata

from resolvers.core.text import is_invisible

MAX_BYTES = 255
SEPARATORS = frozenset('/\\<>:"|?*')
# Names of devices on Windows, whatever stands behind a dot.
RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)
#: The separators of lines and of paragraphs: they are seen, but a name has one line.
LINE_BREAKS = "\u2028\u2029"


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
    unseen = next((character for character in name if is_invisible(character) or character in LINE_BREAKS), None)
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
