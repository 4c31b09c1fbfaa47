"""Capability needs: the needed quantity, and how far accepted deliveries meet it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import CapabilityNeed, DeliveryStatus, NeedStatus, Priority
from models.planning.capability_needs import NEED_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_delivery,
    a_delivery_line,
    a_need,
    a_participant,
    a_procurement,
    a_roadmap,
    a_roadmap_line,
    an_expert_group,
    money,
)
from tests.support.rows import changes, in_python, keep, refused

if TYPE_CHECKING:
    from models import DeliveryLine
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: Each need by its reference: how much of it is needed, accepted and outstanding, and the share that is met.
FIGURES: dict[str, tuple[int | None, int, int | None, str | None]] = {
    "HALF": (10, 5, 5, "0.5000"),
    "IN-PARTS": (10, 7, 3, "0.7000"),
    "MET": (3, 3, 0, "1.0000"),
    "MORE-THAN-MET": (4, 9, 0, "1.0000"),
    "NEVER-ROUNDED-UP": (3, 2, 1, "0.6666"),
    "NOTHING-COUNTS": (10, 0, 10, "0.0000"),
    "ONE-IN-MANY": (2_000_000_000, 1, 1_999_999_999, "0.0000"),
    "UNKNOWN": (None, 6, None, None),
    "UNTOUCHED": (1, 0, 1, "0.0000"),
}

#: What was delivered towards each: the delivery's status, with the accepted and the rejected units.
DELIVERED: dict[str, list[tuple[str, int | None, int | None]]] = {
    "HALF": [("ACCEPTED", 5, 0)],
    "IN-PARTS": [("ACCEPTED", 4, 0), ("PARTIALLY_ACCEPTED", 3, 2), ("RECEIVED", 2, 1)],
    "MET": [("ACCEPTED", 1, 0), ("ACCEPTED", 2, 0)],
    "MORE-THAN-MET": [("ACCEPTED", 9, 0)],
    "NEVER-ROUNDED-UP": [("PARTIALLY_ACCEPTED", 2, 1)],
    "NOTHING-COUNTS": [
        *((status, 10, 0) for status in ("SCHEDULED", "IN_TRANSIT", "RECEIVED", "REJECTED")),
        ("ACCEPTED", None, None),
        ("ACCEPTED", 0, 7),
    ],
    "ONE-IN-MANY": [("ACCEPTED", 1, 0)],
    "UNKNOWN": [("ACCEPTED", 6, 0)],
    "UNTOUCHED": [],
}


def delivered_towards(need: CapabilityNeed) -> list[DeliveryLine]:
    lines = []
    for status, accepted, rejected in DELIVERED[need.reference]:
        units = None if accepted is None or rejected is None else accepted + rejected
        examined = {"quantity": units, "accepted": accepted, "rejected": rejected}
        lines.append(a_delivery_line(a_delivery(status=DeliveryStatus[status]), need=need, **examined))
    return lines


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    area = a_capability_area("CYBER", named_on=dt.date(2023, 9, 19))
    needs = [a_need(area, reference, quantity=figures[0]) for reference, figures in FIGURES.items()]
    await keep(shared_database, *needs, *(line for need in needs for line in delivered_towards(need)))
    return shared_database


async def test_a_need_counts_what_accepted_deliveries_brought(record: Database) -> None:
    query = """{ capabilityNeeds(orderBy: [{field: REFERENCE}]) { nodes {
        reference quantity acceptedQuantity outstandingQuantity fulfilment
    } } }"""
    answer = await read(record, query)
    found = {node.pop("reference"): tuple(node.values()) for node in answer["capabilityNeeds"]["nodes"]}
    expected = {
        reference: (*(None if units is None else str(units) for units in figures[:3]), figures[3])
        for reference, figures in FIGURES.items()
    }
    assert found == expected


async def test_python_counts_a_need_as_the_database_does(record: Database) -> None:
    names = ("quantity", "accepted_quantity", "outstanding_quantity", "fulfilment")
    expected = {
        reference: (*figures[:3], figures[3] and int(figures[3].replace(".", "")))
        for reference, figures in FIGURES.items()
    }
    assert await in_python(record, CapabilityNeed, "reference", *names) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"fulfilment": {"eq": "0.5"}}, ["HALF"]),
        ({"fulfilment": {"gte": "1"}}, ["MET", "MORE-THAN-MET"]),
        ({"fulfilment": {"isNull": True}}, ["UNKNOWN"]),
        ({"outstandingQuantity": {"gte": 10}}, ["NOTHING-COUNTS", "ONE-IN-MANY"]),
        ({"outstandingQuantity": {"isNull": True}}, ["UNKNOWN"]),
        ({"acceptedQuantity": {"gte": 6}}, ["IN-PARTS", "MORE-THAN-MET", "UNKNOWN"]),
    ],
)
async def test_needs_are_found_by_how_far_they_are_met(
    record: Database, where: dict[str, Any], expected: list[str]
) -> None:
    query = "query ($where: CapabilityNeedWhere) { capabilityNeeds(where: $where) { nodes { reference } } }"
    answer = await read(record, query, where=where)
    assert [node["reference"] for node in answer["capabilityNeeds"]["nodes"]] == expected


async def test_the_least_met_need_comes_first_and_the_unknown_last(record: Database) -> None:
    query = "{ capabilityNeeds(orderBy: [{field: FULFILMENT}, {field: REFERENCE}]) { nodes { reference } } }"
    answer = await read(record, query)
    nought, more = ["NOTHING-COUNTS", "ONE-IN-MANY", "UNTOUCHED"], ["HALF", "NEVER-ROUNDED-UP", "IN-PARTS"]
    expected = [*nought, *more, "MET", "MORE-THAN-MET", "UNKNOWN"]
    assert [node["reference"] for node in answer["capabilityNeeds"]["nodes"]] == expected


async def test_an_area_lists_its_needs(record: Database) -> None:
    answer = await read(record, '{ capabilityArea(code: "CYBER") { name namedOn needs { totalCount } } }')
    area = {"name": "The area CYBER", "namedOn": "2023-09-19", "needs": {"totalCount": len(FIGURES)}}
    assert answer == {"capabilityArea": area}


async def test_costs_are_added_up_by_status_and_never_across_currencies(database: Database) -> None:
    area, group = a_capability_area("CYBER"), an_expert_group("EG1", name="Cyber defence")
    ukraine = a_participant("UA")
    urgent: dict[str, Any] = {"priority": Priority.CRITICAL, "group": group, "requested_by": ukraine}
    await keep(
        database,
        a_need(area, status=NeedStatus.VALIDATED, **urgent, **money(estimated_cost="10.50 EUR")),
        a_need(area, status=NeedStatus.VALIDATED, **money(estimated_cost="1.25 EUR")),
        a_need(area, status=NeedStatus.VALIDATED, **money(estimated_cost="700.00 DKK")),
        a_need(area, status=NeedStatus.DRAFT, **urgent),
    )
    query = """{ capabilityNeeds { aggregate {
        byStatus: groupBy(by: [STATUS]) { keys { value } count sums { estimatedCost { amount currency } } }
        byGroup: groupBy(by: [PRIORITY, GROUP, REQUESTED_BY]) { keys { value label } count }
    } } }"""
    aggregate = (await read(database, query))["capabilityNeeds"]["aggregate"]
    sums = [{"amount": "700.00", "currency": "DKK"}, {"amount": "11.75", "currency": "EUR"}]
    assert aggregate["byStatus"] == [
        {"keys": [{"value": "DRAFT"}], "count": 1, "sums": {"estimatedCost": []}},
        {"keys": [{"value": "VALIDATED"}], "count": 3, "sums": {"estimatedCost": sums}},
    ]
    known = [("CRITICAL", None), ("EG1", "Cyber defence"), ("UA", "The UA")]
    keys = [[(key["value"], key["label"]) for key in group["keys"]] for group in aggregate["byGroup"]]
    assert keys == [known, [(None, None)] * 3]
    assert [group["count"] for group in aggregate["byGroup"]] == [2, 2]


async def test_priorities_sort_by_urgency(database: Database) -> None:
    area = a_capability_area()
    order = [Priority.LOW, Priority.CRITICAL, None, Priority.MEDIUM, Priority.HIGH]
    await keep(database, *(a_need(area, priority=priority) for priority in order))
    query = "{ capabilityNeeds(orderBy: [{field: PRIORITY_RANK}]) { nodes { priority priorityRank } } }"
    nodes = (await read(database, query))["capabilityNeeds"]["nodes"]
    found = [(node["priority"], node["priorityRank"]) for node in nodes]
    assert found == [("CRITICAL", 1), ("HIGH", 2), ("MEDIUM", 3), ("LOW", 4), (None, None)]


async def test_a_need_leads_to_its_procurements_and_its_place_on_a_roadmap(database: Database) -> None:
    need = a_need(a_capability_area(), "NEED-1")
    await keep(database, a_procurement("PROC-1", needs=[need]), a_roadmap_line(a_roadmap("RM-1"), need, year=2026))
    query = """{ capabilityNeeds { nodes {
        procurements { nodes { reference } } roadmapLines { nodes { year roadmap { reference } } }
    } } }"""
    line = {"year": 2026, "roadmap": {"reference": "RM-1"}}
    found = {"procurements": {"nodes": [{"reference": "PROC-1"}]}, "roadmapLines": {"nodes": [line]}}
    assert await read(database, query) == {"capabilityNeeds": {"nodes": [found]}}


def test_a_need_changes_its_status_as_the_rules_say() -> None:
    assert (
        changes(
            NeedStatus,
            "DRAFT → SUBMITTED → VALIDATED → PLANNED → IN_PROCUREMENT → PARTIALLY_MET → MET",
            "SUBMITTED·VALIDATED → REJECTED → SUBMITTED",
            "DRAFT·SUBMITTED·VALIDATED·PLANNED·IN_PROCUREMENT·PARTIALLY_MET → WITHDRAWN → SUBMITTED",
        )
        == NEED_TRANSITIONS
    )


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_capability_needs_quantity", {"quantity": 0}),
        ("ck_capability_needs_cpv_code", {"cpv_code": "32420000"}),
    ],
)
async def test_a_need_is_refused_whose_particulars_cannot_be(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, a_need(a_capability_area(), **fault))


async def test_a_reference_belongs_to_one_need(shared_database: Database) -> None:
    area = a_capability_area()
    await refused(shared_database, "uq_capability_needs_reference", a_need(area, "NEED-9"), a_need(area, "NEED-9"))


async def test_a_code_belongs_to_one_area(shared_database: Database) -> None:
    await refused(shared_database, "uq_capability_areas_code", a_capability_area("X"), a_capability_area("X"))
