"""The media types of responses and requests."""

from __future__ import annotations

import re
from functools import lru_cache

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"

UTF_8 = frozenset({"utf-8", "utf8"})
QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


@lru_cache(maxsize=64)
def negotiate(accept: str) -> str | None:
    """Return the media type that an `Accept` header prefers for the response; None if it allows neither.

    At equal quality, the more exact range wins, then the earlier range. A wildcard alone means application/json,
    because clients that know the GraphQL type name it.
    """
    ranges = qualities(accept) or {"*/*": 1.0}
    order = list(ranges)
    found: list[tuple[float, int, int, str]] = []
    for media_type in (JSON, GRAPHQL):
        for width, name in enumerate((media_type, "application/*", "*/*")):
            if name in ranges:
                found.append((-ranges[name], width, order.index(name), media_type))
                break
    best = min(found, key=lambda candidate: candidate[:3], default=None)
    return best[3] if best is not None and best[0] < 0 else None


@lru_cache(maxsize=64)
def wants_page(accept: str) -> bool:
    """Return whether the client is a browser that requests a page rather than the response to a query."""
    ranges = qualities(accept)
    return ranges.get(HTML, 0) > 0 and not ranges.keys() & {GRAPHQL, JSON}


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Return whether a Content-Type is JSON in UTF-8, the only supported type of body."""
    name, parameters = _split(content_type)
    return name == JSON and parameters.get("charset", "utf-8") in UTF_8


def qualities(accept: str) -> dict[str, float]:
    """Return the quality of each range of an `Accept` or `Accept-Encoding` header; 0 if it cannot be satisfied."""
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        name, parameters = _split(part)
        quality = parameters.get("q", "1")
        if name:
            usable = QUALITY.fullmatch(quality) and parameters.get("charset", "utf-8") in UTF_8
            ranges.setdefault(name, float(quality) if usable else 0.0)
    return ranges


def _split(value: str) -> tuple[str, dict[str, str]]:
    """Return the lower-case name and parameters of `name; key=value; …`."""
    name, *pairs = value.lower().split(";")
    parameters = (pair.partition("=") for pair in pairs)
    return name.strip(), {key.strip(): text.strip().strip('"') for key, _, text in parameters}
