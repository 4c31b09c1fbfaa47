"""The rows of a backup as they are read: each line is what this program writes for a row, or it is refused."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Date
from sqlalchemy import Enum as EnumColumn

from models.types import UtcDateTime
from resolvers.backup.manifest import MOMENT, BackupError, columns_of, encode_row, file_of, lines_of
from resolvers.core.json_file import show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Column, Table

#: The whole numbers that both engines hold.
INTEGER_LIMITS = 2**63


def rows_of(folder: Path, table: Table) -> Iterator[dict[str, Any]]:
    """Give the rows of a table's file. Raises BackupError, which names the line, for the first that is none."""
    for number, line in enumerate(lines_of(folder, table.name), start=1):
        try:
            row = row_of(table, line)
        except ValueError as error:
            message = f"{file_of(folder, table.name)}, line {number}: {error}. Take another backup. "
            raise BackupError(message + "Nothing was restored.") from error
        yield row


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """Give the row of a line. Raises ValueError, which says what is wrong, for a line that this program never wrote."""
    try:
        row = _row(table, json.loads(line))
        as_written = encode_row(row)
    except RecursionError:
        message = "nested too deep to be read"
        raise ValueError(message) from None
    except UnicodeEncodeError:
        message = "a text holds half of a character, such as \\ud800"
        raise ValueError(message) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        message = "not JSON in UTF-8"
        raise ValueError(message) from None
    # Whatever else is odd, such as a name that stands twice, NaN, or a day in another form, would come out other.
    if as_written != line:
        message = "not written as this program does"
        raise ValueError(message)
    return row


def _row(table: Table, told: object) -> dict[str, Any]:
    names = {column.name for column in columns_of(table)}
    if not isinstance(told, dict) or set(told) != names:
        message = f"not an object with the columns of {table.name}"
        raise ValueError(message)
    return {column.name: _value(column, told[column.name]) for column in columns_of(table)}


def _value(column: Column[Any], told: Any) -> Any:
    """Give the value of a column. Raises ValueError where it cannot be that; whether it may be, the database says."""
    if told is None or isinstance(column.type, JSON):
        return told
    try:
        return _typed(column, told)
    except (KeyError, TypeError, ValueError):
        message = f"{column.name} cannot be {show(told)}"
        raise ValueError(message) from None


def _typed(column: Column[Any], told: Any) -> Any:
    if isinstance(column.type, EnumColumn) and column.type.enum_class:
        return column.type.enum_class[told]
    if isinstance(column.type, UtcDateTime):
        # One without an offset would be a moment of some zone.
        return dt.datetime.fromisoformat(told if MOMENT.fullmatch(told) else "")
    if isinstance(column.type, Date):
        return dt.date.fromisoformat(told)
    # True is an int to Python, and SQLite turns whatever it is given into what the column holds.
    if type(told) is not column.type.python_type or (
        type(told) is int and not -INTEGER_LIMITS <= told < INTEGER_LIMITS
    ):
        raise TypeError
    return told
