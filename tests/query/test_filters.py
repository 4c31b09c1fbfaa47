"""Filters: which rows each condition holds of, and what `not` leaves; the reference checks the same at random."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DeliveryStatus, ProcurementMethod, ProcurementStatus
from tests.support.execute import ask, read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_delivery,
    a_delivery_line,
    a_meeting,
    a_need,
    a_participant,
    a_procurement,
    a_supplier,
    an_expert_group,
    an_order,
    money,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

FIND = """query Find($where: ProcurementWhere) {
  procurements(where: $where, first: 100) { totalCount nodes { reference } }
}"""

TITLES = {
    "plain": "Apple pie",
    "small": "apple PIE",
    "quoted": 'O\'Brien "said" \\ so',
    "percent": "100% _sure_",
    "underscores": "100x xsurex",
    "cyrillic": "Київ",
    "small cyrillic": "київ",
    "emoji": "😀 laptops",
    "empty": "",
}


@pytest.fixture(scope="module")
async def filled(shared_database: Database) -> Database:
    lead, other = a_participant("EE"), a_participant("LU")
    group = an_expert_group("EG1", name="Cyber")
    texts = [a_procurement(name, title=title) for name, title in TITLES.items()]
    estimates = [("eur", "100.00 EUR"), ("dkk", "100.00 DKK"), ("jpy", "10000 JPY"), ("kwd", "0.001 KWD")]
    amounts = [a_procurement(name, title="x", **money(estimated_value=amount)) for name, amount in estimates]
    led = a_procurement("led", title="x", lead_participant=lead, group=group, method=ProcurementMethod.OPEN)
    led.funders = [lead, other]
    ordered = a_procurement("ordered", title="x", lead_participant=other, status=ProcurementStatus.ORDERED)
    ordered.purchase_orders = [an_order(ordered, "PO-A", supplier=a_supplier(name="Acme")), an_order(ordered, "PO-B")]
    planned = a_procurement("planned", title="x", planned_year=2025, approved_on=dt.date(2024, 4, 3))
    await keep(shared_database, *texts, *amounts, led, ordered, planned)
    return shared_database


async def found(database: Database, where: dict[str, Any]) -> set[str]:
    """Return the references of the found rows, after a check that `not` finds the rest and the count agrees."""
    connection = (await read(database, FIND, where=where))["procurements"]
    references = {node["reference"] for node in connection["nodes"]}
    assert connection["totalCount"] == len(references)
    everything = (await read(database, FIND, where={}))["procurements"]["nodes"]
    rest = (await read(database, FIND, where={"not": where}))["procurements"]["nodes"]
    assert {node["reference"] for node in rest} == {node["reference"] for node in everything} - references
    return references


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"title": {"eq": "Apple pie"}}, {"plain"}),
    ({"title": {"eq": "apple pie"}}, set()),
    ({"title": {"in": ["Apple pie", "Київ", "no such"]}}, {"plain", "cyrillic"}),
    ({"title": {"in": []}}, set()),
    ({"title": {"contains": "PPLE"}}, {"plain", "small"}),
    ({"title": {"startsWith": "APPLE p"}}, {"plain", "small"}),
    ({"title": {"startsWith": "pie"}}, set()),
    ({"title": {"contains": "%"}}, {"percent"}),
    ({"title": {"contains": "_sure"}}, {"percent"}),
    ({"title": {"contains": "КИЇВ"}}, {"cyrillic", "small cyrillic"}),
    ({"title": {"contains": '\'brien "said" \\'}}, {"quoted"}),
    ({"title": {"contains": "😀"}}, {"emoji"}),
    ({"title": {"eq": ""}}, {"empty"}),
    ({"title": {"startsWith": "100", "contains": "x"}}, {"underscores"}),
    ({"plannedYear": {"gte": 2025}}, {"planned"}),
    ({"plannedYear": {"lte": 2024}}, set()),
    ({"plannedYear": {"isNull": False, "in": [2025]}}, {"planned"}),
    ({"approvedOn": {"eq": "2024-04-03"}}, {"planned"}),
    ({"approvedOn": {"gte": "2024-04-04"}}, set()),
    ({"status": {"in": ["ORDERED", "COMPLETED"]}}, {"ordered"}),
    ({"method": {"isNull": False}}, {"led"}),
    ({"estimatedValue": {"currency": "EUR", "gte": "99.99"}}, {"eur"}),
    ({"estimatedValue": {"currency": "JPY", "eq": "10000"}}, {"jpy"}),
    ({"estimatedValue": {"currency": "KWD", "lte": "0.001"}}, {"kwd"}),
    ({"estimatedValue": {"currency": "DKK"}}, {"dkk"}),
    ({"estimatedValue": {"isNull": False}}, {"eur", "dkk", "jpy", "kwd"}),
    ({"leadParticipant": {"code": {"eq": "EE"}}}, {"led"}),
    ({"leadParticipant": {}}, {"led", "ordered"}),
    ({"group": {"name": {"contains": "cyb"}}}, {"led"}),
    ({"funders": {"some": {"code": {"eq": "LU"}}}}, {"led"}),
    ({"purchaseOrders": {"some": {"supplier": {"name": {"eq": "Acme"}}}}}, {"ordered"}),
    ({"purchaseOrders": {"some": {}, "none": {"supplier": {"name": {"eq": "Acme"}}}}}, set()),
    ({"leadParticipant": {}, "purchaseOrders": {"none": {}}}, {"led"}),
    ({"or": [{"plannedYear": {"eq": 2025}}, {"group": {}}]}, {"planned", "led"}),
    ({"and": [{"title": {"eq": "x"}}, {"status": {"eq": "ORDERED"}}]}, {"ordered"}),
    ({"or": []}, set()),
    ({"plannedYear": {"eq": 2025}, "and": []}, {"planned"}),
    ({"plannedYear": {"eq": 2025}, "not": {}}, set()),
    ({"plannedYear": {"eq": 2025}, "not": {"not": {}}}, {"planned"}),
]


@pytest.mark.parametrize(("where", "expected"), CASES, ids=[str(where) for where, _ in CASES])
async def test_a_condition_holds_of_exactly_these(filled: Database, where: dict[str, Any], expected: set[str]) -> None:
    assert await found(filled, where) == expected


async def test_what_an_unknown_value_cannot_show_does_not_hold_and_not_is_its_complement(filled: Database) -> None:
    # Most have no planned year: the comparison is false of them, so that its negation is true.
    assert await found(filled, {"plannedYear": {"lte": 2100}}) == {"planned"}
    assert len(await found(filled, {"not": {"plannedYear": {"lte": 2100}}})) == len(TITLES) + 6


async def test_a_filter_means_the_same_written_in_the_document(filled: Database) -> None:
    query = """{ procurements(where: {title: {contains: "PPLE"}, or: [{status: {eq: PLANNING}}, {group: {}}],
                                      not: {estimatedValue: {currency: EUR_, eq: "1"}}}) { totalCount } }"""
    assert (await ask(filled, query)).data is None
    query = query.replace("EUR_", '"EUR"')
    assert await read(filled, query) == {"procurements": {"totalCount": 2}}


async def test_three_steps_of_depth_are_allowed(filled: Database) -> None:
    # Looked for with `not` around it as well, which is the third.
    assert await found(filled, {"and": [{"leadParticipant": {"code": {"eq": "EE"}}}]}) == {"led"}


async def test_the_same_person_s_id_finds_the_object(filled: Database) -> None:
    nodes = (await read(filled, '{ procurements(where: {reference: {eq: "led"}}) { nodes { id } } }'))["procurements"]
    key = nodes["nodes"][0]["id"]
    for condition in ({"eq": key}, {"in": [key]}, {"in": [key, key]}):
        assert await found(filled, {"id": condition}) == {"led"}


async def test_derived_values_can_be_filtered_by(database: Database) -> None:
    area = a_capability_area()
    needs = [a_need(area, f"N{quantity}", quantity=quantity or None) for quantity in (0, 4, 8)]
    delivery = a_delivery(status=DeliveryStatus.ACCEPTED)
    lines = [a_delivery_line(delivery, need=need, quantity=4, accepted=4, rejected=0) for need in needs]
    await keep(database, area, *needs, delivery, *lines)
    query = "query Find($where: CapabilityNeedWhere) { capabilityNeeds(where: $where) { nodes { reference } } }"
    for where, expected in (
        ({"fulfilment": {"gte": "1"}}, ["N4"]),
        ({"fulfilment": {"eq": "0.5"}}, ["N8"]),
        ({"fulfilment": {"isNull": True}}, ["N0"]),
        ({"outstandingQuantity": {"gte": 1}}, ["N8"]),
        ({"acceptedQuantity": {"in": [4]}}, ["N0", "N4", "N8"]),
    ):
        nodes = (await read(database, query, where=where))["capabilityNeeds"]["nodes"]
        assert [node["reference"] for node in nodes] == expected, where


async def test_a_filter_below_another_object_holds_only_there(database: Database) -> None:
    donor, other = a_participant("EE"), a_participant("LU")
    await keep(database, a_contribution(donor, other, reference="A"), a_contribution(other, reference="B"))
    query = """{ contributions { nodes { reference
                 donors(where: {participant: {code: {eq: "LU"}}}) { totalCount nodes { participant { code } } } } } }"""
    nodes = (await read(database, query))["contributions"]["nodes"]
    assert [(node["reference"], node["donors"]["totalCount"]) for node in nodes] == [("A", 1), ("B", 1)]
    assert {each["participant"]["code"] for node in nodes for each in node["donors"]["nodes"]} == {"LU"}


async def test_moments_are_compared_whatever_their_offset(database: Database) -> None:
    at = dt.datetime(2024, 4, 3, 9, 30, tzinfo=dt.UTC)
    await keep(database, a_meeting("M", created_at=at))
    query = "query Find($where: MeetingWhere) { meetings(where: $where) { totalCount } }"
    for condition, count in (
        ({"gte": "2024-04-03T12:30:00+03:00"}, 1),
        ({"lte": "2024-04-03T09:30:00Z"}, 1),
        ({"gte": "2024-04-03T09:30:00.000001Z"}, 0),
        ({"lte": "2024-04-03T12:30:00+03:01"}, 0),
    ):
        assert await read(database, query, where={"createdAt": condition}) == {"meetings": {"totalCount": count}}
