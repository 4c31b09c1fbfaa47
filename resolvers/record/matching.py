"""Finds the stored row for each row of a file, and what people did with the rows of earlier loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.base import new_key
from resolvers.core.codecs import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, RowMapping

    from resolvers.record.loaded_values import LoadedValues
    from resolvers.record.overwrites import Overwrites
    from resolvers.record.parser import RecordRow
    from resolvers.record.record_types import RecordType


def match(
    rows: Sequence[RecordRow], key: Sequence[Column[Any]], stored: Sequence[RowMapping], loaded: LoadedValues
) -> list[RowMapping]:
    """Set `id`, `stored`, `loaded` and `file_key` of rows of one table; return the stored rows that are left over.

    A row matches the row that an earlier load wrote for the same key, even if a person has changed that key since;
    otherwise the row that has the key now. A person removed a row that an earlier load wrote and that no longer exists.
    """
    if not rows:
        return list(stored)
    table = rows[0].type.table
    names = [column.name for column in key]
    written = loaded.keys_by(table, names)
    left = {row["id"]: row for row in stored}
    for row in rows:
        row.file_key = {name: to_json(row.values[name]) for name in names}
        row.id = written.get(tuple(row.file_key.values()), "")
        row.stored = left.pop(row.id, None)
    by_key = {tuple(to_json(row[name]) for name in names): row for row in reversed(left.values())}
    for row in rows:
        if row.stored is None and _is_known_by_its_key(row, names):
            row.stored = by_key.pop(tuple(row.file_key.values()), None)
        _identify(row, loaded)
        if row.stored:
            left.pop(row.id, None)
    return list(left.values())


def _is_known_by_its_key(row: RecordRow, names: Sequence[str]) -> bool:
    # A place in a list tells nothing of a row that a person put there.
    return "ordinal" not in names or row.parent is None or row.parent.loaded is None


def _identify(row: RecordRow, loaded: LoadedValues) -> None:
    of_table = loaded.of(row.type.table)
    row.loaded = of_table.get(row.id)
    if row.stored:
        row.id = row.stored["id"]
        row.loaded = row.loaded or of_table.get(row.id)
    row.is_removed = (row.parent is not None and row.parent.is_removed) or (row.loaded is not None and not row.stored)
    row.id = row.id or new_key()


def restore_removed(rows: Sequence[RecordRow], overwrites: Overwrites) -> None:
    """Make new rows of those that a person removed, where their list is to be as the file has it."""
    for row in rows:
        if row.is_removed and row.parent and not row.parent.is_removed and overwrites.cover(row.parent, row.list_name):
            row.is_removed, row.loaded, row.id = False, None, new_key()


def keep_order(shape: RecordType, parent: RecordRow, stored: Sequence[RowMapping], loaded: LoadedValues) -> None:
    """Leave a list in the order that people gave it: the rows that are there stay in place, new ones come last."""
    here = {row["id"]: row["ordinal"] for row in stored}
    written = {key: values["ordinal"] for key, values in loaded.by_parent(shape.table).get(parent.id, {}).items()}
    rows = [row for rows in parent.children.values() for row in rows if row.type is shape]
    for row in rows:
        row.file_key["ordinal"] = row.values["ordinal"]
    if here == written:
        return
    place = max(here.values(), default=0)
    for row in rows:
        if row.stored:
            row.values["ordinal"] = row.stored["ordinal"]
        elif not row.is_removed:
            place += 1
            row.values["ordinal"] = place
