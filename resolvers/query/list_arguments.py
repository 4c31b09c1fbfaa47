"""Compiles the arguments of a list of its own: the objects that all its rows have, and values that rows must match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, cast, or_

from models.types import KEY
from resolvers.query.global_ids import UUID
from resolvers.sql.comparisons import ListOf, in_list
from resolvers.sql.json_expressions import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

    from resolvers.query.selection import SelectedField
    from resolvers.query.spec import ListArgument, QuerySpec
    from resolvers.query.visible_entities import VisibleEntities
    from resolvers.sql.parameters import ParameterBinder

#: A key that no object has.
NO_KEY = "00000000-0000-0000-0000-000000000000"


class ListArguments:
    """The arguments of one list, beside those that all lists have."""

    def __init__(
        self, spec: QuerySpec, entities: VisibleEntities, binder: ParameterBinder, field: SelectedField
    ) -> None:
        self.spec = spec
        self.entities = entities
        self.binder = binder
        self.field = field

    def conditions(self, alias: Any) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that a row has the objects of the arguments."""
        for argument in self.spec.list_arguments:
            yield getattr(alias, argument.column) == self._key(argument)
        for each in self.spec.list_conditions:
            tree = self.field.arguments.get(each.name)
            if tree is not None:
                bound = self.binder.bind(tree, ListOf(String()), self.field.path, each.convert)
                yield each.condition(self.entities, alias, bound)

    def are_visible(self) -> ColumnElement[bool]:
        """Return the condition that the viewer sees the objects of all arguments."""
        return and_(*(self._key(argument).is_not(None) for argument in self.spec.list_arguments))

    def _key(self, argument: ListArgument) -> Any:
        tree, path = self.field.arguments[argument.name], self.field.path
        alias, _ = self.entities.visible_alias(argument.target)
        row = self.entities.every(alias)
        key = self.binder.bind(tree, KEY, path, lambda value: _key_of(value, argument.target.__name__), neutral=NO_KEY)
        reference = self.binder.bind(tree, String(), path)
        return row.first(row.id, where=or_(row.id == key, row.reference == reference))


def _key_of(value: str, type_name: str) -> str:
    found, _, key = value.partition(":")
    return key if found == type_name and UUID.fullmatch(key) else NO_KEY


def is_named(row: Any, wanted: Any) -> ColumnElement[bool]:
    """Return whether a bound list has the id or the code of an expert group."""
    return or_(in_list(literal_text("ExpertGroup:") + cast(row.id, String), wanted), in_list(row.code, wanted))
