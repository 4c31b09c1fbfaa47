"""Finds the rows of a record in the database and compares them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Table, select

from models.base import new_key
from resolvers.core.json_file import show
from resolvers.record.record_types import record_types_by_table
from resolvers.record.values import RecordError, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, RowMapping

    from resolvers.record.parser import Name, ParsedRecord, RecordRow
    from resolvers.record.record_types import Link, RecordType, Reference

#: Keys per statement: the databases limit the number of parameters.
BATCH = 500


class RemovedRow(NamedTuple):
    """A stored row that its parent's list in the file no longer contains."""

    path: str
    table: Table
    stored: RowMapping


class LinkChange(NamedTuple):
    """A list of links of one row that differs from the stored one."""

    link: Link
    row: RecordRow
    add: set[str]
    remove: set[str]


@dataclass
class RecordDiff:
    """The changes that make the database equal to the file."""

    created: list[RecordRow] = field(default_factory=list)
    changed: dict[RecordRow, dict[str, Any]] = field(default_factory=dict)
    removed: list[RemovedRow] = field(default_factory=list)
    relinked: list[LinkChange] = field(default_factory=list)


class RecordDiffer:
    """Compares the rows of a file with the database."""

    def __init__(self, connection: Connection, rows: ParsedRecord) -> None:
        self._connection = connection
        self._rows = rows
        self._plan = RecordDiff()

    def compare(self) -> RecordDiff:
        """Set the id of every row and return the differences. Raises RecordError for an unknown reference."""
        for shape, rows in self._rows.lists:
            (column,) = (shape.columns[name][0] for name in shape.key)
            _match(rows, [column], self._fetch(shape.table, column, [row.values[column.name] for row in rows]))
        for shape, rows in self._rows.lists:
            self._match_children(shape, rows)
        for row in self._rows:
            for name, reference in row.type.references.items():
                self._resolve_field(row, name, reference)
        for shape in {row.type: None for row in self._rows if row.links}:
            self._compare_links(shape)
        for row in self._rows:
            self._compare_row(row)
        return self._plan

    def _match_children(self, shape: RecordType, rows: list[RecordRow]) -> None:
        for name, child in shape.children.items():
            parents = {row.id: row for row in rows if name in row.children}
            children = [row for parent in parents.values() for row in parent.children[name]]
            parent_column = child.parent_column
            for row in children:
                row.values[parent_column.name] = row.parent.id if row.parent else None
                for key in child.references.keys() & child.key:
                    self._resolve_field(row, key, child.references[key])
            stored = self._fetch(child.table, parent_column, [row.id for row in parents.values() if row.stored])
            for left in _match(children, [parent_column, *(child.columns[key][0] for key in child.key)], stored):
                self._plan.removed.append(
                    RemovedRow(f"{parents[left[parent_column.name]].path}: {name}", child.table, left)
                )
            self._match_children(child, children)

    def _fetch(self, table: Table, column: Column[Any], values: Sequence[Any]) -> list[RowMapping]:
        found: list[RowMapping] = []
        for start in range(0, len(values), BATCH):
            some = select(table).where(column.in_(values[start : start + BATCH])).order_by(*table.primary_key)
            # Locked, so that the rows do not change between the comparison and the write.
            found.extend(self._connection.execute(some.with_for_update()).mappings())
        return found

    def _resolve_field(self, row: RecordRow, name: str, reference: Reference) -> None:
        if name not in row.references:
            return
        target = row.references.pop(name)
        row.values[reference.column.name] = self._resolve(row, name, reference.target, target)
        other = self._rows.by_name.get((reference.target, target))
        if other:
            row.points_to.append(other)

    def _resolve(self, row: RecordRow, field_name: str, target: Table, name: Name) -> str:
        other = self._rows.by_name.get((target, name))
        if other:
            return other.id
        found = self._look_up(record_types_by_table()[target], name)
        if found is None:
            nouns = target.name.replace("_", " ")
            message = f"{row.path}: {field_name}: {show(name)} is not one of the {nouns} in the file or the database"
            raise RecordError(message)
        return found

    def _look_up(self, shape: RecordType, name: Name) -> str | None:
        """Return the id of a stored row outside the file, or None. A key within a parent is found only in the file."""
        if shape.known_within_parent:
            return None
        (column,) = (shape.columns[key][0] for key in shape.key)
        try:
            value = read((column,), name)[column.name]
        except ValueError:
            return None
        found: str | None = self._connection.execute(select(shape.table.c.id).where(column == value)).scalar()
        return found

    def _compare_links(self, shape: RecordType) -> None:
        for name, link in shape.links.items():
            rows = [row for row in self._rows if row.type is shape and name in row.links]
            stored: dict[str, set[str]] = {}
            for pair in self._fetch(link.table, link.near, [row.id for row in rows if row.stored]):
                stored.setdefault(pair[link.near.name], set()).add(pair[link.far.name])
            for row in rows:
                wanted = {self._resolve(row, name, link.target, other) for other in row.links[name]}
                there = stored.get(row.id, set())
                if wanted != there:
                    self._plan.relinked.append(LinkChange(link, row, wanted - there, there - wanted))

    def _compare_row(self, row: RecordRow) -> None:
        if row.stored is None:
            self._plan.created.append(row)
            return
        stored = row.stored
        changes = {name: value for name, value in row.values.items() if stored[name] != value}
        # The links belong to the row, although they are stored in another table.
        if changes or any(relink.row is row for relink in self._plan.relinked):
            self._plan.changed[row] = changes


def _match(rows: list[RecordRow], key: list[Column[Any]], stored: list[RowMapping]) -> list[RowMapping]:
    """Set the id of each row, from the stored row with the same key or a new one. Return the unmatched stored rows.

    A second stored row with the same key does not come from a file: it is neither matched nor returned.
    """
    names = [column.name for column in key]
    known = {tuple(row[name] for name in names): row for row in reversed(stored)}
    for row in rows:
        row.stored = known.pop(tuple(row.values[name] for name in names), None)
        row.id = row.stored["id"] if row.stored else new_key()
    return list(known.values())
