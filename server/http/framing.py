"""Prevents request smuggling: rejects ambiguous request heads, and closes the connection after ambiguous bodies.

If a proxy in front of this server finds a different end of a request, or a different host, one client's bytes could
become another client's request. The parser already rejects both Content-Length and Transfer-Encoding, several lengths,
bare line feeds and folded headers; this module has the checks that the parser lacks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.http.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http import HTTPStatus

VERSIONS = frozenset({"1.0", "1.1"})
#: A host and an optional port (RFC 9110, section 7.2, and RFC 3986, section 3.2.2). A comma is not allowed, although
#: the RFC permits it in a name, because a proxy joins two hosts with a comma.
HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]*)(:[0-9]*)?")


class InvalidHeadError(ValueError):
    """A request head that is rejected; the message is the end of a sentence and says what to send."""


def check_head(method: str, version: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Check a request head with header names in lower case.

    Raises InvalidHeadError for a version other than HTTP/1.0 and HTTP/1.1, for the method CONNECT, and for a Host
    header that is missing, repeated or not a host (RFC 9112, section 3.2).
    """
    if version not in VERSIONS:
        message = "end the request line with HTTP/1.1 or HTTP/1.0"
        raise InvalidHeadError(message)
    if method == "CONNECT":
        message = "the method CONNECT is not supported"
        raise InvalidHeadError(message)
    hosts = [value for name, value in headers if name == b"host"]
    if not hosts and version == "1.0":
        return
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0].rstrip()):
        message = "send exactly one Host header, with a host and an optional port"
        raise InvalidHeadError(message)


def ends_connection(version: str, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether the connection must close after a request, because a proxy can read its body differently.

    This applies to every Transfer-Encoding except `chunked` in HTTP/1.1 (RFC 9112, section 6.1).
    """
    encodings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    return bool(encodings) and (version != "1.1" or encodings != [b"chunked"])


def without_upgrade(
    method: str, address: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]
) -> tuple[bytes, bytes]:
    """Return a request head without its Upgrade header, and the protocols in that header."""
    offered = b", ".join(value for name, value in headers if name == b"upgrade")
    rest = b"".join(b"%b: %b\r\n" % pair for pair in headers if pair[0] != b"upgrade")
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method.encode(), address, version.encode(), rest), offered


def refusal(status: HTTPStatus, message: str) -> bytes:
    """Return the whole response to an invalid request; the connection closes after it."""
    body = f"{message}\r\n".encode()
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "connection": "close",
        **SECURITY_HEADERS,
    }
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name.lower()}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
