"""Year gaps: the planned, the funded and the missing amount of a year."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus, RoadmapStatus
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_decision,
    a_meeting,
    a_need,
    a_participant,
    a_procurement,
    a_roadmap,
    a_roadmap_line,
    an_allocation,
    money,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

QUERY = """query ($on: Date) {
  yearGaps { aggregate { groupBy(by: [YEAR, KIND]) { keys { value } count sums {
    requirements { amount } funding { amount } gap { amount } gapIfPledgesHold { amount } shared { amount }
    fundingOutsideRequirements { amount }
  } } } nodes { id year need { reference } gap { amount currency } } }
  roadmapInForce(on: $on) { reference }
}"""


async def test_too_much_money_for_one_need_fills_no_gap_of_another(database: Database) -> None:
    meetings = (a_meeting("SG-1", held_on=dt.date(2024, 4, 3)), a_meeting("SG-2", held_on=dt.date(2025, 1, 9)))
    old, now = (a_decision(meeting, f"{meeting.reference}/1") for meeting in meetings)
    before = a_roadmap("RM-1", status=RoadmapStatus.SUPERSEDED, endorsed_by=old)
    in_force = a_roadmap("RM-2", status=RoadmapStatus.ENDORSED, endorsed_by=now)
    area, donor = a_capability_area(), a_participant()
    radios, drones = (a_need(area, name) for name in ("RADIOS", "DRONES"))
    for_radios, for_drones = (a_procurement(needs=[need], planned_year=2027) for need in (radios, drones))
    unscheduled, for_both = a_procurement(needs=[radios]), a_procurement(needs=[radios, drones], planned_year=2027)
    given = a_contribution(donor, status=ContributionStatus.COMMITTED, **money(amount="1000.00 EUR"))
    pledge = a_contribution(donor, **money(amount="50.00 EUR"))
    await keep(
        database,
        a_roadmap_line(before, radios, year=2027, **money(planned_amount="999.00 EUR")),
        a_roadmap_line(in_force, radios, ordinal=1, year=2027, quarter=1, **money(planned_amount="60.00 EUR")),
        a_roadmap_line(in_force, radios, ordinal=2, year=2027, quarter=3, **money(planned_amount="40.00 EUR")),
        a_roadmap_line(in_force, drones, ordinal=3, year=2027, **money(planned_amount="300.00 EUR")),
        a_roadmap_line(in_force, drones, ordinal=4, year=2028),
        an_allocation(given, for_radios, "250.00 EUR"),
        an_allocation(given, for_drones, "20.00 EUR"),
        an_allocation(given, unscheduled, "5.00 EUR"),
        an_allocation(given, for_both, "7.00 EUR"),
        an_allocation(pledge, for_drones, "30.00 EUR"),
    )
    answer = await read(database, QUERY, on="2024-12-31")
    assert answer["roadmapInForce"] == {"reference": "RM-1"}
    groups = {
        tuple(key["value"] for key in group["keys"]): (
            group["count"],
            *(" ".join(each["amount"] for each in found) for found in group["sums"].values()),
        )
        for group in answer["yearGaps"]["aggregate"]["groupBy"]
    }
    # The radios have 150 too much, and the drones lack 280, which 30 of pledges would fill.
    assert groups == {
        ("2027", "PLANNED"): (2, "400.00", "270.00", "280.00", "250.00", "", ""),
        ("2027", "SHARED"): (1, "", "", "", "", "7.00", ""),
        ("2028", "WITHOUT_AMOUNT"): (1, "", "", "", "", "", ""),
        (None, "OUTSIDE_REQUIREMENTS"): (1, "", "5.00", "", "", "", "5.00"),
    }
    nodes = answer["yearGaps"]["nodes"]
    assert [await found_by_id(database, each["id"]) for each in nodes] == nodes


async def found_by_id(database: Database, key: str) -> Any:
    """Return the object with an id."""
    query = (
        "query ($id: ID!) { node(id: $id) { id ... on YearGap { year need { reference } gap { amount currency } } } }"
    )
    return (await read(database, query, id=key))["node"]
