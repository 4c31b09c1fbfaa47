"""Compiles `aggregate`: the count, the sums by currency, and both for each group.

Amounts of different currencies are never added. Each sum is a list with one amount for each currency, sorted by
currency code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, and_, case, cast, func, inspect, null, select

from models.derived.relations import source_of
from models.sql_functions import by_code_point
from resolvers.core.attributes import Kind, attribute
from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_GROUPS
from resolvers.core.naming import attribute_name
from resolvers.query.conversion import Conversion
from resolvers.query.json_values import money_object
from resolvers.query.spec import QuerySpec, query_spec_of
from resolvers.sql.comparisons import is_not_distinct
from resolvers.sql.json_expressions import JsonArray, JsonArrayAgg, JsonObject, literal_text
from resolvers.sql.parameters import ArgumentValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resolvers.query.selection import SelectedField, Selection
    from resolvers.query.visible_entities import VisibleEntities

#: The attributes that can label a reference in a group; the first one that the target has is used.
LABELS = ("name", "title")


class Aggregate:
    """Builds the aggregate of one list; `rows` returns a new alias of its rows and the conditions of the list."""

    def __init__(
        self,
        type_name: str,
        rows: Callable[[], tuple[Any, Sequence[Any]]],
        selection: Selection,
        entities: VisibleEntities,
        or_null: Callable[[SelectedField, Callable[[], Any]], Any],
    ) -> None:
        self.type_name = type_name
        self.spec: QuerySpec = query_spec_of(type_name)
        self.rows = rows
        self.selection = selection
        self.entities = entities
        self.or_null = or_null

    def json(self, field: SelectedField) -> Any:
        """Return the JSON of an `aggregate` field; a grouping by too many fields is noted as a fault."""
        return JsonObject([(part.key, self._part(part)) for part in self.selection.fields(field)])

    def _part(self, part: SelectedField) -> Any:
        if part.name == "count":
            return self.count()
        if part.name == "sums":
            return self._sums(part, lambda total: self._amounts(self._totals(total, []), total).scalar_subquery())
        if part.name == "converted":
            return self.or_null(part, lambda: self._conversion(part, []))
        if part.name == "groupBy":
            return self.or_null(part, lambda: self._groups(part))
        return literal_text(f"{self.type_name}Aggregate")

    def count(self) -> Any:
        """Return the number of rows in the list."""
        return select(func.count()).select_from(self._listed([], lambda _: [literal_text("")])).scalar_subquery()

    def _listed(self, keys: Sequence[str], columns: Callable[[Any], list[Any]]) -> Any:
        """Return the list's rows as a subquery with the group's columns and `columns`."""
        alias, conditions = self.rows()
        groups, source, entered = self._group_columns(alias, keys)
        return (
            select(*groups, *columns(alias))
            .select_from(source)
            .where(*conditions)
            .correlate_except(*(source_of(each) for each in entered))
            .subquery()
        )

    def _group_columns(self, alias: Any, keys: Sequence[str]) -> tuple[list[Any], Any, list[Any]]:
        """Return a value and a label for each key, the FROM clause, and the aliases that it reads."""
        model = inspect(alias).mapper.class_
        source: Any = source_of(alias)
        columns: list[Any] = []
        entered = [alias]
        for place, key in enumerate(keys):
            label: Any = null()
            if attribute(model, key).kind is not Kind.REFERENCE:
                value = self.entities.value(alias, key)
            else:
                target, joined = self.entities.related(alias, key)
                source = source.outerjoin(source_of(target), joined)
                entered.append(target)
                mapper = inspect(target).mapper
                value = getattr(target, mapper.class_.natural_key[0])
                label = next((getattr(target, name) for name in LABELS if name in mapper.columns), null())
            if attribute(model, key).kind is Kind.BOOLEAN:
                value = case((value.is_(True), literal_text("true")), (value.is_(False), literal_text("false")))
            columns += [cast(value, String).label(f"value{place}"), cast(label, String).label(f"label{place}")]
        return columns, source, entered

    def _sums(self, field: SelectedField, total: Callable[[SelectedField], Any]) -> Any:
        name = literal_text(f"{self.type_name}{'ConvertedSums' if field.name == 'converted' else 'Sums'}")
        fields = self.selection.fields(field)
        return JsonObject([(part.key, name if part.name == "__typename" else total(part)) for part in fields])

    def _totals(self, total: SelectedField, keys: Sequence[str]) -> Any:
        """Return a subquery with one row for each group and currency."""
        name = (self.spec.summable or {})[attribute_name(total.name)]

        def amount(alias: Any) -> list[Any]:
            return [
                self.entities.value(alias, f"{name}_minor").label("minor"),
                self.entities.value(alias, f"{name}_currency").label("currency"),
            ]

        listed = self._listed(keys, amount)
        by = [column for column in listed.c if column.name != "minor"]
        minor = cast(func.sum(listed.c.minor), BigInteger).label("minor")
        return select(*by, minor).where(listed.c.minor.is_not(None)).group_by(*by).order_by(*by).subquery()

    def _amounts(self, totals: Any, total: SelectedField) -> Any:
        money = money_object(self.selection.fields(total), totals.c.minor, totals.c.currency)
        return select(JsonArrayAgg(money)).select_from(totals)

    def _conversion(self, field: SelectedField, keys: Sequence[str], counted: Any = None) -> Any:
        """Return the JSON of `converted`: for a group of `counted` with `keys`, or for the whole list."""
        conversion = Conversion(field, self.selection, self.entities.claims.binder)

        def converted(total: SelectedField) -> Any:
            parts = conversion.parts(self._totals(total, keys))
            found = conversion.json(parts, total)
            if counted is None:
                return found.scalar_subquery()
            return found.where(_same_group(parts, counted, keys)).correlate(counted).scalar_subquery()

        return self._sums(field, converted)

    def _groups(self, field: SelectedField) -> Any:
        keys = self._keys_of(field)
        listed = self._listed(keys, lambda _: [])
        columns = list(listed.c)
        sorts = [clause for column in columns for clause in (column.is_(None), by_code_point(column))]
        counted = select(*columns, func.count().label("found")).group_by(*columns).order_by(*sorts).subquery()
        parts = [(part.key, self._group_part(part, counted, keys)) for part in self.selection.fields(field)]
        return select(JsonArrayAgg(JsonObject(parts))).select_from(counted).scalar_subquery()

    def _keys_of(self, field: SelectedField) -> list[str]:
        tree = field.arguments.get("by")
        leaves = [item for item in tree if isinstance(item, ArgumentValue)] if isinstance(tree, list) else []
        keys = [str(getattr(leaf.value, "name", leaf.value)).lower() for leaf in leaves]
        if not 1 <= len(set(keys)) == len(keys) <= MAX_GROUPS:
            error = BadUserInputError(f"by must list 1 to {MAX_GROUPS} different fields.")
            error.path = list(field.path)
            raise error
        return keys

    def _group_part(self, part: SelectedField, counted: Any, keys: list[str]) -> Any:
        if part.name == "count":
            return counted.c.found
        if part.name == "keys":
            fields = self.selection.fields(part)
            return JsonArray([JsonObject(_key_pairs(fields, counted, keys, place)) for place in range(len(keys))])
        if part.name == "sums":
            return self._sums(part, lambda total: self._group_sum(total, counted, keys))
        if part.name == "converted":
            return self.or_null(part, lambda: self._conversion(part, keys, counted))
        return literal_text(f"{self.type_name}Group")

    def _group_sum(self, total: SelectedField, counted: Any, keys: list[str]) -> Any:
        totals = self._totals(total, keys)
        same = _same_group(totals, counted, keys)
        return self._amounts(totals, total).where(same).correlate(counted).scalar_subquery()


def _same_group(totals: Any, counted: Any, keys: Sequence[str]) -> Any:
    """Return the condition that the sums of each currency are those of a group."""
    names = (name for place in range(len(keys)) for name in (f"value{place}", f"label{place}"))
    return and_(*(is_not_distinct(totals.c[name], counted.c[name]) for name in names))


def _key_pairs(fields: list[SelectedField], counted: Any, keys: list[str], place: int) -> list[tuple[str, Any]]:
    texts = {
        "value": counted.c[f"value{place}"],
        "label": counted.c[f"label{place}"],
        "field": literal_text(keys[place].upper()),
        "__typename": literal_text("GroupKey"),
    }
    return [(field.key, texts[field.name]) for field in fields]
