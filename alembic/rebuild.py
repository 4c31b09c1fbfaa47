"""Copies a table on SQLite, which cannot change the columns and constraints of a table.

A landed migration calls it, so this file never changes either.
"""

from collections.abc import Mapping

from alembic import op
from sqlalchemy.schema import SchemaItem


def rebuild(table: str, *parts: SchemaItem, copied: Mapping[str, str]) -> None:
    """Make a table anew with other parts, on SQLite. Drop the triggers that mention the table before.

    The indexes of the table are dropped with it: create them afterwards.

    Args:
        table: The name of the table.
        parts: Its columns and constraints.
        copied: The SQL over the old row that fills each column of the new row.
    """
    op.create_table(f"_new_{table}", *parts)
    columns, values = ", ".join(copied), ", ".join(copied.values())
    op.execute(f"INSERT INTO _new_{table} ({columns}) SELECT {values} FROM {table}")  # noqa: S608 - names of ours
    op.drop_table(table)
    op.rename_table(f"_new_{table}", table)
