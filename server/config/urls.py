"""Checks of the web addresses in the settings: which are safe for secrets, and which belong to this machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

ADDRESS = "an address that starts with https:// (or http:// on this machine), without user, query or fragment"
#: A loopback host with an optional port, in the notation of browsers only.
NAMED = re.compile(r"(?P<name>localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:(?P<port>[1-9][0-9]{0,4}))?")
#: A path prefix: segments that no client and no proxy writes in another way.
PREFIX = re.compile(r"(/(?!\.)[A-Za-z0-9._~-]+)*")
#: The first segments of the server's own paths: a prefix that begins with one is ambiguous, or a mistake.
OWN_PATHS = (["auth"], ["documents"], ["graphiql"], ["graphql"], ["livez"], ["readyz"])
PORTS = range(1, 65_536)
USUAL_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_loopback(host: str) -> bool:
    """Return whether the value of a Host header names this machine and contains nothing else."""
    found = NAMED.fullmatch(host)
    return found is not None and is_loopback(found["name"].strip("[]")) and int(found["port"] or 1) in PORTS


def check_address(address: str) -> str:
    """Return the address unchanged. Raises ValueError if it is not as `ADDRESS` describes."""
    parts = urlsplit(address)
    # Keys and codes need HTTPS on a network; traffic within one machine cannot be intercepted.
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    plain = address.isascii() and address.isprintable() and not re.search(r"[\s@#?\\]", address)
    if not (safe and plain and parts.hostname) or parts.port == 0:
        raise ValueError(address)
    return address


def check_origins(addresses: str) -> str:
    """Return origins as `check_origin` does, with one space between them. Raises ValueError if one is no origin."""
    return " ".join(check_origin(address) for address in re.split(r"[\s,]+", addresses) if address)


def check_public_url(address: str) -> str:
    """Return an origin with an optional path prefix, without a slash at its end.

    Raises ValueError if the address is none, or if its path begins like one of the server's own.
    """
    parts = urlsplit(check_address(address))
    prefix = parts.path.rstrip("/")
    if not PREFIX.fullmatch(prefix) or prefix.split("/")[1:2] in OWN_PATHS:
        raise ValueError(address)
    return check_origin(f"{parts.scheme}://{parts.netloc}") + prefix


def check_origin(address: str) -> str:
    """Return the origin as browsers write it: scheme, host and port. Raises ValueError if the address is no origin."""
    parts = urlsplit(check_address(address))
    if parts.path not in {"", "/"}:
        raise ValueError(address)
    host = parts.netloc.lower()
    return f"{parts.scheme}://{host.removesuffix(f':{USUAL_PORTS[parts.scheme]}').removesuffix(':')}"
