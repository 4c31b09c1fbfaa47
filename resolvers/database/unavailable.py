"""What an error of the database or its driver means: it is away, busy, takes no changes, has no room, or refuses.

This is the one place that knows the drivers' errors. The engines (`watch_engine`, `WatchedPool`) and the runners of
compiled statements translate here, so nothing above this package sees a fault of the database in any other form. What
a statement itself does wrong (a broken constraint, an unknown column) keeps its error.
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

#: Each kind of fault is logged at most this often: while the database is away, every request meets it.
LOG_INTERVAL_SECONDS = 1.0

#: What asyncpg raises where a connection ended between two steps of its own; it is not imported for SQLite.
ENDED_IN_BETWEEN = "InternalClientError"

_logged: dict[type[DatabaseUnavailableError], float] = {}


class DatabaseUnavailableError(RequestError):
    """The database does not answer: no fault of the request, which may be sent again as it is."""

    code = "SERVICE_UNAVAILABLE"
    reason = "the database cannot be reached"
    advice = "The database cannot be reached: ask again in a moment."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.advice)


class DatabaseBusyError(DatabaseUnavailableError):
    """Others hold what a statement needs, or changed it at the same moment; the transaction can be run again."""

    reason = "the database is busy"
    advice = "The database is busy with other changes: ask again in a moment."


class DatabaseReadOnlyError(DatabaseUnavailableError):
    """The database answers queries and takes no changes, as a standby does."""

    reason = "the database takes no changes"
    advice = "The database takes no changes now, and nothing was changed: ask again in a moment."


class DatabaseFullError(DatabaseUnavailableError):
    """The disk of the database has no room; asking again does not help until an operator has made some."""

    code = "INSUFFICIENT_STORAGE"
    reason = "the database has no room left on its disk"
    advice = "The database has no room left, and nothing was changed. The operator has to make room."


#: PostgreSQL's codes (https://www.postgresql.org/docs/18/errcodes-appendix.html), whole or by their class.
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
    """Return the fault of the database that a driver's error stands for, and log it; None for any other error.

    While `connecting`, whatever the driver raises means that the database cannot be reached.
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
    """Return the driver's own error, from under those that SQLAlchemy puts around it."""
    inner = getattr(error, "orig", None) or error
    cause = inner.__cause__
    return cause if cause is not None and hasattr(inner, "sqlstate") else inner


@contextmanager
def translated_faults(*, connecting: bool = False) -> Iterator[None]:
    """Run what uses a driver. Raises DatabaseUnavailableError, or one of its kinds, where the database is at fault."""
    try:
        yield
    except Exception as error:
        fault = fault_of(error, connecting=connecting)
        if fault is None or fault is error:
            raise
        raise fault from error


class WatchedPool(AsyncAdaptedQueuePool):
    """A pool of connections that raises DatabaseUnavailableError where none can be had."""

    def connect(self) -> PoolProxiedConnection:
        """Return a connection."""
        with translated_faults(connecting=True):
            return super().connect()


def watch_engine(engine: Engine) -> None:
    """Have every statement, commit and rollback of an engine raise the database's faults as they are named here."""
    event.listen(engine, "handle_error", _translate)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "checkout", _refuse_closed)


def _refuse_closed(_connection: object, record: Any, _proxy: object) -> None:
    # Found here, it costs no request its answer: the pool opens another one.
    if record.driver_connection.is_closed():
        raise DisconnectionError


def _translate(context: ExceptionContext) -> BaseException | None:
    error = context.original_exception
    # SQLAlchemy knows neither of them as the end of a connection.
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
    # Extended codes hold the primary one in their lowest byte.
    return SQLITE_CODES.get(getattr(found, "sqlite_errorcode", 0) & 0xFF)


def _log(kind: type[DatabaseUnavailableError], error: BaseException) -> None:
    moment = monotonic()
    if moment - _logged.get(kind, float("-inf")) >= LOG_INTERVAL_SECONDS:
        _logged[kind] = moment
        # Only its kind: the message may hold the address and the user.
        logger.warning("%s: %s", kind.reason, type(error).__name__)
