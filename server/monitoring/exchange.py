"""The facts of one request, collected while it is answered."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolvers.access.context import Progress
    from server.limits.rate_limits import RequestCost


class Exchange:
    """The facts of one request.

    Attributes:
        began: When it began, in seconds of `time.perf_counter`.
        account: The key of its account; None while unknown, and for the public.
        client: The network address of its client; None while unknown.
        cost: What it costs; None while unknown.
        kind: query, mutation, upload or download; other if it was refused before that is known.
        operation: The name of its valid operation; None without one.
        cache: Where its query was found: body (the same bytes were answered before), document (the same document and
            shape of variables), or none. Empty for all but queries.
        progress: What a mutation changed, and the rules that refused changes; None for others.
    """

    __slots__ = ("account", "began", "cache", "client", "cost", "kind", "operation", "progress")

    def __init__(self) -> None:
        self.began = perf_counter()
        self.account: str | None = None
        self.client: str | None = None
        self.cost: RequestCost | None = None
        self.kind = "other"
        self.operation: str | None = None
        self.cache = ""
        self.progress: Progress | None = None
