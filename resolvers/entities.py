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
    (ours, link_to_us), *_ = relation.synchronize_pairs
    (theirs, link_to_them), *_ = relation.secondary_synchronize_pairs or []
    linked = (
        select(link.c[str(link_to_them.key)])
        .select_from(link)
        .where(link.c[str(link_to_us.key)] == _attribute(parent, ours))
        .correlate_except(link)
    )
    # IN, not EXISTS: SQLite then starts from the few links instead of asking for them at every row of the target.
    return target, _attribute(target, theirs).in_(linked)


def _attribute(alias: Any, column: Any) -> Any:
    return getattr(alias, inspect(alias).mapper.get_property_by_column(column).key)
