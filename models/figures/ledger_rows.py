"""The rows of `LedgerEntry`: each contribution by donor, with its money in the stage that it has reached.

A donor with a known share of a joint contribution has an entry of its own. The rest belongs to the donors together. It
is never divided, because a division would invent figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, String, and_, case, cast, func, literal, null, or_, true, union_all

from models.derived.rows import QueriedRow, total
from models.figures.in_force import latest_day
from models.funding.contribution_status import FIRM_STATUSES, ContributionKind, ContributionStatus
from models.funding.contributions import Contribution, ContributionDonor
from models.procurement.procurements import ProcurementStatus
from models.sums import SumExclusion
from models.types import KEY

if TYPE_CHECKING:
    from sqlalchemy import Select, SelectBase

    from models.derived.rows import RowAlias
    from models.derived.tables import Tables

#: The stages of procurements to which money is allocated, with their statuses.
BOUGHT = {
    "to_planned": (
        ProcurementStatus.PLANNING,
        ProcurementStatus.APPROVED,
        ProcurementStatus.UNSUCCESSFUL,
        ProcurementStatus.CANCELLED,
    ),
    "to_tendered": (ProcurementStatus.TENDERING, ProcurementStatus.AWARDED),
    "to_ordered": (ProcurementStatus.ORDERED, ProcurementStatus.DELIVERING),
    "to_completed": (ProcurementStatus.COMPLETED,),
}

#: The amounts of an entry.
AMOUNTS = (
    "pledge",
    "commitment",
    "paid",
    "funding",
    "announced",
    "in_kind_pledge",
    "in_kind_commitment",
    "in_kind_given",
    "known_part_of_joint",
    "allocated",
    "allocated_on_pledge",
    *(f"allocated_{stage}" for stage in BOUGHT),
    "unallocated",
    "available_for_orders",
)


class Part(NamedTuple):
    """The part of a contribution that an entry has.

    Attributes:
        amount: The amount.
        is_divided: The condition that donors have shares, so that payments have no known donor.
    """

    amount: Any
    is_divided: Any


def ledger_rows(tables: Tables) -> SelectBase:
    """Return the SELECT of the entries: those of the donors together, and those of the shares."""
    return union_all(_of_donors_together(tables), _of_shares(tables))


def _of_donors_together(tables: Tables) -> Select[*tuple[Any, ...]]:
    query = tables.every(Contribution, Contribution)
    given = QueriedRow(query.first, query)
    donor, only = given.related("donors"), given.related("donors")
    shares = donor.figures(
        found=func.count(), known=func.count().filter(_is_share(donor, given)), total=_shares(donor, given)
    )
    part = Part(given.amount_minor - shares.total, shares.known > 0)
    participant = case((shares.found == 1, only.first(only.participant_id, only.id)))
    is_pledge = given.status == ContributionStatus.PLEDGED
    unallocated = cast(given.unallocated_minor, BigInteger)
    amounts = {
        **_stages(given, part),
        "allocated": given.allocated_minor,
        "allocated_on_pledge": case((is_pledge, given.allocated_minor)),
        **_allocated(given),
        "unallocated": unallocated,
        "available_for_orders": case((given.status.in_(FIRM_STATUSES), unallocated)),
    }
    columns = _columns(given, (given.id, participant, given.donor_codes), amounts)
    return query.select(*columns, where=_has_entry(given))


def _allocated(given: RowAlias) -> dict[str, Any]:
    """Return the allocated amounts by the stage of the procurement that gets it."""
    allocation = given.related("allocations")
    status, amount = allocation.join("procurement").status, allocation.amount_minor
    found = allocation.figures(**{stage: total(amount, status.in_(among)) for stage, among in BOUGHT.items()})
    is_known = given.amount_minor.is_not(None)
    return {f"allocated_{stage}": case((is_known, getattr(found, stage))) for stage in BOUGHT}


def _of_shares(tables: Tables) -> Select[*tuple[Any, ...]]:
    query = tables.every(ContributionDonor, ContributionDonor)
    donor = QueriedRow(query.first, query)
    given, participant = donor.join("contribution"), donor.join("participant")
    amounts = _stages(given, Part(donor.share_minor, true()))
    columns = _columns(given, (donor.id, participant.id, participant.code), amounts)
    return query.select(*columns, where=and_(_has_entry(given), _is_share(donor, given)))


def _is_share(donor: RowAlias, given: RowAlias) -> Any:
    return and_(donor.share_minor.is_not(None), donor.share_currency == given.amount_currency)


def _shares(donor: RowAlias, given: RowAlias) -> Any:
    return total(donor.share_minor, _is_share(donor, given))


def _has_entry(given: RowAlias) -> Any:
    """Return the condition that a contribution counts in sums, or is a known part of one that does."""
    reason = given.left_out_of_sums
    return or_(reason.is_(None), reason == SumExclusion.PART)


def _stages(given: RowAlias, part: Part) -> dict[str, Any]:
    """Return the amounts of a part by the stage of its contribution; unknown ones are null."""
    counts = given.left_out_of_sums.is_(None)
    is_cash = and_(counts, given.kind == ContributionKind.CASH)
    is_in_kind = and_(counts, given.kind == ContributionKind.IN_KIND)
    is_pledge, is_committed, is_paid = (
        given.status == status
        for status in (ContributionStatus.PLEDGED, ContributionStatus.COMMITTED, ContributionStatus.DISBURSED)
    )
    # The payments of a contribution do not say whose share they are.
    paid = case(
        (is_paid, part.amount),
        (given.paid_minor == 0, literal(0)),
        (part.is_divided, _nothing()),
        else_=given.paid_minor,
    )
    funding = case((is_pledge, paid), else_=part.amount)
    found = {
        "pledge": (is_cash, case((is_pledge, part.amount - paid), else_=literal(0))),
        "commitment": (is_cash, case((is_committed, part.amount - paid), else_=literal(0))),
        "paid": (is_cash, paid),
        "funding": (is_cash, funding),
        "announced": (is_cash, part.amount),
        "in_kind_pledge": (and_(is_in_kind, is_pledge), part.amount),
        "in_kind_commitment": (and_(is_in_kind, is_committed), part.amount),
        "in_kind_given": (and_(is_in_kind, is_paid), part.amount),
        "known_part_of_joint": (~counts, part.amount),
    }
    return {name: case((condition, amount)) for name, (condition, amount) in found.items()}


def _columns(given: RowAlias, place: tuple[Any, Any, Any], amounts: dict[str, Any]) -> list[Any]:
    """Return the columns of an entry; `place` is its key, its participant and the codes of its donors."""
    key, participant, codes = place
    columns = {
        "id": key,
        "kind": given.kind,
        "status": given.status,
        "year": given.announced_year,
        "announced_by": latest_day(given.announced_on, given.announced_on_precision),
        "donors": cast(codes, String),
        "participant_id": cast(participant, KEY),
        "contribution_id": given.id,
    }
    for name in AMOUNTS:
        minor = cast(amounts.get(name, null()), BigInteger)
        columns |= {f"{name}_minor": minor, f"{name}_currency": case((minor.is_not(None), given.amount_currency))}
    return [column.label(name) for name, column in columns.items()]


def _nothing() -> Any:
    return cast(null(), BigInteger)
