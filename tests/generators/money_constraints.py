"""How random money given obeys the constraints of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models.planning.capability_needs import GIVEN_UP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]


def is_allocatable(contribution: Row) -> bool:
    """Return whether money can be allocated from a contribution."""
    return (
        contribution["amount_minor"] is not None
        and contribution["part_of_id"] is None
        and contribution["kind"] is not models.ContributionKind.IN_KIND
        and contribution["status"] is not models.ContributionStatus.CANCELLED
        and contribution["statement_kind"] is not models.StatementKind.TOTAL_TO_DATE
        and contribution["amount_qualifier"] is not models.Qualifier.UP_TO
    )


def contribution(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Let a part be a part of one that is none; return whether the row can join the others."""
    parts = {other["id"] for other in rows[models.Contribution] if other["part_of_id"] is not None}
    if row["part_of_id"] in parts:
        row["part_of_id"] = None
    return True


def donor(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Keep the shares of the donors within their contribution; return whether the row can join the others."""
    given = next(other for other in rows[models.Contribution] if other["id"] == row["contribution_id"])
    others = [other for other in rows[models.ContributionDonor] if other["contribution_id"] == given["id"]]
    if row["share_minor"] is not None and given["amount_minor"] is not None:
        taken = sum(
            other["share_minor"] or 0 for other in others if other["share_currency"] == given["amount_currency"]
        )
        row["share_minor"] = min(row["share_minor"], given["amount_minor"] - taken)
    return True


def allocation(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Keep an allocation within its contribution; return whether the row can join the others."""
    contribution = next(other for other in rows[models.Contribution] if other["id"] == row["contribution_id"])
    if not is_allocatable(contribution):
        possible = [other for other in rows[models.Contribution] if is_allocatable(other)]
        if not possible:
            return False
        contribution = values.choice(possible)
        row["contribution_id"] = contribution["id"]
    taken = sum(
        other["amount_minor"] for other in rows[models.Allocation] if other["contribution_id"] == contribution["id"]
    )
    row |= {"amount_currency": contribution["amount_currency"], "in_transit": 0}
    row["amount_minor"] = min(row["amount_minor"], contribution["amount_minor"] - taken)
    need = next((other for other in rows[models.CapabilityNeed] if other["id"] == row["need_id"]), None)
    if need and need["status"] in GIVEN_UP:
        row["need_id"] = None
    return True


def tranche(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Set the currency of a tranche to that of its contribution; return whether the row can join the others."""
    contribution = next(other for other in rows[models.Contribution] if other["id"] == row["contribution_id"])
    row["amount_currency"] = contribution["amount_currency"]
    return contribution["amount_minor"] is not None


def disbursement(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Number an entry and bound the sum of its contribution; return whether the row can join the others."""
    contribution = next(other for other in rows[models.Contribution] if other["id"] == row["contribution_id"])
    earlier, tranches = (
        [other for other in rows[model] if other["contribution_id"] == contribution["id"]]
        for model in (models.Disbursement, models.ContributionTranche)
    )
    paid = sum(other["amount_minor"] for other in earlier)
    refund = paid > 0 and values.chance(0.4)
    amount = min(row["amount_minor"], paid if refund else (contribution["amount_minor"] or 0) - paid)
    number, entered = len(earlier) + 1, -amount if refund else amount
    last = earlier[-1] if earlier else None
    corrects = last and last["corrects"] is None and (last["amount_minor"] + entered) * last["amount_minor"] >= 0
    row |= {
        "number": number,
        "amount_minor": entered,
        "amount_currency": contribution["amount_currency"],
        "tranche_year": values.choice(tranches)["year"] if tranches else None,
        "corrects": number - 1 if corrects and values.chance(0.5) else None,
    }
    if row["tranche_year"] and not refund:
        planned = sum(each["amount_minor"] for each in tranches if each["year"] == row["tranche_year"])
        of_it = sum(each["amount_minor"] for each in earlier if each["tranche_year"] == row["tranche_year"])
        row["tranche_year"] = row["tranche_year"] if amount <= planned - of_it else None
    if refund:
        row["reason"] = row["reason"] or "Returned"
    return bool(amount > 0)
