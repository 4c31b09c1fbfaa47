"""Purchase orders: the ordered lines, and how much of them has been accepted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DeliveryStatus, PurchaseOrder, PurchaseOrderStatus
from models.orders.purchase_orders import BINDING_STATUSES, OPEN_STATUSES, PURCHASE_ORDER_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_delivery,
    a_delivery_line,
    a_need,
    a_procurement,
    a_supplier,
    an_order,
    an_order_line,
    money,
)
from tests.support.rows import changes, in_python, keep, refused

if TYPE_CHECKING:
    from models import Base
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: Each order by its number: the units of its lines, what its deliveries brought, and the share that is accepted.
SHARES: dict[str, tuple[list[int | None], list[tuple[str, int]], str | None]] = {
    "ALL": ([5], [("ACCEPTED", 2), ("ACCEPTED", 3)], "1.0000"),
    "HALF": ([10, 10], [("ACCEPTED", 4), ("PARTIALLY_ACCEPTED", 6)], "0.5000"),
    "MORE": ([1], [("ACCEPTED", 3)], "1.0000"),
    "NO-LINES": ([], [("ACCEPTED", 3)], None),
    "NOT-COUNTED": ([3], [("RECEIVED", 3), ("REJECTED", 3), ("IN_TRANSIT", 3), ("SCHEDULED", 3)], "0.0000"),
    "ONE-UNKNOWN": ([10, None], [("ACCEPTED", 5)], None),
    "TWO-THIRDS": ([3], [("ACCEPTED", 2)], "0.6666"),
    "UNTOUCHED": ([3], [], "0.0000"),
}


def all_of(order: PurchaseOrder) -> list[Base]:
    ordered, delivered, _ = SHARES[order.number]
    rows: list[Base] = [an_order_line(order, quantity=quantity) for quantity in ordered]
    for status, units in delivered:
        delivery = a_delivery(status=DeliveryStatus[status], purchase_order=order)
        rows.append(a_delivery_line(delivery, quantity=units, accepted=units, rejected=0))
    return rows


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    bought = a_procurement("PROC-1")
    orders = [an_order(bought, number) for number in SHARES]
    await keep(shared_database, *orders, *(row for order in orders for row in all_of(order)))
    return shared_database


async def test_an_order_says_what_share_of_it_is_accepted(record: Database) -> None:
    nodes = (await read(record, "{ purchaseOrders { nodes { number deliveredShare } } }"))["purchaseOrders"]["nodes"]
    found = {node["number"]: node["deliveredShare"] for node in nodes}
    assert found == {number: share for number, (_, _, share) in SHARES.items()}


async def test_python_reckons_the_share_as_the_database_does(record: Database) -> None:
    expected = {number: share and int(share.replace(".", "")) for number, (_, _, share) in SHARES.items()}
    assert await in_python(record, PurchaseOrder, "number", "delivered_share") == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"eq": "0.6666"}, ["TWO-THIRDS"]),
        ({"gte": "1"}, ["ALL", "MORE"]),
        ({"isNull": True}, ["NO-LINES", "ONE-UNKNOWN"]),
    ],
)
async def test_orders_are_found_by_the_share_that_is_accepted(
    record: Database, where: dict[str, Any], expected: list[str]
) -> None:
    query = "query ($share: DecimalFilter) { purchaseOrders(where: {deliveredShare: $share}) { nodes { number } } }"
    answer = await read(record, query, share=where)
    assert [node["number"] for node in answer["purchaseOrders"]["nodes"]] == expected


async def test_an_order_of_which_least_is_accepted_comes_first_and_the_unknown_last(record: Database) -> None:
    query = "{ purchaseOrders(orderBy: [{field: DELIVERED_SHARE}, {field: NUMBER}]) { nodes { number } } }"
    answer = await read(record, query)
    shared = ["NOT-COUNTED", "UNTOUCHED", "HALF", "TWO-THIRDS", "ALL", "MORE"]
    assert [node["number"] for node in answer["purchaseOrders"]["nodes"]] == [*shared, "NO-LINES", "ONE-UNKNOWN"]


async def test_an_order_shows_its_lines_and_what_arrived_of_each(database: Database) -> None:
    need = a_need(a_capability_area(), "NEED-1")
    order = an_order(
        a_procurement("PROC-1"), "PO-1", supplier=a_supplier(name="A maker"), ordered_on=dt.date(2024, 5, 1)
    )
    laptops = an_order_line(order, ordinal=1, quantity=10, unit="unit", need=need, **money(unit_price="1250.50 EUR"))
    arrived = a_delivery("DEL-1", purchase_order=order)
    examined = {"quantity": 4, "accepted": 3, "rejected": 1}
    await keep(database, order, a_delivery_line(arrived, order_line=laptops, need=need, **examined))
    query = """{ purchaseOrders { nodes {
        number supplier { name } orderedOn status procurement { reference } deliveries { nodes { reference } }
        lines { nodes {
            ordinal quantity unit unitPrice { amount currency } need { reference }
            deliveryLines { nodes { quantity accepted rejected } }
        } }
    } } }"""
    line = {
        "ordinal": 1,
        "quantity": "10",
        "unit": "C62",
        "unitPrice": {"amount": "1250.50", "currency": "EUR"},
        "need": {"reference": "NEED-1"},
        "deliveryLines": {"nodes": [{name: str(units) for name, units in examined.items()}]},
    }
    expected = {
        "number": "PO-1",
        "supplier": {"name": "A maker"},
        "orderedOn": "2024-05-01",
        "status": "DRAFT",
        "procurement": {"reference": "PROC-1"},
        "deliveries": {"nodes": [{"reference": "DEL-1"}]},
        "lines": {"nodes": [line]},
    }
    assert await read(database, query) == {"purchaseOrders": {"nodes": [expected]}}


async def test_orders_are_added_up_by_status_and_never_across_currencies(database: Database) -> None:
    bought = a_procurement("PROC-1")
    placed: dict[str, Any] = {"status": PurchaseOrderStatus.PLACED}
    await keep(
        database,
        an_order(bought, **placed, **money(value="0.10 EUR")),
        an_order(bought, **placed, **money(value="0.20 EUR")),
        an_order(bought, **placed, **money(value="700.00 DKK")),
        an_order(bought),
    )
    query = """{ purchaseOrders { aggregate { groupBy(by: [STATUS, PROCUREMENT]) {
        keys { value label } count sums { value { amount currency } }
    } } } }"""
    groups = (await read(database, query))["purchaseOrders"]["aggregate"]["groupBy"]
    sums = [{"amount": "700.00", "currency": "DKK"}, {"amount": "0.30", "currency": "EUR"}]
    procurement = {"value": "PROC-1", "label": "Buying PROC-1"}
    assert groups == [
        {"keys": [{"value": "DRAFT", "label": None}, procurement], "count": 1, "sums": {"value": []}},
        {"keys": [{"value": "PLACED", "label": None}, procurement], "count": 3, "sums": {"value": sums}},
    ]


def test_an_order_changes_its_status_as_the_rules_say() -> None:
    rules = (
        "DRAFT → PLACED → CONFIRMED → PARTIALLY_DELIVERED → DELIVERED → CLOSED",
        "PLACED → CANCELLED → DRAFT → CANCELLED",
        "CONFIRMED → TERMINATED",
        "PARTIALLY_DELIVERED → TERMINATED·CLOSED",
    )
    assert changes(PurchaseOrderStatus, *rules) == PURCHASE_ORDER_TRANSITIONS


def test_all_orders_but_drafts_and_cancelled_ones_bind_and_those_not_yet_delivered_are_open() -> None:
    placed = {"PLACED", "CONFIRMED", "PARTIALLY_DELIVERED"}
    assert {status.name for status in OPEN_STATUSES} == placed
    assert {status.name for status in BINDING_STATUSES} == {*placed, "DELIVERED", "CLOSED", "TERMINATED"}


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_purchase_orders_value", {"value_minor": 100}),
        ("ck_purchase_orders_expected_on", {"ordered_on": dt.date(2024, 5, 2), "expected_on": dt.date(2024, 5, 1)}),
    ],
)
async def test_an_order_is_refused_whose_particulars_cannot_be(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, an_order(a_procurement(), **fault))


async def test_a_number_belongs_to_one_order(shared_database: Database) -> None:
    bought = a_procurement()
    await refused(shared_database, "uq_purchase_orders_number", an_order(bought, "PO-9"), an_order(bought, "PO-9"))
