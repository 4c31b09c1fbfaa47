"""Refuses statements that no policy restricts and no reason excuses, and changes that leave no audit event.

A statement that names one of our tables must be marked with a reason (`Database.bypass_policies`); compiled queries,
which carry the policies in themselves, do not pass here. A transaction that writes rows with a version commits only if
it also writes an audit event, or was opened as one that leaves none.

The guard reads the text of every statement. The tests and `coalition serve --demo` install it; elsewhere it is off,
and what holds is that nothing but `Database.bypass_policies` gives an engine (`tests/database/test_engines.py`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sqlalchemy import Engine, event

from models import Base, Entity

REASON = "coalition_reason"
UNAUDITED = "coalition_untrailed"

#: Where a connection notes what its transaction has written: tables, and whether into the trail.
WRITTEN = "coalition_written"
AUDIT_TABLE = "audit_events"


class PolicyBypassError(RuntimeError):
    """A statement names a table that policies guard, and carries neither them nor a reason."""


def bypass_options(reason: str, *, unaudited: bool = False) -> dict[str, Any]:
    """Return the execution options that mark statements with the reason why no policy restricts them.

    `unaudited` says that for the same reason their changes leave no audit event. Raises ValueError for an empty reason.
    """
    if not reason.strip():
        message = "a statement that passes no policy needs a reason in words"
        raise ValueError(message)
    return {REASON: reason, UNAUDITED: unaudited}


def install_statement_guard() -> None:
    """Guard every engine of this process, those that are there already included."""
    for name, listener in (
        ("before_cursor_execute", _refuse_unmarked),
        ("before_cursor_execute", _refuse_alone),
        ("after_cursor_execute", _note_write),
        ("begin", _forget_writes),
        ("commit", _refuse_unaudited),
    ):
        if not event.contains(Engine, name, listener):
            event.listen(Engine, name, listener)


def _refuse_unmarked(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 - SQLAlchemy calls it so
    if context is not None and context.execution_options.get(REASON):
        return
    # A PRAGMA describes a table, it gives no rows of it.
    if not statement.startswith("PRAGMA") and (found := _tables().search(statement)):
        said = f"a statement on {found[0]} passes no policy and gives no reason"
        message = f"{said}: use a compiled query, or Database.bypass_policies"
        raise PolicyBypassError(message)


def _refuse_alone(connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 - SQLAlchemy calls it so
    alone = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
    if alone and (table := _written_by(statement, context)):
        message = f"a change of {table} is committed by itself and leaves no trail: open a transaction"
        raise PolicyBypassError(message)


def _note_write(connection: Any, cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 - SQLAlchemy calls it so
    table = _written_by(statement, context)
    # What met no row has changed nothing; of rows that are given back the driver knows only afterwards.
    if table and (cursor.rowcount != 0 or "RETURNING" in statement):
        connection.info.setdefault(WRITTEN, set()).add(table)


def _written_by(statement: str, context: Any) -> str | None:
    """Give the table of a statement that must leave a trail, if it is one."""
    found = _writes().search(statement)
    may = context is not None and context.execution_options.get(UNAUDITED)
    return found[1] if found and not may else None


def _forget_writes(connection: Any) -> None:
    connection.info.pop(WRITTEN, None)


def _refuse_unaudited(connection: Any) -> None:
    written = connection.info.pop(WRITTEN, set())
    if written and AUDIT_TABLE not in written:
        message = (
            f"a change of {min(written)} leaves no trail: use Database.write, append its event to the trail, or say "
            "in Database.bypass_policies that it is to leave none"
        )
        raise PolicyBypassError(message)


@cache
def _writes() -> re.Pattern[str]:
    mappers = Base.registry.mappers
    versioned = [str(mapper.local_table) for mapper in mappers if issubclass(mapper.class_, Entity)]
    return re.compile(
        rf'\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?"?({"|".join([*versioned, AUDIT_TABLE])})\b',
        re.IGNORECASE,
    )


@cache
def _tables() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(Base.metadata.tables)})\b")
