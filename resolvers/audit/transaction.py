"""The transactions in which changes are made: whatever they write leaves a trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from resolvers.audit.recorder import AuditedSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session

    from resolvers.access.context import Actor
    from resolvers.database.database import Database

Result = TypeVar("Result")


def audited_session(database: Database, reason: str, origin: Actor) -> AbstractAsyncContextManager[AsyncSession]:
    """Give a session in one transaction of `origin`'s, whose writes are recorded; see `Database.session`."""
    return database.session(reason, sync_session_class=AuditedSession, origin=origin)


async def audited_write(database: Database, reason: str, origin: Actor, work: Callable[[Session], Result]) -> Result:
    """Do some work in one transaction, and commit it; what it writes leaves a trail."""
    async with audited_session(database, reason, origin) as session:
        return await session.run_sync(work)
