"""The clashes once more, in plain Python over the loaded rows that a viewer sees: a predicate for each kind."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zlib import crc32

from sqlalchemy.orm.attributes import set_committed_value

from models import Clash
from models.clash_kinds.declaration import RULES
from models.planning.clashes import OBJECTS, ClashKind
from tests.reference.order_counts import GOODS, NOTHING
from tests.reference.planning import EXAMINED, FIRM, of_ended_order, roadmap_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

ON_THE_WAY = {"SCHEDULED", "IN_TRANSIT"}
OPEN_ORDERS = {"PLACED", "CONFIRMED", "PARTIALLY_DELIVERED"}
ENDED = {"CANCELLED", "UNSUCCESSFUL", "COMPLETED"}
RANKS = {"HIGH": 1, "MEDIUM": 2, "LOW": 3}


class Day(NamedTuple):
    """Today, the roadmap in force today, and all contributions."""

    today: dt.date
    in_force: Any
    contributions: Sequence[Any]


def end_of(line: Any) -> dt.date:
    """Return the last day of the quarter of a roadmap line, or of its year."""
    month = (line.quarter or 4) * 3
    return dt.date(line.year, month, calendar.monthrange(line.year, month)[1])


def lines_in_force(need: Any, day: Day) -> list[Any]:
    """Return the lines of the roadmap in force for a need."""
    return [line for line in need.roadmap_lines if day.in_force is not None and line.roadmap is day.in_force]


def overplanned(need: Any) -> bool:
    """Return whether the roadmap in force plans more units than the need has."""
    return need.quantity is not None and need.planned_quantity > need.quantity


def is_open(line: Any) -> bool:
    """Return whether the order of an order line is open."""
    return line.purchase_order.status.name in OPEN_ORDERS


def live(procurements: Iterable[Any]) -> list[Any]:
    """Return the procurements that can still lead to a delivery."""
    return [each for each in procurements if each.status.name not in ENDED]


def underfunded(each: Any, _day: Day) -> bool:
    """Return whether a procurement in progress lacks firm money."""
    money = [one for one in each.allocations if one.contribution.status.name in FIRM]
    funded = sum(one.amount_minor for one in money if one.amount_currency == each.estimated_value_currency)
    under_way = each.status.name not in {*ENDED, "PLANNING"}
    return under_way and each.estimated_value_minor is not None and funded < each.estimated_value_minor


def rejected_not_replaced(line: Any, _day: Day) -> bool:
    """Return whether an open order line has rejected or returned units without a replacement."""
    lines = [each for each in line.delivery_lines if each.delivery.status.name in EXAMINED and not each.gift]
    returned = sum((each.returned for each in lines), NOTHING)
    accepted = sum((each.accepted or NOTHING for each in lines), -returned)
    rejected = sum((each.rejected or NOTHING for each in lines), returned)
    return is_open(line) and rejected > 0 and line.quantity is not None and accepted < line.quantity


def order_after_line(line: Any, day: Day) -> bool:
    """Return whether an order is expected after the end of its need's roadmap lines for the planned year."""
    order = line.purchase_order
    year = order.procurement.planned_year
    ends = [end_of(each) for each in lines_in_force(line.need, day) if each.year == year] if line.need else []
    return is_open(line) and bool(ends) and order.expected_on is not None and order.expected_on > max(ends)


def status_behind(need: Any, day: Day) -> bool:
    """Return whether the status of a need claims a roadmap line or a procurement that does not exist."""
    unplanned = need.status.name == "PLANNED" and not lines_in_force(need, day)
    return unplanned or (need.status.name == "IN_PROCUREMENT" and not live(need.procurements))


def past(date: dt.date | None, day: dt.date | None) -> bool:
    """Return whether a day is after a date; false if one is unknown."""
    return date is not None and day is not None and date < day


def has_left(participant: Any, today: dt.date) -> bool:
    """Return whether a participant was a member of the coalition and is none today."""
    periods = participant.memberships if participant else []
    begun = [each for each in periods if each.valid_from is None or each.valid_from <= today]
    return bool(periods) and all(past(each.valid_to, today) for each in begun)


def earmark_missed(each: Any, _day: Day) -> bool:
    """Return whether an allocation is outside of the earmark of its contribution."""
    given, bought = each.contribution, each.procurement
    areas, groups, needs = given.earmarked_areas, given.earmarked_groups, given.earmarked_needs
    meant = [need for need in bought.needs if each.need_id in {None, need.id}]
    within = any(need in needs or need.area in areas or (need.group and need.group in groups) for need in meant)
    return each.amount_minor > 0 and bool([*areas, *groups, *needs]) and not within and bought.group not in groups


def same_pledge_twice(given: Any, day: Day) -> bool:
    """Return whether another contribution of the same donors has the same amount and was announced within 31 days."""

    def countable(each: Any) -> tuple[Any, ...] | None:
        known = each.donors and each.announced_on and each.amount_minor is not None
        counts = each.status.name != "CANCELLED" and each.part_of is None and each.amount_qualifier.name != "UP_TO"
        donors = sorted(one.participant.code for one in each.donors)
        counted = known and counts and each.statement_kind.name == "INCREMENT"
        return (donors, each.amount_minor, each.amount_currency) if counted else None

    return countable(given) is not None and any(
        countable(other) == countable(given) and abs((other.announced_on - given.announced_on).days) <= 31
        for other in day.contributions
        if other is not given
    )


def two_leads(need: Any, _day: Day) -> bool:
    """Return whether procurements with different leads buy for a need without a division of its quantity."""
    found = live(need.procurements)
    parts = [[item for item in each.items if item.need is need] for each in found]
    known = [item.quantity for items in parts for item in items if item.unit == need.unit]
    divided = all(parts) and None not in known and len(known) == sum(map(len, parts))
    fits = divided and need.quantity is not None and sum(known) <= need.quantity
    return len({each.lead_participant_id for each in found} - {None}) > 1 and not fits


#: For each kind, a predicate for each type of rows.
PREDICATES: dict[str, dict[str, Callable[[Any, Day], bool]]] = {
    "EARMARK_MISSED": {"Allocation": earmark_missed},
    "FUNDED_IN_OTHER_CURRENCY": {
        "CapabilityNeed": lambda need, _: (
            need.estimated_cost_minor is not None and bool(need.funded_in_other_currencies)
        )
    },
    "LINE_AFTER_NEED": {
        "RoadmapLine": lambda line, _: (
            line.roadmap.status.name != "SUPERSEDED" and past(line.need.needed_by, end_of(line))
        )
    },
    "NEED_WITHOUT_LINE": {
        "CapabilityNeed": lambda need, day: (
            need.status.name == "VALIDATED"
            and need.priority is not None
            and need.priority.name in {"CRITICAL", "HIGH"}
            and not lines_in_force(need, day)
        )
    },
    "ORDER_AFTER_LINE": {"OrderLine": order_after_line},
    "ORDER_ENDED": {"Delivery": lambda each, _: each.status.name in ON_THE_WAY and of_ended_order(each)},
    "ORDER_AFTER_NEED": {
        "OrderLine": lambda line, _: (
            is_open(line) and bool(line.need) and past(line.need.needed_by, line.purchase_order.expected_on)
        )
    },
    "OVERDUE": {
        "PurchaseOrder": lambda order, day: order.status.name in OPEN_ORDERS and past(order.expected_on, day.today),
        "Delivery": lambda each, day: (
            each.status.name in ON_THE_WAY and past(each.planned_on, day.today) and not of_ended_order(each)
        ),
    },
    "OVERPLANNED_MONEY": {
        "CapabilityNeed": lambda need, _: (
            need.estimated_cost_minor is not None and need.planned_amount_minor > need.estimated_cost_minor
        )
    },
    "OVERPLANNED_QUANTITY": {"CapabilityNeed": lambda need, _: overplanned(need)},
    "OVER_ORDERED": {
        "CapabilityNeed": lambda need, _: (
            need.quantity is not None and need.ordered_quantity + need.in_kind_quantity > need.quantity
        )
    },
    "LEAD_LEFT": {"Procurement": lambda each, day: bool(live([each])) and has_left(each.lead_participant, day.today)},
    "OWNER_ENDED": {
        "Procurement": lambda each, _: (
            bool(live([each])) and each.group is not None and each.group.status.name == "DISSOLVED"
        )
    },
    "PLANNED_BY_TWO": {
        "CapabilityNeed": lambda need, day: (
            overplanned(need) and len({line.lead_participant_id for line in lines_in_force(need, day)} - {None}) > 1
        )
    },
    "REJECTED_NOT_REPLACED": {"OrderLine": rejected_not_replaced},
    "RESTS_ON_PLEDGE": {
        "Allocation": lambda each, _: each.contribution.status.name == "PLEDGED" and each.amount_minor > 0
    },
    "SAME_PLEDGE_TWICE": {"Contribution": same_pledge_twice},
    "STATUS_BEHIND": {"CapabilityNeed": status_behind},
    "TWO_LEADS": {"CapabilityNeed": two_leads},
    "UNDERFUNDED": {"Procurement": underfunded},
    "UNIT_MISMATCH": {
        "OrderLine": lambda line, _: line.kind.name in GOODS and bool(line.need) and line.unit != line.need.unit,
        "RoadmapLine": lambda line, _: (
            line.roadmap.status.name != "SUPERSEDED" and line.quantity is not None and line.unit != line.need.unit
        ),
    },
}


#: For each type of rows, the objects that a clash on a row concerns.
CONCERNED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "CapabilityNeed": lambda row: {"need": row, "group": row.group},
    "RoadmapLine": lambda row: {"need": row.need, "roadmap": row.roadmap, "group": row.need.group},
    "Procurement": lambda row: {"procurement": row, "group": row.group, "lead": row.lead_participant},
    "Contribution": lambda row: {"contribution": row},
    "Allocation": lambda row: {**concerned(row.procurement), "contribution": row.contribution, "need": row.need},
    "PurchaseOrder": lambda row: {**concerned(row.procurement), "purchase_order": row},
    "OrderLine": lambda row: {**concerned(row.purchase_order), "need": row.need},
    "Delivery": lambda row: {
        **(concerned(row.purchase_order.procurement) if row.purchase_order else {}),
        "delivery": row,
        "purchase_order": row.purchase_order,
        "contribution": row.contribution,
    },
}


def concerned(row: Any) -> dict[str, Any]:
    """Return the objects that a clash on a row concerns."""
    return CONCERNED[type(row).__name__](row)


def add_clashes(entities: dict[str, list[Any]]) -> None:
    """Add the clashes of the loaded entities, and put them into the objects that they concern."""
    entities["Clash"] = list(clashes_of(entities))
    for name, (model, _) in OBJECTS.items():
        found: dict[int, list[Any]] = defaultdict(list)
        for clash in entities["Clash"]:
            found[id(vars(clash)[name])].append(clash)
        for each in entities[model.__name__]:
            set_committed_value(each, "clashes", found[id(each)])


def clashes_of(entities: Mapping[str, Sequence[Any]]) -> Iterator[Clash]:
    """Yield the clashes of the loaded entities."""
    today = dt.datetime.now(dt.UTC).date()
    day = Day(today, roadmap_in_force(entities["Roadmap"], today), entities["Contribution"])
    for rule in RULES:
        holds = PREDICATES[rule.kind][rule.model.__name__]
        for row in entities[rule.model.__name__]:
            if holds(row, day):
                made = Clash(
                    id=str(UUID(f"{crc32(rule.kind.encode()) & 0xFFFF:04x}{row.id[4:]}")),
                    kind=ClashKind[rule.kind],
                    severity=rule.severity,
                    severity_rank=RANKS[rule.severity.name],
                    message=rule.meaning,
                    resolution=rule.resolution,
                )
                objects = concerned(row)
                for name in OBJECTS:
                    set_committed_value(made, name, objects.get(name))
                yield made
