"""Checks file names: every operating system must be able to store them, and every character must be visible."""

from __future__ import annotations

import re
import unicodedata

from resolvers.core.text import is_invisible

MAX_BYTES = 255
SEPARATORS = frozenset('/\\<>:"|?*')
# Names of devices on Windows, with any extension.
RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)
#: The separators of lines and paragraphs: they are visible, but a name has one line.
LINE_BREAKS = "\u2028\u2029"


def check_file_name(name: str) -> str:
    """Return a file name in Unicode's composed form (NFC). Raises ValueError, with the rule, if it is not allowed."""
    message = _fault(name)
    if message is None:
        name = unicodedata.normalize("NFC", name)
        if len(name.encode()) > MAX_BYTES:
            message = f"The file name is too long: shorten it to at most {MAX_BYTES} bytes in UTF-8."
    if message is not None:
        raise ValueError(message)
    return name


def _fault(name: str) -> str | None:
    unseen = next((character for character in name if is_invisible(character) or character in LINE_BREAKS), None)
    if unseen is not None:
        return f"The file name contains the invisible character U+{ord(unseen):04X}: remove it."
    if not SEPARATORS.isdisjoint(name):
        return f"The file name must not contain any of {' '.join(sorted(SEPARATORS))}: remove or replace them."
    if not name.strip(". "):
        return "The file name must not be empty or consist only of dots and spaces: send another name."
    if name != name.strip() or name.endswith("."):
        return "The file name must not begin with a space, and must not end with a space or a dot: remove them."
    if RESERVED.fullmatch(name):
        return f"{name} is reserved for a device on some systems: send another file name."
    return None
