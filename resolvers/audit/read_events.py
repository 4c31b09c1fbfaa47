"""Records reads of TLP:RED documents in the audit log: queries and downloads.

If the event cannot be written, the read fails: the event is committed before the response starts.
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

REASON = "the policies already allowed the read, and only the system writes the audit log"


async def record_documents(context: Context, keys: Sequence[str]) -> None:
    """Record that the viewer reads TLP:RED documents, one event for each document in a response.

    Args:
        context: The context of the request; its viewer may see the documents.
        keys: The ids of the documents.
    """

    def work(session: Session) -> None:
        rows = session.scalars(select(Document).where(Document.id.in_(keys)).order_by(Document.id))
        append_events(session.connection(), context.actor(), [event_for(row, AuditAction.READ) for row in rows])

    if keys:
        await audited_write(context.database, REASON, context.actor(), work)


async def record_read(context: Context, version: str) -> bool:
    """Record that the viewer downloads a version, if its document is marked TLP:RED.

    Call this before the response starts, so that every download is recorded.

    Args:
        context: The context of the request; its viewer may see the version.
        version: The id of the version.

    Returns:
        Whether an event was written.
    """
    engine = context.database.bypass_policies(REASON, read_only=True)
    marking = (
        select(Document.marking)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(DocumentVersion.id == version)
    )
    # Checked without a transaction first: on SQLite a transaction waits for writers, and few documents are RED.
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
