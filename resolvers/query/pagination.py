"""Compiles the pages of connections: the rows after or before a position, and the page info."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Integer, and_, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from models.derived.relations import source_of
from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, NESTED_PAGE_SIZE
from resolvers.core.naming import attribute_name, nouns
from resolvers.query.keyset import KeysetOrder
from resolvers.query.spec import query_spec_of
from resolvers.query.visible_entities import rows_of
from resolvers.sql.json_expressions import JsonArrayAgg, JsonBoolean, JsonObject, literal_text
from resolvers.sql.parameters import ArgumentValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement

    from resolvers.query.selection import SelectedField, Selection
    from resolvers.query.visible_entities import VisibleEntities
    from resolvers.sql.parameters import ArgumentTree, ParameterBinder

#: The version of the UUIDs that have the time when they were made.
TIMED_KEY = 7

#: Fields of a connection that need the rows of the page; the others are computed from the whole list.
PAGE_FIELDS = frozenset({"edges", "nodes", "pageInfo"})


@dataclass(frozen=True)
class PageArguments:
    """The page arguments of a connection."""

    size: ColumnElement[int]
    backward: bool
    after: list[ColumnElement[Any]] | None
    before: list[ColumnElement[Any]] | None


def order_of(type_name: str, tree: ArgumentTree, entities: VisibleEntities, *, of_parts: bool = False) -> KeysetOrder:
    """Return the requested order of a list, or the default order: for the children of one object by ordinal."""
    spec = query_spec_of(type_name)
    wanted = [
        (attribute_name(_text(item["field"]).lower()), _text(item.get("direction")) == "DESC")
        for item in (tree if isinstance(tree, list) else [])
        if isinstance(item, dict)
    ]
    own = "ordinal" if of_parts and "ordinal" in spec.sortable else spec.sortable[0]
    return KeysetOrder.by(spec.model, wanted or [(own, False)], entities)


def _text(tree: ArgumentTree) -> str:
    # Field and direction are part of the shape of a list, so they can be read during compilation.
    value = tree.value if isinstance(tree, ArgumentValue) else None
    return str(getattr(value, "name", value))


def page_arguments_of(field: SelectedField, order: KeysetOrder, binder: ParameterBinder) -> PageArguments:
    """Return a connection's page arguments. Raises BadUserInputError for `first` with `last`."""
    backward = "last" in field.arguments
    if backward and "first" in field.arguments:
        error = BadUserInputError("first and last cannot be used together. Use one of them.")
        error.path = list(field.path)
        raise error
    name = "last" if backward else "first"
    usual = DEFAULT_PAGE_SIZE if len(field.path) == 1 else NESTED_PAGE_SIZE
    size = field.arguments.get(name, ArgumentValue("first", usual))
    return PageArguments(
        binder.bind(size, Integer(), field.path, lambda value: _checked_size(value, name), neutral=0),
        backward,
        _position(field, "after", order, binder),
        _position(field, "before", order, binder),
    )


def _checked_size(value: int, name: str) -> int:
    if not 1 <= value <= MAX_PAGE_SIZE:
        message = f"{name} is {value}. It must be from 1 to {MAX_PAGE_SIZE}."
        raise BadUserInputError(message)
    return value


def _position(
    field: SelectedField, name: str, order: KeysetOrder, binder: ParameterBinder
) -> list[ColumnElement[Any]] | None:
    tree = field.arguments.get(name)
    if tree is None:
        return None

    def part(place: int) -> Callable[[str], Any]:
        return lambda cursor: _kept(order.read(cursor, name), order, name)[place]

    return [
        binder.bind(tree, term.of(order.model).type, field.path, part(place)) for place, term in enumerate(order.terms)
    ]


def _kept(position: list[Any], order: KeysetOrder, name: str) -> list[Any]:
    """Return a position. Raises BadUserInputError if rows after it can be deleted by now, as they are too old."""
    days = query_spec_of(order.model.__name__).kept_days
    # The key of a row has the time when it was made.
    if days is not None and (made := UUID(position[-1])).version == TIMED_KEY:
        age = dt.datetime.now(dt.UTC) - dt.datetime.fromtimestamp((made.int >> 80) / 1000, dt.UTC)
        if age > dt.timedelta(days=days):
            message = (
                f"{name} is a cursor that is {age.days} days old, and {nouns(order.model.__name__)} are stored for "
                f"{days} days. Read your objects again, and continue with the endCursor of last: 1."
            )
            raise BadUserInputError(message)
    return position


class PageQuery:
    """Builds the SQL of one page: its rows, and whether more rows exist before or after it."""

    def __init__(self, alias: Any, conditions: Sequence[Any], order: KeysetOrder, bounds: PageArguments) -> None:
        self.order = order
        self.bounds = bounds
        self.entered = alias
        self.conditions = list(conditions)
        if computed := order.columns(alias):
            self._compute_once(computed)

    def _compute_once(self, computed: list[ColumnElement[Any]]) -> None:
        """Compute the sort keys once, as columns of a subquery, because they are compared several times."""
        source = source_of(self.entered)
        whole = rows_of(self.entered).add_columns(*computed).where(*self.conditions).correlate_except(source)
        # A limit that is never reached prevents both engines from inlining the expressions.
        computed_once = whole.limit(literal_column(str(2**63 - 1))).subquery()
        self.entered = aliased(self.order.model, computed_once, adapt_on_names=True)
        self.conditions = []

    def rows(self, *, numbered: bool) -> Any:
        """Return the page's rows as a subquery in the order of the list.

        If `numbered`, the subquery has one more row than the page, to find out whether more rows exist. `page_place` is
        the number of the row, counted from the start of the page (from its end for `last`); `page_is_last` is true for
        the last row in this count.
        """
        backward, size = self.bounds.backward, self.bounds.size
        within = [condition for condition in (self._after(), self._before()) if condition is not None]
        limit = size + literal_column("1") if numbered else size
        rows = (
            rows_of(self.entered)
            .add_columns(*self.order.columns(self.entered))
            .where(*self.conditions, *within)
            .order_by(*self.order.clauses(self.entered, backward=backward))
            .limit(limit)
            .correlate_except(source_of(self.entered))
            .subquery()
        )
        if not (numbered or backward):
            return rows
        page = aliased(self.order.model, rows, adapt_on_names=True)
        place = func.row_number().over(order_by=self.order.clauses(page, backward=backward)).label("page_place")
        counted = select(*rows.c, place, func.count().over().label("page_found")).subquery()
        last = or_(
            counted.c.page_place == size,
            and_(counted.c.page_place == counted.c.page_found, counted.c.page_found < size),
        )
        turned = counted.c.page_place.desc() if backward else counted.c.page_place
        return select(*counted.c, last.label("page_is_last")).order_by(turned).subquery()

    def _after(self) -> Any:
        after = self.bounds.after
        return None if after is None else self.order.after(self.entered, after)

    def _before(self) -> Any:
        before = self.bounds.before
        return None if before is None else self.order.after(self.entered, before, backward=True)

    def has_more(self, rows: Any, *, forward: bool) -> ColumnElement[Any]:
        """Return whether the list has more rows after the page (`forward`) or before it."""
        overflow = func.coalesce(func.max(rows.c.page_place), 0) > self.bounds.size
        cut = self._before() if forward else self._after()
        grows_there = forward != self.bounds.backward
        if cut is None:
            return JsonBoolean(overflow if grows_there else literal_column("1 = 0"))
        outside = self._any(cut.is_not(true()))
        return JsonBoolean(or_(overflow, outside) if grows_there else outside)

    def _any(self, condition: Any) -> Any:
        source = source_of(self.entered)
        return select(1).select_from(source).where(*self.conditions, condition).correlate_except(source).exists()


def page_json(
    page: PageQuery,
    selection: Selection,
    fields: list[SelectedField],
    node: Callable[[Any, SelectedField], ColumnElement[Any]],
) -> tuple[Any, dict[str, ColumnElement[Any]]]:
    """Return an alias of the page's rows, and the JSON of each page field by response key.

    `node` returns the JSON of one object from an alias of its row and the field that selects it.
    """
    numbered = any(field.name == "pageInfo" for field in fields)
    rows = page.rows(numbered=numbered)
    alias = aliased(page.order.model, rows, adapt_on_names=True)
    inside = rows.c.page_place <= page.bounds.size if numbered else None
    found: dict[str, ColumnElement[Any]] = {}
    for field in fields:
        if field.name == "nodes":
            found[field.key] = JsonArrayAgg(node(alias, field), inside)
        elif field.name == "edges":
            parts = [(part.key, _edge_part(page, part, alias, node)) for part in selection.fields(field)]
            found[field.key] = JsonArrayAgg(JsonObject(parts), inside)
        else:
            parts = [(part.key, _info_part(page, part, alias, rows)) for part in selection.fields(field)]
            found[field.key] = JsonObject(parts)
    return alias, found


def _edge_part(
    page: PageQuery, part: SelectedField, alias: Any, node: Callable[[Any, SelectedField], ColumnElement[Any]]
) -> Any:
    if part.name == "node":
        return node(alias, part)
    if part.name == "cursor":
        return page.order.cursor(alias)
    return literal_text(f"{page.order.model.__name__}Edge")


def _info_part(page: PageQuery, part: SelectedField, alias: Any, rows: Any) -> Any:
    if part.name in {"hasNextPage", "hasPreviousPage"}:
        return page.has_more(rows, forward=part.name == "hasNextPage")
    if part.name in {"startCursor", "endCursor"}:
        nearest = (part.name == "startCursor") != page.bounds.backward
        wanted = rows.c.page_place == 1 if nearest else rows.c.page_is_last
        return func.max(page.order.cursor(alias)).filter(wanted)
    return literal_text("PageInfo")
