"""Which request heads are refused, and behind which requests a connection ends, because others may read them otherwise.

A proxy before this server that finds another end of a request, or another host in it, sends on what this server would
take for a request of somebody else. The parser refuses what it can see in the bytes (both Content-Length and
Transfer-Encoding, several lengths, bare line feeds, folded headers); here is what it lets pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.http.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http import HTTPStatus

VERSIONS = frozenset({"1.0", "1.1"})
#: A host and perhaps a port (RFC 9110, section 7.2, and RFC 3986, section 3.2.2), without the comma that may stand in a
#: name: two hosts that a proxy has joined look so.
HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]*)(:[0-9]*)?")


class InvalidHeadError(ValueError):
    """A request head that is refused; the message ends a sentence and says what to send."""


def check_head(method: str, version: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Check a request head, its names in lower case.

    Raises InvalidHeadError for a version other than HTTP/1.0 and HTTP/1.1, a tunnel, and a Host header that is
    missing, given twice or no host (RFC 9112, section 3.2).
    """
    if version not in VERSIONS:
        message = "end the request line with HTTP/1.1 or HTTP/1.0"
        raise InvalidHeadError(message)
    if method == "CONNECT":
        message = "this server opens no tunnels"
        raise InvalidHeadError(message)
    hosts = [value for name, value in headers if name == b"host"]
    if not hosts and version == "1.0":
        return
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0].rstrip()):
        message = "send exactly one Host header, with a host and no more than a port"
        raise InvalidHeadError(message)


def ends_connection(version: str, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether nothing may follow a request: its body is sent in a way that others may read otherwise.

    That is any Transfer-Encoding but `chunked` in HTTP/1.1 (RFC 9112, section 6.1).
    """
    encodings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    return bool(encodings) and (version != "1.1" or encodings != [b"chunked"])


def without_upgrade(
    method: str, address: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]
) -> tuple[bytes, bytes]:
    """Give a request head without its offer to upgrade, and the protocols that it offered."""
    offered = b", ".join(value for name, value in headers if name == b"upgrade")
    rest = b"".join(b"%b: %b\r\n" % pair for pair in headers if pair[0] != b"upgrade")
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method.encode(), address, version.encode(), rest), offered


def refusal(status: HTTPStatus, message: str) -> bytes:
    """Give the whole answer to what is no request; the connection ends behind it."""
    body = f"{message}\r\n".encode()
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "connection": "close",
        **SECURITY_HEADERS,
    }
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name.lower()}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
