"""Parses the lists of a file into rows, and checks every field before the database is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resolvers.core.json_file import show
from resolvers.record.record_types import record_types
from resolvers.record.values import RecordError, read, with_check_digit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import RowMapping, Table

    from resolvers.record.record_types import RecordType

#: The name of a row in a file: its natural key; for an owned row, the parent's name and the row's own key.
Name = str | int | tuple["Name", ...]

#: The texts that describe the file itself.
HEADINGS = ("about", "compiled")


@dataclass(eq=False)
class RecordRow:
    """One record of a file, which becomes one row of a table."""

    type: RecordType
    path: str
    parent: RecordRow | None
    name: Name = ""
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, Name] = field(default_factory=dict)
    links: dict[str, list[Name]] = field(default_factory=dict)
    children: dict[str, list[RecordRow]] = field(default_factory=dict)
    #: The list of the parent that holds it.
    list_name: str = ""
    #: Known once the database is read: the row that is there, what an earlier load wrote into it, whether a person
    #: removed it since, the rows of the file that this one refers to by their columns, and its key in the file.
    id: str = ""
    stored: RowMapping | None = None
    loaded: Mapping[str, Any] | None = None
    is_removed: bool = False
    targets: dict[str, RecordRow] = field(default_factory=dict)
    file_key: dict[str, Any] = field(default_factory=dict)


class ParsedRecord:
    """The rows of a file: its top-level lists, and every row by table and name."""

    def __init__(self, document: object) -> None:
        self.lists: list[tuple[RecordType, list[RecordRow]]] = []
        self.by_name: dict[tuple[Table, Name], RecordRow] = {}
        if not isinstance(document, dict):
            message = f"the file must contain an object with lists such as participants, not {show(document)}"
            raise RecordError(message)
        for name, items in document.items():
            if name in HEADINGS:
                _expect_type(name, items, str, "a text")
            elif name not in record_types():
                raise RecordError(_unknown(f"{show(name)} is not a list of the record", [*HEADINGS, *record_types()]))
            else:
                self.lists.append((record_types()[name], self._read_list(record_types()[name], name, items, None)))

    def __iter__(self) -> Iterator[RecordRow]:
        """Iterate over all rows, parents before their children."""
        return iter(self.by_name.values())

    def _read_list(self, shape: RecordType, path: str, items: Any, parent: RecordRow | None) -> list[RecordRow]:
        _expect_type(path, items, list, "a list")
        return [self._read_row(shape, f"{path}[{at}]", at, item, parent) for at, item in enumerate(items)]

    def _read_row(self, shape: RecordType, path: str, at: int, item: Any, parent: RecordRow | None) -> RecordRow:
        _expect_type(path, item, dict, "an object")
        if parent and "ordinal" in shape.fields:
            item = {"ordinal": at + 1, **item}
        row = RecordRow(shape, _path(path, shape, item), parent)
        for name, value in item.items():
            if name not in shape.names:
                raise RecordError(_unknown(f"{row.path}: {show(name)} is not a field of this record", shape.names))
            _read_field(row, name, value)
        _complete(row)
        missing = [name for name in shape.required if name not in item]
        if missing:
            message = f"{row.path}: {missing[0]}: missing, add it"
            raise RecordError(message)
        row.name = _name(row, item)
        self._enter(row)
        for name, value in item.items():
            if name in shape.children:
                row.children[name] = self._read_list(shape.children[name], f"{row.path}: {name}", value, row)
                for child in row.children[name]:
                    child.list_name = name
        return row

    def _enter(self, row: RecordRow) -> None:
        other = self.by_name.setdefault((row.type.table, row.name), row)
        if other is not row:
            message = f"{row.path}: {', '.join(row.type.key)}: the same as in {other.path}, remove one"
            raise RecordError(message)


def _expect_type(path: str, value: object, kind: type, name: str) -> None:
    if not isinstance(value, kind):
        message = f"{path}: {show(value)} is not {name}"
        raise RecordError(message)


def _unknown(fault: str, known: list[str]) -> str:
    return f"{fault}; use one of {', '.join(known)}"


def _path(path: str, shape: RecordType, item: dict[str, Any]) -> str:
    label = item.get(shape.key[0])
    return f"{path} {show(label)}" if len(shape.key) == 1 and isinstance(label, str) else path


def _name(row: RecordRow, item: dict[str, Any]) -> Name:
    parts = [_as_name(item[key]) for key in row.type.key]
    if row.parent and row.type.known_within_parent:
        parts.insert(0, row.parent.name)
    return parts[0] if len(parts) == 1 else tuple(parts)


def _as_name(value: object) -> Name:
    """Return the natural key for a value: text, a number, or a list of these. Raises ValueError for others."""
    if isinstance(value, list) and value:
        return tuple(_as_name(part) for part in value)
    if isinstance(value, str | int):
        return value
    message = f"{show(value)} is not a key: use text, a number, or a list of these"
    raise ValueError(message)


def _read_field(row: RecordRow, name: str, value: Any) -> None:
    shape = row.type
    try:
        if name in shape.fields:
            row.values |= read(shape.fields[name], value)
        elif name in shape.links:
            row.links[name] = _names(value)
        elif name in shape.references and value is None:
            row.values |= read((shape.references[name].column,), None)
        elif name in shape.references:
            row.references[name] = _as_name(value)
    except ValueError as error:
        message = f"{row.path}: {name}: {error}"
        raise RecordError(message) from None


def _complete(row: RecordRow) -> None:
    try:
        row.values |= with_check_digit(row.values)
    except ValueError as error:
        message = f"{row.path}: classificationCode: {error}"
        raise RecordError(message) from None


def _names(value: object) -> list[Name]:
    names = [_as_name(part) for part in value] if isinstance(value, list) else []
    if not isinstance(value, list) or len(set(names)) < len(names):
        message = f"{show(value)} is not a list of keys without duplicates"
        raise ValueError(message)
    return names
