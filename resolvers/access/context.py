"""What every resolver and plan of one request may reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.core.limits import Limits
    from resolvers.database.database import Database


class Meter(Protocol):
    """Keeps account of what somebody asks for."""

    def charge(self, cost: int) -> None:
        """Count an operation's cost. Raises RequestError where more was asked for than is allowed in this time."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The GraphQL context: one per request, and the same for every field of it.

    Attributes:
        database: Where the data are.
        viewer: Whoever asks.
        limits: How much one operation may ask for; None where nothing is held to limits.
        meter: Whom the operation's cost is charged to, if anybody; only what is held to limits is charged.
        request_id: What the request is known by in the trail.
        records: Whether what it reads of documents that are TLP:RED is recorded here; else that is done elsewhere.
        max_file_bytes: The length of the largest file that is taken; None where there is no limit.
    """

    database: Database
    viewer: Viewer
    limits: Limits | None = None
    meter: Meter | None = None
    request_id: str | None = None
    records_reads: bool = True
    max_file_bytes: int | None = None

    def actor(self, reason: str | None = None) -> Actor:
        """Give whose doing it is, for the trail, and why."""
        return Actor(self.viewer.account, self.viewer.credential, self.request_id, reason)


@dataclass(frozen=True)
class Actor:
    """Who does something, through what, in which request and why.

    Attributes:
        account: The key of the account; None for what the system does by itself.
        credential: What it was recognised by, such as the key of an API token.
        request: The id of the request.
        reason: Why, in the words of whoever does it.
    """

    account: str | None = None
    credential: str | None = None
    request: str | None = None
    reason: str | None = None
