"""Which media type a response has, and which a request may have."""

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
    """Give the media type of the response that an `Accept` header prefers, None where it allows neither of ours.

    Between equals the more exact range wins, then the earlier one; a wildcard alone means plain JSON,
    because clients that know the GraphQL type ask for it by name.
    """
    ranges = _ranges(accept) or {"*/*": 1.0}
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
    """Tell whether the client is a browser that wants a page, and not the answer to a query."""
    ranges = _ranges(accept)
    return ranges.get(HTML, 0) > 0 and not ranges.keys() & {GRAPHQL, JSON}


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Tell whether a body of this type is JSON in UTF-8, the only kind that is read."""
    name, parameters = _split(content_type)
    return name == JSON and parameters.get("charset", "utf-8") in UTF_8


def _ranges(accept: str) -> dict[str, float]:
    """Give the quality of each range of an `Accept` header; one that cannot be met has none."""
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        name, parameters = _split(part)
        quality = parameters.get("q", "1")
        if name:
            usable = QUALITY.fullmatch(quality) and parameters.get("charset", "utf-8") in UTF_8
            ranges.setdefault(name, float(quality) if usable else 0.0)
    return ranges


def _split(value: str) -> tuple[str, dict[str, str]]:
    """Give the lower-case name and parameters of `name; key=value; …`."""
    name, *pairs = value.lower().split(";")
    parameters = (pair.partition("=") for pair in pairs)
    return name.strip(), {key.strip(): text.strip().strip('"') for key, _, text in parameters}
