"""Loads all entities with all their relations: one SELECT for each table, joined here.

The eager loading of SQLAlchemy sends a SELECT for each relation, and made the references of thirteen viewers the
dearest part of the tests of visibility.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import MANYTOMANY, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression

from models.derived.computed_rows import ComputedRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Mapper, RelationshipProperty, Session

    from models import HasId


def load_entities(session: Session, models: Mapping[str, type[HasId]]) -> dict[str, list[HasId]]:
    """Return every entity by the name of its type; all relations are loaded, except to computed rows."""
    loaded = {*models.values()}
    found = {model: list(session.scalars(_select(model, loaded))) for model in models.values()}
    for model, entities in found.items():
        for relation in _relations(model):
            if _is_simple(relation, loaded):
                _join(session, entities, relation, found[relation.mapper.class_])
    return {name: found[model] for name, model in models.items()}


def _relations(model: type[HasId]) -> list[RelationshipProperty[Any]]:
    return [each for each in inspect(model).relationships if not issubclass(each.mapper.class_, ComputedRows)]


def _select(model: type[HasId], loaded: set[type[HasId]]) -> Any:
    others = [selectinload(each.class_attribute) for each in _relations(model) if not _is_simple(each, loaded)]
    return select(model).options(*others)


def _is_simple(relation: RelationshipProperty[Any], loaded: set[type[HasId]]) -> bool:
    joins = (relation.primaryjoin, relation.secondaryjoin)
    return relation.mapper.class_ in loaded and all(_is_equality(join) for join in joins if join is not None)


def _is_equality(join: ColumnElement[bool]) -> bool:
    return isinstance(join, BinaryExpression) and join.operator is operators.eq


def _join(
    session: Session, entities: Iterable[HasId], relation: RelationshipProperty[Any], targets: Iterable[HasId]
) -> None:
    """Set one relation of all entities of a type."""
    related: dict[Any, list[HasId]] = defaultdict(list)
    if relation.direction is MANYTOMANY:
        _of_link_table(session, relation, targets, related)
        local = relation.synchronize_pairs[0][0]
    else:
        local, remote = (relation.local_remote_pairs or [])[0]
        remote_value = _reader(relation.mapper, remote)
        for target in targets:
            related[remote_value(target)].append(target)
    if relation.order_by:
        order = [_reader(relation.mapper, column) for column in relation.order_by]
        for each in related.values():
            each.sort(key=lambda target: [value(target) for value in order])
    local_value = _reader(relation.parent, local)
    for entity in entities:
        there = related.get(local_value(entity), [])
        set_committed_value(entity, relation.key, [*there] if relation.uselist else there[0] if there else None)


def _of_link_table(
    session: Session,
    relation: RelationshipProperty[Any],
    targets: Iterable[HasId],
    related: dict[Any, list[HasId]],
) -> None:
    _, own = relation.synchronize_pairs[0]
    target_column, other = (relation.secondary_synchronize_pairs or [])[0]
    target_value = _reader(relation.mapper, target_column)
    by_key = {target_value(target): target for target in targets}
    for key, target_key in session.execute(select(own, other)):
        related[key].append(by_key[target_key])


def _reader(mapper: Mapper[Any], column: Any) -> Callable[[HasId], Any]:
    name = mapper.get_property_by_column(column).key
    return lambda entity: getattr(entity, name)
