"""Stores trusted documents (persisted GraphQL documents of clients), and finds, withdraws and restores them.

A trusted document is identified by the SHA-256 digest of its text. So the text of a digest never changes, and a second
load has no effect. A withdrawn document stays withdrawn until an operator restores it, even if it is loaded again.
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

#: The prefix of a digest in the GraphQL over HTTP draft for persisted documents; Apollo and Relay send no prefix.
PREFIX = "sha256:"


class TrustedDocumentError(ValueError):
    """An operation on trusted documents failed; the message is one line that says what to do instead."""


class Trusted(NamedTuple):
    """A document to store, and the names of its operations."""

    text: str
    names: tuple[str, ...]


class StoredDocuments(NamedTuple):
    """The result of storing documents: how many were new, already known, or known but withdrawn."""

    new: int
    known: int
    withdrawn: int


class ListedDocument(NamedTuple):
    """A trusted document in the list for operators, without its text."""

    sha256: str
    names: str
    created_at: dt.datetime
    withdrawn_at: dt.datetime | None


def digest_in(identifier: str) -> str | None:
    """Return the digest in an identifier; None if the identifier has another format."""
    digest = identifier.removeprefix(PREFIX)
    return digest if is_sha256(digest) else None


def digest_of(text: str) -> str:
    """Return the digest of a document. Raises UnicodeEncodeError if the text has half of a surrogate pair."""
    return sha256_of(text.encode())


async def find_document(database: Database, digest: str) -> str | None:
    """Return the text of the document with this digest; None if there is none or it is withdrawn.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    statement = select(TrustedDocument.text).where(
        TrustedDocument.sha256 == digest, TrustedDocument.withdrawn_at.is_(None)
    )
    engine = database.bypass_policies("a trusted document holds no data", read_only=True)
    async with engine.connect() as connection:
        return (await connection.execute(statement)).scalar_one_or_none()


async def store_documents(database: Database, documents: Collection[Trusted]) -> StoredDocuments:
    """Store the documents that are not stored yet, all or none; they must be valid and different."""
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
            # A document that a concurrent load stored first has the same text.
            await connection.execute(insert(TrustedDocument).on_conflict_do_nothing(), new)
    withdrawn = sum(since is not None for since in there.values())
    return StoredDocuments(len(new), len(there) - withdrawn, withdrawn)


async def read_operation_names(database: Database) -> frozenset[str]:
    """Return the names of the operations of all trusted documents. Raises DatabaseUnavailableError."""
    statement = select(TrustedDocument.names).where(TrustedDocument.withdrawn_at.is_(None))
    engine = database.bypass_policies("the names of trusted operations hold no data", read_only=True)
    async with engine.connect() as connection:
        return frozenset(name for names in (await connection.execute(statement)).scalars() for name in names if name)


async def list_documents(database: Database) -> Sequence[ListedDocument]:
    """Return all documents, newest first, without their texts."""
    statement = select(
        TrustedDocument.sha256, TrustedDocument.names, TrustedDocument.created_at, TrustedDocument.withdrawn_at
    ).order_by(TrustedDocument.created_at.desc(), TrustedDocument.sha256)
    engine = database.bypass_policies("an operator lists the trusted documents", read_only=True)
    async with engine.connect() as connection:
        rows = (await connection.execute(statement)).all()
    return [ListedDocument(row.sha256, ", ".join(row.names), row.created_at, row.withdrawn_at) for row in rows]


async def withdraw_document(database: Database, identifier: str) -> str:
    """Withdraw the document with this identifier and return its digest; a withdrawn document stays unchanged.

    Raises:
        TrustedDocumentError: there is no such document.
    """
    return await _mark(database, identifier, now())


async def restore_document(database: Database, identifier: str) -> str:
    """Restore the document with this identifier and return its digest.

    Raises:
        TrustedDocumentError: there is no such document.
    """
    return await _mark(database, identifier, None)


async def _mark(database: Database, identifier: str, withdrawn_at: dt.datetime | None) -> str:
    digest = digest_in(identifier)
    there = TrustedDocument.sha256 == digest
    async with database.bypass_policies("an operator withdraws or restores a trusted document").begin() as connection:
        if digest is None or (await connection.execute(select(TrustedDocument.sha256).where(there))).first() is None:
            message = "No trusted document has this ID. Run coalition trusted-documents list to see all IDs."
            raise TrustedDocumentError(message)
        other = TrustedDocument.withdrawn_at.is_(None) if withdrawn_at else TrustedDocument.withdrawn_at.is_not(None)
        await connection.execute(update(TrustedDocument).where(there, other).values(withdrawn_at=withdrawn_at))
    return digest
