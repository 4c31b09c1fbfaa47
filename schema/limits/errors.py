"""What an operation that asks for too much is told: for how much it asks, how much is allowed, and what to do."""

from __future__ import annotations

from typing import NoReturn

from resolvers.core.errors import RequestError

#: Nobody needs to know by how much exactly a limit is exceeded a million times.
MAX_SHOWN = 1_000_000

#: Of each limit, what it counts, and what to do.
WORDS = {
    "characters": ("characters", "Send values as variables, or ask in several requests."),
    "levels": ("selections inside each other", "Write the innermost ones in a request of their own."),
    "depth": ("levels of fields", "Ask for the innermost objects by their ids, in a request of their own."),
    "fields": ("fields, those of fragments counted each time", "Ask for fewer, or in several requests."),
    "aliases": ("aliases", "Ask for the objects in one list, or in several requests."),
    "directives": ("directives", "Leave out what is not wanted."),
    "root_fields": ("fields at the root", "Ask in several requests."),
    "root_mutations": ("changes", "Send them in several requests."),
    "nodes": ("objects at worst, pages taken as full", "Ask for shorter pages with first."),
    "conditions": (
        "conditions and steps of orders, a relation counting as five",
        "Ask for fewer lists at once; use in for a list of values.",
    ),
    "introspection_fields": ("fields of introspection", "Send the usual introspection query, or parts of it."),
    "introspection_values": ("values of introspection at worst", "Ask for fewer lists inside each other, or in parts."),
    "introspection_lists": ("lists of members inside each other", "Ask for the inner types by name, with __type."),
}


class LimitError(RequestError):
    """An operation that asks for too much."""

    code = "GRAPHQL_VALIDATION_FAILED"


def limit_exceeded(limit: str, asked: int, most: int) -> NoReturn:
    """Refuse an operation that asks for more than `most` of something. Raises LimitError, always."""
    counted, advice = WORDS[limit]
    told = f"{asked:,}" if asked <= MAX_SHOWN else f"more than {MAX_SHOWN:,}"
    message = f"Limit {limit}: the operation has {told} {counted}; at most {most:,} are allowed. {advice}"
    raise LimitError(message)


def repeated_argument(directive: str) -> NoReturn:
    """Refuse a directive that stands twice in one place. Raises LimitError, always."""
    message = f"The directive @{directive} stands twice in one place: write it once."
    raise LimitError(message)


def too_many_tokens(most: int) -> NoReturn:
    """Refuse a document that was read no further. Raises LimitError, always."""
    message = (
        f"Limit tokens: the document has more than {most:,} names, signs and values; at most {most:,} are allowed. "
        "Send values as variables, or ask in several requests."
    )
    raise LimitError(message)
