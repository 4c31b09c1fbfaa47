"""Verifies the audit log: every event's hash and sequence number, and a head that the operator stored elsewhere.

Also verifies the readable personal values beside the events: each has the recorded pseudonym, or is erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import select, text

from models import AuditEvent
from resolvers.audit.pseudonyms import find_forgery, sealed_events
from resolvers.core.codecs import canonical_json
from resolvers.core.hashing import is_sha256, sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database

#: Events per read.
BATCH = 1000

#: The hash before the first event.
GENESIS_HASH = "0" * 64

LAST_EVENT = select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)

#: Returns the last event and locks the audit log until the transaction ends: on PostgreSQL a function, which waits for
#: the lock and reads only then; on SQLite a writer has the whole database anyway.
LOCK_AND_READ_HEAD: dict[str, Any] = {
    "postgresql": text("SELECT sequence, hash FROM lock_audit_log()"),
    "sqlite": LAST_EVENT,
}

#: The columns that an event's hash covers, including the hash of the previous event.
HASHED = (
    "id", "sequence", "at", "actor_id", "credential", "request_id", "action", "entity_type", "entity_id", "entity_key",
    "subject_key", "before", "after", "reason", "group_id", "marking", "readers", "names", "previous_hash",
)  # fmt: skip

#: The format of a head, for error messages.
SHAPE = (
    'A head is {"sequence": …, "hash": …}: the sequence is a whole number from 0, the hash is 64 hexadecimal digits '
    "in lower case; with the sequence 0, all digits are 0."
)


class ChainError(ValueError):
    """The audit log was tampered with; the message names the first wrong event."""


@dataclass(frozen=True)
class ChainHead:
    """The head of the audit log: the last event's sequence number and hash, or 0 and the hash of an empty log."""

    sequence: int = 0
    hash: str = GENESIS_HASH

    @classmethod
    def of(cls, value: object) -> ChainHead:
        """Return the head in a JSON object, which can have other keys too. Raises ValueError if it is not valid."""
        found = value if isinstance(value, dict) else {}
        sequence, digest = found.get("sequence"), found.get("hash")
        # Not isinstance: in Python, true is also an int, equal to 1.
        if type(sequence) is not int or not isinstance(digest, str) or not _is_possible(sequence, digest):
            raise ValueError(SHAPE)
        return cls(sequence, digest)


def _is_possible(sequence: int, digest: str) -> bool:
    return is_sha256(digest) and (sequence > 0 or (sequence == 0 and digest == GENESIS_HASH))


class HashChain:
    """Verifies the audit log event by event."""

    def __init__(self, expected: ChainHead | None = None) -> None:
        """Compare the log with the head `expected` elsewhere, if there is one."""
        self.head = ChainHead()
        self._expected = expected

    def add(self, row: Mapping[str, Any]) -> None:
        """Verify the next event, a row of `sealed_events`. Raises ChainError."""
        sequence, due = row["sequence"], self.head.sequence + 1
        if sequence != due:
            what = "occurs twice" if sequence < due else f"is out of sequence: event {due} is missing"
            self._refuse(f"event {sequence} {what}")
        if row["previous_hash"] != self.head.hash:
            self._refuse(f"event {sequence} does not match the event before it")
        if hash_of(row) != row["hash"]:
            self._refuse(f"event {sequence} does not match its hash")
        if field := find_forgery(row):
            self._refuse(f"event {sequence} shows another value of {field} than it recorded")
        self.head = ChainHead(sequence, row["hash"])
        if self._expected is not None and self._expected.sequence == sequence and self._expected != self.head:
            self._refuse(f"event {sequence} does not match the given head")

    def end(self) -> ChainHead:
        """Return the head of the complete log. Raises ChainError if events are missing at the end."""
        if self._expected is not None and self._expected.sequence > self.head.sequence:
            expected = self._expected.sequence
            self._refuse(f"it ends at event {self.head.sequence}, but the given head is event {expected}")
        return self.head

    def refuse_unreadable(self, error: Exception) -> NoReturn:
        """Always raises ChainError, for a next event that cannot be read."""
        self._refuse(f"event {self.head.sequence + 1} cannot be read ({type(error).__name__})")

    def _refuse(self, what: str) -> NoReturn:
        message = f"The audit log was tampered with: {what}; the {self.head.sequence} events before are valid."
        raise ChainError(message)


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the hash of an event: the SHA-256 of its canonical JSON, in hexadecimal."""
    return sha256_of(canonical_json({name: row[name] for name in HASHED}))


def lock_and_read_head(connection: Connection) -> ChainHead:
    """Lock the audit log until the transaction ends, and return its head."""
    return _head(connection.execute(LOCK_AND_READ_HEAD[connection.dialect.name]).first())


async def head_of(connection: AsyncConnection) -> ChainHead:
    """Return the head of the audit log, as this connection sees it."""
    return _head((await connection.execute(LAST_EVENT)).first())


def _head(row: Any) -> ChainHead:
    return ChainHead(row.sequence, row.hash) if row else ChainHead()


async def read_head(database: Database) -> ChainHead:
    """Return the current head of the audit log."""
    engine = database.bypass_policies("an operator reads the head of the audit log", read_only=True)
    async with engine.connect() as connection:
        return await head_of(connection)


async def verify(database: Database, expected: ChainHead | None = None) -> ChainHead:
    """Verify the whole audit log in one snapshot. Return its head. Raises ChainError for the first wrong event."""
    # One statement is one snapshot.
    engine = database.bypass_policies("an operator verifies the audit log", read_only=database.dialect.name == "sqlite")
    chain = HashChain(expected)
    events = sealed_events().execution_options(yield_per=BATCH)
    async with engine.connect() as connection, connection.stream(events) as rows:
        found = rows.mappings()
        while True:
            try:
                row = await anext(found, None)
            except (LookupError, TypeError, ValueError) as error:
                chain.refuse_unreadable(error)
            if row is None:
                return chain.end()
            chain.add({str(name): value for name, value in row.items()})
