"""Reads the rows of a backup. A line is refused unless this program would write exactly that line."""

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
    """Yield the rows of a table's file. Raises BackupError, with the line number, for the first invalid line."""
    for number, line in enumerate(lines_of(folder, table.name), start=1):
        try:
            row = row_of(table, line)
        except ValueError as error:
            message = f"{file_of(folder, table.name)}, line {number}: {error}. Use another backup. "
            raise BackupError(message + "Nothing was restored.") from error
        yield row


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """Return the row in a line. Raises ValueError if this program would not write this line; the message says why."""
    try:
        row = _row(table, json.loads(line))
        as_written = encode_row(row)
    except RecursionError:
        message = "nested too deeply to be read"
        raise ValueError(message) from None
    except UnicodeEncodeError:
        message = "a text contains half of a character, such as \\ud800"
        raise ValueError(message) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        message = "not JSON in UTF-8"
        raise ValueError(message) from None
    # Other faults, such as a repeated key, NaN, or a date in another format, make the encoded line differ.
    if as_written != line:
        message = "not in the form that this program writes"
        raise ValueError(message)
    return row


def _row(table: Table, value: object) -> dict[str, Any]:
    names = {column.name for column in columns_of(table)}
    if not isinstance(value, dict) or set(value) != names:
        message = f"not an object with the columns of {table.name}"
        raise ValueError(message)
    return {column.name: _value(column, value[column.name]) for column in columns_of(table)}


def _value(column: Column[Any], value: Any) -> Any:
    """Return the value of a column; the database checks null. Raises ValueError with the name of the column."""
    if value is None:
        return None
    try:
        return codec_for(column).from_json(value)
    except ValueError:
        message = f"{column.name} cannot be {show(value)}"
        raise ValueError(message) from None
