"""Transactions that record every change in the audit log."""

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
    """Return a session in one transaction, which records its changes with `origin` as the actor."""
    return database.session(reason, sync_session_class=AuditedSession, origin=origin)


async def audited_write(database: Database, reason: str, origin: Actor, work: Callable[[Session], Result]) -> Result:
    """Run `work` in one transaction, record its changes in the audit log, and commit. Return the result of `work`."""
    async with audited_session(database, reason, origin) as session:
        return await session.run_sync(work)
