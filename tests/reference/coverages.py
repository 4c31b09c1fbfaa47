"""Coverages once more, in plain Python over the loaded rows that a viewer sees.

They are written from `docs/decisions/planning-figures.md`, and share nothing with `models/figures`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from models import Coverage, CoverageScope
from tests.reference.order_counts import owed_by
from tests.reference.planning import NOT_PLACED, attributed, costs_for, ordered_lines, roadmap_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AMOUNTS = ("requirements", "planned", "funding", "pledged", "ordered", "unmet", "net")
FIRM = {"COMMITTED", "DISBURSED"}
#: The type of each scope's object, the name of the object, and the attribute of a need or procurement with it.
SCOPES = {
    "GROUP": ("ExpertGroup", "group", "group"),
    "AREA": ("CapabilityArea", "area", "area"),
    "REQUESTED": ("Participant", "participant", "requested_by"),
    "LED": ("Participant", "participant", "lead_participant"),
}
#: The letters of a currency and what has it, summed by the name of the amount.
Found = dict[str | None, dict[str, int]]


def add_coverages(entities: dict[str, list[Any]]) -> None:
    """Add the coverages of the loaded entities, and put them and the ledger into their objects."""
    in_force = roadmap_in_force(entities["Roadmap"], dt.datetime.now(dt.UTC).date())
    found = [*rows("COALITION", None, "", of_needs(entities["CapabilityNeed"], in_force))]
    for scope, (model, name, by) in SCOPES.items():
        for owner in entities[model]:
            if scope == "LED":
                sums = of_procurements(mine(entities["Procurement"], by, owner))
            else:
                sums = of_needs(mine(entities["CapabilityNeed"], by, owner), in_force)
            found += rows(scope, owner, name, sums)
    entities["Coverage"] = found
    for model, name in {(model, name) for model, name, _ in SCOPES.values()}:
        for owner in entities[model]:
            set_committed_value(owner, "coverages", mine(found, name, owner))
    for owner in entities["Participant"]:
        set_committed_value(owner, "ledger", mine(entities["LedgerEntry"], "participant", owner))


def mine(found: Iterable[Any], name: str, owner: Any) -> list[Any]:
    """Return the objects with an owner."""
    return [each for each in found if getattr(each, name) is owner]


def of_needs(needs: list[Any], in_force: Any) -> Found:
    """Return what some needs require and have."""
    found: Found = defaultdict(lambda: defaultdict(int))
    for need in needs:
        code = need.estimated_cost_currency
        found[code]["count"] += 1
        if code is not None:
            firm = sum(attributed(each, need, code) for each in need.procurements)
            found[code]["requirements"] += need.estimated_cost_minor
            found[code]["unmet"] += max(need.estimated_cost_minor - firm, 0)
        for line in need.roadmap_lines:
            if in_force is not None and line.roadmap is in_force and line.planned_amount_minor is not None:
                found[line.planned_amount_currency]["planned"] += line.planned_amount_minor
        for cost in costs_for(need, ordered_lines(need)):
            add_ordered(found, *cost)
    add_money(found, {each.id: each for need in needs for each in need.procurements}.values())
    return found


def of_procurements(procurements: list[Any]) -> Found:
    """Return what some procurements require and have."""
    found: Found = defaultdict(lambda: defaultdict(int))
    for procurement in procurements:
        code, value = procurement.estimated_value_currency, procurement.estimated_value_minor
        found[code]["count"] += 1
        if code is not None:
            found[code]["requirements"] += value
            found[code]["unmet"] += max(value - firm_money(procurement, code), 0)
        for order in procurement.purchase_orders:
            if order.status.name not in NOT_PLACED:
                add_ordered(found, owed_by(order), order.value_currency)
    add_money(found, procurements)
    return found


def firm_money(procurement: Any, currency: str) -> int:
    """Return the firm allocations of a procurement in a currency."""
    firm = (each for each in procurement.allocations if each.contribution.status.name in FIRM)
    return sum(each.amount_minor for each in firm if each.amount_currency == currency)


def add_money(found: Found, procurements: Iterable[Any]) -> None:
    """Add the firm and pledged allocations of some procurements, each once."""
    for procurement in procurements:
        for each in procurement.allocations:
            status = each.contribution.status.name
            if status in FIRM or status == "PLEDGED":
                found[each.amount_currency]["funding" if status in FIRM else "pledged"] += each.amount_minor


def add_ordered(found: Found, minor: int | None, currency: str | None) -> None:
    """Add the cost of a line or an order, or count it if the cost is unknown."""
    if minor is None:
        found[currency]["ordered_unknown"] += 1
    else:
        found[currency]["ordered"] += minor


def rows(scope: str, owner: Any, name: str, found: Found) -> Iterator[Coverage]:
    """Yield the rows of a scope: one for each currency, and one for what has no amount."""
    digit = 1 + ["COALITION", *SCOPES].index(scope)
    key = owner.id if owner else "00000000-0000-0000-0000-000000000000"
    for currency, sums in found.items():
        letters = "".join(str(ord(letter)) for letter in currency) if currency else "000000"
        made = Coverage(
            id=f"{digit}0{letters}{key[8:]}",
            scope=CoverageScope[scope],
            currency=currency,
            count=sums.get("count", 0),
            ordered_unknown=sums.get("ordered_unknown", 0),
        )
        requirements = sums.get("requirements")
        net = None if requirements is None else requirements - sums.get("funding", 0)
        amounts = {**{each: sums.get(each, 0) for each in AMOUNTS}, "requirements": requirements, "net": net}
        amounts["unmet"] = sums.get("unmet")
        for each, minor in amounts.items():
            setattr(made, f"{each}_minor", minor if currency else None)
            setattr(made, f"{each}_currency", currency if currency and minor is not None else None)
        for each in ("group", "area", "participant"):
            set_committed_value(made, each, owner if each == name else None)
        yield made
