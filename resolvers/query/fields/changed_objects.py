"""Compiles the object of a change: the object itself, its title, and the condition that groups own it.

A change names its object by type and key. Its visibility predicate has checked that the viewer sees the object.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, cast, inspect, literal_column, null, or_, select, type_coerce
from sqlalchemy.orm import aliased

from models import Document, Entity, ExpertGroup, Marking
from models.derived.relations import source_of
from models.types import KEY
from resolvers.access.ownership import owner_paths
from resolvers.access.viewer_parameters import PlacedClaims
from resolvers.access.visibility import VISIBILITY, changed_models, visibility_parents, visibility_predicate
from resolvers.access.visibility_rules import public
from resolvers.query.list_arguments import is_named
from resolvers.sql.comparisons import in_list
from resolvers.sql.json_expressions import JsonObject, literal_text
from resolvers.sql.rendered_once import RenderedOnce, place

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from resolvers.query.lookups import ObjectJsonBuilder
    from resolvers.query.selection import SelectedField, Selection
    from resolvers.query.visible_entities import VisibleEntities

#: The fields of a change that this module compiles, with their descriptions.
OBJECT_FIELDS = {
    "node": "The object, in its state now.",
    "title": "The title or name of the object now; else its reference, or the title of what it is a part of.",
}

#: The attributes that can be the title of an object, the first one that it has.
TITLES = ("title", "name", "display_name", "reference", "number", "label", "description")

#: The fields that need no row of the object.
OF_EVERY_OBJECT = frozenset({"id", "__typename"})


class ChangedObjects:
    """Compiles the fields of changes that depend on their objects."""

    def __init__(self, selection: Selection, entities: VisibleEntities, object_json: ObjectJsonBuilder) -> None:
        self.selection = selection
        self.entities = entities
        self.object_json = object_json

    def node(self, change: Any, field: SelectedField) -> ColumnElement[Any]:
        """Return the JSON of the object. Only types of which more than the id is selected read their tables."""
        choices: list[Any] = []
        plain: dict[tuple[tuple[str, str], ...], list[ColumnElement[str]]] = {}
        for model in changed_models():
            name = literal_text(model.__name__)
            parts = self.selection.fields(field, self.selection.schema.type_map[model.__name__])
            if model is not Document and all(part.name in OF_EVERY_OBJECT for part in parts):
                plain.setdefault(tuple((part.key, part.name) for part in parts), []).append(name)
            else:
                choices.append((change.entity_type == name, self._selected(change, model, field)))
        choices += [(change.entity_type.in_(names), _plain(change, parts)) for parts, names in plain.items()]
        return case(*choices, else_=null())

    def title(self, change: Any) -> ColumnElement[Any]:
        """Return the title of the object; null if it has none."""
        values = {"kind": change.entity_type, "key": change.entity_key}
        return RenderedOnce("title", _title, values, String())

    def red_document(self, change: Any) -> ColumnElement[Any]:
        """Return the key of the object if it is a TLP:RED document: reading its title is recorded."""
        document, seen = self.entities.visible_alias(Document)
        is_red = and_(document.id == change.entity_key, document.marking == literal_text(Marking.RED.name), seen)
        found = self.entities.select(document, document.id).where(is_red).scalar_subquery()
        return case((change.entity_type == literal_text(Document.__name__), found))

    def _selected(self, change: Any, model: type[Entity], field: SelectedField) -> Any:
        other, seen = self.entities.visible_alias(model)
        found = self.entities.select(other, self.object_json(other, field, model.__name__))
        return found.where(other.id == change.entity_key, seen).scalar_subquery()


def _title() -> ColumnElement[Any]:
    choices = []
    for model in changed_models():
        path = title_path(model)
        if path is not None:
            name = literal_text(model.__name__)
            choices.append((place("kind", String()) == name, _read(model, place("key", KEY), path)))
    return case(*choices, else_=null())


def _read(model: type[Entity], key: Any, path: tuple[str, ...]) -> Any:
    """Return the value at the end of a path of parents of an object: who sees the object sees these."""
    other = aliased(model)
    name, *rest = path
    if rest:
        relation = inspect(model).relationships[name]
        ((local, _),) = relation.local_remote_pairs or []
        parent = getattr(other, inspect(model).get_property_by_column(local).key)
        value = _read(relation.mapper.class_, parent, tuple(rest))
    else:
        value = cast(getattr(other, name), String)
    source = source_of(other)
    return select(value).select_from(source).where(other.id == key).correlate_except(source).scalar_subquery()


def _plain(change: Any, parts: tuple[tuple[str, str], ...]) -> JsonObject:
    kind = type_coerce(change.entity_type, String)
    values = {"__typename": kind, "id": kind + literal_text(":") + cast(change.entity_key, String)}
    return JsonObject([(key, values[name]) for key, name in parts])


@cache
def title_path(model: Any) -> tuple[str, ...] | None:
    """Return the way to the title of a type: an attribute, or a part's way to an attribute of what it is a part of.

    None for a type without a title. Parts of documents have no title of their document, whose reads are recorded.
    """
    own = next((name for name in TITLES if name in inspect(model).columns), None)
    if own:
        return (own,)
    if not model.parent_relation:
        return None
    parent = inspect(model).relationships[model.parent_relation].mapper.class_
    is_visible = model.parent_relation in visibility_parents(model) or public in VISIBILITY[parent]
    path = title_path(parent) if is_visible and parent is not Document else None
    return path and (model.parent_relation, *path)


def is_of_types(_entities: VisibleEntities, change: Any, names: Any) -> ColumnElement[bool]:
    """Return whether the object of a change is of one of the types in a bound list of names."""
    return in_list(change.entity_type, names)


def is_of_groups(entities: VisibleEntities, change: Any, wanted: Any) -> ColumnElement[bool]:
    """Return whether one of the groups in a bound list of ids and codes owns the object of a change now."""
    values = {"kind": change.entity_type, "key": change.entity_key, "wanted": wanted}
    return RenderedOnce("groups", _is_of_groups, {**values, **PlacedClaims.values(entities.claims)})


def _is_of_groups() -> ColumnElement[bool]:
    group, wanted = aliased(ExpertGroup), place("wanted")
    owned: list[ColumnElement[bool]] = []
    for model in changed_models():
        if owner_paths(model):
            other = aliased(model)
            source = source_of(other)
            is_owned = _owner(other).in_(select(group.id).where(is_named(group, wanted)))
            found: Any = select(literal_column("1")).select_from(source).where(other.id == place("key", KEY), is_owned)
            is_of_type = place("kind", String()) == literal_text(model.__name__)
            owned.append(and_(is_of_type, found.correlate_except(source).exists()))
    return or_(*owned)


def _owner(row: Any) -> Any:
    """Return the key of the group that owns a visible row; null for the leads, and if a viewer may not see why."""
    model = inspect(row).mapper.class_
    owner: Any = cast(null(), KEY)
    for path in reversed(owner_paths(model)):
        key = getattr(row, path.key)
        if path.target is ExpertGroup:
            return key
        other = aliased(path.target)
        source = source_of(other)
        known = path.relation in visibility_parents(model)
        seen = [] if known else [visibility_predicate(other, PlacedClaims())]
        found = select(_owner(other)).select_from(source).where(other.id == key, *seen).correlate_except(source)
        owned = found.scalar_subquery()
        owner = case((key.is_(None), owner), else_=owned) if path.optional else owned
    return owner
