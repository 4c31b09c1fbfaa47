"""Translates driver errors: the database is unreachable, busy, read-only or full.

Only this module knows the drivers' errors. The engines (`watch_engine`, `WatchedPool`) and the query runners use it, so
the packages above see the errors of the database only in this form. Errors of the statement itself, such as a violated
constraint or an unknown column, are not translated.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import AsyncAdaptedQueuePool, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from resolvers.core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.pool import PoolProxiedConnection

logger = logging.getLogger(__name__)

#: The minimum time between two log lines of the same type: during an outage, every request fails.
LOG_INTERVAL_SECONDS = 1.0

#: asyncpg's error if a connection ends between two protocol steps; a name, as SQLite does not import asyncpg.
ENDED_IN_BETWEEN = "InternalClientError"

_logged: dict[type[DatabaseUnavailableError], float] = {}


class DatabaseUnavailableError(RequestError):
    """The database cannot be reached. The request is not at fault; the client can send it again unchanged."""

    code = "SERVICE_UNAVAILABLE"
    reason = "the database cannot be reached"
    advice = "The database cannot be reached: send the request again in a moment."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.advice)


class DatabaseBusyError(DatabaseUnavailableError):
    """Another transaction holds a lock or has changed the same rows; the transaction can run again."""

    reason = "the database is busy"
    advice = "The database is busy with other changes: send the request again in a moment."


class DatabaseReadOnlyError(DatabaseUnavailableError):
    """The database allows queries but no changes, such as a standby."""

    reason = "the database is read-only"
    advice = "The database is read-only now, and nothing was changed: send the request again in a moment."


class DatabaseFullError(DatabaseUnavailableError):
    """The disk of the database is full. A new attempt fails until the operator frees space."""

    code = "INSUFFICIENT_STORAGE"
    reason = "the disk of the database is full"
    advice = "The disk of the database is full, and nothing was changed: tell the operator to free space."


#: PostgreSQL's codes (https://www.postgresql.org/docs/18/errcodes-appendix.html), complete or as a class.
SQLSTATES: dict[str, type[DatabaseUnavailableError]] = {
    "25006": DatabaseReadOnlyError,
    "25P03": DatabaseUnavailableError,
    "25P04": DatabaseUnavailableError,
    "40001": DatabaseBusyError,
    "40P01": DatabaseBusyError,
    "55P03": DatabaseBusyError,
    "53100": DatabaseFullError,
    "08": DatabaseUnavailableError,
    "53": DatabaseUnavailableError,
    "57": DatabaseUnavailableError,
    "58": DatabaseUnavailableError,
}

#: SQLite's primary result codes BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL and CANTOPEN (https://sqlite.org/rescode.html).
SQLITE_CODES: dict[int, type[DatabaseUnavailableError]] = {
    5: DatabaseBusyError,
    6: DatabaseBusyError,
    7: DatabaseUnavailableError,
    8: DatabaseReadOnlyError,
    10: DatabaseUnavailableError,
    13: DatabaseFullError,
    14: DatabaseUnavailableError,
}


def fault_of(error: BaseException, *, connecting: bool = False) -> DatabaseUnavailableError | None:
    """Return the database fault of a driver's error and log it. Return None for other errors.

    While `connecting`, every driver error means that the database cannot be reached.
    """
    if isinstance(error, DatabaseUnavailableError):
        return error
    kind = _kind_of(error)
    if kind is None and connecting and isinstance(error, Exception):
        kind = DatabaseUnavailableError
    if kind is None:
        return None
    _log(kind, driver_error(error))
    return kind()


def driver_error(error: BaseException) -> BaseException:
    """Return the driver's own error, unwrapped from SQLAlchemy's errors."""
    inner = getattr(error, "orig", None) or error
    cause = inner.__cause__
    return cause if cause is not None and hasattr(inner, "sqlstate") else inner


@contextmanager
def translated_faults(*, connecting: bool = False) -> Iterator[None]:
    """Translate the driver errors of the block. Raises DatabaseUnavailableError or a subclass."""
    try:
        yield
    except Exception as error:
        fault = fault_of(error, connecting=connecting)
        if fault is None or fault is error:
            raise
        raise fault from error


class WatchedPool(AsyncAdaptedQueuePool):
    """A connection pool that raises DatabaseUnavailableError if it cannot provide a connection."""

    def connect(self) -> PoolProxiedConnection:
        """Return a connection from the pool."""
        with translated_faults(connecting=True):
            return super().connect()


def watch_engine(engine: Engine) -> None:
    """Translate the driver errors of every statement, commit and rollback of an engine."""
    event.listen(engine, "handle_error", _translate)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "checkout", _refuse_closed)


def _refuse_closed(_connection: object, record: Any, _proxy: object) -> None:
    # The pool then opens a new connection, so that no request fails.
    if record.driver_connection.is_closed():
        raise DisconnectionError


def _translate(context: ExceptionContext) -> BaseException | None:
    error = context.original_exception
    # SQLAlchemy does not recognise these two errors as a lost connection.
    if isinstance(error, OSError) or type(driver_error(error)).__name__ == ENDED_IN_BETWEEN:
        context.is_disconnect = True
    return fault_of(error, connecting=context.is_disconnect)


def _kind_of(error: BaseException) -> type[DatabaseUnavailableError] | None:
    if isinstance(error, OSError | PoolTimeoutError):
        return DatabaseUnavailableError
    found: Any = driver_error(error)
    state = getattr(found, "sqlstate", None)
    if isinstance(state, str):
        return SQLSTATES.get(state) or SQLSTATES.get(state[:2])
    # The lowest byte of an extended code is the primary code.
    return SQLITE_CODES.get(getattr(found, "sqlite_errorcode", 0) & 0xFF)


def _log(kind: type[DatabaseUnavailableError], error: BaseException) -> None:
    moment = monotonic()
    if moment - _logged.get(kind, float("-inf")) >= LOG_INTERVAL_SECONDS:
        _logged[kind] = moment
        # Only the type: the message can contain the address and the user.
        logger.warning("%s: %s", kind.reason, type(error).__name__)
