"""Refuses statements without a policy or a reason, and changes without an audit event.

A statement on one of the project's tables must be marked with a reason (`Database.bypass_policies`). Compiled queries,
which contain the policies, do not pass through this guard. Likewise, a transaction that writes versioned rows must
write an audit event, unless it was opened as unaudited.

The guard reads the text of every statement. Only the tests and `coalition serve --demo` install it. Without it, the
rule is that only `Database.bypass_policies` returns an engine (`tests/database/test_engines.py`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sqlalchemy import Engine, event

from models import Base, Entity

REASON = "coalition_reason"
UNAUDITED = "coalition_untrailed"

#: The key in a connection's info for the tables that its transaction has written, including the audit log.
WRITTEN = "coalition_written"
AUDIT_TABLE = "audit_events"


class PolicyBypassError(RuntimeError):
    """A statement uses a protected table without a policy or a reason, or changes it without an audit event."""


def bypass_options(reason: str, *, unaudited: bool = False) -> dict[str, Any]:
    """Return the execution options that mark statements with the reason why no policy applies.

    With `unaudited`, their changes need no audit event, for the same reason. Raises ValueError for an empty reason.
    """
    if not reason.strip():
        message = "a statement without policies needs a reason: describe it in words"
        raise ValueError(message)
    return {REASON: reason, UNAUDITED: unaudited}


def install_statement_guard() -> None:
    """Guard every engine of this process, including existing ones."""
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
    # A PRAGMA describes a table but returns none of its rows.
    if not statement.startswith("PRAGMA") and (found := _tables().search(statement)):
        fault = f"a statement on {found[0]} has no policy and no reason"
        message = f"{fault}: use a compiled query, or Database.bypass_policies"
        raise PolicyBypassError(message)


def _refuse_alone(connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 - SQLAlchemy calls it so
    alone = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
    if alone and (table := _written_by(statement, context)):
        message = f"a change of {table} in autocommit writes no audit event: open a transaction"
        raise PolicyBypassError(message)


def _note_write(connection: Any, cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 - SQLAlchemy calls it so
    table = _written_by(statement, context)
    # A row count of 0 means no change, except with RETURNING: the driver counts these rows only later.
    if table and (cursor.rowcount != 0 or "RETURNING" in statement):
        connection.info.setdefault(WRITTEN, set()).add(table)


def _written_by(statement: str, context: Any) -> str | None:
    """Return the table that a statement writes, if the change needs an audit event."""
    found = _writes().search(statement)
    may = context is not None and context.execution_options.get(UNAUDITED)
    return found[1] if found and not may else None


def _forget_writes(connection: Any) -> None:
    connection.info.pop(WRITTEN, None)


def _refuse_unaudited(connection: Any) -> None:
    written = connection.info.pop(WRITTEN, set())
    if written and AUDIT_TABLE not in written:
        message = (
            f"a change of {min(written)} writes no audit event: use audited_write or append_events, "
            "or open the transaction with Database.bypass_policies(unaudited=True)"
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
