"""Roadmaps: which need is planned for when, and for how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import RoadmapStatus
from models.planning.roadmaps import ROADMAP_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import a_capability_area, a_decision, a_meeting, a_need, a_roadmap, a_roadmap_line, money
from tests.support.rows import changes, keep, refused

if TYPE_CHECKING:
    from models import RoadmapLine
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    endorsement = a_decision(a_meeting("SG-5"), "SG-5/1")
    endorsed = {"status": RoadmapStatus.ENDORSED, "endorsed_by": endorsement, "first_year": 2025, "last_year": 2030}
    roadmap = a_roadmap("RM-3", **endorsed)
    radios, servers = (a_need(a_capability_area(), reference) for reference in ("NEED-1", "NEED-2"))
    await keep(
        shared_database,
        a_roadmap("RM-1", status=RoadmapStatus.SUPERSEDED),
        a_roadmap("RM-2", status=RoadmapStatus.SUPERSEDED),
        a_roadmap("RM-4"),
        a_roadmap_line(roadmap, radios, ordinal=1, year=2025, quarter=4, **money(planned_amount="1.50 EUR")),
        a_roadmap_line(roadmap, radios, ordinal=2, year=2026, **money(planned_amount="2.25 EUR")),
        a_roadmap_line(roadmap, servers, ordinal=3, year=2026, **money(planned_amount="90.00 DKK")),
        a_roadmap_line(roadmap, servers, ordinal=4, year=2026, quarter=4),
    )
    return shared_database


async def test_the_roadmap_in_force_names_its_endorsement_and_its_lines(record: Database) -> None:
    query = """{ roadmaps(where: {status: {eq: ENDORSED}}) { nodes {
        reference horizon firstYear lastYear endorsedBy { reference }
        lines(first: 2) { nodes { ordinal year quarter need { reference } plannedAmount { amount currency } } }
    } } }"""
    first = {"ordinal": 1, "year": 2025, "quarter": 4, "plannedAmount": {"amount": "1.50", "currency": "EUR"}}
    second = {"ordinal": 2, "year": 2026, "quarter": None, "plannedAmount": {"amount": "2.25", "currency": "EUR"}}
    lines = {"nodes": [{**line, "need": {"reference": "NEED-1"}} for line in (first, second)]}
    head = {"reference": "RM-3", "horizon": "2024 to 2030", "firstYear": 2025, "lastYear": 2030}
    expected = {**head, "endorsedBy": {"reference": "SG-5/1"}, "lines": lines}
    assert await read(record, query) == {"roadmaps": {"nodes": [expected]}}


async def test_planned_money_is_added_up_by_year_and_never_across_currencies(record: Database) -> None:
    query = """{ roadmaps(where: {status: {eq: ENDORSED}}) { nodes { lines { aggregate {
        count sums { plannedAmount { amount currency } }
        groupBy(by: [YEAR]) { keys { value } count sums { plannedAmount { amount currency } } }
    } } } } }"""
    [node] = (await read(record, query))["roadmaps"]["nodes"]
    kroner = {"amount": "90.00", "currency": "DKK"}
    assert node["lines"]["aggregate"] == {
        "count": 4,
        "sums": {"plannedAmount": [kroner, {"amount": "3.75", "currency": "EUR"}]},
        "groupBy": [
            {
                "keys": [{"value": "2025"}],
                "count": 1,
                "sums": {"plannedAmount": [{"amount": "1.50", "currency": "EUR"}]},
            },
            {
                "keys": [{"value": "2026"}],
                "count": 3,
                "sums": {"plannedAmount": [kroner, {"amount": "2.25", "currency": "EUR"}]},
            },
        ],
    }


async def test_roadmaps_are_counted_by_status(record: Database) -> None:
    query = "{ roadmaps { aggregate { groupBy(by: [STATUS]) { keys { value } count } } } }"
    groups = (await read(record, query))["roadmaps"]["aggregate"]["groupBy"]
    found = {group["keys"][0]["value"]: group["count"] for group in groups}
    assert found == {"DRAFT": 1, "ENDORSED": 1, "SUPERSEDED": 2}


def test_a_roadmap_changes_its_status_as_the_rules_say() -> None:
    assert changes(RoadmapStatus, "DRAFT → ENDORSED → SUPERSEDED") == ROADMAP_TRANSITIONS


async def test_one_roadmap_takes_the_place_of_another(shared_database: Database) -> None:
    old = a_roadmap(status=RoadmapStatus.SUPERSEDED)
    twins = [a_roadmap(status=RoadmapStatus.ENDORSED, supersedes=old) for _ in range(2)]
    await refused(shared_database, "uq_roadmaps_successor", *twins)


async def test_a_reference_belongs_to_one_roadmap(shared_database: Database) -> None:
    await refused(shared_database, "uq_roadmaps_reference", a_roadmap("RM-9"), a_roadmap("RM-9"))


async def test_a_roadmap_does_not_end_before_it_begins(shared_database: Database) -> None:
    await refused(shared_database, "ck_roadmaps_horizon", a_roadmap(first_year=2026, last_year=2025))


def a_line(**changes: Any) -> RoadmapLine:
    return a_roadmap_line(a_roadmap(), a_need(a_capability_area()), **changes)


@pytest.mark.parametrize("quarter", [0, 5])
async def test_a_year_has_four_quarters(shared_database: Database, quarter: int) -> None:
    await refused(shared_database, "ck_roadmap_lines_quarter", a_line(quarter=quarter))


@pytest.mark.parametrize("year", [2022, 2101])
async def test_a_line_is_planned_for_a_year_of_this_coalition(shared_database: Database, year: int) -> None:
    await refused(shared_database, "ck_roadmap_lines_year", a_line(year=year))


async def test_a_place_on_a_roadmap_holds_one_line(shared_database: Database) -> None:
    roadmap, need = a_roadmap(), a_need(a_capability_area())
    twins = [a_roadmap_line(roadmap, need, ordinal=1) for _ in range(2)]
    await refused(shared_database, "uq_roadmap_lines_roadmap_id_ordinal", *twins)
