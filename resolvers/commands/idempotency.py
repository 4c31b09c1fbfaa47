"""A change that is sent twice is made once: what came of it is kept under the key it was sent with.

The key is claimed in the transaction of the change itself. Whoever sends the same one meanwhile
waits at its row until that transaction ends, and then finds what came of it, or nothing.
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

#: How long what came of a change is kept.
RETENTION = dt.timedelta(hours=72)
#: In how many claims an account's old keys are swept once.
CLEANED_UP_ONCE_IN = 50
#: On each engine, what enters a key unless it is there.
INSERT_OR_IGNORE: dict[str, Any] = {
    "postgresql": postgresql.insert(IdempotencyKey).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(IdempotencyKey).on_conflict_do_nothing(),
}


class IdempotencyClaim:
    """One key of an account, for one change."""

    def __init__(self, account: str, key: str, mutation: str, given: Mapping[str, Any]) -> None:
        self._account = account
        self._key = key
        self._mutation = mutation
        self._digest = _digest_of(mutation, given)

    def take(self, connection: Connection, outcome: tuple[str, str]) -> tuple[str, str] | None:
        """Claim the key; give the type and key of what came of the change where it was made before.

        `outcome` is what is expected to come of it this time. Raises IdempotencyError where it was another change.
        """
        if secrets.randbelow(CLEANED_UP_ONCE_IN) == 0:
            # For all that nobody sends again.
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
            message = "This idempotency key was used before with another input: send a new key with a new change."
            raise IdempotencyError(message, (*INPUT, "idempotencyKey"))
        return row.outcome_type, row.outcome_key

    def keep(self, connection: Connection, outcome: tuple[str, str]) -> None:
        """Keep what came of the change, where that is another object than was expected."""
        values = {"outcome_type": outcome[0], "outcome_key": outcome[1]}
        connection.execute(update(IdempotencyKey).where(*self._mine()).values(**values))

    def _old(self) -> tuple[Any, Any]:
        return IdempotencyKey.account_id == self._account, IdempotencyKey.created_at < now() - RETENTION

    def _mine(self) -> tuple[Any, Any]:
        return IdempotencyKey.account_id == self._account, IdempotencyKey.key == self._key


def _digest_of(mutation: str, given: Mapping[str, Any]) -> str:
    """Give the digest of a change: SHA-256, in hexadecimal, over what was given."""
    canonical = json.dumps([mutation, given], sort_keys=True, default=_text)
    return sha256_of(canonical.encode())


def _text(value: Any) -> str:
    return str(to_json(value))
