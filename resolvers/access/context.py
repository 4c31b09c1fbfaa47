"""The context of a request: the database, the viewer and the limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.core.limits import Limits
    from resolvers.database.database import Database


class Meter(Protocol):
    """Counts the cost of the operations of one client."""

    def charge(self, cost: int) -> None:
        """Add the cost of an operation. Raises RequestError if the client exceeds its rate limit."""
        ...


@dataclass(slots=True)
class Progress:
    """What an operation has changed until now, for a client that gets no result.

    Attributes:
        made: How many changes are committed.
        in_progress: Whether a change has begun; if the operation is stopped now, it was possibly committed.
        refusals: The code and the rule of each refusal of a change; the rule is empty for a refusal without one.
    """

    made: int = 0
    in_progress: bool = False
    refusals: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """The GraphQL context: one per request, shared by all its fields.

    Attributes:
        database: The database.
        viewer: The viewer of the request.
        limits: The limits of one operation; None for no limits.
        meter: The meter that is charged the cost of the operation, if any. Without limits, nothing is charged.
        request_id: The id of the request in the audit log.
        records_reads: Whether reads of TLP:RED documents are recorded here; if not, the caller must record them.
        max_file_bytes: The maximum length of a file; None for no limit.
        gives_advice: Whether messages for an invalid operation say what to write instead. Advice reveals names of the
            contract: the public gets none, and the callers of a server that runs only trusted documents get none.
        progress: What the operation has changed until now.
    """

    database: Database
    viewer: Viewer
    limits: Limits | None = None
    meter: Meter | None = None
    request_id: str | None = None
    records_reads: bool = True
    max_file_bytes: int | None = None
    gives_advice: bool = False
    progress: Progress = field(default_factory=Progress)

    def actor(self, reason: str | None = None) -> Actor:
        """Return the actor for the audit log, with the reason for the change."""
        return Actor(self.viewer.account, self.viewer.credential, self.request_id, reason)


@dataclass(frozen=True)
class Actor:
    """The actor of a change: the account, its credential, the request and the reason.

    Attributes:
        account: The key of the account; None for changes by the system.
        credential: The credential that was used, such as the key of an API token.
        request: The id of the request.
        reason: The reason that the actor gave.
    """

    account: str | None = None
    credential: str | None = None
    request: str | None = None
    reason: str | None = None
