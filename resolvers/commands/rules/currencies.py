"""The rule of withdrawn currencies: an amount in one is of a day on which it was still legal tender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

import models as m
from models.code_lists.currencies import WITHDRAWN
from resolvers.commands.errors import INPUT, Violation
from resolvers.core.attributes import Kind, attribute
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from models import Entity
    from resolvers.commands.errors import Path
    from resolvers.commands.spec import InputSpec, MutationSpec, Rule
    from resolvers.commands.unit_of_work import UnitOfWork

#: For each type with amounts of its own, the attributes with the day of the fact; the first that has a value counts.
#: Without one, the amount is of today. Allocations, payments, tranches and shares are in the currency of their
#: contribution, so a contribution in a withdrawn currency can still be used.
FACT_DAYS: dict[type[Entity], tuple[str, ...]] = {
    m.CapabilityNeed: (),
    m.Roadmap: (),
    m.Contribution: ("announced_on", "committed_on"),
    m.Procurement: ("approved_on",),
    m.Award: ("awarded_on",),
    m.PurchaseOrder: ("ordered_on",),
    m.Delivery: ("received_on", "planned_on"),
    m.PublishedFigure: ("as_of",),
}

#: The parts of a contribution that have its currency.
IN_ITS_CURRENCY = frozenset({m.ContributionDonor, m.ContributionTranche})


def currencies_in_use(spec: MutationSpec) -> Rule:
    """Return the rule that no new amount of a type, or of its parts, is in a currency that was withdrawn before."""

    def rule(_unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        if spec.model not in FACT_DAYS:
            return
        names = FACT_DAYS[spec.model]
        yield from _violations(row, spec, row, names, INPUT)
        for relation, owned in spec.children.items():
            for place, part in enumerate(getattr(row, relation) if owned.model not in IN_ITS_CURRENCY else ()):
                yield from _violations(part, owned, row, names, (*INPUT, api_name(relation), str(place)))

    return rule


def _violations(part: Any, spec: InputSpec, row: Any, names: tuple[str, ...], path: Path) -> Iterator[Violation]:
    columns: dict[str, tuple[str, ...]] = {f"{name}_currency": (api_name(name), "currency") for name in _amounts(spec)}
    if spec.model is m.PurchaseOrder:
        columns["funded_in"] = (api_name("funded_in"),)
    day: dt.date | None = next((found for name in names if (found := getattr(row, name))), None)
    for name, steps in columns.items():
        code = getattr(part, name)
        ended = WITHDRAWN.get(code)
        is_new = _is_changed(part, name) or any(_is_changed(row, each) for each in names)
        if ended and is_new and (day is None or day > ended.last_day):
            dated = f", or enter the earlier day of the amount in {api_name(names[0])}" if names else ""
            message = f"{code} was withdrawn after {ended.last_day}. Use {ended.successor}{dated}."
            yield Violation((*path, *steps), "withdrawn_currency", message)


def _amounts(spec: InputSpec) -> list[str]:
    names = (*spec.fields, *spec.create_only)
    return [name for name in names if attribute(spec.model, name).kind is Kind.MONEY]


def _is_changed(row: Any, name: str) -> bool:
    return bool(inspect(row).attrs[name].history.has_changes())
