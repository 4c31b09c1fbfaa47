"""Addresses of the web that an operator sets: which of them are safe to send secrets to."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

ADDRESS = "an address that starts with https:// (or http:// on this machine), without user, query or fragment"
#: A host and perhaps a port, written as browsers write them: no user, no other spelling of the same.
NAMED = re.compile(r"(?P<name>localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:(?P<port>[1-9][0-9]{0,4}))?")
PORTS = range(1, 65_536)
USUAL_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and no other."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_loopback(host: str) -> bool:
    """Tell whether the header Host, as it came, names this machine and no other, and nothing beside it."""
    found = NAMED.fullmatch(host)
    return found is not None and is_loopback(found["name"].strip("[]")) and int(found["port"] or 1) in PORTS


def check_address(address: str) -> str:
    """Give the address as it is. Raises ValueError for one that is not as `ADDRESS` says."""
    parts = urlsplit(address)
    # Keys and codes on their way over a network need HTTPS; within one machine nobody listens.
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    plain = address.isascii() and address.isprintable() and not re.search(r"[\s@#?\\]", address)
    if not (safe and plain and parts.hostname) or parts.port == 0:
        raise ValueError(address)
    return address


def check_origin(address: str) -> str:
    """Give a scheme, host and port as browsers write them in the header Origin. Raises ValueError for anything else."""
    parts = urlsplit(check_address(address))
    if parts.path not in {"", "/"}:
        raise ValueError(address)
    host = parts.netloc.lower()
    return f"{parts.scheme}://{host.removesuffix(f':{USUAL_PORTS[parts.scheme]}').removesuffix(':')}"
