"""Compiles the selection of a query to one SELECT that returns the JSON of its data.

The compiler walks the selection together with the types of the schema. The type of a field decides how it is compiled:
a connection, an entity, a list of sources, an amount of money or a plain value. The data of a field comes from the
attribute of the model with the same name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Select, String, case, cast, func, inspect, literal_column, null, select
from sqlalchemy.orm import aliased

from models import Account, Change
from models.derived.relations import source_of
from resolvers.access.viewer_parameters import TYPES, BoundClaims
from resolvers.audit.read_markers import READ_MARKER, is_audited, with_marker
from resolvers.core.attributes import Kind, attribute
from resolvers.core.errors import BadUserInputError
from resolvers.core.naming import attribute_name
from resolvers.query.aggregates import Aggregate
from resolvers.query.computed_lists import ComputedList
from resolvers.query.field_faults import FieldFault
from resolvers.query.fields.changed_objects import OBJECT_FIELDS, ChangedObjects
from resolvers.query.fields.explanations import EXPLAIN, explanation_json
from resolvers.query.fields.judged_fields import JudgedField, is_judged, place_of
from resolvers.query.fields.viewer_lists import VIEWER_LISTS
from resolvers.query.filters import FilterCompiler
from resolvers.query.json_values import as_json, global_id, money_object
from resolvers.query.list_arguments import ListArguments
from resolvers.query.lookups import Lookups
from resolvers.query.pagination import PAGE_FIELDS, PageQuery, order_of, page_arguments_of, page_json
from resolvers.query.spec import query_spec_of
from resolvers.query.visible_entities import VisibleEntities, rows_of
from resolvers.search_index.marked_fields import MarkedField, is_marked
from resolvers.search_index.marked_fields import place_of as place_of_text
from resolvers.sql.json_expressions import JsonArrayAgg, JsonColumn, JsonObject, literal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect

    from resolvers.core.attributes import Attribute
    from resolvers.query.selection import SelectedField, Selection
    from resolvers.sql.parameters import ParameterBinder, Path

CONNECTION = "Connection"

#: Fields of the viewer whose values come from the claims of the request, not from the database.
VIEWER_PERMISSIONS = frozenset({"roles", "permissions"})


class QueryCompiler:
    """Compiles the statement of one query; `binder` collects its parameters."""

    def __init__(self, selection: Selection, binder: ParameterBinder, dialect: Dialect) -> None:
        self.selection = selection
        self.binder = binder
        self.entities = VisibleEntities(BoundClaims(binder), dialect)
        self._changed = ChangedObjects(selection, self.entities, self.object_json)
        #: Whether the response contains read markers.
        self.contains_audited_rows = False
        #: The fields that have arguments, by their paths.
        self.fields: dict[Path, SelectedField] = {}
        #: The fields whose arguments are not allowed; the statement has null for them.
        self.faults: list[FieldFault] = []
        #: The fields that the rules of commands judge.
        self.judged: list[JudgedField] = []
        #: The fields with parts that a search found.
        self.marked: list[MarkedField] = []

    def statement(self, fields: list[SelectedField]) -> Select[Any]:
        """Return the SELECT that returns the JSON of the root fields as one text.

        Raises:
            BadUserInputError: the query is nested too deeply.
        """
        pairs = [(field.key, self._root(field)) for field in fields]
        # Cached parameter sources refer to the order and so to the entities, which must not keep the statement alive.
        self.entities.clear()
        return select(cast(JsonObject(pairs), String))

    def _root(self, field: SelectedField) -> Any:
        if field.name == "__typename":
            return literal_text("Query")
        type_name = field.type.name if field.type else ""
        if type_name.endswith(CONNECTION):
            return self._root_connection(field, type_name)
        if field.name == "viewer":
            return self._viewer(field)
        lookups = Lookups(self.selection, self.entities, self.binder, self.object_json)
        lookup = {"node": lookups.node, "nodes": lookups.nodes}.get(field.name, lookups.unique)
        return self._or_null(field, lambda: lookup(field))

    def _or_null(self, field: SelectedField, build: Callable[[], Any]) -> Any:
        """Return what `build` returns for a field with arguments; null, and note the fault, if they are not allowed."""
        self.fields[field.path] = field
        bound = len(self.binder.slots)
        try:
            if field.fault:
                raise field.fault
            return build()
        except BadUserInputError as error:
            if error.path is None:
                # It is a fault of the whole query.
                raise
            self.binder.drop_after(bound)
            self.faults.append(FieldFault(field, error))
            return null()

    def _viewer(self, field: SelectedField) -> Any:
        """Return the JSON of the viewer; null for the public, which has no account."""
        alias, seen = self.entities.visible_alias(Account)
        pairs = [(part.key, self._of_viewer(alias, part)) for part in self.selection.fields(field)]
        found = self.entities.select(alias, JsonObject(pairs))
        return found.where(alias.id == self.entities.claims.account(), seen).scalar_subquery()

    def _of_viewer(self, alias: Any, part: SelectedField) -> Any:
        if part.name == "account":
            return self.object_json(alias, part)
        if rows := VIEWER_LISTS.get(part.name):
            return self.connection(part, lambda: rows(self.entities, alias))
        if part.name in VIEWER_PERMISSIONS:
            return JsonColumn(self.binder.claim(part.name, TYPES[part.name]))
        return self._field(alias, "Viewer", part)

    def object_json(self, alias: Any, field: SelectedField, type_name: str | None = None) -> JsonObject:
        """Return the JSON of the object that an alias represents, with the selection of `field`.

        `type_name` is the type of the object if the type of `field` is an interface.
        """
        kind = self.selection.schema.type_map[type_name] if type_name else field.type
        name = kind.name if kind else ""
        pairs = [(part.key, self._field(alias, name, part)) for part in self.selection.fields(field, kind)]
        if name == Change.__name__ and any(part.name == "title" for part in self.selection.fields(field, kind)):
            self.contains_audited_rows = True
            return JsonObject([*pairs, (READ_MARKER, self._changed.red_document(alias))])
        if is_audited(alias):
            self.contains_audited_rows = True
            return with_marker(alias, pairs)
        return JsonObject(pairs)

    def _field(self, alias: Any, type_name: str, field: SelectedField) -> Any:  # noqa: PLR0911 - a table in the form of a function
        if field.type is None:
            return literal_text(type_name)
        if field.name == "id":
            return global_id(type_name, alias.id)
        name = attribute_name(field.name)
        if type_name == Change.__name__ and name in OBJECT_FIELDS:
            return self._changed.title(alias) if name == "title" else self._changed.node(alias, field)
        if field.type.name.endswith(CONNECTION):
            return self._nested_connection(alias, name, field)
        model = inspect(alias).mapper.class_
        if name == EXPLAIN or is_judged(model, name) or is_marked(model, name):
            return self._special(alias, model, name, field)
        described = attribute(model, name)
        if described.kind is Kind.REFERENCE:
            return self._reference(alias, described, field)
        if described.kind is Kind.COLLECTION:
            return self._owned(alias, described, field)
        if described.kind is Kind.MONEY:
            return self.money(alias, described, field)
        if described.kind is Kind.MONEY_LIST:
            return self._money_list(alias, described, field)
        return as_json(described.kind, self.entities.value(alias, name))

    def _special(self, alias: Any, model: Any, name: str, field: SelectedField) -> Any:
        """Return a field that is no attribute of the model."""
        if is_judged(model, name):
            return self._judged(alias, model, field)
        if is_marked(model, name):
            parts = tuple((part.key, part.name) for part in self.selection.fields(field))
            self.marked.append(MarkedField(name, parts))
            return place_of_text(len(self.marked) - 1, alias, name)
        return self._or_null(field, lambda: explanation_json(self, alias, field))

    def _judged(self, alias: Any, model: Any, field: SelectedField) -> JsonObject:
        selected = self.selection.fields(field) if field.node.selection_set else None
        parts = None if selected is None else tuple((part.key, part.name) for part in selected)
        self.judged.append(JudgedField(model, parts, field.type.name if field.type else ""))
        return place_of(len(self.judged) - 1, alias.id)

    def _reference(self, alias: Any, described: Attribute, field: SelectedField) -> Any:
        target, joined = self.entities.related(alias, described.name)
        return self.entities.select(target, self.object_json(target, field)).where(joined).scalar_subquery()

    def _owned(self, alias: Any, described: Attribute, field: SelectedField) -> Any:
        """Return a list without pagination, in the order that its relation declares."""
        target, joined = self.entities.related(alias, described.name)
        source = source_of(target)
        order = inspect(inspect(alias).mapper.class_).relationships[described.name].order_by or []
        columns = [getattr(target, inspect(target).mapper.get_property_by_column(column).key) for column in order]
        rows = rows_of(target).where(joined).order_by(*columns).correlate_except(source).subquery()
        row = aliased(inspect(target).mapper.class_, rows, adapt_on_names=True)
        return self.entities.select(row, JsonArrayAgg(self.object_json(row, field))).scalar_subquery()

    def money(self, alias: Any, described: Attribute, field: SelectedField) -> Any:
        """Return the JSON of an amount of money of an alias."""
        minor, currency = (self.entities.value(alias, f"{described.name}_{part}") for part in ("minor", "currency"))
        money = money_object(self.selection.fields(field), minor, currency)
        return case((minor.is_not(None), money)) if described.nullable else money

    def _money_list(self, alias: Any, described: Attribute, field: SelectedField) -> Any:
        sums = self.entities.value(alias, described.name).order_by("currency").subquery()
        money = money_object(self.selection.fields(field), sums.c.minor, sums.c.currency)
        return select(JsonArrayAgg(money)).select_from(sums).scalar_subquery()

    def _root_connection(self, field: SelectedField, type_name: str) -> Any:
        spec = query_spec_of(_listed(type_name))
        arguments = ListArguments(spec, self.entities, self.binder, field)

        def rows() -> tuple[Any, Sequence[Any]]:
            if spec.rows:
                alias = spec.rows(self.entities, self.binder, field)
                return alias, [*arguments.conditions(alias)]
            alias, seen = self.entities.visible_alias(spec.model)
            return alias, [seen, *arguments.conditions(alias)]

        def listed() -> Any:
            found = self._list(field, rows, of_parts=False)
            return case((arguments.are_visible(), found)) if spec.list_arguments else found

        return self._or_null(field, listed)

    def _nested_connection(self, alias: Any, name: str, field: SelectedField) -> Any:
        def rows() -> tuple[Any, Sequence[Any]]:
            target, joined = self.entities.related(alias, name)
            return target, (joined,)

        relation = inspect(alias).mapper.relationships[name]
        return self.connection(field, rows, of_parts=relation.cascade.delete_orphan)

    def connection(
        self, field: SelectedField, rows: Callable[[], tuple[Any, Sequence[Any]]], *, of_parts: bool = False
    ) -> Any:
        """Return the JSON of a list in pages."""
        return self._or_null(field, lambda: self._list(field, rows, of_parts=of_parts))

    def _list(
        self, field: SelectedField, rows: Callable[[], tuple[Any, Sequence[Any]]], *, of_parts: bool
    ) -> ColumnElement[Any]:
        type_name = _listed(field.type.name if field.type else "")

        def listed() -> tuple[Any, Sequence[Any]]:
            alias, conditions = rows()
            where = field.arguments.get("where")
            return alias, [
                *conditions,
                *self._as_of(type_name, alias, field),
                FilterCompiler(self.entities, self.binder, field.path).predicate(alias, where, "where"),
            ]

        # Compile the filter even if no rows are selected, so that an invalid filter is always rejected.
        entered = listed()
        once = ComputedList.of(*entered)
        if once is not None:
            listed, entered = once.rows, once.rows()
        fields = self.selection.fields(field)
        aggregate = Aggregate(type_name, listed, self.selection, self.entities, self._or_null)
        found: dict[str, Any] = {
            part.key: self._whole(part, aggregate, type_name) for part in fields if part.name not in PAGE_FIELDS
        }
        paged = [part for part in fields if part.name in PAGE_FIELDS]
        order = order_of(type_name, field.arguments.get("orderBy"), self.entities, of_parts=of_parts)
        bounds = page_arguments_of(field, order, self.binder)
        if not paged:
            whole = JsonObject([(part.key, found[part.key]) for part in fields])
            return whole if once is None else once.within(select(whole)).scalar_subquery()
        row, parts = page_json(PageQuery(*entered, order, bounds), self.selection, paged, self.object_json)
        found.update(parts)
        whole = JsonObject([(part.key, found[part.key]) for part in fields])
        # The count makes the SELECT return one row, even if no selected field is an aggregate.
        page = self.entities.select(row, case((func.count() >= literal_column("0"), whole)))
        return (page if once is None else once.within(page)).scalar_subquery()

    def _as_of(self, type_name: str, alias: Any, field: SelectedField) -> Iterator[ColumnElement[bool]]:
        """Yield the condition of the argument `asOf` of a list."""
        day, holds = field.arguments.get("asOf"), query_spec_of(type_name).as_of
        if day is not None and holds is not None:
            yield holds(alias, self.binder.bind(day, Date(), field.path))

    def _whole(self, part: SelectedField, aggregate: Aggregate, type_name: str) -> Any:
        if part.name == "totalCount":
            return aggregate.count()
        if part.name == "aggregate":
            return aggregate.json(part)
        return literal_text(f"{type_name}{CONNECTION}")


def _listed(connection: str) -> str:
    return connection.removesuffix(CONNECTION)
