"""The rows of `RoadmapChange`: how the lines of one roadmap differ from those of another.

Lines of both roadmaps are the same if they plan the same need for the same year and quarter with the same lead. The
other lines of a need and a lead are paired in the order of time: they moved. The rest is added or removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, cast, func, literal, or_, select, union_all

from models.derived.rows import QueriedRow
from models.planning.roadmaps import Roadmap, RoadmapLine
from models.sql_functions import EngineFunction
from models.types import KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select, SelectBase, Subquery

    from models.derived.tables import Tables


#: What can change of a line whose need, time and lead stay: the first digit of the key, and the columns.
CHANGED = {
    "AMOUNT_CHANGED": ("0", ("planned_amount_minor", "planned_amount_currency")),
    "QUANTITY_CHANGED": ("2", ("quantity", "unit")),
}


def line_changes(tables: Tables) -> SelectBase:
    """Return the SELECT with one row for each change between two roadmaps, for each pair of visible roadmaps."""
    changed = (_changed(tables, kind, digit, columns) for kind, (digit, columns) in CHANGED.items())
    return union_all(*changed, _other_changes(tables))


def _changed(tables: Tables, kind: str, digit: str, columns: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Return the lines of the same need, time and lead that differ in some columns."""
    old, new = _lines(tables), _lines(tables)
    changed = or_(*(old.c[name].is_distinct_from(new.c[name]) for name in columns))
    pair, lines = (old.c.roadmap_id, new.c.roadmap_id), (old.c.id, new.c.id)
    found = _columns((literal(kind), digit), old.c.need_id, new.c.year, pair, lines)
    return select(*found).select_from(old.join(new, _is_same(old, new))).where(changed)


def _other_changes(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the lines that moved, were added or were removed."""
    old, new = _unmatched(tables, is_old=True), _unmatched(tables, is_old=False)
    place = ("from_id", "to_id", "need_id", "lead", "rank")
    both = old.join(new, and_(*(old.c[name] == new.c[name] for name in place)), full=True)
    kind = case(
        (old.c.line_id.is_(None), literal("ADDED")),
        (new.c.line_id.is_(None), literal("REMOVED")),
        else_=literal("MOVED"),
    )
    either = {name: func.coalesce(new.c[name], old.c[name]) for name in (*place, "year")}
    pair = (either["from_id"], either["to_id"])
    lines = (old.c.line_id, new.c.line_id)
    return select(*_columns((kind, "0"), either["need_id"], either["year"], pair, lines)).select_from(both)


def _unmatched(tables: Tables, *, is_old: bool) -> Subquery:
    """Return the lines of a roadmap that another roadmap does not have, numbered for each need."""
    line, same, other = _lines(tables), _lines(tables), _roadmaps(tables)
    matched = select(1).select_from(same).where(same.c.roadmap_id == other.c.id, _is_same(line, same))
    pair = (line.c.roadmap_id, other.c.id) if is_old else (other.c.id, line.c.roadmap_id)
    in_time = (line.c.year, func.coalesce(line.c.quarter, 5), line.c.id)
    rank = func.row_number().over(partition_by=[*pair, line.c.need_id, line.c.lead], order_by=in_time)
    columns = {
        "line_id": line.c.id,
        "need_id": line.c.need_id,
        "lead": line.c.lead,
        "year": line.c.year,
        "from_id": pair[0],
        "to_id": pair[1],
        "rank": rank,
    }
    found = select(*(column.label(name) for name, column in columns.items()))
    is_missing = ~matched.correlate(line, other).exists()
    return found.select_from(line.join(other, line.c.roadmap_id != other.c.id)).where(is_missing).subquery()


def _is_same(old: Subquery, new: Subquery) -> Any:
    """Return the condition that lines of two roadmaps plan the same need for the same time with the same lead."""
    same_quarter = func.coalesce(old.c.quarter, 0) == func.coalesce(new.c.quarter, 0)
    same = (old.c[name] == new.c[name] for name in ("need_id", "lead", "year", "place"))
    return and_(old.c.roadmap_id != new.c.roadmap_id, *same, same_quarter)


def _lines(tables: Tables) -> Subquery:
    query = tables.every(RoadmapLine, RoadmapLine)
    line = QueriedRow(query.first, query)
    names = ("id", "roadmap_id", "need_id", "year", "quarter", *(name for _, each in CHANGED.values() for name in each))
    # No lead is a lead of its own, that equals itself.
    lead = func.coalesce(cast(line.lead_participant_id, String), "")
    slot = [line.roadmap_id, line.need_id, line.year, line.quarter, lead]
    # A record can have two lines of one time.
    place = func.row_number().over(partition_by=slot, order_by=line.id).label("place")
    return query.select(*(getattr(line, name).label(name) for name in names), lead.label("lead"), place).subquery()


def _roadmaps(tables: Tables) -> Subquery:
    query = tables.every(Roadmap, Roadmap)
    return query.select(QueriedRow(query.first, query).id.label("id")).subquery()


def _columns(kind: tuple[Any, str], need: Any, year: Any, pair: tuple[Any, Any], lines: tuple[Any, Any]) -> list[Any]:
    """Return the columns of a row.

    Args:
        kind: The kind, and the first digit of the key of a change that has an earlier line.
        need: The key of the need.
        year: The year.
        pair: The keys of both roadmaps.
        lines: The keys of both lines.
    """
    (name, digit), (before, after), (old, new) = kind, pair, lines
    columns = {
        "id": case(
            (old.is_(None), change_key(new, before, literal("1"))), else_=change_key(old, after, literal(digit))
        ),
        "kind": name,
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

    The first digit is 1 if there is no earlier line, so that a comparison and its reverse have different keys, and 2 if
    the quantity changed, because the amount of the same line can change, too.
    """

    type = KEY
