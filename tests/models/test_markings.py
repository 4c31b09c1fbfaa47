"""Markings: an unmarked object stays inside the coalition, and classified information is refused everywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from models import ClassifiedError, Marking, classified_label
from resolvers.record.loader import RecordError, load_file
from tests.support.execute import ask, read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_delivery,
    a_document,
    a_meeting,
    a_need,
    a_procurement,
    a_roadmap,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

LABELS = (
    "NATO RESTRICTED",
    "NATO CONFIDENTIAL",
    "NATO SECRET",
    "COSMIC TOP SECRET",
    "RESTREINT UE",
    "CONFIDENTIEL UE",
    "SECRET UE",
    "TRES SECRET UE",
    "TRÈS SECRET UE",
    "EU RESTRICTED",
    "EU CONFIDENTIAL",
    "EU SECRET",
    "EU TOP SECRET",
)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "text", ["{}", "{}: the plan", "The plan ({})", "The plan\n{}\nof it", "{}/EU RESTRICTED", "[{}] x"]
)
def test_a_label_of_classified_information_is_found_where_labels_stand(label: str, text: str) -> None:
    assert classified_label(text.format(label)) == label


@pytest.mark.parametrize(
    "text",
    ["", "A workshop on NATO SECRET networks was held", "nato restricted", "Restricted tender", "TLP:AMBER", "SECRET"],
)
def test_a_text_that_only_speaks_of_labels_is_taken(text: str) -> None:
    assert classified_label(text) is None


async def test_what_nobody_marked_is_amber(database: Database) -> None:
    rows = [a_need(a_capability_area()), a_procurement(), a_contribution(), a_delivery(), a_meeting(), a_roadmap()]
    await keep(database, *rows)
    lists = ("capabilityNeeds", "procurements", "contributions", "deliveries", "meetings", "roadmaps")
    data = await read(database, "{" + " ".join(f"{name} {{ nodes {{ marking }} }}" for name in lists) + "}")
    assert {name: found["nodes"] for name, found in data.items()} == {name: [{"marking": "AMBER"}] for name in lists}


@pytest.mark.parametrize("label", LABELS)
async def test_a_classified_row_is_not_written(database: Database, label: str) -> None:
    with pytest.raises(ClassifiedError, match="must not hold classified information"):
        await keep(database, a_document(title=f"{label}: the plan"))
    assert (await read(database, "{ documents { totalCount } }"))["documents"]["totalCount"] == 0


@pytest.mark.parametrize(("field", "value"), [("marking", "NATO SECRET"), ("title", "RESTREINT UE - the plan")])
async def test_a_classified_record_is_not_loaded(database: Database, tmp_path: Path, field: str, value: str) -> None:
    document = {"reference": "DOC-1", "documentType": "REPORT", "marking": "CLEAR", "title": "The plan", field: value}
    file = tmp_path / "record.json"
    file.write_text(json.dumps({"documents": [document]}), encoding="utf-8")
    with pytest.raises(RecordError, match=f'DOC-1": {field}: .* marks classified information'):
        await load_file(database.bypass_policies("a test loads a record"), file)


async def test_no_query_can_ask_for_a_classified_marking(database: Database) -> None:
    answer = await ask(database, "{ documents(where: {marking: {eq: NATO_SECRET}}) { totalCount } }")
    assert answer.data is None
    assert "NATO_SECRET" in answer.errors[0].message


async def test_objects_are_filtered_and_grouped_by_their_marking(database: Database) -> None:
    await keep(database, *(a_procurement(marking=marking) for marking in (Marking.GREEN, Marking.GREEN, Marking.RED)))
    query = (
        "{ procurements(where: {marking: {eq: GREEN}}) { totalCount } "
        "all: procurements { aggregate { groupBy(by: [MARKING]) { keys { value } count } } } }"
    )
    data = await read(database, query)
    assert data["procurements"]["totalCount"] == 2
    groups = [(group["keys"][0]["value"], group["count"]) for group in data["all"]["aggregate"]["groupBy"]]
    assert groups == [("GREEN", 2), ("RED", 1)]
