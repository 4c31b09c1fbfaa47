"""The gaps by year once more, in plain Python over the loaded rows that a viewer sees.

They are written from `docs/decisions/planning-figures.md`, and share nothing with `models/figures`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from models import YearGap, YearGapKind
from tests.reference.planning import attributed, firm_allocations, roadmap_in_force, shared_money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: A year, which may be unknown, and a currency.
Place = tuple[int | None, str]
AMOUNTS = ("requirements", "funding", "gap", "pledged", "gap_if_pledges_hold", "funding_outside_requirements", "shared")


def add_year_gaps(entities: dict[str, list[Any]]) -> None:
    """Add the gaps by year of the loaded entities."""
    entities["YearGap"] = list(year_gaps(entities))


def year_gaps(entities: Mapping[str, Sequence[Any]]) -> Iterator[YearGap]:
    """Yield the gaps by year of the loaded entities."""
    in_force = roadmap_in_force(entities["Roadmap"], dt.datetime.now(dt.UTC).date())
    for need in entities["CapabilityNeed"]:
        yield from gaps_of(need, in_force)
    for procurement in entities["Procurement"]:
        if len(procurement.needs) != 1:
            for currency in {each.amount_currency for each in firm_allocations(procurement)}:
                if shared := shared_money(procurement, currency):
                    of = {"procurement": procurement, "group": procurement.group}
                    yield gap("SHARED", of, (procurement.id, procurement.planned_year, currency), {"shared": shared})


def gaps_of(need: Any, in_force: Any) -> Iterator[YearGap]:
    """Yield the gaps by year of a need."""
    of = {"need": need, "group": need.group, "area": need.area}
    lines = [line for line in need.roadmap_lines if in_force is not None and line.roadmap is in_force]
    asked: dict[Place, int] = defaultdict(int)
    for line in lines:
        if line.planned_amount_minor is None:
            yield gap("WITHOUT_AMOUNT", of, (line.id, line.year, None), {})
        else:
            asked[line.year, line.planned_amount_currency] += line.planned_amount_minor
    funding, pledged = firm_money(need), pledged_money(need)
    for place in {*asked, *funding, *pledged}:
        found = {"funding": funding[place], "pledged": pledged[place]}
        if place in asked:
            gaps = {
                "requirements": asked[place],
                "gap": max(asked[place] - funding[place], 0),
                "gap_if_pledges_hold": max(asked[place] - funding[place] - pledged[place], 0),
            }
            yield gap("PLANNED", of, (need.id, *place), {**found, **gaps})
        elif any(found.values()):
            outside = {**found, "funding_outside_requirements": funding[place]}
            yield gap("OUTSIDE_REQUIREMENTS", of, (need.id, *place), outside)


def firm_money(need: Any) -> dict[Place, int]:
    """Return the firm money that is attributed to a need."""
    found: dict[Place, int] = defaultdict(int)
    for procurement in need.procurements:
        for currency in {each.amount_currency for each in firm_allocations(procurement)}:
            found[procurement.planned_year, currency] += attributed(procurement, need, currency)
    return found


def pledged_money(need: Any) -> dict[Place, int]:
    """Return the pledges for a need alone."""
    found: dict[Place, int] = defaultdict(int)
    for procurement in need.procurements:
        for each in procurement.allocations:
            if each.contribution.status.name == "PLEDGED" and (each.need is need or procurement.needs == [need]):
                found[procurement.planned_year, each.amount_currency] += each.amount_minor
    return found


def gap(
    kind: str, of: Mapping[str, Any], key: tuple[str, int | None, str | None], amounts: Mapping[str, int]
) -> YearGap:
    """Return a row; `key` is what its id is made of: a key, the year and the currency."""
    whole, year, currency = key
    letters = "".join(str(ord(letter)) for letter in currency) if currency else "000000"
    made = YearGap(id=f"{year - 2022 if year else 0:02}{letters}{whole[8:]}", kind=YearGapKind[kind], year=year)
    for name in AMOUNTS:
        minor = amounts.get(name)
        setattr(made, f"{name}_minor", minor)
        setattr(made, f"{name}_currency", None if minor is None else currency)
    for name in ("need", "procurement", "group", "area"):
        set_committed_value(made, name, of.get(name))
    return made
