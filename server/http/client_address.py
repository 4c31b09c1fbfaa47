"""The client's address, and the name under which a client's requests are counted."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.http.errors import abort

if TYPE_CHECKING:
    from starlette.requests import Request

    from resolvers.access.viewer import Viewer

#: The bits of an IPv6 address that identify a client, because a client usually has a whole network of this size.
NETWORK_BITS = 64


def name_of(viewer: Viewer, request: Request) -> str:
    """Return the name under which a client's requests are counted: its account, or its network address."""
    return viewer.account or client_of(request)


def client_of(request: Request) -> str:
    """Return the network address of a request's client; empty if it is unknown."""
    return network_of(request.client.host if request.client else "")


def refuse_upgrade(request: Request) -> None:
    """Reject every request for a WebSocket. Raises HttpError (400)."""
    if "websocket" in request.headers.get("upgrade", "").lower():
        message = "WebSockets are not supported: send each operation as a POST."
        abort(HTTPStatus.BAD_REQUEST, message, headers={"Connection": "close"})


@lru_cache(maxsize=1000)
def network_of(host: str) -> str:
    """Return the name of the client with an address: the address, or the network of an IPv6 address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, NETWORK_BITS), strict=False))
    return host
