"""The only way an entity enters a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, inspect, select
from sqlalchemy.orm import aliased

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause
    from sqlalchemy.orm import RelationshipProperty

    from models import Base


def enter(model: type[Base]) -> Any:
    """Give a fresh alias of `model` for a statement to read from."""
    return aliased(model)


def source_of(alias: Any) -> FromClause:
    """Give what stands in FROM for an alias."""
    selectable: FromClause = inspect(alias).selectable
    return selectable


def rows_of(alias: Any) -> Select[*tuple[Any, ...]]:
    """Select every column of an alias, each under its attribute's name."""
    mapper = inspect(alias).mapper
    columns = [getattr(alias, found.key).label(found.key) for found in mapper.column_attrs]
    return select(*columns).select_from(source_of(alias))


def related(parent: Any, name: str) -> tuple[Any, ColumnElement[bool]]:
    """Enter the target of `parent`'s relation `name`; give its alias and the condition that joins it.

    The link table of a many-to-many relation is looked up inside the condition.
    """
    relation: RelationshipProperty[Any] = inspect(parent).mapper.relationships[name]
    target = enter(relation.mapper.class_)
    if relation.secondary is None:
        pairs = relation.local_remote_pairs or []
        return target, and_(*(_attribute(parent, local) == _attribute(target, remote) for local, remote in pairs))
    link = relation.secondary.alias()
    ours = [link.c[str(remote.key)] == _attribute(parent, local) for local, remote in relation.synchronize_pairs]
    theirs = [
        link.c[str(remote.key)] == _attribute(target, local)
        for local, remote in relation.secondary_synchronize_pairs or []
    ]
    exists = select(1).select_from(link).where(*ours, *theirs).correlate_except(link).exists()
    return target, exists


def _attribute(alias: Any, column: Any) -> Any:
    return getattr(alias, inspect(alias).mapper.get_property_by_column(column).key)
