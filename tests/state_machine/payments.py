"""The planned and the paid money of a contribution: tranches, and disbursements with refunds."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from tests.state_machine.corrections import correct
from tests.state_machine.model import DONORS, FORBIDDEN, hold

if TYPE_CHECKING:
    from tests.state_machine.model import Model, Row


def rewrite_tranches(model: Model, name: str, given: list[Row]) -> None:
    """Replace the tranches of a contribution."""
    kept = {line.get("id") for line in given}
    for tranche in model.of("ContributionTranche", contribution_id=name):
        if tranche not in kept:
            year = model.rows[tranche]["year"]
            hold(not model.of("Disbursement", contribution_id=name, tranche_year=year))
            del model.rows[tranche]
    for line in given:
        tranche = line.get("id") or model.add("ContributionTranche", contribution_id=name)
        minor, currency = line["amount"]
        model.rows[tranche] |= {"year": line["year"], "amount_minor": minor, "amount_currency": currency}


def tranches_fit(model: Model, name: str) -> None:
    """Require that the tranches have different years and the currency of the amount, and do not exceed the amount."""
    row, tranches = model.rows[name], model.each("ContributionTranche", contribution_id=name)
    hold(len({each["year"] for each in tranches}) == len(tranches))
    hold(all(each["amount_currency"] == row["amount_currency"] for each in tranches))
    hold(sum(each["amount_minor"] for each in tranches) <= (row["amount_minor"] or 0))
    for each in tranches:
        paid = model.each("Disbursement", contribution_id=name, tranche_year=each["year"])
        hold(sum(entry["amount_minor"] for entry in paid) <= each["amount_minor"])


def paid_stays(model: Model, name: str, to: str = "") -> None:
    """Require that the amount of a contribution covers its payments, and that its status follows from them."""
    row, entries = model.rows[name], model.each("Disbursement", contribution_id=name)
    if not entries:
        return
    paid, amount = sum(each["amount_minor"] for each in entries), row["amount_minor"]
    hold(row["kind_"] == "CASH" and amount is not None and paid <= amount)
    hold(all(each["amount_currency"] == row["amount_currency"] for each in entries))
    hold(to != "CANCELLED" or not paid)
    hold(to != ("DISBURSED" if paid < (amount or 0) else "COMMITTED"))


def pay(model: Model, who: str, given: Row) -> None:
    """Enter a payment or a refund."""
    hold(who in DONORS, FORBIDDEN)
    name, (minor, currency) = given["gift"], given["amount"]
    row, earlier = model.rows[name], model.each("Disbursement", contribution_id=name)
    years = {each["year"] for each in model.each("ContributionTranche", contribution_id=name)}
    hold(row["kind_"] == "CASH" and row["amount_minor"] is not None and row["amount_currency"] == currency)
    hold(row["status"] == "COMMITTED" or (row["status"] == "DISBURSED" and earlier))
    hold(minor > 0 or (minor < 0 and "reason" in given))
    year, corrects = given.get("tranche_year"), given.get("corrects")
    hold(year is None or year in years)
    hold(corrects is None or corrects <= len(earlier))
    correct(earlier, corrects, "amount_minor", minor)
    model.add(
        "Disbursement", contribution_id=name, number=len(earlier) + 1, paid_on=given["paid_on"],
        amount_minor=minor, amount_currency=currency, tranche_year=year, corrects=corrects,
    )  # fmt: skip
    entries = sorted(model.each("Disbursement", contribution_id=name), key=lambda each: each["paid_on"])
    sums = [*accumulate(each["amount_minor"] for each in entries)]
    hold(min(sums) >= 0 and max(sums) <= row["amount_minor"])
    of_tranche = [*accumulate(each["amount_minor"] for each in entries if year and each["tranche_year"] == year)]
    hold(all(each >= 0 for each in of_tranche))
    hold(minor < 0 or not year or max(of_tranche) <= _planned(model, name, year))


def _planned(model: Model, name: str, year: int) -> int:
    (tranche,) = model.each("ContributionTranche", contribution_id=name, year=year)
    return int(tranche["amount_minor"])
