"""Reads that leave a trail: of documents marked TLP:RED, by a query or of their bytes.

What cannot be recorded is not read: an event is there before the first byte goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import AuditAction, Document, DocumentVersion, Marking
from resolvers.audit.recorder import append_events, event_for
from resolvers.audit.transaction import audited_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from resolvers.access.context import Context

REASON = "whoever reads was let in by the policies, and the trail is nobody's to write by himself"


async def record_documents(context: Context, keys: Sequence[str]) -> None:
    """Record that somebody reads of documents that are TLP:RED, once for each in an answer.

    Args:
        context: Of the request; its viewer sees them.
        keys: Their keys.
    """

    def work(session: Session) -> None:
        rows = session.scalars(select(Document).where(Document.id.in_(keys)).order_by(Document.id))
        append_events(session.connection(), context.actor(), [event_for(row, AuditAction.READ) for row in rows])

    if keys:
        await audited_write(context.database, REASON, context.actor(), work)


async def record_read(context: Context, version: str) -> bool:
    """Record that somebody reads the bytes of a version, where its document is marked TLP:RED.

    To be called before the first byte goes out: what cannot be recorded is not to be read.

    Args:
        context: Of the request; its viewer sees the version.
        version: The key of the version.

    Returns:
        Whether it was recorded.
    """
    engine = context.database.bypass_policies(REASON, read_only=True)
    marking = (
        select(Document.marking)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(DocumentVersion.id == version)
    )
    # Looked up beside any transaction first: on SQLite that would wait for writers, and few documents are RED.
    async with engine.connect() as connection:
        if (await connection.execute(marking)).scalar_one_or_none() is not Marking.RED:
            return False

    def work(session: Session) -> bool:
        read = session.get(DocumentVersion, version)
        if read is None or read.document.marking is not Marking.RED:
            return False
        append_events(session.connection(), context.actor(), [event_for(read, AuditAction.READ)])
        return True

    return await audited_write(context.database, REASON, context.actor(), work)
