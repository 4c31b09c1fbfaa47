"""Explains faults to an operator: one line with the affected setting and what to do.

The messages of drivers and of the system have neither. The API's messages about the same faults reveal nothing of the
server's internals (`resolvers/database/unavailable.py`).
"""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from resolvers.database.unavailable import DatabaseUnavailableError, driver_error

if TYPE_CHECKING:
    from sqlalchemy import URL

SETTING = "COALITION_DATABASE_URL"

#: By PostgreSQL's code: the fault, after "PostgreSQL at … ", and what to do.
POSTGRESQL = {
    "28P01": ("rejects the user or the password", f"correct them in {SETTING}"),
    "28000": ("does not allow the user {user} to connect", f"allow it in pg_hba.conf, or correct {SETTING}"),
    "3D000": ("has no database named {database}", f"create it, or correct {SETTING}"),
    "57P03": ("is starting up or shutting down", "try again in a moment"),
    "57P01": ("closed the connection", "try again in a moment"),
    "53300": ("has no free connection", "raise its max_connections, or close other connections, and try again"),
    "25006": ("accepts no changes: it is a standby or read-only", f"name the primary in {SETTING}"),
    "53100": ("has no space left on its disk", "free some space and try again"),
    "42501": ("does not allow the user {user} to do this ({reason})", f"grant it, or name another user in {SETTING}"),
}

#: By SQLite's code: the fault of the file, and what to do.
SQLITE = {
    5: ("is locked by another program", "stop that program, or try again in a moment"),
    8: ("cannot be written", "allow this system user to write to the file and its folder, or {correct}"),
    10: ("cannot be read or written because its disk reports an error", "check the disk, its free space and quotas"),
    11: ("is damaged", "restore a backup"),
    13: ("has no space left on its disk", "free some space and try again"),
    26: ("is not an SQLite database", "{correct}"),
}

#: SQLite's code for a file that cannot be opened; it does not give the reason.
CANNOT_OPEN = 14


def explain_database(error: BaseException, url: str, *, is_demo: bool = False) -> str | None:
    """Return the message for an error that the database at `url` caused; None for any other error.

    No setting names the file of the demonstration (`is_demo`).
    """
    # The driver's error has the code; a DatabaseUnavailableError only wraps it.
    cause = error.__cause__ if isinstance(error, DatabaseUnavailableError) and error.__cause__ else error
    parsed, found = make_url(url), driver_error(cause)
    if parsed.get_backend_name() == "sqlite":
        code = getattr(found, "sqlite_errorcode", None)
        return None if code is None else _explain_sqlite(found, parsed, code & 0xFF, is_demo=is_demo)
    state = getattr(found, "sqlstate", None)
    if not isinstance(state, str):
        return _explain_connection(found, parsed) if isinstance(error, DatabaseUnavailableError) else None
    wrong, advice = POSTGRESQL.get(state, ("reports: {reason}", f"check {SETTING}"))
    words = {"user": parsed.username, "database": parsed.database, "reason": _first_line(found)}
    return f"PostgreSQL at {_place(parsed)} {wrong.format(**words)}: {advice}."


def explain_system(error: OSError) -> str:
    """Return the message for a system error about a file or folder."""
    reason = error.strerror or _first_line(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        reason = "there is no space left on its disk"
    return f"{error.filename} cannot be used: {reason}." if error.filename else f"{reason}."


def explain_file_store(error: Exception) -> str:
    """Return the message for a file store that does not work."""
    cause = error.__cause__
    reason = explain_system(cause) if isinstance(cause, OSError) else f"{_first_line(error)}."
    return f"The files of documents cannot be stored: {reason} Fix this, or correct COALITION_FILE_STORE."


def _explain_sqlite(error: BaseException, url: URL, code: int, *, is_demo: bool) -> str:
    file = Path(url.database or "")
    correct = "serve without --demo" if is_demo else f"correct {SETTING}"
    wrong, advice = SQLITE.get(code, (f"cannot be used ({_first_line(error)})", "{correct}"))
    if code == CANNOT_OPEN:
        wrong, advice = _why_not_opened(file)
    return f"The database file {file} {wrong}: {advice.format(correct=correct)}."


def _why_not_opened(file: Path) -> tuple[str, str]:
    if file.is_dir():
        return "is a folder", "{correct}"
    if not file.parent.is_dir():
        return "is in a folder that does not exist", "create the folder, or {correct}"
    return "cannot be opened", SQLITE[8][1]


def _explain_connection(error: Any, url: URL) -> str:
    place = _place(url)
    if isinstance(error, socket.gaierror):
        return f"The host name {url.host} cannot be resolved: correct {SETTING}."
    if isinstance(error, PermissionError):
        return f"PostgreSQL at {place} cannot be reached by this system user: {error.strerror}. Check {SETTING}."
    if isinstance(error, TimeoutError):
        return f"PostgreSQL at {place} did not respond in time: check that it is running, or correct {SETTING}."
    if isinstance(error, OSError):
        return f"There is no response from {place}: start PostgreSQL there, or correct {SETTING}."
    return f"PostgreSQL at {place} cannot be used ({_first_line(error)}): check {SETTING}."


def _place(url: URL) -> str:
    host = url.host or url.query.get("host") or "this machine"
    return f"{host}:{url.port or url.query.get('port') or 5432}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
