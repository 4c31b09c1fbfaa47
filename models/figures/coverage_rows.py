"""The rows of `Coverage`: what a scope of needs or of procurements requires, and what it has, in each currency.

One need is in several scopes: its group, its area and its participant. So each fact is read once, with the keys of all
scopes, and then counted once for each scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, and_, case, cast, func, literal, null, or_, select, union_all

from models.derived.rows import QueriedRow
from models.figures.coverage import counts_towards
from models.figures.gap_rows import firm_money_of_needs
from models.figures.planned import is_in_force
from models.funding.contribution_status import FIRM_STATUSES, ContributionStatus
from models.orders.order_counts import counted
from models.orders.order_lines import OrderLine
from models.orders.purchase_orders import BINDING_STATUSES, PurchaseOrder
from models.planning.capability_needs import CapabilityNeed
from models.planning.roadmaps import RoadmapLine
from models.procurement.procurements import Procurement
from models.sql_functions import EngineFunction
from models.types import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Select, Subquery

    from models.derived.queries import RowQuery
    from models.derived.tables import Tables

#: The amounts of a row.
AMOUNTS = ("requirements", "planned", "funding", "pledged", "ordered", "unmet", "net")
#: What the parts of a row add up.
_SUMS = ("count", "requirements", "planned", "funding", "pledged", "ordered", "unmet", "ordered_unknown")
#: The objects that a scope can be of.
OBJECTS = ("group_id", "area_id", "participant_id")
#: The key in an id if a scope is of no object.
_NO_OBJECT = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Scope:
    """A scope: its name, the digit of its ids, and whose it is.

    Attributes:
        name: The name.
        digit: The first digit of its ids.
        object: The column of `Coverage` with the key of the object; empty if it is of no object.
        by: The attribute of a need or of a procurement with that key; empty if it is of no object.
    """

    name: str
    digit: str
    object: str = ""
    by: str = ""


#: The scopes of needs.
NEEDS = (
    Scope("COALITION", "1"),
    Scope("GROUP", "2", "group_id", "group_id"),
    Scope("AREA", "3", "area_id", "area_id"),
    Scope("REQUESTED", "4", "participant_id", "requested_by_id"),
)
LED = Scope("LED", "5", "participant_id", "lead_participant_id")


def coverage_rows(tables: Tables, of: str | None) -> Any:
    """Return the SELECT with one row for each scope and currency; `of` is the column of the object, None for all."""
    needs, led = ([scope for scope in all_ if of in {None, scope.object}] for all_ in (NEEDS, [LED]))
    parts = [
        *(_in_scopes(needs, [*_needed(tables, needs)], _money_of_needs(tables, needs)) if needs else ()),
        *(_in_scopes(led, [*_led(tables)], _money_of_led(tables)) if led else ()),
    ]
    part = union_all(*parts).subquery()
    place = [part.c.scope, part.c.digit, part.c.key, part.c.currency]
    found = select(*place, *(func.sum(part.c[name]).label(name) for name in _SUMS)).group_by(*place).subquery()
    return _rows(found, (*needs, *led))


def _rows(found: Subquery, scopes: Sequence[Scope]) -> Select[*tuple[Any, ...]]:
    """Return the rows with their ids and amounts, from the sums of each scope, object and currency."""
    sums = {name: cast(found.c[name], BigInteger) for name in _SUMS}
    known = {name: func.coalesce(sums[name], 0) for name in ("planned", "funding", "pledged", "ordered")}
    amounts = {**sums, **known, "net": sums["requirements"] - known["funding"]}
    key = func.coalesce(found.c.key, cast(literal(_NO_OBJECT), KEY))
    columns: dict[str, Any] = {
        "id": coverage_key(key, found.c.digit, found.c.currency),
        "scope": found.c.scope,
        "currency": found.c.currency,
        "count": cast(func.coalesce(sums["count"], 0), Integer),
        "ordered_unknown": cast(func.coalesce(sums["ordered_unknown"], 0), Integer),
    }
    for name in OBJECTS:
        of_object = [scope.name for scope in scopes if scope.object == name]
        columns[name] = cast(case((found.c.scope.in_(of_object), found.c.key)), KEY) if of_object else cast(null(), KEY)
    for name in AMOUNTS:
        minor = case((found.c.currency.is_not(None), amounts[name]))
        columns |= {f"{name}_minor": minor, f"{name}_currency": case((minor.is_not(None), found.c.currency))}
    return select(*(column.label(name) for name, column in columns.items())).select_from(found)


def _in_scopes(
    scopes: Sequence[Scope], parts: Sequence[Select[*tuple[Any, ...]]], money: Select[*tuple[Any, ...]]
) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the parts once for each scope, with the key of its object; the parts have the keys of all scopes.

    An allocation counts once in a scope, also if several needs of its procurement are in the scope.
    """
    part = union_all(*parts).subquery()
    place, key, counts = _place(scopes, part)
    yield select(*place, key, part.c.currency, *(part.c[name] for name in _SUMS)).where(counts)
    given = money.subquery()
    place, key, counts = _place(scopes, given)
    columns = (*place, key, given.c.allocation_id, given.c.minor, given.c.currency, given.c.is_firm)
    once = select(*columns).where(counts).distinct().subquery()
    sums = {"funding": case((once.c.is_firm, once.c.minor)), "pledged": case((~once.c.is_firm, once.c.minor))}
    yield select(once.c.scope, once.c.digit, once.c.key, once.c.currency, *_sums(sums))


def _place(scopes: Sequence[Scope], part: Subquery) -> tuple[list[Any], Any, Any]:
    """Return the name and the digit of each scope, the key of its object in a part, and whether the part counts."""
    rows = [select(literal(scope.name).label("scope"), literal(scope.digit).label("digit")) for scope in scopes]
    listed = union_all(*rows).subquery()
    whens = [(listed.c.scope == scope.name, part.c[scope.by]) for scope in scopes if scope.by]
    key = cast(case(*whens), KEY) if whens else cast(null(), KEY)
    of_none = [scope.name for scope in scopes if not scope.by]
    counts = or_(listed.c.scope.in_(of_none), key.is_not(None)) if of_none else key.is_not(None)
    return [listed.c.scope, listed.c.digit], key.label("key"), counts


def _needed(tables: Tables, scopes: Sequence[Scope]) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the parts of the scopes of needs: the needs, the lines of the roadmap in force and the lines of orders."""
    query, need = _every(tables, CapabilityNeed)
    cost = {"minor": need.estimated_cost_minor, "currency": need.estimated_cost_currency}
    own = query.select(need.id, *_labelled(**_keys(scopes, need), **cost)).subquery()
    firm = union_all(*firm_money_of_needs(tables)).subquery()
    by = (firm.c.need_id, firm.c.currency)
    funded = select(*by, func.sum(firm.c.funding).label("funding")).group_by(*by).subquery()
    same = and_(funded.c.need_id == own.c.id, funded.c.currency == own.c.currency)
    left = own.c.minor - func.coalesce(funded.c.funding, 0)
    unmet = case((left < 0, literal(0)), else_=left)
    keys = {scope.by: own.c[scope.by] for scope in scopes if scope.by}
    part = _part(keys, own.c.currency, count=literal(1), requirements=own.c.minor, unmet=unmet)
    yield select(*part).select_from(own.outerjoin(funded, same))

    query, line = _every(tables, RoadmapLine)
    need = line.join("need")
    planned = and_(is_in_force(line, line), line.planned_amount_minor.is_not(None))
    part = _part(_keys(scopes, need), line.planned_amount_currency, planned=line.planned_amount_minor)
    yield query.select(*part, where=planned)

    query, line = _every(tables, OrderLine)
    need, order = line.join("need"), line.join("purchase_order")
    count = counted(line, order)
    unknown = case((count.amount.is_(None), literal(1)))
    part = _part(_keys(scopes, need), count.currency, ordered=count.amount, ordered_unknown=unknown)
    yield query.select(*part, where=and_(count.binds, count.costs, counts_towards(line, need)))


def _money_of_needs(tables: Tables, scopes: Sequence[Scope]) -> Select[*tuple[Any, ...]]:
    query, need = _every(tables, CapabilityNeed)
    return _money(query, need.join("procurements"), _keys(scopes, need))


def _led(tables: Tables) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the parts of the procurements that participants lead: the procurements and their orders."""
    query, procurement = _every(tables, Procurement)
    amounts = {"requirements": procurement.estimated_value_minor, "unmet": procurement.unmet_amount_minor}
    keys = _keys([LED], procurement)
    yield query.select(*_part(keys, procurement.estimated_value_currency, count=literal(1), **amounts))

    query, order = _every(tables, PurchaseOrder)
    procurement = order.join("procurement")
    unknown = case((order.owed_minor.is_(None), literal(1)))
    part = _part(_keys([LED], procurement), order.owed_currency, ordered=order.owed_minor, ordered_unknown=unknown)
    yield query.select(*part, where=order.status.in_(BINDING_STATUSES))


def _money_of_led(tables: Tables) -> Select[*tuple[Any, ...]]:
    query, procurement = _every(tables, Procurement)
    return _money(query, procurement, _keys([LED], procurement))


def _money(query: RowQuery, procurement: QueriedRow, keys: dict[str, Any]) -> Select[*tuple[Any, ...]]:
    """Return the allocations to procurements, firm and pledged."""
    allocation = procurement.join("allocations")
    status = allocation.join("contribution").status
    columns = _labelled(
        **keys,
        allocation_id=allocation.id,
        minor=allocation.amount_minor,
        currency=allocation.amount_currency,
        is_firm=status.in_(FIRM_STATUSES),
    )
    return query.select(*columns, where=status.in_((*FIRM_STATUSES, ContributionStatus.PLEDGED)))


def _keys(scopes: Sequence[Scope], row: QueriedRow) -> dict[str, Any]:
    """Return the keys of the objects that a need or a procurement counts for."""
    return {scope.by: getattr(row, scope.by) for scope in scopes if scope.by}


def _part(keys: dict[str, Any], currency: Any, **sums: Any) -> list[Any]:
    columns = {name: cast(key, KEY) for name, key in keys.items()}
    return [*_labelled(**columns, currency=cast(currency, String)), *_sums(sums)]


def _sums(sums: dict[str, Any]) -> list[Any]:
    return _labelled(**{name: cast(sums.get(name, null()), BigInteger) for name in _SUMS})


def _labelled(**columns: Any) -> list[Any]:
    return [column.label(name) for name, column in columns.items()]


def _every(tables: Tables, model: type[Any]) -> tuple[RowQuery, QueriedRow]:
    query = tables.every(model, model)
    return query, QueriedRow(query.first, query)


class coverage_key(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql=(
        "CAST({1} || '0' || coalesce(ascii(substr({2}, 1, 1)) || CAST(ascii(substr({2}, 2, 1)) AS TEXT) || "
        "ascii(substr({2}, 3, 1)), '000000') || substr(CAST({0} AS TEXT), 9) AS UUID)"
    ),
    sqlite=(
        "({1} || '0' || coalesce(unicode(substr({2}, 1, 1)) || unicode(substr({2}, 2, 1)) || "
        "unicode(substr({2}, 3, 1)), '000000') || substr({0}, 9))"
    ),
):
    """The key of a row: that of its object, with the scope and the letters of the currency in place of the first eight.

    The other digits of a UUIDv7 are unique: they have 65 seconds of time, and the random part.
    """

    type = KEY
