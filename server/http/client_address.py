"""Who is at the other end of a request, as far as its connection tells."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.http.errors import abort

if TYPE_CHECKING:
    from starlette.requests import Request

    from resolvers.access.viewer import Viewer

#: How much of an IPv6 address is one client: whoever has one address commonly has all of its network.
NETWORK_BITS = 64


def name_of(viewer: Viewer, request: Request) -> str:
    """Give the name under which a client's requests are counted: its account, or the address it comes from."""
    return viewer.account or network_of(request.client.host if request.client else "")


def refuse_upgrade(request: Request) -> None:
    """Turn away whoever wants a WebSocket, of whatever protocol and origin. Raises HttpError (400)."""
    if "websocket" in request.headers.get("upgrade", "").lower():
        message = "WebSockets are not served here: send each operation as a POST."
        abort(HTTPStatus.BAD_REQUEST, message, headers={"Connection": "close"})


@lru_cache(maxsize=1000)
def network_of(host: str) -> str:
    """Give the name of the client behind an address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, NETWORK_BITS), strict=False))
    return host
