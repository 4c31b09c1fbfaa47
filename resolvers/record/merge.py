"""The merge of a row of the file into a stored row: a load writes the file's changes, except where a person changed it.

Three values of each field are compared: the file's, the stored one, and the one that a load wrote last. Where the
stored value is the one that a load wrote, the file's value is written. A value that a person changed stays, and the
load reports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import HasStatus
from models.money import Money
from resolvers.core.attributes import entity_of
from resolvers.core.codecs import to_json
from resolvers.core.json_file import show

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    from sqlalchemy import RowMapping

    from resolvers.record.overwrites import Overwrites
    from resolvers.record.parser import RecordRow


class RowMerge:
    """The changes of one stored row.

    Attributes:
        changes: The values that are written, by column.
        loaded: The values that the load wrote or found as the file has them, in JSON.
        preserved: A line for each field that stays, although the file has another value.
    """

    def __init__(self, row: RecordRow, stored: RowMapping, overwrites: Overwrites) -> None:
        self.changes: dict[str, Any] = {}
        self.loaded: dict[str, Any] = {**(row.loaded or {})}
        self.preserved: list[str] = []
        for name, columns in row.type.columns.items():
            if columns[0].name in row.values:
                self._merge(row, stored, name, [column.name for column in columns], overwrites)
        self.loaded |= row.file_key

    def _merge(self, row: RecordRow, stored: RowMapping, name: str, columns: list[str], overwrites: Overwrites) -> None:
        file = {column: to_json(row.values[column]) for column in columns}
        here = {column: to_json(stored[column]) for column in columns}
        if file != here:
            is_ours = row.loaded is not None and all(
                column in row.loaded and row.loaded[column] == here[column] for column in columns
            )
            if not is_ours and not overwrites.cover(row, name):
                self.preserved.append(f"{row.path}: {name}: stays {_shown(row, name, here)}, as it was changed here")
                return
            if name == "status" and not _is_reached(row, stored["status"]):
                self.preserved.append(
                    f"{row.path}: status: stays {here['status']}: it never becomes {file['status']} again"
                )
                return
            self.changes |= {column: row.values[column] for column in columns if file[column] != here[column]}
        self.loaded |= file


def _shown(row: RecordRow, name: str, here: Mapping[str, Any]) -> str:
    if name in row.type.references:
        return "what it is" if any(here.values()) else "empty"
    values = list(here.values())
    if len(values) > 1 and values[0] is not None:
        return str(Money(*values))
    return str(values[0]) if name == "status" else show(values[0])


def _is_reached(row: RecordRow, status: Enum) -> bool:
    """Return whether legal changes lead from the stored status to the file's."""
    model = entity_of(row.type.table)
    if not issubclass(model, HasStatus):
        return True
    reached = [status]
    for each in reached:
        reached += [to for to in model.transitions[each] if to not in reached]
    return row.values["status"] in reached
