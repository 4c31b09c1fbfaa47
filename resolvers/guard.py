"""No statement on our tables slips past the policies: one that names a table says why, or raises.

The plan's statements carry the policies in themselves, and have a lane of their own. Every other
statement is marked with the reason for which it needs none.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from models import Base

if TYPE_CHECKING:
    from sqlalchemy import Engine

REASON = "coalition_reason"


class UnguardedError(RuntimeError):
    """A statement names a table that policies guard, and carries neither them nor a reason."""


def reason_of(reason: str) -> dict[str, Any]:
    """Give the execution options that mark statements with the reason why they pass no policy.

    Raises ValueError for an empty one.
    """
    if not reason.strip():
        message = "a statement that passes no policy needs a reason in words"
        raise ValueError(message)
    return {REASON: reason}


def guard(engine: Engine) -> None:
    """Let no statement of `engine` name a guarded table without a mark."""
    event.listen(engine, "before_cursor_execute", _refuse_unmarked)


def _refuse_unmarked(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001 - SQLAlchemy calls it so
    if context is not None and context.execution_options.get(REASON):
        return
    # A PRAGMA describes a table, it gives no rows of it.
    if not statement.startswith("PRAGMA") and (found := _tables().search(statement)):
        message = f"a statement on {found[0]} passes no policy and gives no reason: use the plan, or Database.unguarded"
        raise UnguardedError(message)


@cache
def _tables() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(Base.metadata.tables)})\b")
