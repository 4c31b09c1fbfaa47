"""The rows of `RoadmapChange`: how the lines of one roadmap differ from those of another.

Lines of both roadmaps are the same if they plan the same need for the same year and quarter. The other lines of a need
are paired in the order of time: they moved. The rest is added or removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, cast, func, literal, or_, select, union_all

from models.derived.rows import QueriedRow
from models.roadmaps import Roadmap, RoadmapLine
from models.sql_functions import EngineFunction
from models.types import KEY

if TYPE_CHECKING:
    from sqlalchemy import Select, SelectBase, Subquery

    from models.derived.tables import Tables


def line_changes(tables: Tables) -> SelectBase:
    """Return the SELECT with one row for each change between two roadmaps, for each pair of visible roadmaps."""
    return union_all(_changed_amounts(tables), _other_changes(tables))


def _changed_amounts(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the lines that plan a need for the same time and another amount."""
    old, new = _lines(tables), _lines(tables)
    minor, currency = "planned_amount_minor", "planned_amount_currency"
    changed = or_(*(old.c[name].is_distinct_from(new.c[name]) for name in (minor, currency)))
    found = _columns(
        literal("AMOUNT_CHANGED"), old.c.need_id, new.c.year, (old.c.roadmap_id, new.c.roadmap_id), (old.c.id, new.c.id)
    )
    return select(*found).select_from(old.join(new, _is_same(old, new))).where(changed)


def _other_changes(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the lines that moved, were added or were removed."""
    old, new = _unmatched(tables, is_old=True), _unmatched(tables, is_old=False)
    place = ("from_id", "to_id", "need_id", "rank")
    both = old.join(new, and_(*(old.c[name] == new.c[name] for name in place)), full=True)
    kind = case(
        (old.c.line_id.is_(None), literal("ADDED")),
        (new.c.line_id.is_(None), literal("REMOVED")),
        else_=literal("MOVED"),
    )
    either = {name: func.coalesce(new.c[name], old.c[name]) for name in (*place, "year")}
    pair = (either["from_id"], either["to_id"])
    lines = (old.c.line_id, new.c.line_id)
    return select(*_columns(kind, either["need_id"], either["year"], pair, lines)).select_from(both)


def _unmatched(tables: Tables, *, is_old: bool) -> Subquery:
    """Return the lines of a roadmap that another roadmap does not have, numbered for each need."""
    line, same, other = _lines(tables), _lines(tables), _roadmaps(tables)
    matched = select(1).select_from(same).where(same.c.roadmap_id == other.c.id, _is_same(line, same))
    pair = (line.c.roadmap_id, other.c.id) if is_old else (other.c.id, line.c.roadmap_id)
    in_time = (line.c.year, func.coalesce(line.c.quarter, 5), line.c.id)
    rank = func.row_number().over(partition_by=[*pair, line.c.need_id], order_by=in_time)
    columns = {
        "line_id": line.c.id,
        "need_id": line.c.need_id,
        "year": line.c.year,
        "from_id": pair[0],
        "to_id": pair[1],
        "rank": rank,
    }
    found = select(*(column.label(name) for name, column in columns.items()))
    is_missing = ~matched.correlate(line, other).exists()
    return found.select_from(line.join(other, line.c.roadmap_id != other.c.id)).where(is_missing).subquery()


def _is_same(old: Subquery, new: Subquery) -> Any:
    """Return the condition that lines of two roadmaps plan the same need for the same time."""
    same_quarter = func.coalesce(old.c.quarter, 0) == func.coalesce(new.c.quarter, 0)
    same = (old.c[name] == new.c[name] for name in ("need_id", "year", "place"))
    return and_(old.c.roadmap_id != new.c.roadmap_id, *same, same_quarter)


def _lines(tables: Tables) -> Subquery:
    query = tables.every(RoadmapLine, RoadmapLine)
    line = QueriedRow(query.first, query)
    names = ("id", "roadmap_id", "need_id", "year", "quarter", "planned_amount_minor", "planned_amount_currency")
    slot = [line.roadmap_id, line.need_id, line.year, line.quarter]
    # A record can have two lines of one time.
    place = func.row_number().over(partition_by=slot, order_by=line.id).label("place")
    return query.select(*(getattr(line, name).label(name) for name in names), place).subquery()


def _roadmaps(tables: Tables) -> Subquery:
    query = tables.every(Roadmap, Roadmap)
    return query.select(QueriedRow(query.first, query).id.label("id")).subquery()


def _columns(kind: Any, need: Any, year: Any, pair: tuple[Any, Any], lines: tuple[Any, Any]) -> list[Any]:
    """Return the columns of a row; `pair` are the keys of both roadmaps, `lines` those of both lines."""
    (before, after), (old, new) = pair, lines
    columns = {
        "id": case((old.is_(None), change_key(new, before, literal("1"))), else_=change_key(old, after, literal("0"))),
        "kind": kind,
        "year": year,
        "need_id": need,
        "from_id": before,
        "to_id": after,
        "line_before_id": cast(old, KEY),
        "line_after_id": cast(new, KEY),
    }
    return [column.label(name) for name, column in columns.items()]


class change_key(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql="CAST({2} || substr(CAST({1} AS TEXT), 30) || substr(CAST({0} AS TEXT), 9) AS UUID)",
    sqlite="({2} || substr({1}, 30) || substr({0}, 9))",
):
    """The key of a change: that of the earlier line, with the end of the other roadmap's key in its first eight digits.

    The first digit is 1 if there is no earlier line, so that a comparison and its reverse have different keys.
    """

    type = KEY
