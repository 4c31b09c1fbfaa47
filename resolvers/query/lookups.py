"""Compiles the root fields that return single objects: by id, by a list of ids, or by a unique attribute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Date, Text, and_, case, cast, func, null, or_, select

from models.derived.relations import source_of
from models.types import KEY
from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_IDS
from resolvers.core.naming import attribute_name
from resolvers.query.global_ids import parse_global_id
from resolvers.query.spec import query_spec_of
from resolvers.sql.json_expressions import JsonArray, JsonArrayAgg, each_item, item_part, literal_text
from resolvers.sql.parameters import ArgumentValue

if TYPE_CHECKING:
    from resolvers.query.selection import SelectedField, Selection
    from resolvers.query.spec import DayLookup, QuerySpec
    from resolvers.query.visible_entities import VisibleEntities
    from resolvers.sql.json_expressions import JsonObject
    from resolvers.sql.parameters import ParameterBinder


class ObjectJsonBuilder(Protocol):
    """Builds the JSON of one object from an alias of its row."""

    def __call__(self, alias: Any, field: SelectedField, type_name: str | None = None) -> JsonObject:
        """Return the JSON with the selection of `field`; `type_name` is its type if the field's is an interface."""
        ...


class Lookups:
    """Compiles the root fields that return single objects."""

    def __init__(
        self, selection: Selection, entities: VisibleEntities, binder: ParameterBinder, object_json: ObjectJsonBuilder
    ) -> None:
        self.selection = selection
        self.entities = entities
        self.binder = binder
        self.object_json = object_json

    def unique(self, field: SelectedField) -> Any:
        """Return the JSON of the object whose attributes equal the arguments, or of that of a day."""
        spec = query_spec_of(field.type.name if field.type else "")
        alias, seen = self.entities.visible_alias(spec.model)
        conditions = [seen]
        if spec.day_lookup and attribute_name(field.name) == spec.day_lookup.name:
            return self._one(alias, and_(seen, self._is_of_day(alias, field, spec.day_lookup)), field, None)
        for name, tree in field.arguments.items():
            column = getattr(alias, attribute_name(name))
            wanted = self.binder.bind(tree, column.type, field.path)
            was_named = self._was_named(alias, spec, column.key, wanted)
            conditions.append(column == wanted if was_named is None else or_(column == wanted, was_named))
        return self._one(alias, and_(*conditions), field, None)

    def _was_named(self, alias: Any, spec: QuerySpec, name: str, wanted: Any) -> Any:
        """Return the condition that the attribute `name` once had the wanted value; None if no former values exist."""
        if not spec.former_names:
            return None
        former, joined = self.entities.related(alias, spec.former_names)
        source = source_of(former)
        found = select(1).select_from(source).where(joined, getattr(former, name) == wanted)
        return found.correlate_except(source).exists()

    def node(self, field: SelectedField) -> Any:
        """Return the JSON of the object with an id; the type is part of the shape, so only its table is read."""
        tree = field.arguments["id"]
        type_name = self._types(field, tree)[0]
        alias, seen = self.entities.visible_alias(query_spec_of(type_name).model)
        key = self.binder.bind(tree, KEY, field.path, lambda value: parse_global_id(value, "id")[1])
        return self._one(alias, and_(alias.id == key, seen), field, type_name)

    def nodes(self, field: SelectedField) -> Any:
        """Return the JSON of the objects for a list of ids, in the same order; null for each missing object."""
        tree = field.arguments["ids"]
        types = dict.fromkeys(self._types(field, tree))
        if not types:
            return JsonArray([])
        wanted = each_item(self.binder.bind(tree, Text(), field.path, _checked_ids, neutral="[]")).table_valued("value")
        choices = []
        for type_name in types:
            alias, seen = self.entities.visible_alias(query_spec_of(type_name).model)
            named = alias.id == cast(item_part(wanted.c.value, 1), KEY)
            found = self._one(alias, and_(named, seen), field, type_name)
            choices.append((item_part(wanted.c.value, 0) == literal_text(type_name), found))
        return select(JsonArrayAgg(case(*choices, else_=null()))).select_from(wanted).scalar_subquery()

    def _one(self, alias: Any, condition: Any, field: SelectedField, type_name: str | None) -> Any:
        one = self.entities.select(alias, self.object_json(alias, field, type_name))
        return one.where(condition).scalar_subquery()

    def _is_of_day(self, alias: Any, field: SelectedField, lookup: DayLookup) -> Any:
        tree = field.arguments.get("on")
        day = func.current_date() if tree is None else self.binder.bind(tree, Date(), field.path)
        return alias.id == lookup.key(self.entities.every(alias), day)

    def _types(self, field: SelectedField, tree: Any) -> list[str]:
        leaves = tree if isinstance(tree, list) else [tree]
        values = [value for leaf in leaves if isinstance(leaf, ArgumentValue) for value in _listed(leaf.value)]
        name = "ids" if field.name == "nodes" else "id"
        try:
            return [parse_global_id(value, name)[0] for value in values]
        except BadUserInputError as error:
            error.path = list(field.path)
            raise


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _checked_ids(values: list[str]) -> str:
    if len(values) > MAX_IDS:
        message = f"ids has {len(values)} items. Request at most {MAX_IDS} at once."
        raise BadUserInputError(message)
    return json.dumps([parse_global_id(value, "ids") for value in values])
