"""The length and the age of the audit log, for those who operate the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from models import AuditEvent

if TYPE_CHECKING:
    import datetime as dt

    from resolvers.database.database import Database


class LogSize(NamedTuple):
    """The number of events of the audit log, and the times of its first and its last event; None in an empty log."""

    events: int = 0
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None


async def read_log_size(database: Database) -> LogSize:
    """Return the size of the audit log. Raises DatabaseUnavailableError."""
    engine = database.bypass_policies("the number of events and their times, for an operator", read_only=True)
    columns = select(AuditEvent.sequence, AuditEvent.at).limit(1)
    async with engine.connect() as connection:
        last = (await connection.execute(columns.order_by(AuditEvent.sequence.desc()))).first()
        first = (await connection.execute(columns.order_by(AuditEvent.sequence))).first()
    return LogSize(last.sequence, first.at, last.at) if first and last else LogSize()
