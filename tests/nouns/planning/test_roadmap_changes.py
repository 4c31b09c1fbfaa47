"""Changes between two roadmaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import ask, read
from tests.support.factories import a_capability_area, a_need, a_roadmap, a_roadmap_line, money
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

QUERY = """query ($from: String!, $to: String!) { compareRoadmaps(from: $from, to: $to) {
  nodes { id kind need { reference } lineBefore { year quarter } lineAfter { year quarter plannedAmount { amount } } }
  aggregate { groupBy(by: [KIND]) { keys { value } count } }
} }"""


def names(before: str, after: str) -> dict[str, Any]:
    """Return the arguments; the name `from` is a keyword of Python."""
    return {"from": before, "to": after}


async def test_a_new_roadmap_says_what_it_adds_removes_moves_and_costs_otherwise(database: Database) -> None:
    area, (old, new) = a_capability_area(), (a_roadmap("RM-1"), a_roadmap("RM-2"))
    radios, drones, servers, same = (a_need(area, name) for name in ("RADIOS", "DRONES", "SERVERS", "SAME"))
    await keep(
        database,
        a_roadmap_line(old, radios, ordinal=1, year=2026, quarter=2, **money(planned_amount="10.00 EUR")),
        a_roadmap_line(old, radios, ordinal=2, year=2027, quarter=1, **money(planned_amount="10.00 EUR")),
        a_roadmap_line(old, drones, ordinal=3, year=2026),
        a_roadmap_line(old, same, ordinal=4, year=2026, **money(planned_amount="1.00 EUR")),
        a_roadmap_line(new, radios, ordinal=1, year=2026, quarter=2, **money(planned_amount="12.00 EUR")),
        a_roadmap_line(new, radios, ordinal=2, year=2027, quarter=3, **money(planned_amount="10.00 EUR")),
        a_roadmap_line(new, servers, ordinal=3, year=2027),
        a_roadmap_line(new, same, ordinal=4, year=2026, quantity=3, **money(planned_amount="1.00 EUR")),
    )
    found = (await read(database, QUERY, **names("RM-1", f"Roadmap:{new.id}")))["compareRoadmaps"]
    changes = {each["kind"]: (each["need"], each["lineBefore"], each["lineAfter"]) for each in found["nodes"]}
    amount = {"plannedAmount": {"amount": "12.00"}}
    assert changes == {
        "AMOUNT_CHANGED": (
            {"reference": "RADIOS"},
            {"year": 2026, "quarter": 2},
            {"year": 2026, "quarter": 2, **amount},
        ),
        "MOVED": (
            {"reference": "RADIOS"},
            {"year": 2027, "quarter": 1},
            {"year": 2027, "quarter": 3, "plannedAmount": {"amount": "10.00"}},
        ),
        "REMOVED": ({"reference": "DRONES"}, {"year": 2026, "quarter": None}, None),
        "QUANTITY_CHANGED": (
            {"reference": "SAME"},
            {"year": 2026, "quarter": None},
            {"year": 2026, "quarter": None, "plannedAmount": {"amount": "1.00"}},
        ),
        "ADDED": ({"reference": "SERVERS"}, None, {"year": 2027, "quarter": None, "plannedAmount": None}),
    }
    ids = [each["id"] for each in found["nodes"]]
    again = await read(database, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert [each["id"] for each in again["nodes"]] == ids


async def test_a_comparison_with_a_roadmap_that_is_not_there_is_null(database: Database) -> None:
    await keep(database, a_roadmap("RM-1"))
    answer = await ask(database, QUERY, **names("RM-1", "RM-9"))
    assert answer.data == {"compareRoadmaps": None}
    assert not answer.errors
