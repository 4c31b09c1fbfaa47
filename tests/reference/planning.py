"""The planning figures once more, in plain Python over the loaded rows that a viewer sees.

They are written from `docs/decisions/planning-figures.md`, and share nothing with `models/figures`.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from models.code_lists.currencies import EXPONENTS
from tests.reference.order_counts import COUNTED, ENDED, GOODS, NOTHING, lines_with_cost, owed_by, remaining, units_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

FIRM = {"COMMITTED", "DISBURSED"}
NOT_PLACED = {"DRAFT", "CANCELLED"}
EXAMINED = {"ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED"}
ARRIVED = {"RECEIVED", *EXAMINED}


def add_figures(entities: Mapping[str, Sequence[Any]]) -> None:
    """Put the planning figures into the loaded entities, where a query would read them."""
    in_force = roadmap_in_force(entities["Roadmap"], dt.datetime.now(dt.UTC).date())
    for roadmap in entities["Roadmap"]:
        vars(roadmap)["is_in_force"] = roadmap is in_force
    for need in entities["CapabilityNeed"]:
        vars(need).update({**quantities(need, in_force), **amounts(need, in_force)})
    for procurement in entities["Procurement"]:
        vars(procurement).update(money_of_procurement(procurement))


def roadmap_in_force(roadmaps: Iterable[Any], on: dt.date) -> Any:
    """Return the roadmap in force on a day: the latest that a meeting endorsed by then; None if that was revoked."""
    found = []
    for roadmap in roadmaps:
        meeting = roadmap.endorsed_by and roadmap.endorsed_by.meeting
        day = meeting and last_day(meeting.held_on, meeting.held_on_precision)
        if roadmap.status.name != "DRAFT" and day and day <= on and meeting.status.name == "HELD":
            found.append((day, roadmap.status.name == "ENDORSED", roadmap.reference, roadmap))
    latest = max(found, key=lambda each: each[:3])[-1] if found else None
    meetings = [each.meeting for each in latest.endorsed_by.revoked_by] if latest else ()
    revoked = [last_day(each.held_on, each.held_on_precision) for each in meetings]
    return None if any(day is None or day <= on for day in revoked) else latest


def last_day(date: dt.date | None, precision: Any) -> dt.date | None:
    """Return the last possible day of a date that may be vague."""
    kind = precision.name if precision else "DAY"
    if date and kind == "MONTH":
        return date.replace(day=calendar.monthrange(date.year, date.month)[1])
    return dt.date(date.year, 12, 31) if date and kind == "YEAR" else date


def quantities(need: Any, in_force: Any) -> dict[str, Any]:
    """Return the quantities that cover a need."""
    lines = [line for line in need.delivery_lines if line.unit == need.unit]

    def delivered(name: str, statuses: set[str]) -> Decimal:
        found = (getattr(line, name) for line in lines if line.delivery.status.name in statuses)
        return sum((each or NOTHING for each in found), NOTHING)

    placed = [line for line in ordered_lines(need) if line.kind.name in GOODS and line.unit == need.unit]
    ordered = sum(map(units_of, placed), NOTHING)
    accepted = [line for line in lines if line.delivery.status.name in COUNTED]
    in_kind = remaining(line for line in accepted if line.order_line is None)
    gifts = remaining(line for line in accepted if line.order_line is not None and line.gift)
    in_transit = [line for line in lines if line.delivery.status.name == "IN_TRANSIT"]
    on_the_way = [line for line in in_transit if not of_ended_order(line.delivery)]
    planned = [line for line in need.roadmap_lines if line.roadmap is in_force and line.unit == need.unit]
    left = None if need.quantity is None else max(need.quantity - ordered - in_kind - gifts, NOTHING)
    return {
        "planned_quantity": sum((line.quantity or NOTHING for line in planned), NOTHING),
        "ordered_quantity": ordered,
        "in_transit_quantity": sum((line.quantity or NOTHING for line in on_the_way), NOTHING),
        "received_quantity": delivered("quantity", ARRIVED),
        "rejected_quantity": delivered("rejected", EXAMINED),
        "in_kind_quantity": in_kind,
        "not_yet_secured_quantity": left,
    }


def of_ended_order(delivery: Any) -> bool:
    """Return whether a delivery is of an order that has ended."""
    order = delivery.purchase_order
    return order is not None and order.status.name in {*ENDED, "CANCELLED"}


def ordered_lines(need: Any) -> list[Any]:
    """Return the lines of binding orders for a need."""
    return [line for line in need.order_lines if line.purchase_order.status.name not in NOT_PLACED]


def amounts(need: Any, in_force: Any) -> dict[str, Any]:
    """Return the money that covers a need, in the currency of its estimated cost."""
    cost, currency = need.estimated_cost_minor, need.estimated_cost_currency
    by_currency: dict[str, int] = defaultdict(int)
    shared = 0
    for procurement in need.procurements:
        for code in {each.amount_currency for each in firm_allocations(procurement)}:
            by_currency[code] += attributed(procurement, need, code)
            shared += shared_money(procurement, code)
    others = sorted((code, minor) for code, minor in by_currency.items() if code != currency and minor)
    placed = costs_for(need, ordered_lines(need))
    funded, in_kind = by_currency.get(currency, 0), value_in_kind(need)
    found = {
        "planned_amount": sum(
            line.planned_amount_minor or 0
            for line in need.roadmap_lines
            if line.roadmap is in_force and line.planned_amount_currency == currency
        ),
        "pledged_amount": sum(pledges(need)),
        "funded_amount": funded,
        "ordered_amount": ordered_amount(placed, currency),
        "in_kind_amount": in_kind,
        "unmet_amount": max((cost or 0) - funded, 0),
        "unmet_amount_after_in_kind": max((cost or 0) - funded - in_kind, 0),
    }
    return {
        **{f"{name}_minor": None if cost is None else minor for name, minor in found.items()},
        **{f"{name}_currency": currency for name in found},
        "funded_in_other_currencies": [(minor, code) for code, minor in others],
        "funding_is_lower_bound": bool(others or shared),
        "ordered_in_other_currencies": amounts_in_other_currencies(placed, currency),
        "ordered_lines_without_price": sum(minor is None for minor, _ in placed),
        "funded_share": share_of(funded, cost),
        "covered_share": share_of(funded + in_kind, cost),
    }


def costs_for(need: Any, lines: Iterable[Any]) -> list[tuple[int | None, str | None]]:
    """Return the cost of each order line for a need that has one; a line of goods with another unit does not count."""
    counted = [line for line in lines if line.kind.name not in GOODS or line.unit == need.unit]
    found = ((line.id, lines_with_cost(line.purchase_order)) for line in counted)
    return [costs[key] for key, costs in found if key in costs]


def ordered_amount(costs: Sequence[tuple[int | None, str | None]], currency: str | None) -> int | None:
    """Return what ordered lines cost in a currency; None if something is ordered, and no cost is known in it."""
    known = [minor for minor, code in costs if code == currency and minor is not None]
    return sum(known) if known or not costs else None


def amounts_in_other_currencies(
    costs: Iterable[tuple[int | None, str | None]], currency: str | None
) -> list[tuple[int, str]]:
    """Return what ordered lines cost in each currency but one."""
    found: dict[str, int] = defaultdict(int)
    for minor, code in costs:
        if minor is not None and code is not None and code != currency:
            found[code] += minor
    return [(minor, code) for code, minor in sorted(found.items())]


def share_of(part: int, whole: int | None) -> int | None:
    """Return a share in ten-thousandths."""
    return min(part * 10_000 // whole, 10_000) if whole else None


def firm_allocations(procurement: Any) -> list[Any]:
    """Return the allocations of committed and disbursed money."""
    return [each for each in procurement.allocations if each.contribution.status.name in FIRM]


def attributed(procurement: Any, need: Any, currency: str) -> int:
    """Return the firm money of a procurement in one currency that is for one of its needs."""
    money = [each for each in firm_allocations(procurement) if each.amount_currency == currency]
    if procurement.needs == [need]:
        return total(money)
    orders = [order for order in procurement.purchase_orders if order.status.name not in NOT_PLACED]
    owed = sum(in_money(order, owed_by(order) or 0, order.value_currency, currency) for order in orders)
    named = {each.id: total([one for one in money if one.need is each]) for each in procurement.needs}
    lines = [line for order in orders for line in order.lines]
    beyond = {each.id: max(cost_of(lines, each, currency) - named[each.id], 0) for each in procurement.needs}
    free = total([each for each in money if each.need is None])
    covered = owed <= total(money) and sum(beyond.values()) <= free
    return named[need.id] + (beyond[need.id] if covered else 0)


def total(allocations: Iterable[Any]) -> int:
    """Return the sum of some allocations of one currency."""
    return sum(int(each.amount_minor) for each in allocations)


def cost_of(lines: Iterable[Any], need: Any, currency: str) -> int:
    """Return what the lines for a need cost in a currency, each rounded down."""
    found = 0
    for line in lines:
        for minor, code in costs_for(need, [line]) if line.need is need else ():
            found += in_money(line.purchase_order, minor or 0, code, currency)
    return found


def in_money(order: Any, amount: int, own: str | None, currency: str) -> int:
    """Return an amount of an order in the currency of the money that pays for it, rounded down; 0 for another."""
    if order.exchange_rate is None or own is None:
        return amount if own == currency else 0
    if order.funded_in != currency:
        return 0
    whole = Fraction(amount, 10 ** EXPONENTS[own]) / Fraction(order.exchange_rate)
    scale: int = 10 ** EXPONENTS[currency]
    return floor(whole * scale)


def shared_money(procurement: Any, currency: str) -> int:
    """Return the firm money of a procurement in one currency that is for none of its needs in particular."""
    firm = total(each for each in firm_allocations(procurement) if each.amount_currency == currency)
    return firm - sum(attributed(procurement, need, currency) for need in procurement.needs)


def money_of_procurement(procurement: Any) -> dict[str, Any]:
    """Return the money that is allocated to a procurement, in the currency of its estimated value, and shared money."""
    value, currency = procurement.estimated_value_minor, procurement.estimated_value_currency
    same = [each for each in procurement.allocations if each.amount_currency == currency]
    funded = total(each for each in same if each.contribution.status.name in FIRM)
    found = {
        "funded_amount": funded,
        "pledged_amount": total(each for each in same if each.contribution.status.name == "PLEDGED"),
        "unmet_amount": max((value or 0) - funded, 0),
    }
    shared = {
        code: 0 if len(procurement.needs) == 1 else shared_money(procurement, code)
        for code in {each.amount_currency for each in firm_allocations(procurement)}
    }
    return {
        **{f"{name}_minor": None if value is None else minor for name, minor in found.items()},
        **{f"{name}_currency": currency for name in found},
        "funded_share": share_of(funded, value),
        "shared_funds": [(minor, code) for code, minor in sorted(shared.items()) if minor],
    }


def pledges(need: Any) -> Iterator[int]:
    """Yield the amounts of pledged money for a need alone, in the currency of its cost."""
    for procurement in need.procurements:
        for each in procurement.allocations:
            alone = each.need is need or procurement.needs == [need]
            pledged = each.contribution.status.name == "PLEDGED"
            if alone and pledged and each.amount_currency == need.estimated_cost_currency:
                yield each.amount_minor


def value_in_kind(need: Any) -> int:
    """Return the value of the accepted deliveries without an order that are for a need alone."""
    deliveries = {line.delivery.id: line.delivery for line in need.delivery_lines}
    return sum(
        delivery.value_minor or 0
        for delivery in deliveries.values()
        if delivery.status.name in COUNTED
        and delivery.purchase_order is None
        and delivery.value_currency == need.estimated_cost_currency
        and all(line.need is need for line in delivery.lines)
    )
