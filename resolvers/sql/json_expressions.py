"""SQL expressions that build JSON in the database, for PostgreSQL and SQLite.

Every expression has the type `JSON_TEXT`: JSON that Python does not parse again. On SQLite, the result of a subquery
loses its JSON subtype, so it is converted again with `json()` when it is put into an object or a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import String, UserDefinedType

from models.sql_functions import EngineFunction

#: PostgreSQL allows 100 arguments of a function: 50 pairs. A larger object is joined from several smaller ones.
MAX_PAIRS = 50


class JsonText(UserDefinedType[str]):
    """The type of JSON expressions: `json` on PostgreSQL, text on SQLite."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the SQL name of the type."""
        return "JSON"


JSON_TEXT = JsonText()


def literal_text(text: str) -> ColumnElement[str]:
    """Return a constant text, such as a type name, as a literal of the statement."""
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'", String())


Pairs = Sequence[tuple[str, ColumnElement[Any]]]


class JsonObject(ColumnElement[str]):
    """A JSON object of `pairs`, in order; a key must be a GraphQL name."""

    inherit_cache = False
    type = JSON_TEXT

    def __init__(self, pairs: Pairs) -> None:
        self.keys = [key for key, _ in pairs]
        self.elements = [value for _, value in pairs]


class JsonArray(ColumnElement[str]):
    """A JSON list of the given `elements`, each a JSON expression."""

    inherit_cache = False
    type = JSON_TEXT

    def __init__(self, elements: Sequence[ColumnElement[Any]]) -> None:
        self.elements = list(elements)


class JsonArrayAgg(ColumnElement[str]):
    """A JSON list of `item` for each row of a query, in order; empty if there are no rows.

    If `only` is set, the list contains only rows that meet this condition.
    """

    inherit_cache = False
    type = JSON_TEXT

    def __init__(self, item: ColumnElement[Any], only: ColumnElement[bool] | None = None) -> None:
        self.item = item
        self.only = only


class JsonBoolean(ColumnElement[str]):
    """A boolean as JSON; SQLite has only integers."""

    inherit_cache = False
    type = JSON_TEXT

    def __init__(self, operand: ColumnElement[bool]) -> None:
        self.operand = operand


class JsonColumn(ColumnElement[str]):
    """The stored JSON of a column."""

    inherit_cache = False
    type = JSON_TEXT

    def __init__(self, operand: ColumnElement[Any]) -> None:
        self.operand = operand


def _pairs(element: JsonObject, compiler: Any, put: Any) -> list[str]:
    pairs = zip(element.keys, element.elements, strict=True)
    return [f"{compiler.render_literal_value(key, String())}, {put(value)}" for key, value in pairs]


def _pieces(function: str, pairs: list[str]) -> list[str]:
    starts = range(0, max(len(pairs), 1), MAX_PAIRS)
    return [f"{function}({', '.join(pairs[start : start + MAX_PAIRS])})" for start in starts]


@compiles(JsonObject, "postgresql")
def _object_on_postgresql(element: JsonObject, compiler: Any, **options: Any) -> str:
    pairs = _pairs(element, compiler, lambda value: compiler.process(value, **options))
    first, *rest = _pieces("json_build_object", pairs)
    if not rest:
        return first
    joined = _joined([f"CAST({piece} AS TEXT)" for piece in (first, *rest)])
    return f"CAST({joined} AS JSON)"


@compiles(JsonObject, "sqlite")
def _object_on_sqlite(element: JsonObject, compiler: Any, **options: Any) -> str:
    pairs = _pairs(element, compiler, lambda value: _marked(value, compiler, **options))
    first, *rest = _pieces("json_object", pairs)
    return f"json({_joined([first, *rest])})" if rest else first


def _joined(objects: list[str]) -> str:
    inner = " || ',' || ".join(f"substr({piece}, 2, length({piece}) - 2)" for piece in objects)
    return f"('{{' || {inner} || '}}')"


def _marked(value: ColumnElement[Any], compiler: Any, **options: Any) -> str:
    text: str = compiler.process(value, **options)
    made_here = isinstance(value, JsonObject | JsonArray | JsonArrayAgg | JsonBoolean | JsonColumn)
    return f"json({text})" if isinstance(value.type, JsonText) and not made_here else text


@compiles(JsonArray, "postgresql")
def _items_on_postgresql(element: JsonArray, compiler: Any, **options: Any) -> str:
    return f"json_build_array({', '.join(compiler.process(item, **options) for item in element.elements)})"


@compiles(JsonArray, "sqlite")
def _items_on_sqlite(element: JsonArray, compiler: Any, **options: Any) -> str:
    return f"json_array({', '.join(_marked(item, compiler, **options) for item in element.elements)})"


def _filtered(aggregate: str, only: ColumnElement[bool] | None, compiler: Any, **options: Any) -> str:
    return aggregate if only is None else f"{aggregate} FILTER (WHERE {compiler.process(only, **options)})"


@compiles(JsonArrayAgg, "postgresql")
def _list_on_postgresql(element: JsonArrayAgg, compiler: Any, **options: Any) -> str:
    aggregate = f"json_agg({compiler.process(element.item, **options)})"
    return f"coalesce({_filtered(aggregate, element.only, compiler, **options)}, CAST('[]' AS JSON))"


@compiles(JsonArrayAgg, "sqlite")
def _list_on_sqlite(element: JsonArrayAgg, compiler: Any, **options: Any) -> str:
    aggregate = f"json_group_array({_marked(element.item, compiler, **options)})"
    return _filtered(aggregate, element.only, compiler, **options)


@compiles(JsonBoolean, "postgresql")
def _boolean_on_postgresql(element: JsonBoolean, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.operand, **options))


@compiles(JsonBoolean, "sqlite")
def _boolean_on_sqlite(element: JsonBoolean, compiler: Any, **options: Any) -> str:
    operand = compiler.process(element.operand, **options)
    return f"json(CASE ({operand}) WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"


@compiles(JsonColumn, "postgresql")
def _stored_on_postgresql(element: JsonColumn, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.operand, **options))


@compiles(JsonColumn, "sqlite")
def _stored_on_sqlite(element: JsonColumn, compiler: Any, **options: Any) -> str:
    return f"json({compiler.process(element.operand, **options)})"


class each_item(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str], postgresql="json_array_elements(CAST({0} AS JSON))", sqlite="json_each({0})"
):
    """The items of a JSON list that is bound as text, as rows in order."""


class list_item(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str], postgresql="({0} ->> {1})", sqlite="json_extract({0}, '$[' || {1} || ']')"
):
    """The text at an index of a JSON list."""

    type = String()


def item_part(item: ColumnElement[Any], place: int) -> ColumnElement[str]:
    """Return the text at an index, from 0, of an item that is a list."""
    return list_item(item, literal_column(str(place)))
