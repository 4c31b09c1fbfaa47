"""The figures that are explained, and the SELECT of the rows of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, String, case, cast, literal, null, select, type_coerce, union_all

from models.derived.rows import QueriedRow
from models.explained import contributions, need_money, need_quantities, procurements
from models.explained.declaration import LeftOutReason
from models.sql_functions import EngineFunction
from models.types import KEY, Quantity

if TYPE_CHECKING:
    from sqlalchemy import Select, SelectBase

    from models.derived.tables import Tables
    from models.explained.declaration import Figure, Source

#: The explained figures.
FIGURES: tuple[Figure, ...] = (
    *need_quantities.FIGURES,
    *need_money.FIGURES,
    *contributions.FIGURES,
    *procurements.FIGURES,
)


def rule_of(figure: Figure) -> str:
    """Return the rule of a figure in words: its description in the API."""
    model: Any = figure.model
    declared = getattr(model, f"{figure.name}_minor", None)
    declared = getattr(model, figure.name) if declared is None else declared
    words = declared.property.columns[0].doc if hasattr(declared, "property") else declared.fget.__doc__
    return " ".join((words or "").split())


def figures_of(model: type[Any]) -> dict[str, Figure]:
    """Return the explained figures of a type, by their names in the contract."""
    return {figure.name.upper(): figure for figure in FIGURES if figure.model is model}


def explained_rows(tables: Tables, figure: Figure) -> SelectBase:
    """Return the SELECT of the rows that a figure adds up or leaves out, for all objects."""
    parts = (_part(tables, figure, place, source) for place, source in enumerate(figure.sources, start=1))
    part = union_all(*parts).subquery()
    counts = part.c.reason.is_(None)
    why = case({reason.name: reason.value for reason in LeftOutReason}, value=part.c.reason, else_=part.c.words)
    columns = {
        "counts": type_coerce(counts, Boolean()),
        "rank": case((counts, part.c.place), else_=part.c.place + literal(_BEHIND)),
        "message": why,
        "counted_minor": case((counts, part.c.amount_minor)),
        "counted_currency": case((counts, part.c.amount_currency)),
    }
    return select(*part.c, *(column.label(name) for name, column in columns.items()))


#: What the rank of a row that is left out has more than its place, so that it is behind all that count.
_BEHIND = 100


def _part(tables: Tables, figure: Figure, place: int, source: Source) -> Select[*tuple[Any, ...]]:
    query = tables.every(figure.model, figure.model)
    subject = QueriedRow(query.first, query)
    part = source.rows(subject)
    unknown = figure.unknown(subject) if figure.unknown is not None else ()
    left_out = [(condition, literal(reason.name)) for condition, reason in (*unknown, *part.left_out)]
    minor = cast(null() if part.minor is None else part.minor, BigInteger)
    quantity = cast(null() if part.quantity is None else type_coerce(part.quantity, BigInteger), BigInteger)
    currency = cast(null() if part.currency is None else case((minor.is_not(None), part.currency)), String)
    columns: dict[str, Any] = {
        "id": row_key(part.row.id, literal(f"{place:02}"), currency),
        "subject_id": subject.id,
        "object_id": cast(part.row.id, KEY),
        "place": literal(place),
        "words": literal(source.words),
        "reason": cast(case(*left_out) if left_out else null(), String),
        "quantity": type_coerce(quantity, Quantity()),
        "amount_minor": minor,
        "amount_currency": currency,
    }
    found = query.select(*(column.label(name) for name, column in columns.items()), where=part.where)
    return found.group_by(*part.by) if part.by else found


class row_key(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql=(
        "CAST({1} || coalesce(ascii(substr({2}, 1, 1)) || CAST(ascii(substr({2}, 2, 1)) AS TEXT) || "
        "ascii(substr({2}, 3, 1)), '000000') || substr(CAST({0} AS TEXT), 9) AS UUID)"
    ),
    sqlite=(
        "({1} || coalesce(unicode(substr({2}, 1, 1)) || unicode(substr({2}, 2, 1)) || "
        "unicode(substr({2}, 3, 1)), '000000') || substr({0}, 9))"
    ),
):
    """The key of a row: that of the shown object, with its place and the letters of the currency in front.

    It differs from those of the other rows of the same figure and object.
    """

    type = KEY
