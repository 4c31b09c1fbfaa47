"""The read lanes: the shortest way from a compiled statement to the one text it yields.

SQLAlchemy compiles the statements and has no part in running them: its way costs a small
query as much again as the database does. A lane is asked for nothing but the plan's
statements, each in autocommit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class QueryRunner(Protocol):
    """Runs statements of the driver's own SQL on a few connections of its own."""

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields; cancelled, it stops the statement in the database."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
