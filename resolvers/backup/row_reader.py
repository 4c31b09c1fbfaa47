"""The rows of a backup as they are read: each line is what this program writes for a row, or it is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from resolvers.backup.manifest import BackupError, columns_of, encode_row, file_of, lines_of
from resolvers.core.codecs import codec_for
from resolvers.core.json_file import show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Column, Table


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
    """Return the value of a column; whether it may be null, the database says. Raises ValueError, naming the column."""
    if told is None:
        return None
    try:
        return codec_for(column).from_json(told)
    except ValueError:
        message = f"{column.name} cannot be {show(told)}"
        raise ValueError(message) from None
