"""Trusted documents, the GraphQL queries of client programs: stored once, found by their digests, withdrawn.

They are known by the SHA-256 of their text alone, so a text never changes under its name and a second
load has nothing to do. What was withdrawn stays so until an operator restores it, whatever is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from models import TrustedDocument
from models.base import now
from resolvers.core.hashing import is_sha256, sha256_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from resolvers.database.database import Database

#: What the draft of persisted documents in GraphQL over HTTP puts before a digest; Apollo and Relay send it bare.
PREFIX = "sha256:"


class TrustedDocumentError(ValueError):
    """What was asked of trusted documents cannot be done; the message is one line that says what to do instead."""


class Trusted(NamedTuple):
    """A document to be trusted, and how its operations are named."""

    text: str
    names: tuple[str, ...]


class StoredDocuments(NamedTuple):
    """What became of the documents that were to be stored."""

    new: int
    known: int
    withdrawn: int


class ListedDocument(NamedTuple):
    """What an operator sees of a trusted document."""

    sha256: str
    names: str
    created_at: dt.datetime
    withdrawn_at: dt.datetime | None


def digest_in(identifier: str) -> str | None:
    """Give the digest that an identifier holds, None where it is written in another way."""
    digest = identifier.removeprefix(PREFIX)
    return digest if is_sha256(digest) else None


def digest_of(text: str) -> str:
    """Give the digest by which a document is known. Raises UnicodeEncodeError for half of a surrogate pair."""
    return sha256_of(text.encode())


async def find_document(database: Database, digest: str) -> str | None:
    """Give the text of the document with this digest, None where there is none or it is withdrawn.

    Raises DatabaseUnavailableError where the database is away.
    """
    statement = select(TrustedDocument.text).where(
        TrustedDocument.sha256 == digest, TrustedDocument.withdrawn_at.is_(None)
    )
    engine = database.bypass_policies("a trusted document holds no data", read_only=True)
    async with engine.connect() as connection:
        return (await connection.execute(statement)).scalar_one_or_none()


async def store_documents(database: Database, documents: Collection[Trusted]) -> StoredDocuments:
    """Store the documents that are not there yet, all or none; they are valid, and no two are the same."""
    given = {digest_of(document.text): document for document in documents}
    async with database.bypass_policies("an operator loads trusted documents").begin() as connection:
        rows = await connection.execute(select(TrustedDocument.sha256, TrustedDocument.withdrawn_at))
        there = {row.sha256: row.withdrawn_at for row in rows if row.sha256 in given}
        moment = now()
        new = [
            {"sha256": digest, "text": text, "names": list(names), "created_at": moment}
            for digest, (text, names) in given.items()
            if digest not in there
        ]
        if new:
            # Where another load stored one in the meantime, it is the same one.
            await connection.execute(insert(TrustedDocument).on_conflict_do_nothing(), new)
    withdrawn = sum(since is not None for since in there.values())
    return StoredDocuments(len(new), len(there) - withdrawn, withdrawn)


async def list_documents(database: Database) -> Sequence[ListedDocument]:
    """Give every document there is, the newest first, without its text."""
    statement = select(
        TrustedDocument.sha256, TrustedDocument.names, TrustedDocument.created_at, TrustedDocument.withdrawn_at
    ).order_by(TrustedDocument.created_at.desc(), TrustedDocument.sha256)
    engine = database.bypass_policies("an operator lists the trusted documents", read_only=True)
    async with engine.connect() as connection:
        rows = (await connection.execute(statement)).all()
    return [ListedDocument(row.sha256, ", ".join(row.names), row.created_at, row.withdrawn_at) for row in rows]


async def withdraw_document(database: Database, identifier: str) -> str:
    """Trust the document with this identifier no longer; give its digest. Withdrawn before, it stays so.

    Raises TrustedDocumentError where there is none.
    """
    return await _mark(database, identifier, now())


async def restore_document(database: Database, identifier: str) -> str:
    """Trust the document with this identifier again; give its digest.

    Raises TrustedDocumentError where there is none.
    """
    return await _mark(database, identifier, None)


async def _mark(database: Database, identifier: str, withdrawn_at: dt.datetime | None) -> str:
    digest = digest_in(identifier)
    there = TrustedDocument.sha256 == digest
    async with database.bypass_policies("an operator withdraws or restores a trusted document").begin() as connection:
        if digest is None or (await connection.execute(select(TrustedDocument.sha256).where(there))).first() is None:
            message = "There is no trusted document with this ID: coalition trusted-documents list shows them."
            raise TrustedDocumentError(message)
        other = TrustedDocument.withdrawn_at.is_(None) if withdrawn_at else TrustedDocument.withdrawn_at.is_not(None)
        await connection.execute(update(TrustedDocument).where(there, other).values(withdrawn_at=withdrawn_at))
    return digest
