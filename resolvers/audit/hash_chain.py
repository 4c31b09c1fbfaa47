"""Whether the trail is as it was written: every event, its hash, its place, and the end that was kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import select, text

from models import AuditEvent
from resolvers.core.codecs import canonical_json
from resolvers.core.hashing import is_sha256, sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database

EVENTS = AuditEvent.__table__

#: How many events are read at once.
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

#: What of an event its hash covers, with the hash of the event before.
HASHED = (
    "id", "sequence", "at", "actor_id", "credential", "request_id", "action", "entity_type", "entity_id", "entity_key",
    "subject_key", "before", "after", "reason", "group_id", "marking", "readers", "names", "previous_hash",
)  # fmt: skip

#: What a head is, for whoever gave something else.
SHAPE = (
    'A head is {"sequence": …, "hash": …}: the sequence is a whole number from 0, the hash is 64 hexadecimal digits '
    "in small letters, with the sequence 0 only those of the beginning, all of them 0."
)


class ChainError(ValueError):
    """The trail is not as it was written; the message names the first event that shows it."""


@dataclass(frozen=True)
class ChainHead:
    """The end of the trail: the last event's place and hash; 0 and the beginning's hash where there is none."""

    sequence: int = 0
    hash: str = GENESIS_HASH

    @classmethod
    def of(cls, told: object) -> ChainHead:
        """Give the head in an object of JSON from outside, which may tell more. Raises ValueError where it has none."""
        found = told if isinstance(told, dict) else {}
        sequence, digest = found.get("sequence"), found.get("hash")
        # True is an int to Python, and would pass for the first event.
        if type(sequence) is not int or not isinstance(digest, str) or not _is_possible(sequence, digest):
            raise ValueError(SHAPE)
        return cls(sequence, digest)


def _is_possible(sequence: int, digest: str) -> bool:
    return is_sha256(digest) and (sequence > 0 or (sequence == 0 and digest == GENESIS_HASH))


class HashChain:
    """Follows the trail event by event."""

    def __init__(self, kept: ChainHead | None = None) -> None:
        """Take the head that was `kept` elsewhere, if any."""
        self.head = ChainHead()
        self._kept = kept

    def add(self, row: Mapping[str, Any]) -> None:
        """Check the next event. Raises ChainError."""
        sequence, due = row["sequence"], self.head.sequence + 1
        if sequence != due:
            what = "stands twice in the trail" if sequence < due else f"comes where event {due} should: that is missing"
            self._refuse(f"event {sequence} {what}")
        if row["previous_hash"] != self.head.hash:
            self._refuse(f"event {sequence} names another event before it than the one that is there")
        if hash_of(row) != row["hash"]:
            self._refuse(f"event {sequence} is not what its hash was made of")
        self.head = ChainHead(sequence, row["hash"])
        if self._kept is not None and self._kept.sequence == sequence and self._kept != self.head:
            self._refuse(f"event {sequence} is another than the head that was kept")

    def end(self) -> ChainHead:
        """Give the head of a trail that is whole. Raises ChainError where its tail is missing."""
        if self._kept is not None and self._kept.sequence > self.head.sequence:
            kept = self._kept.sequence
            self._refuse(f"the trail ends at event {self.head.sequence}, the head that was kept is event {kept}")
        return self.head

    def refuse_unreadable(self, error: Exception) -> NoReturn:
        """Say that the next event cannot even be read. Raises ChainError, always."""
        self._refuse(f"event {self.head.sequence + 1} cannot be read ({type(error).__name__})")

    def _refuse(self, what: str) -> NoReturn:
        message = f"The trail was tampered with: {what}; the {self.head.sequence} events before it are good."
        raise ChainError(message)


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the hash of an event: the SHA-256 of its canonical JSON, in hexadecimal."""
    return sha256_of(canonical_json({name: row[name] for name in HASHED}))


def lock_and_read_head(connection: Connection) -> ChainHead:
    """Return the end of the audit log, which no other transaction can extend until this one ends."""
    return _head(connection.execute(LOCK_AND_READ_HEAD[connection.dialect.name]).first())


async def head_of(connection: AsyncConnection) -> ChainHead:
    """Return the end of the audit log, as this connection sees it."""
    return _head((await connection.execute(LAST_EVENT)).first())


def _head(row: Any) -> ChainHead:
    return ChainHead(row.sequence, row.hash) if row else ChainHead()


async def read_head(database: Database) -> ChainHead:
    """Give the end of the trail as it is now."""
    engine = database.bypass_policies("an operator keeps the end of the trail", read_only=True)
    async with engine.connect() as connection:
        return await head_of(connection)


async def verify(database: Database, kept: ChainHead | None = None) -> ChainHead:
    """Check the whole trail, in one snapshot; give its end. Raises ChainError for the first event that is bad."""
    # One statement is one snapshot.
    engine = database.bypass_policies("an operator checks the trail", read_only=database.dialect.name == "sqlite")
    chain = HashChain(kept)
    events = select(EVENTS).order_by(EVENTS.c.sequence, EVENTS.c.id).execution_options(yield_per=BATCH)
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
