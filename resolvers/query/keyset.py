"""Implements keyset pagination: orders and cursors. A page begins after a position, never at an offset.

A cursor contains the sort keys and the id of one row, and the order that it belongs to. So pagination stays correct
while rows are added, deleted or moved. Null sorts as the largest value, last in ascending order and first in descending
order, on both engines.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, and_, inspect, or_, tuple_, type_coerce

from models.derived.tables import computed_column
from models.sql_functions import EngineFunction
from models.types import FixedPoint, Quantity, UnitPrice
from resolvers.core.attributes import Kind, attribute
from resolvers.core.codecs import codec_of
from resolvers.core.errors import BadUserInputError
from resolvers.core.text import UNSTORABLE
from resolvers.query.json_values import as_json
from resolvers.sql.comparisons import is_not_distinct
from resolvers.sql.json_expressions import literal_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from models import HasId
    from resolvers.query.visible_entities import VisibleEntities


#: The kinds that are sorted by the integer that stores them.
FIXED_POINT: dict[Kind, type[FixedPoint]] = {Kind.QUANTITY: Quantity, Kind.UNIT_PRICE: UnitPrice}


@dataclass(frozen=True)
class SortKey:
    """A sort key: one column of an order."""

    name: str
    kind: Kind
    nullable: bool
    descending: bool
    entities: VisibleEntities

    def of(self, alias: Any) -> Any:
        """Return the expression of the sort key on an alias."""
        return self.entities.value(alias, self.name)


@dataclass(frozen=True)
class KeysetOrder:
    """A total order of a type's rows: the requested sort keys, and the id to break ties."""

    model: type[HasId]
    terms: tuple[SortKey, ...]

    @classmethod
    def by(cls, model: type[HasId], wanted: Sequence[tuple[str, bool]], entities: VisibleEntities) -> KeysetOrder:
        """Return the order by the given attributes, each ascending or descending; money sorts by currency first."""
        terms: dict[str, SortKey] = {}
        for name, descending in wanted:
            described = attribute(model, name)
            parts = (f"{name}_currency", f"{name}_minor") if described.kind is Kind.MONEY else (name,)
            for part in parts:
                found = attribute(model, part)
                terms.setdefault(part, SortKey(part, found.kind, found.nullable, descending, entities))
        terms.setdefault("id", SortKey("id", Kind.KEY, nullable=False, descending=wanted[-1][1], entities=entities))
        return cls(model, tuple(terms.values()))

    @property
    def signature(self) -> str:
        """The identifier of the order in a cursor; a cursor of another list or order is rejected."""
        terms = ",".join(f"{'-' if term.descending else ''}{term.name}" for term in self.terms)
        return f"{self.model.__name__}:{terms}"

    def columns(self, alias: Any) -> list[ColumnElement[Any]]:
        """Return the sort keys that are computed from other rows, each as a labelled column."""
        stored = inspect(self.model).columns
        return [term.of(alias).label(computed_column(term.name)) for term in self.terms if term.name not in stored]

    def clauses(self, alias: Any, *, backward: bool = False) -> list[Any]:
        """Return the ORDER BY clauses of the order, or of its reverse."""
        clauses = []
        for term in self.terms:
            descending = term.descending != backward
            clause = term.of(alias).desc() if descending else term.of(alias).asc()
            if term.nullable:
                clause = clause.nulls_first() if descending else clause.nulls_last()
            clauses.append(clause)
        return clauses

    def after(self, alias: Any, position: Sequence[ColumnElement[Any]], *, backward: bool = False) -> Any:
        """Return the condition for rows after `position`, or before it if `backward`."""
        directions = {term.descending for term in self.terms}
        if len(directions) == 1 and not any(term.nullable for term in self.terms):
            # An index on the sort keys answers a row comparison without reading the rows before the position.
            row, bound = tuple_(*(term.of(alias) for term in self.terms)), tuple_(*position)
            return row < bound if directions.pop() != backward else row > bound
        condition: Any = None
        for term, bound_value in reversed(list(zip(self.terms, position, strict=True))):
            beyond = _after(term, alias, bound_value, backward=backward)
            tied = is_not_distinct(term.of(alias), bound_value)
            condition = beyond if condition is None else or_(beyond, and_(tied, condition))
        return condition

    def cursor(self, alias: Any) -> ColumnElement[str]:
        """Return the expression of a row's cursor."""
        return cursor_text(literal_text(self.signature), *(_written(term, alias) for term in self.terms))

    def read(self, cursor: str, argument: str) -> list[Any]:
        """Return the position of a cursor, one value for each sort key.

        Raises:
            BadUserInputError: the cursor is invalid, or belongs to another list or order.
        """
        refusal = BadUserInputError(
            f"{argument} is not a cursor of this list in this order. Use a cursor from its edges or pageInfo."
        )
        try:
            signature, *values = json.loads(bytes.fromhex(cursor))
            if signature != self.signature:
                raise refusal
            return [_read(term, value) for term, value in zip(self.terms, values, strict=True)]
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise refusal from error


def _after(term: SortKey, alias: Any, bound: ColumnElement[Any], *, backward: bool) -> Any:
    value = term.of(alias)
    if term.descending != backward:
        beyond = value < bound
        return or_(beyond, and_(value.is_not(None), bound.is_(None))) if term.nullable else beyond
    beyond = value > bound
    return or_(beyond, and_(value.is_(None), bound.is_not(None))) if term.nullable else beyond


def _written(term: SortKey, alias: Any) -> Any:
    # A cursor contains a share as the integer that it is sorted by, not as decimal text.
    if term.kind in FIXED_POINT:
        return type_coerce(term.of(alias), BigInteger)
    return type_coerce(term.of(alias), Integer) if term.kind is Kind.SHARE else as_json(term.kind, term.of(alias))


def _read(term: SortKey, value: Any) -> Any:
    if value is None and term.nullable:
        return None
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise ValueError
    if term.kind in FIXED_POINT:
        return FIXED_POINT[term.kind].number(codec_of(Kind.BIG_INTEGER).from_json(value))
    return codec_of(term.kind).from_json(value)


class cursor_text(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql="encode(convert_to(CAST(json_build_array({all}) AS TEXT), 'UTF8'), 'hex')",
    sqlite="lower(hex(json_array({all})))",
):
    """Encodes a JSON list in hexadecimal: opaque to clients and identical on both engines."""

    type = String()
