"""The rows of `Coverage`: what a scope of needs or of procurements requires, and what it has, in each currency.

Each scope is computed separately, because one need is in several: its group, its area and its participant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, and_, case, cast, func, literal, null, select, union_all

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
    from collections.abc import Iterator

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
        by: The attribute of a need or of a procurement with that key.
    """

    name: str
    digit: str
    object: str = ""
    by: str = ""

    def key(self, row: QueriedRow) -> Any:
        """Return the key of the object that a need or a procurement counts for; null if there is none."""
        return getattr(row, self.by) if self.by else cast(null(), KEY)

    def counts(self, row: QueriedRow) -> Any:
        """Return the condition that a need or a procurement is in the scope of an object."""
        return getattr(row, self.by).is_not(None) if self.by else literal(value=True)


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
    scopes = [scope for scope in (*NEEDS, LED) if of in {None, scope.object}]
    return union_all(*(_rows(scope, _led(tables) if scope is LED else _needed(tables, scope)) for scope in scopes))


def _rows(scope: Scope, parts: Iterator[Select[*tuple[Any, ...]]]) -> Select[*tuple[Any, ...]]:
    part = union_all(*parts).subquery()
    place = [part.c.key, part.c.currency]
    found = select(*place, *(func.sum(part.c[name]).label(name) for name in _SUMS)).group_by(*place).subquery()
    sums = {name: cast(found.c[name], BigInteger) for name in _SUMS}
    known = {name: func.coalesce(sums[name], 0) for name in ("planned", "funding", "pledged", "ordered")}
    amounts = {**sums, **known, "net": sums["requirements"] - known["funding"]}
    columns: dict[str, Any] = {
        "id": coverage_key(func.coalesce(found.c.key, cast(literal(_NO_OBJECT), KEY)), scope.digit, found.c.currency),
        "scope": literal(scope.name),
        "currency": found.c.currency,
        "count": cast(func.coalesce(sums["count"], 0), Integer),
        "ordered_unknown": cast(func.coalesce(sums["ordered_unknown"], 0), Integer),
        **{name: found.c.key if name == scope.object else cast(null(), KEY) for name in OBJECTS},
    }
    for name in AMOUNTS:
        minor = case((found.c.currency.is_not(None), amounts[name]))
        columns |= {f"{name}_minor": minor, f"{name}_currency": case((minor.is_not(None), found.c.currency))}
    return select(*(column.label(name) for name, column in columns.items())).select_from(found)


def _needed(tables: Tables, scope: Scope) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the parts of a scope of needs."""
    query, need = _every(tables, CapabilityNeed)
    cost = {"minor": need.estimated_cost_minor, "currency": need.estimated_cost_currency}
    own = query.select(need.id, *_labelled(key=scope.key(need), **cost), where=scope.counts(need)).subquery()
    firm = union_all(*firm_money_of_needs(tables)).subquery()
    by = (firm.c.need_id, firm.c.currency)
    funded = select(*by, func.sum(firm.c.funding).label("funding")).group_by(*by).subquery()
    same = and_(funded.c.need_id == own.c.id, funded.c.currency == own.c.currency)
    left = own.c.minor - func.coalesce(funded.c.funding, 0)
    unmet = case((left < 0, literal(0)), else_=left)
    part = _part((own.c.key, own.c.currency), count=literal(1), requirements=own.c.minor, unmet=unmet)
    yield select(*part).select_from(own.outerjoin(funded, same))

    query, line = _every(tables, RoadmapLine)
    need = line.join("need")
    planned = and_(is_in_force(line, line), line.planned_amount_minor.is_not(None), scope.counts(need))
    place = (scope.key(need), line.planned_amount_currency)
    yield query.select(*_part(place, planned=line.planned_amount_minor), where=planned)

    query, line = _every(tables, OrderLine)
    need, order = line.join("need"), line.join("purchase_order")
    count = counted(line, order)
    costs = and_(count.binds, count.costs, counts_towards(line, need))
    unknown = case((count.amount.is_(None), literal(1)))
    part = _part((scope.key(need), count.currency), ordered=count.amount, ordered_unknown=unknown)
    yield query.select(*part, where=and_(costs, scope.counts(need)))

    # A procurement with several needs in the scope counts once.
    query, need = _every(tables, CapabilityNeed)
    money = _money(query.select, need.join("procurements"), scope.key(need), scope.counts(need))
    yield _given(money)


def _led(tables: Tables) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the parts of the procurements that participants lead."""
    query, procurement = _every(tables, Procurement)
    place = (LED.key(procurement), procurement.estimated_value_currency)
    amounts = {"requirements": procurement.estimated_value_minor, "unmet": procurement.unmet_amount_minor}
    yield query.select(*_part(place, count=literal(1), **amounts), where=LED.counts(procurement))

    query, order = _every(tables, PurchaseOrder)
    procurement = order.join("procurement")
    unknown = case((order.owed_minor.is_(None), literal(1)))
    part = _part((LED.key(procurement), order.owed_currency), ordered=order.owed_minor, ordered_unknown=unknown)
    yield query.select(*part, where=and_(order.status.in_(BINDING_STATUSES), LED.counts(procurement)))

    query, procurement = _every(tables, Procurement)
    yield _given(_money(query.select, procurement, LED.key(procurement), LED.counts(procurement)))


def _money(selected: Any, procurement: QueriedRow, key: Any, where: Any) -> Subquery:
    """Return the allocations to procurements, firm and pledged, each once for each key."""
    allocation = procurement.join("allocations")
    status = allocation.join("contribution").status
    columns = _labelled(
        key=key,
        allocation_id=allocation.id,
        minor=allocation.amount_minor,
        currency=allocation.amount_currency,
        is_firm=status.in_(FIRM_STATUSES),
    )
    counted = and_(status.in_((*FIRM_STATUSES, ContributionStatus.PLEDGED)), where)
    found: Subquery = selected(*columns, where=counted).distinct().subquery()
    return found


def _given(money: Subquery) -> Select[*tuple[Any, ...]]:
    firm, pledged = case((money.c.is_firm, money.c.minor)), case((~money.c.is_firm, money.c.minor))
    return select(*_part((money.c.key, money.c.currency), funding=firm, pledged=pledged)).select_from(money)


def _part(place: tuple[Any, Any], **sums: Any) -> list[Any]:
    key, currency = place
    amounts = {name: cast(sums.get(name, null()), BigInteger) for name in _SUMS}
    return _labelled(key=cast(key, KEY), currency=cast(currency, String), **amounts)


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
