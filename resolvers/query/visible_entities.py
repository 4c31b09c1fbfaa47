"""The only way an entity enters a statement: through the policy of its type.

Whatever gives rows, or a value that is computed from rows, is asked of one `VisibleEntities`,
which adds who may see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnClause, FromClause, Select, SelectBase, Subquery, Table, and_, inspect, select, true
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList
from sqlalchemy.sql.operators import and_ as and_op
from sqlalchemy.sql.operators import eq

from models import Base, HasId
from resolvers.access.visibility import visibility_parents, visibility_predicate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import RelationshipProperty

    from resolvers.access.visibility_rules import ViewerClaims


class VisibleEntities:
    """Lets entities into one statement, as far as `rights` admit whoever asks."""

    def __init__(self, rights: ViewerClaims) -> None:
        self.claims = rights
        #: Every SELECT that has its policies, kept so that no other takes its identity.
        self._restricted: dict[int, Select[Any]] = {}

    def visible_alias(self, model: type[HasId]) -> tuple[Any, ColumnElement[bool]]:
        """Give a fresh alias of `model`, and the condition its rows are seen under."""
        alias = aliased(model)
        return alias, visibility_predicate(alias, self.claims)

    def related(self, parent: Any, name: str) -> tuple[Any, ColumnElement[bool]]:
        """Enter the target of `parent`'s relation `name`; give its alias and the condition that joins what is seen.

        `parent` stands for rows that are seen. The link table of a many-to-many relation is looked up
        inside the condition.
        """
        relation: RelationshipProperty[Any] = inspect(parent).mapper.relationships[name]
        target = aliased(relation.mapper.class_)
        return target, and_(_joined(parent, target, relation), self._predicate(parent, target, relation))

    def _predicate(self, parent: Any, target: Any, relation: RelationshipProperty[Any]) -> ColumnElement[bool]:
        model = relation.mapper.class_
        if not issubclass(model, HasId):
            # Sources have no life of their own: they are seen with the fact that they bear.
            return true()
        if relation.key in visibility_parents(inspect(parent).mapper.class_):
            # The parent would not be seen without it.
            return true()
        return visibility_predicate(target, self.claims, [back.key for back in _ways_back(relation)])

    def value(self, alias: Any, name: str) -> Any:
        """Give an attribute of an alias; one that is computed from other rows takes in those that are seen."""
        found = getattr(alias, name)
        return found if name in inspect(alias).mapper.columns else self.with_visibility(alias, found)

    def with_visibility(self, alias: Any, computed: Any) -> Any:
        """Give what is computed over an alias, with the policies in each SELECT that it holds."""
        for found in list(_selects(computed, source_of(alias))):
            # An alias keeps what was computed over it, and gives it again for what is computed from that.
            if id(found) not in self._restricted:
                self._restrict(found, alias)
        return computed

    def clear(self) -> None:
        """Let go of the statement's parts, once it is built."""
        self._restricted.clear()

    def _restrict(self, found: Select[Any], alias: Any) -> None:
        conditions = []
        for table in _tables(found):
            model = _entity_of(table)
            known = [
                name
                for name in visibility_parents(model)
                if _is_joined(found, inspect(model).relationships[name], alias)
            ]
            conditions.append(visibility_predicate(model, self.claims, known))
        self._restricted[id(found)] = found
        for condition in conditions:
            self._restricted |= {id(part): part for part in _selects(condition, None)}
            # In place: `where` itself would leave the expression around it with the old SELECT.
            Select.where.non_generative(found, condition)  # type: ignore[attr-defined]


def source_of(alias: Any) -> FromClause:
    """Give what stands in FROM for an alias."""
    selectable: FromClause = inspect(alias).selectable
    return selectable


def rows_of(alias: Any) -> Select[*tuple[Any, ...]]:
    """Select every column of an alias, each under its attribute's name."""
    mapper = inspect(alias).mapper
    columns = [getattr(alias, found.key).label(found.key) for found in mapper.column_attrs]
    return select(*columns).select_from(source_of(alias))


def _joined(parent: Any, target: Any, relation: RelationshipProperty[Any]) -> ColumnElement[bool]:
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
    # IN, not EXISTS: SQLite then starts from the few links instead of asking for them at every row of the target.
    condition: ColumnElement[bool] = _attribute(target, theirs).in_(linked)
    return condition


def _ways_back(relation: RelationshipProperty[Any]) -> Iterator[RelationshipProperty[Any]]:
    """Give the to-one relations by which the targets of a to-many relation name the row they were reached from."""
    if relation.uselist and relation.secondary is None:
        for other in relation.mapper.relationships:
            if not other.uselist and other.local_columns == relation.remote_side:
                yield other


def _selects(computed: Any, around: FromClause | None) -> Iterator[Select[Any]]:
    """Give every SELECT inside an expression, but for those of what stands `around` it."""
    pending, met = [computed], {id(None)}
    while pending:
        part = pending.pop()
        # An annotated copy of what stands around has its hash, and no more of it.
        if id(part) in met or (isinstance(part, FromClause) and hash(part) == hash(around)):
            continue
        met.add(id(part))
        if isinstance(part, Select):
            yield part
        pending += part.get_children()


def _tables(found: Select[Any]) -> Iterable[Table]:
    """Give the tables, no aliases, whose columns a SELECT speaks of, those of the SELECTs inside it left out."""
    tables: dict[Table, None] = {}
    pending = list(found.get_children())
    while pending:
        part = pending.pop()
        if isinstance(part, ColumnClause) and isinstance(part.table, Table):
            tables[part.table] = None
        if not isinstance(part, SelectBase | Subquery):
            pending += part.get_children()
    return tables


def _is_joined(found: Select[Any], relation: RelationshipProperty[Any], alias: Any) -> bool:
    """Tell whether a SELECT joins a row to what it belongs to, where that is seen already.

    That is another of its tables, which gets its own policy, or the alias the value is computed over.
    """
    ((ours, theirs),) = relation.local_remote_pairs or []
    seen = {hash(theirs.table)}
    if inspect(alias).mapper is relation.mapper:
        seen.add(hash(source_of(alias)))
    whole = found.whereclause
    parts = whole.clauses if isinstance(whole, BooleanClauseList) and whole.operator is and_op else [whole]
    for part in parts:
        if isinstance(part, BinaryExpression) and part.operator is eq:
            sides = {(hash(getattr(side, "table", None)), getattr(side, "key", "")) for side in (part.left, part.right)}
            if (hash(ours.table), ours.key) in sides and sides & {(each, theirs.key) for each in seen}:
                return True
    return False


def _entity_of(table: Table) -> type[HasId]:
    """Give the entity of a table. Raises LookupError for a table that has none, which no policy guards."""
    for mapper in Base.registry.mappers:
        if mapper.local_table is table and issubclass(mapper.class_, HasId):
            return mapper.class_
    message = f"{table.name} holds no entity, so that no policy tells who may see it"
    raise LookupError(message)


def _attribute(alias: Any, column: Any) -> Any:
    return getattr(alias, inspect(alias).mapper.get_property_by_column(column).key)
