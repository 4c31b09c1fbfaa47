"""How PostgreSQL is to treat what it is sent: said once to each session, or behind a pooler in each transaction.

A pooler in transaction mode, such as PgBouncer, hands every transaction to whichever session is
free: what is said to a session would hold for somebody else's statements, and not for ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: jit costs a quarter of a deep plan's time and gains nothing, and today is reckoned in UTC everywhere. A statement is
#: planned once: with the values of each request PostgreSQL would plan anew every time, which costs a nested page
#: 2 of 5 ms and a page of 20 two thirds of its time; at a million rows the plans stay on their indexes.
ALWAYS = {"jit": "off", "plan_cache_mode": "force_generic_plan", "timezone": "UTC"}

#: By how many seconds the server's patience is longer than ours: it is for what our own could not stop.
GRACE_SECONDS = 1


@dataclass(frozen=True)
class SessionSettings:
    """What holds for every statement on some connections.

    Attributes:
        role: The role they run in; None for the login's own.
        seconds: How long we let one run; None for as long as it takes.
        pooled: Whether a pooler in transaction mode stands in between.
    """

    role: str | None = None
    seconds: float | None = None
    pooled: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The settings of PostgreSQL that this amounts to."""
        found = dict(ALWAYS)
        if self.role is not None:
            found["role"] = self.role
        if self.seconds is not None:
            found["statement_timeout"] = str(int((self.seconds + GRACE_SECONDS) * 1000))
        return found

    def arguments(self) -> dict[str, Any]:
        """Give asyncpg's arguments to connect with."""
        # Each keeps the statements it prepares elsewhere; behind a pooler nothing may be kept.
        return {"statement_cache_size": 0} if self.pooled else {"server_settings": self.settings}

    def as_transaction_statement(self) -> str:
        """Give the statement that says it to one transaction, and ends with it."""
        said = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in self.settings.items())
        return f"SELECT {said}"
