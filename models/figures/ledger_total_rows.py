"""The rows of `LedgerTotal`: each published total, and what the ledger adds up for the same donors and day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from models.derived.rows import QueriedRow
from models.figures.in_force import latest_day
from models.figures.ledger_rows import ledger_rows
from models.funding.contribution_status import ContributionKind, ContributionStatus, StatementKind
from models.funding.contributions import Contribution
from models.sources.published_figures import Measure, PublishedFigure
from models.types import KEY

if TYPE_CHECKING:
    from sqlalchemy import Select, SelectBase, Subquery

    from models.derived.tables import Tables

#: The published measures of the ledger, with the stage that each counts.
STAGES = {
    Measure.CONTRIBUTED: "ANNOUNCED",
    Measure.RAISED: "ANNOUNCED",
    Measure.ATTRACTED: "ANNOUNCED",
    Measure.COMMITTED: "FIRM",
    Measure.EXPECTED: "PLEDGED",
}

#: The amounts of an entry that has the stage, of money and of goods.
AMOUNTS = {
    "ANNOUNCED": ("announced", ("in_kind_pledge", "in_kind_commitment", "in_kind_given")),
    "FIRM": ("funding", ("in_kind_commitment", "in_kind_given")),
    "PLEDGED": ("pledge", ("in_kind_pledge",)),
}

COLUMNS = (
    *("id", "stage", "kind", "donors", "until", "qualifier", "published_minor", "published_currency"),
    *("participant_id", "figure_id", "contribution_id"),
)


def ledger_total_rows(tables: Tables) -> SelectBase:
    """Return the SELECT with one row for each published total."""
    published = union_all(_of_figures(tables), _to_date(tables)).subquery()
    entry = ledger_rows(tables).subquery()
    amount = case(*((published.c.stage == stage, _amount(entry, stage)) for stage in AMOUNTS))
    # Without a day, the total is of all that is known.
    is_dated = or_(published.c.until.is_(None), entry.c.announced_by <= published.c.until)
    in_time = case((published.c.until.is_not(None), entry.c.announced_by.is_(None)), else_=literal(value=False))
    is_unknown = and_(entry.c.id.is_not(None), or_(in_time, and_(is_dated, amount.is_(None))))
    computed = cast(func.sum(amount).filter(is_dated), BigInteger)
    currency = published.c.published_currency
    columns = {
        "computed_minor": computed,
        "computed_currency": case((computed.is_not(None), currency)),
        "difference_minor": cast(published.c.published_minor - computed, BigInteger),
        "difference_currency": case((computed.is_not(None), currency)),
        "unknown_count": cast(func.count().filter(is_unknown), Integer),
    }
    own = [published.c[name] for name in COLUMNS]
    joined = published.join(entry, _counts(published, entry), isouter=True)
    found = select(*own, *(column.label(name) for name, column in columns.items()))
    return found.select_from(joined).group_by(*own, published.c.scope)


def _of_figures(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the published figures about money that is given: of a contribution, of a donor or of all."""
    query = tables.every(PublishedFigure, PublishedFigure)
    figure = QueriedRow(query.first, query)
    participant = figure.related("participant")
    scope = case((figure.contribution_id.is_not(None), "CONTRIBUTION"), (figure.participant_id.is_not(None), "DONORS"))
    columns = {
        "id": figure.id,
        "stage": case(*((figure.measure == measure, stage) for measure, stage in STAGES.items())),
        "kind": cast(null(), String),
        "donors": participant.first(participant.code, participant.id),
        "until": type_coerce(latest_day(figure.as_of, figure.as_of_precision), Date),
        "qualifier": figure.qualifier,
        "published_minor": figure.money_minor,
        "published_currency": figure.money_currency,
        "participant_id": figure.participant_id,
        "figure_id": figure.id,
        "contribution_id": figure.contribution_id,
        "scope": func.coalesce(scope, "ALL"),
    }
    where = and_(figure.measure.in_(STAGES), figure.money_minor.is_not(None))
    return query.select(*_labelled(columns), where=where)


def _to_date(tables: Tables) -> Select[*tuple[Any, ...]]:
    """Return the totals to date of donors, which are contributions that no sum counts."""
    query = tables.every(Contribution, Contribution)
    given = QueriedRow(query.first, query)
    donor, only = given.related("donors"), given.related("donors")
    is_alone = donor.figures(found=func.count()).found == 1
    columns = {
        "id": given.id,
        "stage": literal("ANNOUNCED"),
        "kind": cast(given.kind, String),
        "donors": given.donor_codes,
        "until": type_coerce(latest_day(given.announced_on, given.announced_on_precision), Date),
        "qualifier": given.amount_qualifier,
        "published_minor": given.amount_minor,
        "published_currency": given.amount_currency,
        "participant_id": case((is_alone, only.first(only.participant_id, only.id))),
        "figure_id": cast(null(), KEY),
        "contribution_id": given.id,
        "scope": literal("DONORS"),
    }
    stated = and_(given.statement_kind == StatementKind.TOTAL_TO_DATE, given.amount_minor.is_not(None))
    return query.select(*_labelled(columns), where=and_(stated, given.status != ContributionStatus.CANCELLED))


def _labelled(columns: dict[str, Any]) -> list[Any]:
    types: dict[str, Any] = {"donors": String(), "participant_id": KEY, "published_minor": BigInteger()}
    found = {name: cast(column, types[name]) if name in types else column for name, column in columns.items()}
    return [column.label(name) for name, column in found.items()]


def _counts(published: Subquery, entry: Subquery) -> Any:
    """Return the condition that an entry is of the donors, the currency and the kind of a published total."""
    scope = published.c.scope
    is_of_it = or_(
        scope == "ALL",
        and_(scope == "DONORS", entry.c.donors == published.c.donors),
        and_(scope == "CONTRIBUTION", entry.c.contribution_id == published.c.contribution_id),
    )
    kind = or_(published.c.kind.is_(None), cast(entry.c.kind, String) == published.c.kind)
    # The parts of a joint contribution are in its own entry.
    announced = _amount(entry, "ANNOUNCED").is_not(None)
    currency = func.coalesce(*(entry.c[f"{name}_currency"] for name in _names("ANNOUNCED")))
    return and_(is_of_it, kind, announced, currency == published.c.published_currency)


def _amount(entry: Subquery, stage: str) -> Any:
    """Return the amount of an entry in a stage; 0 for goods that are in another one, null if it is unknown."""
    money, goods = AMOUNTS[stage]
    others = [] if stage == "ANNOUNCED" else [literal(0)]
    value = func.coalesce(*(entry.c[f"{name}_minor"] for name in goods), *others)
    return case((entry.c.kind == ContributionKind.IN_KIND, value), else_=entry.c[f"{money}_minor"])


def _names(stage: str) -> tuple[str, ...]:
    money, goods = AMOUNTS[stage]
    return money, *goods
