"""Checks the addresses of public statements."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: The schemes of web addresses; others, such as `javascript`, could run code when the address is opened.
SCHEMES = frozenset({"http", "https"})

#: Characters that are not part of any address (RFC 3986), and that could hide where it leads.
UNFIT = re.compile(r'[\s"<>\\^`{|}\x00-\x20\x7f]')


def url_fault(text: str) -> str | None:
    """Return why a text is not the address of a public statement; None if it is one."""
    found = UNFIT.search(text)
    if found:
        return f"The address contains the character U+{ord(found[0]):04X}. Remove or encode it"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "The address is not valid. Copy it again from the browser"
    if parts.scheme not in SCHEMES or not host:
        return "The address must start with http:// or https:// and name a host, such as https://example.org/news"
    if parts.username is not None or parts.password is not None:
        return "The address contains a user name or password. Remove it: sources are public"
    return None
