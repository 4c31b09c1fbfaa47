"""The first faults of a value that does not fit its type."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from resolvers.core.limits import MAX_REPORTED_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLError

    OnFault = Callable[[GraphQLError, list[str | int]], None]


class _EnoughFaults(Exception):  # noqa: N818 - it is not an error
    """Ends the search for faults."""


def first_faults(validate: Callable[[OnFault], None]) -> list[tuple[GraphQLError, list[str | int]]]:
    """Return the first faults of a value, each with its path in the value; at most five.

    Each fault repeats the value, so a search for all of them is slow.

    Args:
        validate: GraphQL's validation of the value; it calls the given function for each fault.
    """
    found: list[tuple[GraphQLError, list[str | int]]] = []

    def collect(error: GraphQLError, path: list[str | int]) -> None:
        found.append((error, path))
        if len(found) == MAX_REPORTED_ERRORS:
            raise _EnoughFaults

    with contextlib.suppress(_EnoughFaults):
        validate(collect)
    return found
