"""Finds the rows of a record in the database and compares them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Table, select

from resolvers.core.json_file import show
from resolvers.core.naming import api_name
from resolvers.record.loaded_values import file_values
from resolvers.record.matching import keep_order, match, restore_removed
from resolvers.record.merge import RowMerge
from resolvers.record.record_types import record_types_by_table
from resolvers.record.values import RecordError, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, RowMapping

    from resolvers.record.loaded_values import LoadedValues, Values
    from resolvers.record.overwrites import Overwrites
    from resolvers.record.parser import Name, ParsedRecord, RecordRow
    from resolvers.record.record_types import Link, RecordType, Reference

#: How many records that a file leaves out are named; a file can also be a small part of a record.
MOST_NAMES = 10

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
    """The changes that make the database equal to the file, except where a person changed it since the last load.

    Attributes:
        created: The new rows.
        changed: The rows that are there, each with the values that change.
        removed: The rows of earlier loads that the file leaves out.
        relinked: The lists of links that change.
        preserved: A line for each value that stays, although the file has another, and for each list of the file with
            records that it leaves out.
        loaded: What the load wrote or found as the file has it, by table and key.
        gone: The keys of rows of earlier loads that neither the file nor the database has, by table.
    """

    created: list[RecordRow] = field(default_factory=list)
    changed: dict[RecordRow, dict[str, Any]] = field(default_factory=dict)
    removed: list[RemovedRow] = field(default_factory=list)
    relinked: list[LinkChange] = field(default_factory=list)
    preserved: list[str] = field(default_factory=list)
    loaded: dict[RecordRow, Values] = field(default_factory=dict)
    gone: list[tuple[Table, str]] = field(default_factory=list)


class RecordDiffer:
    """Compares the rows of a file with the database."""

    def __init__(
        self, connection: Connection, rows: ParsedRecord, loaded: LoadedValues, overwrites: Overwrites
    ) -> None:
        self._connection = connection
        self._rows = rows
        self._loaded = loaded
        self._overwrites = overwrites
        self._plan = RecordDiff()

    def compare(self) -> RecordDiff:
        """Set the id of every row and return the differences. Raises RecordError for an unknown reference."""
        for shape, rows in self._rows.lists:
            self._match_nouns(shape, rows)
        for shape, rows in self._rows.lists:
            self._match_children(shape, rows)
        for row in self._rows:
            for name, reference in row.type.references.items():
                self._resolve_field(row, name, reference)
        for row in self._rows:
            self._compare_row(row)
        for shape in {row.type: None for row in self._rows if row.links}:
            self._compare_links(shape)
        return self._plan

    def _match_nouns(self, shape: RecordType, rows: list[RecordRow]) -> None:
        (column,) = (shape.columns[name][0] for name in shape.key)
        values = [row.values[column.name] for row in rows]
        written = self._loaded.keys_by(shape.table, [column.name])
        keys = [written[value,] for value in values if (value,) in written]
        found = [
            *self._fetch(shape.table, column, values),
            *self._fetch(shape.table, shape.table.c.id, keys),
        ]
        match(rows, [column], list({row["id"]: row for row in found}.values()), self._loaded)
        there = {row.id for row in rows}
        left_out = self._fetch(shape.table, shape.table.c.id, [key for key in written.values() if key not in there])
        self._name_left_out(shape, sorted(show(row[column.name]) for row in left_out))

    def _name_left_out(self, shape: RecordType, names: list[str]) -> None:
        """Report the records of earlier loads that a list of the file leaves out: they stay."""
        if not names:
            return
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        verb, them = ("stays", "it") if len(names) == 1 else ("stay", "them")
        which = f"{api_name(shape.table.name)}: {', '.join(names[:MOST_NAMES])}{more}"
        self._plan.preserved.append(f"{which} {verb}, although the file leaves {them} out")

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
            self._match_lists(child, list(parents.values()), name, stored)
            self._match_children(child, children)

    def _match_lists(
        self, shape: RecordType, parents: Sequence[RecordRow], name: str, stored: Sequence[RowMapping]
    ) -> None:
        """Match the rows of one list of some parents, and find what the file leaves out of them."""
        parent_column = shape.parent_column
        by_parent: dict[str, list[RowMapping]] = {parent.id: [] for parent in parents}
        for found in stored:
            by_parent[found[parent_column.name]].append(found)
        key = [parent_column, *(shape.columns[each][0] for each in shape.key)]
        for parent in parents:
            there, rows = by_parent[parent.id], parent.children[name]
            left = match(rows, key, there, self._loaded)
            restore_removed(rows, self._overwrites)
            if "ordinal" in shape.table.c:
                keep_order(shape, parent, there, self._loaded)
            for row in left:
                self._leave_out(shape, parent, name, row)
            known = {row["id"] for row in there} | {row.id for row in rows}
            written = self._loaded.by_parent(shape.table).get(parent.id, ())
            self._plan.gone += [(shape.table, key) for key in written if key not in known]

    def _leave_out(self, shape: RecordType, parent: RecordRow, name: str, stored: RowMapping) -> None:
        """Remove a row of an earlier load, but not where a person has worked on it; what people added stays."""
        if stored["id"] not in self._loaded.of(shape.table):
            return
        path = f"{parent.path}: {name}"
        if self._is_worked_on(shape, stored) and not self._overwrites.cover(parent, name):
            names = [show(stored[shape.columns[key][0].name]) for key in shape.key if key in shape.fields]
            label = " ".join(names) or "one"
            self._plan.preserved.append(f"{path}: {label} stays, as it was changed here; the file leaves it out")
        else:
            self._plan.removed.append(RemovedRow(path, shape.table, stored))

    def _is_worked_on(self, shape: RecordType, stored: RowMapping) -> bool:
        """Return whether a row differs from what a load wrote, or a part of it does."""
        written = self._loaded.of(shape.table).get(stored["id"])
        here = file_values(stored)
        if written is None or any(here[name] != written.get(name, here[name]) for name in here.keys() - {"ordinal"}):
            return True
        return any(
            self._is_worked_on(child, part)
            for child in shape.children.values()
            for part in self._fetch(child.table, child.parent_column, [stored["id"]])
        )

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
            row.targets[reference.column.name] = other

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

    def _compare_row(self, row: RecordRow) -> None:
        if row.is_removed:
            if row.parent is None or not row.parent.is_removed:
                self._plan.preserved.append(f"{row.path}: stays removed, as it was removed here")
            return
        changes = row.values
        if row.stored is None:
            self._plan.created.append(row)
        else:
            merge = RowMerge(row, row.stored, self._overwrites)
            self._plan.preserved += merge.preserved
            self._plan.loaded[row] = merge.loaded
            changes = merge.changes
            if changes:
                self._plan.changed[row] = changes
        for column, target in row.targets.items():
            if target.is_removed and column in changes:
                message = f"{row.path}: it refers to {target.path}, which was removed here: name another or none"
                raise RecordError(message)

    def _compare_links(self, shape: RecordType) -> None:
        for name, link in shape.links.items():
            rows = [row for row in self._rows if row.type is shape and name in row.links and not row.is_removed]
            stored: dict[str, set[str]] = {}
            for pair in self._fetch(link.table, link.near, [row.id for row in rows if row.stored]):
                stored.setdefault(pair[link.near.name], set()).add(pair[link.far.name])
            for row in rows:
                wanted = {self._resolve(row, name, link.target, other): other for other in row.links[name]}
                self._merge_links(row, name, wanted, stored.get(row.id, set()))

    def _merge_links(self, row: RecordRow, name: str, wanted: dict[str, Name], here: set[str]) -> None:
        """Add and remove the links that the file adds and removes, except where a person changed them."""
        link, file = row.type.links[name], set(wanted)
        is_known = row.stored is None or (row.loaded is not None and name in row.loaded)
        before = set((row.loaded or {}).get(name, ())) if is_known else file | here
        if self._overwrites.cover(row, name):
            before = here
        add, remove = file - before - here, (before - file) & here if is_known else set()
        left_out = [wanted[key] for key in wanted if key in before and key not in here]
        if left_out:
            self._plan.preserved.append(
                f"{row.path}: {name}: stays without {', '.join(map(show, left_out))}, as it was here"
            )
        if add or remove:
            self._plan.relinked.append(LinkChange(link, row, add, remove))
            if row.stored:
                # The links belong to the row, although they are stored in another table.
                self._plan.changed.setdefault(row, {})
        self._plan.loaded.setdefault(row, {})[name] = sorted(file)
