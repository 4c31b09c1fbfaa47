"""The messages for an operation over a limit: its size, the limit, and what to do."""

from __future__ import annotations

from typing import NoReturn

from resolvers.core.errors import RequestError

#: Larger sizes are not shown exactly.
MAX_SHOWN = 1_000_000

#: For each limit: what it counts, and what to do.
WORDS = {
    "characters": ("characters", "Send values as variables, or send several requests."),
    "levels": ("nested selections", "Request the innermost selections in a second request."),
    "depth": ("levels of fields", "Request the innermost objects by their ids, in a second request."),
    "fields": ("fields, with those of each fragment spread", "Request fewer fields, or send several requests."),
    "aliases": ("aliases", "Request the objects in one list, or send several requests."),
    "directives": ("directives", "Remove directives that are not necessary."),
    "root_fields": ("fields at the root", "Send several requests."),
    "root_mutations": ("mutations", "Send several requests."),
    "nodes": ("possible objects, with full pages", "Request smaller pages with `first`."),
    "conditions": (
        "conditions and sort steps, where a relation counts as five",
        "Request fewer lists at once; use `in` for a list of values.",
    ),
    "introspection_fields": ("introspection fields", "Send the usual introspection query, or parts of it."),
    "introspection_values": ("possible introspection values", "Request fewer nested lists, or send several requests."),
    "introspection_lists": ("nested lists of members", "Request the inner types by name, with `__type`."),
}


class LimitError(RequestError):
    """An operation exceeds a limit."""

    code = "GRAPHQL_VALIDATION_FAILED"


def limit_exceeded(limit: str, actual: int, maximum: int, advice: str = "") -> NoReturn:
    """Raise LimitError for an operation of the size `actual`, which exceeds `maximum`; `advice` is the best advice."""
    unit, usual = WORDS[limit]
    size = f"{actual:,}" if actual <= MAX_SHOWN else f"more than {MAX_SHOWN:,}"
    message = f"Limit {limit}: the operation has {size} {unit}; at most {maximum:,} are allowed. {advice or usual}"
    raise LimitError(message)


def repeated_argument(directive: str) -> NoReturn:
    """Raise LimitError for a directive that is repeated in one place."""
    message = f"The directive @{directive} is repeated in one place: write it once."
    raise LimitError(message)


def too_many_tokens(maximum: int) -> NoReturn:
    """Raise LimitError for a document with too many tokens; the parser stops at the limit."""
    message = (
        f"Limit tokens: the document has more than {maximum:,} tokens; at most {maximum:,} are allowed. "
        "Send values as variables, or send several requests."
    )
    raise LimitError(message)
