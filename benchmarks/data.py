"""The rows: the same for the same size, in the proportions of a coalition at work for some years.

For every 10,000 procurements there are 30,000 orders with a line each, 60,000 deliveries and 2,000 needs;
20 participants and 4 groups, whatever the size. Nothing is marked or drafted so that the account that asks
would not see it: the other servers know no accounts, and all must answer the same.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import models as m

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models import Base

USUAL = 10_000
PARTICIPANTS, GROUPS, AREAS, SUPPLIERS = 20, 4, 7, 211
ORDERS_OF_ONE, DELIVERIES_OF_ONE = 3, 2
PROCUREMENTS_OF_ONE_NEED = 5

WRITTEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FIRST_DAY = dt.date(2024, 4, 3)
THINGS = ("laptops", "radios", "routers", "satellite terminals", "servers", "firewalls", "licences")
MARKINGS = [m.Marking.CLEAR.name, m.Marking.GREEN.name, m.Marking.AMBER.name]
STATUSES = [status.name for status in m.ProcurementStatus]
#: Without drafts, and without the ends that need an amount of their own.
ORDER_STATUSES = ("PLACED", "CONFIRMED", "PARTIALLY_DELIVERED", "DELIVERED", "CLOSED")
DELIVERY_STATUSES = [status.name for status in m.DeliveryStatus]
PRIORITIES = [priority.name for priority in m.Priority]
EXACT = m.Qualifier.EXACT.name

#: The tables that are filled, and for each the number its keys begin with.
FILLED: Sequence[type[Base]] = (
    m.Participant,
    m.CoalitionMembership,
    m.ExpertGroup,
    m.CapabilityArea,
    m.CapabilityNeed,
    m.Procurement,
    m.PurchaseOrder,
    m.OrderLine,
    m.Delivery,
    m.Supplier,
)


class Rows(NamedTuple):
    """The rows of one table: its name, the names of their columns, and their values."""

    table: str
    columns: tuple[str, ...]
    values: Iterator[tuple[Any, ...]]


def key(model: type[Base], number: int) -> str:
    """Give the key of the `number`-th row: in the form of a UUIDv7, and as those do growing with each row."""
    return f"01990000-00{FILLED.index(model):02x}-7000-8000-{number:012x}"


def reference(number: int) -> str:
    """Give the reference of the `number`-th procurement; they sort by their numbers."""
    return f"PROC-{number:07}"


def rows(procurements: int) -> Iterator[Rows]:
    """Give the rows of every table, those first that others speak of."""
    needs, orders = max(procurements // PROCUREMENTS_OF_ONE_NEED, 1), procurements * ORDERS_OF_ONE
    yield _rows(m.Participant, _participant, PARTICIPANTS, "code", "name", "kind", "beneficiary")
    yield _rows(m.CoalitionMembership, _membership, PARTICIPANTS, "participant_id", "role")
    yield _rows(m.ExpertGroup, _group, GROUPS, "ordinal", "code", "name", "theme_status", "status")
    yield _rows(m.CapabilityArea, _area, AREAS, "code", "name")
    named = ("reference", "title", "status", "marking")
    yield _rows(m.CapabilityNeed, _need, needs, *named, "priority", "quantity", "area_id")
    money = ("estimated_value_minor", "estimated_value_currency", "estimated_value_qualifier")
    owners = ("group_id", "procuring_entity_id", "lead_participant_id")
    yield _rows(m.Supplier, _supplier, SUPPLIERS, "reference", "name", "marking")
    yield _rows(m.Procurement, _procurement, procurements, *named, *money, "planned_year", *owners)
    links = ((key(m.Procurement, n), key(m.CapabilityNeed, n % needs)) for n in range(procurements))
    yield Rows("procurement_needs", ("procurement_id", "need_id"), links)
    value = ("value_minor", "value_currency", "value_qualifier")
    dates = ("ordered_on", "expected_on")
    yield _rows(m.PurchaseOrder, _order, orders, "number", "supplier_id", "status", *dates, *value, "procurement_id")
    price = ("unit_price_minor", "unit_price_currency")
    yield _rows(m.OrderLine, _line, orders, "purchase_order_id", "ordinal", "description", "quantity", *price)
    arrived = ("received_on", "value_qualifier", "purchase_order_id")
    yield _rows(m.Delivery, _delivery, orders * DELIVERIES_OF_ONE, *named, *arrived)


def _rows(model: type[Base], make: Any, number: int, *columns: str) -> Rows:
    shared = ("id", "created_at", "updated_at", "version")
    values = ((key(model, n), WRITTEN, WRITTEN, 1, *make(n)) for n in range(number))
    return Rows(model.__tablename__, (*shared, *columns), values)


def _participant(n: int) -> tuple[Any, ...]:
    return f"P{n:02}", f"The state of P{n:02}", m.ParticipantKind.STATE.name, n == 0


def _membership(n: int) -> tuple[Any, ...]:
    return key(m.Participant, n), m.CoalitionRole.PARTICIPANT.name


def _group(n: int) -> tuple[Any, ...]:
    active = m.ExpertGroupStatus.ACTIVE.name
    return n + 1, f"EG{n + 1}", f"Expert group {n + 1}", m.ThemeStatus.PLACEHOLDER.name, active


def _area(n: int) -> tuple[Any, ...]:
    return f"AREA{n}", f"The area of {THINGS[n]}"


def _need(n: int) -> tuple[Any, ...]:
    status, marking, priority = m.NeedStatus.IN_PROCUREMENT.name, MARKINGS[n % 3], PRIORITIES[n % 4]
    area = key(m.CapabilityArea, n % AREAS)
    return f"NEED-{n:06}", f"More {THINGS[n % AREAS]}", status, marking, priority, 100 + n % 900, area


def _supplier(n: int) -> tuple[Any, ...]:
    return f"SUP-{n:03}", f"Supplier {n}", m.Marking.CLEAR.name


def _procurement(n: int) -> tuple[Any, ...]:
    title = f"Buying {THINGS[n % len(THINGS)]}, lot {n}"
    money, year = (100_000 + n * 7919 % 900_000_000, "EUR", EXACT), 2024 + n % 6
    group, buyer, lead = key(m.ExpertGroup, n % GROUPS), key(m.Participant, n % 7), key(m.Participant, n % PARTICIPANTS)
    # Not in step with the titles, which the filtered page is sorted by.
    status = STATUSES[n * 7919 % 104_729 % len(STATUSES)]
    return reference(n), title, status, MARKINGS[n % 3], *money, year, group, buyer, lead


def _order(n: int) -> tuple[Any, ...]:
    status, supplier = ORDER_STATUSES[n % len(ORDER_STATUSES)], key(m.Supplier, n % SUPPLIERS)
    ordered_on = FIRST_DAY + dt.timedelta(days=n % 600)
    value, procurement = (_price(n) * _quantity(n), "EUR", EXACT), key(m.Procurement, n // ORDERS_OF_ONE)
    return f"PO-{n:08}", supplier, status, ordered_on, ordered_on + dt.timedelta(days=90), *value, procurement


def _line(n: int) -> tuple[Any, ...]:
    return (
        key(m.PurchaseOrder, n),
        1,
        THINGS[n % len(THINGS)].capitalize(),
        _quantity(n) * 1000,
        _price(n) * 10_000,
        "EUR",
    )


def _delivery(n: int) -> tuple[Any, ...]:
    status, received_on = DELIVERY_STATUSES[n % len(DELIVERY_STATUSES)], FIRST_DAY + dt.timedelta(days=n % 700)
    order = key(m.PurchaseOrder, n // DELIVERIES_OF_ONE)
    return f"DEL-{n:08}", f"Handing over {THINGS[n % 7]}", status, MARKINGS[n % 3], received_on, EXACT, order


def _quantity(n: int) -> int:
    return 1 + n % 50


def _price(n: int) -> int:
    return 10_000 + n * 31 % 90_000
