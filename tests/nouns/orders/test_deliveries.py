"""Deliveries: what arrived, from where, and what of it was accepted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind, DatePrecision, Delivery, DeliveryStatus, Measure, Qualifier
from models.orders.deliveries import COUNTED_STATUSES, DELIVERY_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_delivery,
    a_delivery_line,
    a_figure,
    a_need,
    a_participant,
    a_procurement,
    an_order,
    an_order_line,
    money,
)
from tests.support.rows import allowed, changes, in_python, keep, refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    ukraine = a_participant("UA", name="Ukraine", beneficiary=True)
    gift = a_contribution(a_participant("EE"), reference="CON-1", kind=ContributionKind.IN_KIND)
    handed = {"received_on": dt.date(2024, 12, 31), "received_on_precision": DatePrecision.REPORTED_BY}
    laptops = a_delivery(
        "DEL-1",
        contribution=gift,
        status=DeliveryStatus.ACCEPTED,
        recipient=ukraine,
        recipient_note="The Navy",
        **handed,
        **money(value="1.10 EUR"),
    )
    ordered = a_delivery("DEL-2", purchase_order=an_order(a_procurement(), "PO-1"), received_on=dt.date(2025, 1, 1))
    need = a_need(a_capability_area(), "NEED-1")
    examined = {"quantity": 5, "accepted": 3, "rejected": 2, "quantity_qualifier": Qualifier.ABOUT, "unit": "unit"}
    await keep(
        shared_database,
        a_delivery_line(laptops, ordinal=2, description="Radios"),
        a_delivery_line(laptops, ordinal=1, need=need, **examined),
        ordered,
        a_delivery("DEL-3", funders=[a_participant("LU")], **money(value="7.00 DKK")),
        a_delivery("DEL-4", status=DeliveryStatus.ACCEPTED, recipient=ukraine, **money(value="0.90 EUR")),
        a_figure("FIG-1", delivery=laptops, measure=Measure.DELIVERED, value=6),
    )
    return shared_database


async def test_a_delivery_in_kind_names_its_contribution_and_its_lines(record: Database) -> None:
    query = """{ deliveries(where: {reference: {eq: "DEL-1"}}) { nodes {
        receivedOn receivedOnPrecision purchaseOrder { number } contribution { reference }
        lines { nodes { ordinal description quantity quantityQualifier unit accepted rejected need { reference } } }
        publishedFigures { nodes { reference value } }
    } } }"""
    laptops = {"ordinal": 1, "description": "Laptops", "quantity": "5", "quantityQualifier": "ABOUT", "unit": "C62"}
    radios = {"ordinal": 2, "description": "Radios", "quantity": None, "quantityQualifier": "EXACT", "unit": None}
    lines = [
        {**laptops, "accepted": "3", "rejected": "2", "need": {"reference": "NEED-1"}},
        {**radios, "accepted": None, "rejected": None, "need": None},
    ]
    expected = {
        "receivedOn": "2024-12-31",
        "receivedOnPrecision": "REPORTED_BY",
        "purchaseOrder": None,
        "contribution": {"reference": "CON-1"},
        "lines": {"nodes": lines},
        "publishedFigures": {"nodes": [{"reference": "FIG-1", "value": 6}]},
    }
    assert await read(record, query) == {"deliveries": {"nodes": [expected]}}


async def test_a_delivery_may_come_from_an_order_or_from_a_gift_or_from_neither(record: Database) -> None:
    query = "{ deliveries { nodes { reference purchaseOrder { number } contribution { reference } } } }"
    nodes = (await read(record, query))["deliveries"]["nodes"]
    found = {node["reference"]: (node["purchaseOrder"], node["contribution"]) for node in nodes}
    neither = (None, None)
    assert found == {
        "DEL-1": (None, {"reference": "CON-1"}),
        "DEL-2": ({"number": "PO-1"}, None),
        "DEL-3": neither,
        "DEL-4": neither,
    }


async def test_deliveries_have_the_year_in_which_they_arrived(record: Database) -> None:
    years = {"DEL-1": 2024, "DEL-2": 2025, "DEL-3": None, "DEL-4": None}
    nodes = (await read(record, "{ deliveries { nodes { reference receivedYear } } }"))["deliveries"]["nodes"]
    assert {node["reference"]: node["receivedYear"] for node in nodes} == years
    assert await in_python(record, Delivery, "reference", "received_year") == years
    query = "{ deliveries(where: {receivedYear: {lte: 2024}}) { nodes { reference } } }"
    assert await read(record, query) == {"deliveries": {"nodes": [{"reference": "DEL-1"}]}}


async def test_deliveries_are_added_up_by_recipient_and_never_across_currencies(record: Database) -> None:
    query = """{ deliveries { aggregate {
        sums { value { amount currency } }
        groupBy(by: [RECIPIENT, STATUS]) { keys { value label } count sums { value { amount currency } } }
    } } }"""
    aggregate = (await read(record, query))["deliveries"]["aggregate"]
    kroner, euros = {"amount": "7.00", "currency": "DKK"}, {"amount": "2.00", "currency": "EUR"}
    assert aggregate["sums"] == {"value": [kroner, euros]}
    assert aggregate["groupBy"] == [
        {"keys": [keyed("UA", "Ukraine"), keyed("ACCEPTED")], "count": 2, "sums": {"value": [euros]}},
        {"keys": [keyed(None), keyed("SCHEDULED")], "count": 2, "sums": {"value": [kroner]}},
    ]


def keyed(value: str | None, label: str | None = None) -> dict[str, str | None]:
    return {"value": value, "label": label}


async def test_a_delivery_is_found_by_its_recipient_and_the_recipient_names_it(record: Database) -> None:
    query = """{
        deliveries(where: {recipient: {beneficiary: {eq: true}}, recipientNote: {contains: "navy"}}) {
            nodes { reference recipient { code } recipientNote } }
        participants(where: {deliveries: {some: {status: {eq: ACCEPTED}}}}) {
            nodes { code deliveries { nodes { reference } } } }
    }"""
    delivery = {"reference": "DEL-1", "recipient": {"code": "UA"}, "recipientNote": "The Navy"}
    received = {"nodes": [{"reference": "DEL-1"}, {"reference": "DEL-4"}]}
    assert await read(record, query) == {
        "deliveries": {"nodes": [delivery]},
        "participants": {"nodes": [{"code": "UA", "deliveries": received}]},
    }


async def test_a_delivery_is_found_by_who_paid_for_it(record: Database) -> None:
    query = '{ deliveries(where: {funders: {some: {code: {eq: "LU"}}}}) { nodes { reference } } }'
    assert await read(record, query) == {"deliveries": {"nodes": [{"reference": "DEL-3"}]}}


def test_a_delivery_changes_its_status_as_the_rules_say() -> None:
    rules = (
        "SCHEDULED → IN_TRANSIT → RECEIVED → ACCEPTED·PARTIALLY_ACCEPTED·REJECTED → RECEIVED",
        "SCHEDULED·IN_TRANSIT → CANCELLED → SCHEDULED",
        "IN_TRANSIT → LOST → IN_TRANSIT",
    )
    assert changes(DeliveryStatus, *rules) == DELIVERY_TRANSITIONS


def test_only_what_was_accepted_counts() -> None:
    assert {status.name for status in COUNTED_STATUSES} == {"ACCEPTED", "PARTIALLY_ACCEPTED"}


async def test_a_delivery_has_one_origin(shared_database: Database) -> None:
    both = a_delivery(purchase_order=an_order(a_procurement()), contribution=a_contribution())
    await refused(shared_database, "ck_deliveries_one_origin", both)


async def test_a_value_without_its_currency_is_refused(shared_database: Database) -> None:
    await refused(shared_database, "ck_deliveries_value", a_delivery(value_minor=100))


async def test_a_reference_belongs_to_one_delivery(shared_database: Database) -> None:
    await refused(shared_database, "uq_deliveries_reference", a_delivery("DEL-9"), a_delivery("DEL-9"))


async def test_a_place_in_a_delivery_holds_one_line(shared_database: Database) -> None:
    delivery = a_delivery()
    twins = [a_delivery_line(delivery, ordinal=1) for _ in range(2)]
    await refused(shared_database, "uq_delivery_lines_delivery_id_ordinal", *twins)


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("examined_in_full", {"quantity": 5, "accepted": 3, "rejected": 1}),
        ("examined_in_full", {"quantity": 5, "accepted": 5, "rejected": 1}),
        ("examined", {"quantity": 5, "accepted": 5}),
        ("examined", {"quantity": 5, "rejected": 5}),
        ("not_negative", {"quantity": -1}),
        ("not_negative", {"quantity": 1, "accepted": 2, "rejected": -1}),
        ("returned", {"quantity": 1, "accepted": 1, "rejected": 0, "returned": 2}),
        ("returned", {"quantity": 1, "returned": 1}),
    ],
)
async def test_the_units_of_a_line_add_up(shared_database: Database, constraint: str, fault: dict[str, Any]) -> None:
    await refused(shared_database, f"ck_delivery_lines_{constraint}", a_delivery_line(a_delivery(), **fault))


@pytest.mark.parametrize("ordered_for_a_need", [True, False])
async def test_a_line_counts_towards_no_need_but_its_order_lines(
    shared_database: Database, *, ordered_for_a_need: bool
) -> None:
    area = a_capability_area()
    order = an_order(a_procurement())
    ordered = an_order_line(order, need=a_need(area) if ordered_for_a_need else None)
    line = a_delivery_line(a_delivery(purchase_order=order), order_line=ordered, need=a_need(area))
    await refused(shared_database, "fk_delivery_lines_order_line_id_need_id", line)


async def test_a_line_of_an_order_may_count_towards_its_need_or_none(shared_database: Database) -> None:
    need = a_need(a_capability_area())
    order = an_order(a_procurement())
    ordered, delivery = an_order_line(order, need=need), a_delivery(purchase_order=order)
    counted = a_delivery_line(delivery, order_line=ordered, need=need)
    await allowed(shared_database, counted, a_delivery_line(delivery, order_line=ordered))
