"""What an operator is told of a fault: in one line, with the setting that is concerned and what to do.

The words of drivers and of the system name neither; what a client of the API is told of the same faults names nothing
of how the server is built (`resolvers/database/unavailable.py`).
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

#: By PostgreSQL's code: what is wrong, after "PostgreSQL at … ", and what to do.
POSTGRESQL = {
    "28P01": ("refuses the user or the password", f"correct them in {SETTING}"),
    "28000": ("does not let the user {user} in", f"allow it in pg_hba.conf, or correct {SETTING}"),
    "3D000": ("has no database called {database}", f"create it, or correct {SETTING}"),
    "57P03": ("is starting up or shutting down", "try again in a moment"),
    "57P01": ("has ended the connection", "try again in a moment"),
    "53300": ("has no connection left", "raise its max_connections, or end connections of others, and try again"),
    "25006": ("takes no changes: it is a standby, or read-only", f"name the primary in {SETTING}"),
    "53100": ("has no room left on its disk", "make room and try again"),
    "42501": ("does not let the user {user} do this ({said})", f"grant it, or name another user in {SETTING}"),
}

#: By SQLite's code: what is wrong with the file, and what to do.
SQLITE = {
    5: ("is locked by another program", "end that, or try again in a moment"),
    8: ("cannot be written", "let this account write to it and its folder, or {correct}"),
    10: ("cannot be read or written, as its disk reports an error", "check the disk, its room and quotas"),
    11: ("is damaged", "restore a backup"),
    13: ("has no room left on its disk", "make room and try again"),
    26: ("is no SQLite database", "{correct}"),
}

#: SQLite's code for a file that cannot be opened, whatever the reason.
CANNOT_OPEN = 14


def explain_database(error: BaseException, url: str, *, is_demo: bool = False) -> str | None:
    """Return what to say of an error that the database at `url` caused; None for one that it did not.

    The file of the demonstration (`is_demo`) has no setting.
    """
    # Why it is taken for a fault of the database stands below.
    cause = error.__cause__ if isinstance(error, DatabaseUnavailableError) and error.__cause__ else error
    parsed, found = make_url(url), driver_error(cause)
    if parsed.get_backend_name() == "sqlite":
        code = getattr(found, "sqlite_errorcode", None)
        return None if code is None else _explain_sqlite(found, parsed, code & 0xFF, is_demo=is_demo)
    state = getattr(found, "sqlstate", None)
    if not isinstance(state, str):
        return _explain_connection(found, parsed) if isinstance(error, DatabaseUnavailableError) else None
    wrong, advice = POSTGRESQL.get(state, ("answers: {said}", f"see {SETTING}"))
    words = {"user": parsed.username, "database": parsed.database, "said": _first_line(found)}
    return f"PostgreSQL at {_place(parsed)} {wrong.format(**words)}: {advice}."


def explain_system(error: OSError) -> str:
    """Return what to say of an error of the system about a file or folder."""
    reason = error.strerror or _first_line(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        reason = "there is no room left on its disk"
    return f"{error.filename} cannot be used: {reason}." if error.filename else f"{reason}."


def explain_file_store(error: Exception) -> str:
    """Return what to say of a store of files that does not work."""
    cause = error.__cause__
    reason = explain_system(cause) if isinstance(cause, OSError) else f"{_first_line(error)}."
    return f"The files of documents cannot be stored: {reason} Correct that, or COALITION_FILE_STORE."


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
        return "is in a folder that does not exist", "make the folder, or {correct}"
    return "cannot be opened", SQLITE[8][1]


def _explain_connection(error: Any, url: URL) -> str:
    place = _place(url)
    if isinstance(error, socket.gaierror):
        return f"The name of the host {url.host} is not known: correct {SETTING}."
    if isinstance(error, PermissionError):
        return f"PostgreSQL at {place} cannot be reached by this account: {error.strerror}. See {SETTING}."
    if isinstance(error, TimeoutError):
        return f"PostgreSQL at {place} did not answer in time: see whether it runs, or correct {SETTING}."
    if isinstance(error, OSError):
        return f"Nothing answers at {place}: start PostgreSQL there, or correct {SETTING}."
    return f"PostgreSQL at {place} cannot be used ({_first_line(error)}): see {SETTING}."


def _place(url: URL) -> str:
    host = url.host or url.query.get("host") or "this machine"
    return f"{host}:{url.port or url.query.get('port') or 5432}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
