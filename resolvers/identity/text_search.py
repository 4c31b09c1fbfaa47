"""Finds texts in any table of the database that mention one of some values, for an operator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import JSON, Enum, String, cast, inspect, null, or_, select

from models import Base, Entity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Column

    from resolvers.database.database import Database

#: Rows that are named for each column.
MOST = 5


class Place(NamedTuple):
    """A column that mentions a value, with the keys of the first rows: as ids of the API, if it has such objects.

    The id of a part, such as a comment, has that of the object to which it belongs.
    """

    column: str
    keys: Sequence[str]


async def find_places(database: Database, values: Sequence[str]) -> Sequence[Place]:
    """Return the columns of text that mention one of `values`, without regard to case, in the order of the tables."""
    found = []
    engine = database.bypass_policies("an operator finds texts that mention a person", read_only=True)
    async with engine.connect() as connection:
        models = {each.local_table: each.class_ for each in Base.registry.mappers if _is_object(each.class_)}
        for table in Base.metadata.sorted_tables:
            first = next(iter(table.primary_key.columns))
            prefix, parent, of = _named(models.get(table))
            for column in _text_columns(table.columns):
                mentions = or_(*(_mentions(column, value) for value in values))
                rows = await connection.execute(select(first, of).where(mentions).order_by(first).limit(MOST))
                if keys := [f"{prefix}{key}{parent}{owner or ''}" for key, owner in rows]:
                    found.append(Place(f"{table.name}.{column.name}", keys))
    return found


def _is_object(model: type[Any]) -> bool:
    return issubclass(model, Entity)


def _named(model: type[Entity] | None) -> tuple[str, str, Any]:
    """Return the text before the key of a row of a type, the text after it, and the key of the object it belongs to."""
    if model is None or not model.parent_relation:
        return f"{model.__name__}:" if model else "", "", null()
    relation = inspect(model).relationships[model.parent_relation]
    (column,) = relation.local_columns
    return f"{model.__name__}:", f" in {relation.mapper.class_.__name__}:", column


def _text_columns(columns: Iterable[Column[Any]]) -> Iterable[Column[Any]]:
    for column in columns:
        if isinstance(column.type, String | JSON) and not isinstance(column.type, Enum):
            yield column


def _mentions(column: Column[Any], value: str) -> Any:
    if not isinstance(column.type, JSON):
        return _contains(column, value)
    # JSON can be stored with or without escapes of letters outside ASCII.
    written = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return or_(*(_contains(cast(column, String), each) for each in sorted(written)))


def _contains(column: Any, value: str) -> Any:
    # Both, because the database possibly knows no lower case of letters outside ASCII.
    return or_(column.contains(value, autoescape=True), column.icontains(value, autoescape=True))
