"""Who owns a row: the group to which the model's `owned_through` leads, else the leads.

The only definition of ownership: visibility, row-level security, permissions and the audit log all use it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, inspect, select, type_coerce
from sqlalchemy.orm import aliased

from models import ExpertGroup
from models.types import KEY
from resolvers.access.viewer import LEADS_GROUP
from resolvers.sql.json_expressions import literal_text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models import Entity


class OwnerPath(NamedTuple):
    """The way from a type to its owner.

    Attributes:
        relation: The relation that leads there.
        key: The attribute that holds the key of its target.
        target: The type it leads to.
        optional: Whether it may lead nowhere.
    """

    relation: str
    key: str
    target: type[Any]
    optional: bool


@cache
def owner_paths(model: type[Entity]) -> tuple[OwnerPath, ...]:
    """Return the ways from a type to its owner; none where the leads own all its rows."""
    names = model.owned_through or model.parent_relation
    return tuple(_path(model, name) for name in ((names,) if isinstance(names, str) else names) if name)


def _path(model: type[Entity], name: str) -> OwnerPath:
    relation = inspect(model).relationships[name]
    ((local, _),) = relation.local_remote_pairs or []
    key = inspect(model).get_property_by_column(local).key
    return OwnerPath(name, key, relation.mapper.class_, bool(local.nullable))


def owning_group(row: Entity) -> str:
    """Return the key of the group that owns a row, or that of the leads."""
    for path in owner_paths(type(row)):
        if path.target is ExpertGroup:
            return getattr(row, path.key) or LEADS_GROUP
        owner = getattr(row, path.relation)
        if owner is not None:
            return owning_group(owner)
    return LEADS_GROUP


def owning_group_key(row: Any) -> ColumnElement[Any]:
    """Return the same in SQL, for an entity or an alias of one; null where the viewer may not see what leads there."""
    owner = _leads()
    for path in reversed(owner_paths(inspect(row).mapper.class_)):
        key = getattr(row, path.key)
        if path.target is ExpertGroup:
            return group_or_leads(key)
        other = aliased(path.target)
        source = inspect(other).selectable
        found = select(owning_group_key(other)).select_from(source).where(other.id == key).correlate_except(source)
        owned = found.scalar_subquery()
        owner = case((key.is_(None), owner), else_=owned) if path.optional else owned
    return owner


def group_or_leads(key: Any) -> ColumnElement[Any]:
    """Return the key of a group in SQL, or that of the leads where it is null."""
    return func.coalesce(key, _leads())


def _leads() -> ColumnElement[Any]:
    return type_coerce(literal_text(LEADS_GROUP), KEY)
