"""Relations as SQL: the condition that joins two rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, inspect, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, FromClause
    from sqlalchemy.orm import RelationshipProperty


def source_of(alias: Any) -> FromClause:
    """Return what represents an entity or an alias in FROM."""
    selectable: FromClause = inspect(alias).selectable
    return selectable


def relation_of(alias: Any, name: str) -> RelationshipProperty[Any]:
    """Return the relation `name` of an entity or an alias. Raises KeyError where there is none."""
    found: RelationshipProperty[Any] = inspect(alias).mapper.relationships[name]
    return found


def join_condition(parent: Any, target: Any, relation: RelationshipProperty[Any]) -> ColumnElement[bool]:
    """Return the condition that `target` is among the rows that `parent` has in `relation`.

    The link table of a many-to-many relation is looked up inside the condition.
    """
    if relation.secondary is None:
        pairs = relation.local_remote_pairs or []
        return and_(*(_attribute(parent, local) == _attribute(target, remote) for local, remote in pairs))
    link = relation.secondary.alias()
    (ours, link_to_us), *_ = relation.synchronize_pairs
    (theirs, link_to_them), *_ = relation.secondary_synchronize_pairs or []
    linked = (
        select(link.c[str(link_to_them.key)])
        .select_from(link)
        .where(link.c[str(link_to_us.key)] == _attribute(parent, ours))
        .correlate_except(link)
    )
    # IN, not EXISTS: SQLite then starts from the few links instead of reading them for every row of the target.
    condition: ColumnElement[bool] = _attribute(target, theirs).in_(linked)
    return condition


def ways_back(relation: RelationshipProperty[Any]) -> Iterator[str]:
    """Return the to-one relations by which the targets of a to-many relation name the row they were reached from."""
    if relation.uselist and relation.secondary is None:
        for other in relation.mapper.relationships:
            if not other.uselist and other.local_columns == relation.remote_side:
                yield other.key


def _attribute(alias: Any, column: Any) -> Any:
    return getattr(alias, inspect(alias).mapper.get_property_by_column(column).key)
