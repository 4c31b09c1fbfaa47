"""What earlier loads wrote, by which a load knows a value of its own from a value that a person gave since."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, text, update

from models import LoadedRow
from resolvers.core.codecs import to_json
from resolvers.record.record_types import OWN_COLUMNS, record_types_by_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping, Table

Values = dict[str, Any]

#: Two loads at once would each take what the other writes for a person's change. SQLite has one writer anyway.
ONE_LOAD_AT_A_TIME = text("LOCK TABLE loaded_rows IN SHARE ROW EXCLUSIVE MODE")

TABLE: Any = LoadedRow.__table__


class LoadedValues:
    """The values that earlier loads wrote, in JSON, by table and by the key of the row."""

    def __init__(self, connection: Connection) -> None:
        """Wait until no other load runs.

        Args:
            connection: One in a transaction, which holds off other loads until it ends.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(ONE_LOAD_AT_A_TIME)
        self._connection = connection
        self._announced: set[str] = set()
        self.of = cache(self._read)
        self.by_parent = cache(self._group)

    def _read(self, table: Table) -> dict[str, Values]:
        query = select(TABLE.c.row_id, TABLE.c["values"]).where(TABLE.c.table_name == table.name)
        return {row.row_id: row[1] for row in self._connection.execute(query) if row.row_id not in self._announced}

    def _group(self, table: Table) -> dict[str, dict[str, Values]]:
        """Return the rows of a table of parts by their parents."""
        column = record_types_by_table()[table].parent_column.name
        found: dict[str, dict[str, Values]] = {}
        for key, values in self.of(table).items():
            found.setdefault(values[column], {})[key] = values
        return found

    def keys_by(self, table: Table, names: Sequence[str]) -> dict[tuple[Any, ...], str]:
        """Return the keys of the rows by the values that they had in the file in some columns."""
        return {tuple(values[name] for name in names): key for key, values in self.of(table).items()}

    def forget(self, table: Table, keys: Iterable[str]) -> None:
        """Forget rows that are gone, and their parts."""
        gone = [key for key in keys if key in self.of(table)]
        if gone:
            self._connection.execute(delete(TABLE).where(TABLE.c.row_id == bindparam("gone")), _each("gone", gone))
        for child in record_types_by_table()[table].children.values():
            parts = [part for key in gone for part in self.by_parent(child.table).get(key, ())]
            self.forget(child.table, parts)

    def announce(self, rows: Iterable[tuple[Table, str]]) -> None:
        """Store that a load is going to write new rows: some triggers let a source state what commands refuse.

        Args:
            rows: The table and the key of each.
        """
        tables = {key: table.name for table, key in rows}
        new: list[dict[str, Any]] = [{"row_id": key, "table_name": tables[key], "values": {}} for key in tables]
        self._announced |= tables.keys()
        if new:
            self._connection.execute(insert(TABLE), new)

    def write(self, table: Table, rows: Mapping[str, Values]) -> None:
        """Store what a load wrote into rows of a table."""
        before = {**self.of(table), **dict.fromkeys(self._announced & rows.keys())}
        new = [{"row_id": key, "table_name": table.name, "values": rows[key]} for key in rows if key not in before]
        changed = [{"key": key, "now": rows[key]} for key in rows if key in before and rows[key] != before[key]]
        if new:
            self._connection.execute(insert(TABLE), new)
        if changed:
            statement = update(TABLE).where(TABLE.c.row_id == bindparam("key")).values(values=bindparam("now"))
            self._connection.execute(statement, changed)


def file_values(row: RowMapping) -> Values:
    """Return what a stored row holds of what a file may say, in JSON."""
    return {name: to_json(value) for name, value in dict(row).items() if name not in OWN_COLUMNS}


def _each(name: str, values: Iterable[str]) -> list[dict[str, str]]:
    return [{name: value} for value in values]
