"""Relations as SQL: the condition that joins two rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, inspect, or_, select
from sqlalchemy.orm import aliased

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import ColumnElement, FromClause
    from sqlalchemy.orm import RelationshipProperty

#: The key in a relation's `info` for a function that returns a further condition on its target. It is for a view-only
#: relation to one of several rows; its `primaryjoin` has the same condition.
ONLY = "only"


def source_of(alias: Any) -> FromClause:
    """Return the FROM clause of an entity or an alias."""
    selectable: FromClause = inspect(alias).selectable
    return selectable


def relation_of(alias: Any, name: str) -> RelationshipProperty[Any]:
    """Return the relation `name` of an entity or an alias. Raise KeyError if there is none."""
    found: RelationshipProperty[Any] = inspect(alias).mapper.relationships[name]
    return found


def join_condition(parent: Any, target: Any, relation: RelationshipProperty[Any]) -> ColumnElement[bool]:
    """Return the SQL condition that joins `target` to `parent` by `relation`.

    For a many-to-many relation, the condition contains a subquery on the association table.
    """
    if relation.secondary is None:
        pairs = relation.local_remote_pairs or []
        joined = (_attribute(parent, local) == _attribute(target, remote) for local, remote in pairs)
        only = relation.info.get(ONLY)
        return and_(*joined, *([only(target)] if only else ()))
    link = relation.secondary.alias()
    (ours, link_to_us), *_ = relation.synchronize_pairs
    (theirs, link_to_them), *_ = relation.secondary_synchronize_pairs or []
    linked = (
        select(link.c[str(link_to_them.key)])
        .select_from(link)
        .where(link.c[str(link_to_us.key)] == _attribute(parent, ours))
        .correlate_except(link)
    )
    # IN, not EXISTS: SQLite then starts from the few links and does not read them for every row of the target.
    condition: ColumnElement[bool] = _attribute(target, theirs).in_(linked)
    return condition


def is_last(row: Any, owner: str, moment: str, counts: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the SQL condition that a row counts, and that none of the same owner that counts is later.

    Args:
        row: An entity or an alias.
        owner: The attribute with the key of the owner.
        moment: The attribute by which the rows are ordered; rows of the same moment are ordered by their keys.
        counts: Returns the condition that a row counts.
    """
    later = aliased(inspect(row).mapper.class_)
    source = source_of(later)
    before, after = getattr(row, moment), getattr(later, moment)
    is_later = or_(after > before, and_(after == before, later.id > row.id))
    same = getattr(later, owner) == getattr(row, owner)
    overtaken = select(1).select_from(source).where(same, counts(later), is_later)
    return and_(counts(row), ~overtaken.correlate_except(source).exists())


def inverse_relations(relation: RelationshipProperty[Any]) -> Iterator[str]:
    """Return the names of the to-one relations that reverse a one-to-many relation."""
    if relation.uselist and relation.secondary is None:
        for other in relation.mapper.relationships:
            if not other.uselist and other.local_columns == relation.remote_side:
                yield other.key


def _attribute(alias: Any, column: Any) -> Any:
    return getattr(alias, inspect(alias).mapper.get_property_by_column(column).key)
