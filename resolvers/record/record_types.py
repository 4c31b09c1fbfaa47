"""Derives the record format, the fields of every noun, from the mapped tables.

No noun has code here. A column becomes a field with its name in camelCase; the pair `x_minor` and `x_currency` becomes
the amount `x`; a to-one relation becomes the natural key of its target; an owned relation (`delete-orphan`) becomes a
list of records; a many-to-many relation becomes a list of natural keys, on the side of its link table's first column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy.orm import RelationshipDirection, configure_mappers

from models import Base, Entity
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, Table
    from sqlalchemy.orm import Mapper, RelationshipProperty

    from resolvers.record.values import Field

#: Columns that the system sets; a file cannot.
OWN_COLUMNS = frozenset({"id", "created_at", "updated_at", "version"})


class Reference(NamedTuple):
    """A field that names a row of `target`; `column` stores the id of that row."""

    column: Column[Any]
    target: Table


class Link(NamedTuple):
    """A field that names rows of `target`; `table` stores the pairs of ids."""

    table: Table
    near: Column[Any]
    far: Column[Any]
    target: Table


@dataclass(frozen=True, eq=False)
class RecordType:
    """The fields of one type of record, and its natural key."""

    table: Table
    parent: Column[Any] | None
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    references: Mapping[str, Reference]
    links: Mapping[str, Link]
    children: Mapping[str, RecordType]

    @property
    def names(self) -> list[str]:
        """The names of all fields."""
        return [*self.fields, *self.references, *self.links, *self.children]

    @property
    def columns(self) -> dict[str, Field]:
        """The columns of the fields and references, by field name."""
        return {**self.fields, **{name: (reference.column,) for name, reference in self.references.items()}}

    @property
    def required(self) -> list[str]:
        """The names of the required fields."""
        return [name for name, field in self.columns.items() if any(map(_must_be_given, field))]

    @property
    def parent_column(self) -> Column[Any]:
        """The column with the parent's id. Raises TypeError for a type without a parent."""
        if self.parent is None:
            message = f"{self.table.name} has no parent"
            raise TypeError(message)
        return self.parent

    @property
    def known_within_parent(self) -> bool:
        """Whether the key is unique only within one parent."""
        return self.parent is not None and not (len(self.key) == 1 and self.columns[self.key[0]][0].unique)


def _must_be_given(column: Column[Any]) -> bool:
    return not column.nullable and column.default is None and column.server_default is None


@cache
def record_types() -> dict[str, RecordType]:
    """Return the type of each top-level list of a file, by its name: the nouns that no other noun owns."""
    configure_mappers()
    nouns = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, Entity)]
    owned = {relation.mapper for noun in nouns for relation in noun.relationships if relation.cascade.delete_orphan}
    free = {api_name(_table(noun).name): noun for noun in nouns if noun not in owned}
    return {name: _record_type(free[name], None) for name in sorted(free)}


@cache
def record_types_by_table() -> dict[Table, RecordType]:
    """Return all types by table, including those of owned records."""
    found = list(record_types().values())
    for shape in found:  # the list grows during the loop, with the owned types
        found.extend(shape.children.values())
    return {shape.table: shape for shape in found}


def _table(mapper: Mapper[Any]) -> Table:
    return cast("Table", mapper.local_table)


def _record_type(mapper: Mapper[Any], parent: Column[Any] | None) -> RecordType:
    relations = list(mapper.relationships)
    to_one = {item.key: _reference(item) for item in relations if item.direction is RelationshipDirection.MANYTOONE}
    up = {name for name, reference in to_one.items() if reference.column is parent}
    references = {api_name(name): reference for name, reference in to_one.items() if name not in up}
    return RecordType(
        table=_table(mapper),
        parent=parent,
        key=tuple(api_name(name) for name in mapper.class_.natural_key if name not in up),
        fields=_fields(mapper, {parent, *(reference.column for reference in references.values())}),
        references=references,
        links={api_name(item.key): _link(item) for item in relations if _is_written_here(item)},
        children={api_name(item.key): _child(item) for item in relations if item.cascade.delete_orphan},
    )


def _fields(mapper: Mapper[Any], taken: set[Column[Any] | None]) -> dict[str, Field]:
    columns = {item.key: cast("Column[Any]", item.columns[0]) for item in mapper.column_attrs}
    fields: dict[str, Field] = {}
    for name, column in columns.items():
        amount, _, unit = name.rpartition("_")
        if name in OWN_COLUMNS or column in taken or column.computed is not None:
            continue
        if column.info.get("set_by_server"):
            continue
        if unit == "minor":
            fields[api_name(amount)] = (column, columns[f"{amount}_currency"])
        elif unit != "currency" or f"{amount}_minor" not in columns:
            fields[api_name(name)] = (column,)
    return fields


def _reference(relation: RelationshipProperty[Any]) -> Reference:
    (column,) = relation.local_columns
    return Reference(cast("Column[Any]", column), _table(relation.mapper))


def _child(relation: RelationshipProperty[Any]) -> RecordType:
    ((_, parent),) = relation.local_remote_pairs or []
    return _record_type(relation.mapper, cast("Column[Any]", parent))


def _is_written_here(relation: RelationshipProperty[Any]) -> bool:
    secondary = relation.secondary
    return secondary is not None and relation.synchronize_pairs[0][1] is next(iter(secondary.c))


def _link(relation: RelationshipProperty[Any]) -> Link:
    ((_, near),) = relation.synchronize_pairs
    ((_, far),) = relation.secondary_synchronize_pairs or []
    table = cast("Table", relation.secondary)
    return Link(table, cast("Column[Any]", near), cast("Column[Any]", far), _table(relation.mapper))
