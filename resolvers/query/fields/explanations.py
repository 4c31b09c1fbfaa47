"""Explanations of figures: the figure, its rule in words, and the rows that it adds up or leaves out.

Only the rows of the requested figure are compiled: those of all figures would be a megabyte of SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import inspect, null

from models.explained.rows import figures_of, rule_of
from resolvers.core.attributes import Attribute, Kind, attribute
from resolvers.core.naming import api_name
from resolvers.query.json_values import as_json
from resolvers.sql.json_expressions import JsonObject, literal_text
from resolvers.sql.parameters import ArgumentValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.explained.declaration import Figure
    from resolvers.query.selection import SelectedField, Selection
    from resolvers.query.visible_entities import VisibleEntities

#: The field of an object that explains one of its figures, and the argument that names the figure.
EXPLAIN = "explain"
FIGURE = "figure"
#: The field of an explanation with its rows.
ROWS = "consideredRows"


class FieldCompiler(Protocol):
    """Compiles the fields of an object."""

    selection: Selection
    entities: VisibleEntities

    def connection(self, field: SelectedField, rows: Callable[[], tuple[Any, Sequence[Any]]]) -> Any:
        """Return the JSON of a list in pages."""
        ...

    def money(self, alias: Any, described: Attribute, field: SelectedField) -> Any:
        """Return the JSON of an amount of money of an alias."""
        ...


def explanation_json(compiler: FieldCompiler, alias: Any, field: SelectedField) -> JsonObject:
    """Return the JSON of the explanation of a figure of an alias."""
    found = Explained.of(alias, field, compiler.entities)

    def value(part: SelectedField) -> Any:
        if part.name == ROWS:
            return compiler.connection(part, found.rows)
        is_amount = part.name == "amount" and found.is_money
        return compiler.money(alias, found.described, part) if is_amount else found.value(part.name)

    return JsonObject([(part.key, value(part)) for part in compiler.selection.fields(field)])


@dataclass(frozen=True)
class Explained:
    """A figure that a query explains.

    Attributes:
        alias: The explained object.
        figure: The figure.
        described: The attribute with the figure.
        entities: The entities of the statement.
    """

    alias: Any
    figure: Figure
    described: Attribute
    entities: VisibleEntities

    @classmethod
    def of(cls, alias: Any, field: SelectedField, entities: VisibleEntities) -> Explained:
        """Return the figure that the argument of a field names; it is part of the shape of the statement."""
        model = inspect(alias).mapper.class_
        tree = field.arguments[FIGURE]
        value = tree.value if isinstance(tree, ArgumentValue) else None
        figure = figures_of(model)[str(getattr(value, "name", value))]
        return cls(alias, figure, attribute(model, figure.name), entities)

    @property
    def is_money(self) -> bool:
        """Whether the figure is one amount of money."""
        return self.described.kind is Kind.MONEY

    def rows(self) -> tuple[Any, Sequence[Any]]:
        """Return an alias of the rows, and the conditions that join them."""
        alias, joined = self.entities.explained(self.alias, self.figure)
        return alias, (joined,)

    def value(self, name: str) -> Any:
        """Return the JSON of a field of the explanation; not of its rows, nor of its amount if it has one."""
        if name == "amount":
            return null()
        if name == "quantity":
            is_quantity = self.described.kind is Kind.QUANTITY
            return as_json(Kind.QUANTITY, self.entities.value(self.alias, self.figure.name)) if is_quantity else null()
        texts = {FIGURE: api_name(self.figure.name), "rule": rule_of(self.figure), "__typename": "Explanation"}
        return literal_text(texts[name])
