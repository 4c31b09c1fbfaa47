"""Idempotency keys: a change that a client sends twice with the same key is executed once.

The key is claimed in the transaction of the change, and the result of the change is stored with it. A concurrent
request with the same key waits on the row of the key until that transaction ends. Then it finds the stored result, or
no row if the transaction was rolled back.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models import IdempotencyKey
from models.base import now
from resolvers.commands.errors import INPUT, IdempotencyError
from resolvers.core.codecs import to_json
from resolvers.core.hashing import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

#: How long the result of a change is stored.
RETENTION = dt.timedelta(hours=72)
#: One claim in this many, chosen at random, deletes the expired keys of the account.
CLEANED_UP_ONCE_IN = 50
#: For each engine, the statement that inserts a key unless it exists.
INSERT_OR_IGNORE: dict[str, Any] = {
    "postgresql": postgresql.insert(IdempotencyKey).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(IdempotencyKey).on_conflict_do_nothing(),
}


class IdempotencyClaim:
    """The claim of an idempotency key of an account for one change."""

    def __init__(self, account: str, key: str, mutation: str, given: Mapping[str, Any]) -> None:
        self._account = account
        self._key = key
        self._mutation = mutation
        self._digest = _digest_of(mutation, given)

    def take(self, connection: Connection, outcome: tuple[str, str]) -> tuple[str, str] | None:
        """Claim the key, and return the stored result if the change was executed before.

        Args:
            connection: The connection of the change's transaction.
            outcome: The type and key of the object that the change is expected to return.

        Raises:
            IdempotencyError: the key was used with a different change.
        """
        if secrets.randbelow(CLEANED_UP_ONCE_IN) == 0:
            # Most keys are never sent again, so no other claim would delete them.
            connection.execute(delete(IdempotencyKey).where(*self._old()))
        values = {
            "account_id": self._account,
            "key": self._key,
            "mutation": self._mutation,
            "digest": self._digest,
            "outcome_type": outcome[0],
            "outcome_key": outcome[1],
            "created_at": now(),
        }
        if connection.execute(INSERT_OR_IGNORE[connection.dialect.name], values).rowcount:
            return None
        if connection.execute(delete(IdempotencyKey).where(*self._old(), *self._mine())).rowcount:
            return self.take(connection, outcome)
        row = connection.execute(select(IdempotencyKey).where(*self._mine())).one()
        if (row.mutation, row.digest) != (self._mutation, self._digest):
            message = "This idempotency key was used before with a different input. Send a new key for each change."
            raise IdempotencyError(message, (*INPUT, "idempotencyKey"))
        return row.outcome_type, row.outcome_key

    def keep(self, connection: Connection, outcome: tuple[str, str]) -> None:
        """Store the result of the change, if it is not the expected object."""
        values = {"outcome_type": outcome[0], "outcome_key": outcome[1]}
        connection.execute(update(IdempotencyKey).where(*self._mine()).values(**values))

    def _old(self) -> tuple[Any, Any]:
        return IdempotencyKey.account_id == self._account, IdempotencyKey.created_at < now() - RETENTION

    def _mine(self) -> tuple[Any, Any]:
        return IdempotencyKey.account_id == self._account, IdempotencyKey.key == self._key


def _digest_of(mutation: str, given: Mapping[str, Any]) -> str:
    """Return the SHA-256 digest of a change, in hexadecimal, over its name and its input."""
    canonical = json.dumps([mutation, given], sort_keys=True, default=_text)
    return sha256_of(canonical.encode())


def _text(value: Any) -> str:
    return str(to_json(value))
