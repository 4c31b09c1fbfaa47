"""The settings of PostgreSQL sessions: set once per session, or behind a pooler in each transaction.

A pooler in transaction mode, such as PgBouncer, runs each transaction in any free session, so session settings would
apply to the statements of other clients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: jit takes a quarter of a deep query's time without any gain. Dates are in UTC everywhere. A statement is planned
#: once: planning it for each request's values takes 2 of the 5 ms of a nested page and two thirds of the time of a
#: page of 20. With a million rows the generic plans still use the indexes.
ALWAYS = {"jit": "off", "plan_cache_mode": "force_generic_plan", "timezone": "UTC"}

#: How much longer the timeout of PostgreSQL is: it only stops statements that the server could not cancel.
GRACE_SECONDS = 1


@dataclass(frozen=True)
class SessionSettings:
    """The settings for all statements on a connection.

    Attributes:
        role: The role of the statements; None for the login's own role.
        seconds: The time limit of a statement; None for no limit.
        pooled: Whether the connection goes through a pooler in transaction mode.
    """

    role: str | None = None
    seconds: float | None = None
    pooled: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The PostgreSQL settings by name."""
        found = dict(ALWAYS)
        if self.role is not None:
            found["role"] = self.role
        if self.seconds is not None:
            found["statement_timeout"] = str(int((self.seconds + GRACE_SECONDS) * 1000))
        return found

    def arguments(self) -> dict[str, Any]:
        """Return asyncpg's connection arguments."""
        # Direct connections cache prepared statements in `PreparedConnection`; a pooler does not allow a cache.
        return {"statement_cache_size": 0} if self.pooled else {"server_settings": self.settings}

    def as_transaction_statement(self) -> str:
        """Return a statement that applies the settings to the current transaction only."""
        calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in self.settings.items())
        return f"SELECT {calls}"
