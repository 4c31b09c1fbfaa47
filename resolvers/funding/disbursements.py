"""Declares the queries of disbursements and tranches, and the command that enters a disbursement."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from models import Contribution, ContributionKind, ContributionStatus, ContributionTranche, Disbursement, StatementKind
from models.base import now
from models.money import Money
from resolvers.access.permissions import is_donor
from resolvers.commands.command import Command, command
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.excess import excess
from resolvers.commands.input_fields import fields_to_create
from resolvers.commands.rules.corrections import corrections_fit
from resolvers.commands.spec import MutationSpec
from resolvers.commands.standard_changes import create
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models import Entity
    from models.sources.sources import Sourced
    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        ContributionTranche,
        filterable=("id", "year", "amount", "paid", "contribution", "created_at", "updated_at"),
        sortable=("year", "amount", "created_at", "updated_at"),
        groupable=("year",),
        summable={"amount": "amount", "paid": "paid"},
    )
)

register_query_spec(
    QuerySpec(
        Disbursement,
        filterable=(
            "id",
            "number",
            "paid_on",
            "paid_year",
            "amount",
            "tranche_year",
            "contribution",
            "created_at",
            "updated_at",
        ),
        sortable=("paid_on", "number", "amount", "created_at", "updated_at"),
        groupable=("paid_year", "tranche_year"),
        summable={"amount": "amount"},
    )
)


NO_SOURCE = "The source is missing. A lead who enters this for a donor must name the public statement."

#: The statuses of contributions whose payments can be entered.
PAYABLE = frozenset({ContributionStatus.COMMITTED, ContributionStatus.DISBURSED})


def is_source_missing(unit: UnitOfWork, given: Contribution, row: Sourced) -> bool:
    """Return whether a row about a contribution lacks the source that a viewer who is no donor must name."""
    return not row.sources and not is_donor(unit.viewer, given)


def tranches_fit(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """Tranches must have the currency of the amount and different years; their sum must not exceed the amount."""
    at = (*INPUT, "tranches")
    if row.tranches and {each.amount_currency for each in row.tranches} != {row.amount_currency}:
        message = "The tranches and the amount must have the same currency. Use the currency of the amount."
        yield Violation(at, "tranches_currency", message)
    elif more := excess(
        sum(each.amount_minor for each in row.tranches), row.amount_minor or 0, row.amount_currency or ""
    ):
        message = f"The tranches are {more}. Reduce the tranches or raise the amount."
        yield Violation(at, "tranches_sum", message)
    if len({each.year for each in row.tranches}) < len(row.tranches):
        yield Violation(at, "tranches_year", "Two tranches have the same year. Enter one tranche for each year.")
    for place, each in enumerate(row.tranches):
        yield from tranche_covers_payments(row, each, (*at, str(place)))


def tranche_covers_payments(_owner: Contribution, row: ContributionTranche, at: Path) -> Iterator[Violation]:
    """A tranche must not be less than the sum that is paid of it."""
    entries = row.contribution.disbursements if row.contribution else ()
    paid = sum(each.amount_minor for each in entries if each.tranche_year == row.year)
    if paid > row.amount_minor:
        message = f"{Money(paid, row.amount_currency)} of this tranche are paid. It must not be less."
        yield Violation((*at, "amount"), "tranche_sum", message)


def follow_payments(_unit: UnitOfWork, row: Contribution) -> None:
    """Set the status that follows from the disbursements: DISBURSED if all is paid, otherwise COMMITTED."""
    paid = {ContributionStatus.COMMITTED, ContributionStatus.DISBURSED}
    if row.disbursements and row.status in paid:
        whole = sum(each.amount_minor for each in row.disbursements) == row.amount_minor
        row.status = ContributionStatus.DISBURSED if whole else ContributionStatus.COMMITTED


def _can_be_paid(_unit: UnitOfWork, row: Disbursement) -> Iterator[Violation]:
    """The contribution must be committed money, in the same currency, whose payments are listed."""
    given = row.contribution
    reason = _why_not_payable(given)
    if reason:
        yield Violation((*INPUT, "contributionId"), "payable", f"Nothing can be paid of this contribution: {reason}")
    elif row.amount_currency != given.amount_currency:
        message = f"The currency is not that of the contribution. Use {given.amount_currency}."
        yield Violation((*INPUT, "amount", "currency"), "disbursement_currency", message)


def _why_not_payable(given: Contribution) -> str | None:
    """Return why a contribution cannot be paid, and what to do; None if it can."""
    unlisted = given.status is ContributionStatus.DISBURSED and not _earlier(given)
    reasons = {
        "it is in kind. Enter its deliveries.": given.kind is ContributionKind.IN_KIND,
        "it is a total to date. Choose the contributions that it repeats.": (
            given.statement_kind is StatementKind.TOTAL_TO_DATE
        ),
        "it is part of a joint contribution. Choose the joint contribution.": given.part_of_id,
        "its amount is unknown. Enter the amount first.": given.amount_minor is None,
        "it is DISBURSED without a list of payments. Change its status to COMMITTED first.": unlisted,
        f"it is {given.status.name}. Change its status to COMMITTED first.": given.status not in PAYABLE,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _earlier(given: Contribution, row: Disbursement | None = None) -> list[Disbursement]:
    return [each for each in given.disbursements if each is not row]


def _within_bounds(_unit: UnitOfWork, row: Disbursement) -> Iterator[Violation]:
    """On no day may the paid sum exceed the amount of the contribution, or be negative."""
    earlier = _earlier(row.contribution, row)
    sums = _sums([*earlier, row])
    if not row.amount_minor:
        message = "The amount must not be 0. Enter the paid amount; a refund is negative."
        yield Violation((*INPUT, "amount"), "nothing", message)
    elif min(sums) < 0:
        left = _returnable(earlier, row)
        advice = "Reduce the refund or correct paidOn" if left.minor > 0 else "Nothing can be refunded: correct paidOn"
        message = f"{left} were paid by that day and not returned. {advice}."
        yield Violation((*INPUT, "amount"), "refund_sum", message)
    elif max(sums) > (whole := row.contribution.amount_minor or 0):
        paid, given = Money(max(sums), row.amount_currency), Money(whole, row.amount_currency)
        # Then no smaller amount is possible.
        is_paid = max([0, *_sums(earlier)]) >= whole
        advice = (
            "All of it is paid: raise the contribution first"
            if is_paid
            else "Reduce the amount, or raise the contribution first"
        )
        message = f"{paid} would be paid of {given}. {advice}."
        yield Violation((*INPUT, "amount"), "disbursements_sum", message)
    else:
        yield from _within_tranche(row)


def _within_tranche(row: Disbursement) -> Iterator[Violation]:
    """On no day may the paid sum of a tranche exceed the tranche, or be negative."""
    tranche = next((each for each in row.contribution.tranches if each.year == row.tranche_year), None)
    if tranche is None:
        return
    earlier = [each for each in _earlier(row.contribution, row) if each.tranche_year == row.tranche_year]
    sums = _sums([*earlier, row])
    if min(sums) < 0:
        paid = _returnable(earlier, row)
        message = f"{paid} of this tranche were paid by that day and not returned. Choose the tranche of the payment."
        yield Violation((*INPUT, "trancheYear"), "refund_sum", message)
    elif max(sums) > tranche.amount_minor and row.amount_minor > 0:
        paid, planned = Money(max(sums), row.amount_currency), Money(tranche.amount_minor, row.amount_currency)
        is_paid = max([0, *_sums(earlier)]) >= tranche.amount_minor
        advice = "All of it is paid: choose" if is_paid else "Reduce the amount, choose"
        message = (
            f"{paid} would be paid of the tranche of {tranche.year}, which is {planned}. {advice} another tranche, or "
            "raise this one first."
        )
        yield Violation((*INPUT, "amount"), "tranche_sum", message)


def _returnable(earlier: list[Disbursement], row: Disbursement) -> Money:
    """Return the amount that can be returned on the day of an entry, so that no later refund exceeds the paid sum."""
    before = sum(each.amount_minor for each in earlier if each.paid_on <= row.paid_on)
    after = _sums([each for each in earlier if each.paid_on > row.paid_on])
    return Money(before + min([0, *after]), row.amount_currency)


def _sums(entries: list[Disbursement]) -> list[int]:
    """Return the paid sum after each entry, in the order of the days."""
    # A new entry has no number yet: it is the last one of its day.
    by_day = sorted(entries, key=lambda each: (each.paid_on, each.number or len(entries)))
    return [*accumulate(each.amount_minor for each in by_day)]


def _has_its_reason(unit: UnitOfWork, row: Disbursement) -> Iterator[Violation]:
    """A refund or reduction must have a reason."""
    if row.amount_minor < 0 and not unit.reason:
        yield Violation((*INPUT, "reason"), "reason", "The reason is missing. Say why the money is returned.")


def _names_its_source(unit: UnitOfWork, row: Disbursement) -> Iterator[Violation]:
    """An entry that a lead makes for donors without an account must have a source."""
    if is_source_missing(unit, row.contribution, row):
        yield Violation((*INPUT, "sources"), "source", NO_SOURCE)


def _names_what_exists(_unit: UnitOfWork, row: Disbursement) -> Iterator[Violation]:
    """The tranche, and the entry that is corrected, must exist; the day must not be in the future."""
    if row.tranche_year is not None and row.tranche_year not in {each.year for each in row.contribution.tranches}:
        message = "The contribution has no tranche of this year. Choose one of its tranches or add it first."
        yield Violation((*INPUT, "trancheYear"), "tranche", message)
    others = _earlier(row.contribution, row)
    shown = partial(_shown, currency=row.amount_currency)
    yield from corrections_fit(row, others, "amount_minor", "disbursement of the contribution", shown)
    announced = row.contribution.announced_on
    if announced and row.paid_on.year < announced.year:
        message = f"The contribution was announced in {announced.year}, which is later. Correct paidOn or announcedOn."
        yield Violation((*INPUT, "paidOn"), "period", message)
    if row.paid_on > now().date():
        message = "The day is in the future. Enter the payment when it is made; plan it as a tranche."
        yield Violation((*INPUT, "paidOn"), "future", message)


def _shown(minor: int, currency: str) -> str:
    return str(Money(minor, currency))


def _number(unit: UnitOfWork, row: Disbursement) -> None:
    row.number = 1 + max((each.number for each in _earlier(row.contribution, row)), default=0)
    row.reason = unit.reason


def _status_follows(unit: UnitOfWork, row: Disbursement) -> None:
    """The contribution is DISBURSED once all its money is paid, and COMMITTED again after a refund."""
    # The list was loaded before the new entry was in it.
    unit.session.expire(row.contribution, ["disbursements"])
    follow_payments(unit, row.contribution)


DISBURSEMENT = MutationSpec(
    Disbursement,
    fields=("contribution", "paid_on", "amount", "tranche_year", "corrects"),
    signed=("amount",),
    ranges={"tranche_year": (1, 9999), "corrects": (1, None)},
    lock_also=("contribution",),
    validators=(_can_be_paid, _within_bounds, _has_its_reason, _names_its_source, _names_what_exists),
    before_flush=(_number,),
    after_flush=(_status_follows,),
)


def _enter(unit: UnitOfWork, values: Mapping[str, Any]) -> Entity:
    return create(unit, DISBURSEMENT, values)


command(
    Command(
        "create_disbursement",
        Disbursement,
        "Enter a payment of a contribution's money, or a refund with a negative amount and a reason. Entries never "
        "change: a later entry corrects a mistake. The status of the contribution follows.",
        fields_to_create(DISBURSEMENT),
        _enter,
    )
)
