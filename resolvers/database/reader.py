"""The protocol of a query runner, which runs compiled queries directly on the driver.

SQLAlchemy compiles the statements but does not run them: for a small query, its overhead is as large as the database's
own time. A runner runs only compiled queries, each in autocommit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine


class QueryRunner(Protocol):
    """Runs statements in the driver's SQL on its own connections."""

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Return the only value of a statement, a text. A cancellation also stops the statement in the database."""
        ...

    @property
    def connections(self) -> tuple[int, int]:
        """The number of connections that run a statement, and of those that are idle."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class StatementWatch(Protocol):
    """Observes every statement, such as for traces."""

    def runner(self, runner: QueryRunner) -> QueryRunner:
        """Return a runner that observes the statements of this one."""
        ...

    def engine(self, engine: Engine) -> None:
        """Observe the statements of an engine."""
        ...
