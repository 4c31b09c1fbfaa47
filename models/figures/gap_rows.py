"""The rows of `YearGap`: the planned money of the roadmap in force, with firm money and pledges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, and_, case, cast, func, literal, null, or_, select, union_all

from models.derived.rows import QueriedRow, total
from models.figures.attribution import divided, firm_allocations
from models.figures.planned import is_in_force
from models.funding.contribution_status import ContributionStatus
from models.planning.capability_needs import CapabilityNeed
from models.planning.roadmaps import RoadmapLine
from models.procurement.procurements import Procurement
from models.sql_functions import EngineFunction
from models.types import KEY

if TYPE_CHECKING:
    from sqlalchemy import Select, SelectBase

    from models.derived.queries import RowQuery
    from models.derived.tables import Tables

#: The amounts of a row.
AMOUNTS = (
    "requirements",
    "funding",
    "gap",
    "pledged",
    "gap_if_pledges_hold",
    "funding_outside_requirements",
    "shared",
)
#: The columns that say for what a row of a need is.
PLACE = ("need_id", "group_id", "area_id", "year", "currency")


def gap_rows(tables: Tables) -> SelectBase:
    """Return the SELECT of the rows: those of needs, those of shared money, and the lines without an amount."""
    return union_all(_of_needs(tables), _shared(tables), _lines_without_amount(tables))


def _of_needs(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the rows of each need, year and currency."""
    parts = (_asked(tables), *firm_money_of_needs(tables), _pledged(tables))
    part = union_all(*parts).subquery()
    place = [part.c[name] for name in PLACE]
    sums = [func.sum(part.c[name]).label(name) for name in ("asked", "funding", "pledged")]
    found = select(*place, *sums).group_by(*place).subquery()
    asked, funding, pledged = (cast(found.c[name], BigInteger) for name in ("asked", "funding", "pledged"))
    is_asked = asked.is_not(None)
    amounts = {
        "requirements": asked,
        "funding": funding,
        "gap": _left(asked - funding),
        "pledged": pledged,
        "gap_if_pledges_hold": _left(asked - funding - pledged),
        "funding_outside_requirements": case((~is_asked, funding)),
        "shared": _nothing(),
    }
    kind = case((is_asked, literal("PLANNED")), else_=literal("OUTSIDE_REQUIREMENTS"))
    ids = [found.c.need_id, cast(null(), KEY), found.c.group_id, found.c.area_id]
    key = found.c.need_id, found.c.year, found.c.currency
    rows = select(*_columns(kind, key, ids, amounts)).select_from(found)
    return rows.where(or_(is_asked, funding != 0, pledged != 0))


def _shared(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the firm money that the needs of a procurement share, once for each procurement and currency."""
    _, procurement = _every(tables, Procurement)
    allocation, is_firm = firm_allocations(procurement)
    place = {
        "procurement_id": procurement.id,
        "group_id": procurement.group_id,
        "year": procurement.planned_year,
        "currency": allocation.amount_currency,
    }
    shared = divided(procurement, allocation, None).shared
    groups = procurement.groups(*place.values(), where=and_(is_firm, _needs(procurement) != 1), **place, shared=shared)
    amounts = {name: groups.c.shared if name == "shared" else _nothing() for name in AMOUNTS}
    ids = [cast(null(), KEY), groups.c.procurement_id, groups.c.group_id, cast(null(), KEY)]
    key = groups.c.procurement_id, groups.c.year, groups.c.currency
    rows = select(*_columns(literal("SHARED"), key, ids, amounts)).select_from(groups)
    return rows.where(groups.c.shared != 0)


def _lines_without_amount(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the lines of the roadmap in force that have no amount."""
    query, line = _every(tables, RoadmapLine)
    need = line.join("need")
    ids = [need.id, cast(null(), KEY), need.group_id, need.area_id]
    columns = _columns(
        literal("WITHOUT_AMOUNT"),
        (line.id, line.year, cast(null(), String)),
        ids,
        {name: _nothing() for name in AMOUNTS},
    )
    return query.select(*columns, where=and_(is_in_force(line, line), line.planned_amount_minor.is_(None)))


def _asked(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the planned money of the roadmap in force."""
    query, line = _every(tables, RoadmapLine)
    place = (*_of(line.join("need")), line.year, line.planned_amount_currency)
    counted = and_(is_in_force(line, line), line.planned_amount_minor.is_not(None))
    return query.select(*_part(place, asked=func.sum(line.planned_amount_minor)), where=counted).group_by(*place)


def firm_money_of_needs(tables: Tables) -> list[Select[*tuple[Any, ...]]]:
    """Return the SELECTs of the firm money that is attributed to needs: rows with `need_id`, `currency`, `funding`."""
    return [_of_needs_alone(tables), _of_one_need_of_several(tables)]


def _of_needs_alone(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the firm money of the procurements that have one need."""
    query, need = _every(tables, CapabilityNeed)
    procurement = need.join("procurements")
    allocation, is_firm = firm_allocations(procurement)
    place = (*_of(need), procurement.planned_year, allocation.amount_currency)
    alone = and_(is_firm, _needs(procurement) == 1)
    return query.select(*_part(place, funding=total(allocation.amount_minor)), where=alone).group_by(*place)


def _of_one_need_of_several(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the firm money that is attributed to one need of the several that a procurement has."""
    query, need = _every(tables, CapabilityNeed)
    procurement = need.join("procurements")
    allocation, is_firm = firm_allocations(procurement)
    place = (*_of(need), procurement.planned_year, allocation.amount_currency)
    attributed = divided(procurement, allocation, need).attributed
    found = query.select(*_part(place, funding=attributed), where=and_(is_firm, _needs(procurement) > 1))
    return found.group_by(*place, procurement.id)


def _pledged(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the pledges for a need alone."""
    query, need = _every(tables, CapabilityNeed)
    procurement = need.join("procurements")
    allocation = procurement.join("allocations")
    alone = or_(allocation.need_id == need.id, _needs(procurement) == 1)
    is_pledged = allocation.join("contribution").status == ContributionStatus.PLEDGED
    place = (*_of(need), procurement.planned_year, allocation.amount_currency)
    pledged = total(allocation.amount_minor)
    return query.select(*_part(place, pledged=pledged), where=and_(is_pledged, alone)).group_by(*place)


def _needs(procurement: QueriedRow) -> Any:
    """Return the number of needs of a procurement.

    It is not EXISTS: PostgreSQL would make a join of that, and read all needs for each procurement.
    """
    need = procurement.related("needs")
    return need.figures(found=func.count()).found


def _every(tables: Tables, model: type[Any]) -> tuple[RowQuery, QueriedRow]:
    query = tables.every(model, model)
    return query, QueriedRow(query.first, query)


def _of(need: QueriedRow) -> tuple[Any, ...]:
    return need.id, need.group_id, need.area_id


def _part(place: tuple[Any, ...], *, asked: Any = None, funding: Any = None, pledged: Any = None) -> list[Any]:
    sums = {
        "asked": _nothing() if asked is None else cast(asked, BigInteger),
        "funding": literal(0) if funding is None else funding,
        "pledged": literal(0) if pledged is None else pledged,
    }
    return [column.label(name) for name, column in {**dict(zip(PLACE, place, strict=True)), **sums}.items()]


def _columns(kind: Any, key: tuple[Any, ...], ids: list[Any], amounts: dict[str, Any]) -> list[Any]:
    """Return the columns of a row; `key` is what its id is made of: a key, the year and the currency."""
    _, year, currency = key
    names = ("need_id", "procurement_id", "group_id", "area_id")
    columns = {"id": gap_key(*key), "kind": kind, **dict(zip(names, ids, strict=True)), "year": cast(year, Integer)}
    for name in AMOUNTS:
        minor = amounts[name]
        columns |= {f"{name}_minor": minor, f"{name}_currency": case((minor.is_not(None), currency))}
    return [column.label(name) for name, column in columns.items()]


def _nothing() -> Any:
    return cast(null(), BigInteger)


def _left(amount: Any) -> Any:
    return case((amount < 0, literal(0)), else_=amount)


class gap_key(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql=(
        "CAST(lpad(CAST(coalesce({1} - 2022, 0) AS TEXT), 2, '0') || coalesce(ascii(substr({2}, 1, 1)) || "
        "CAST(ascii(substr({2}, 2, 1)) AS TEXT) || ascii(substr({2}, 3, 1)), '000000') || "
        "substr(CAST({0} AS TEXT), 9) AS UUID)"
    ),
    sqlite=(
        "(substr('0' || coalesce({1} - 2022, 0), -2) || coalesce(unicode(substr({2}, 1, 1)) || "
        "unicode(substr({2}, 2, 1)) || unicode(substr({2}, 3, 1)), '000000') || substr({0}, 9))"
    ),
):
    """The key of a row: that of its need, procurement or line, with year and currency in place of the first eight.

    The years after 2022 and the letters of the currency have two digits each. The other digits of a UUIDv7 are unique:
    they have 65 seconds of time, and the random part.
    """

    type = KEY
