"""Loading a record again: what has changed is written, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.record.loader import LoadReport, RecordError, load_file
from tests.support.records import Document, Dump, dump, written

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

Load = Callable[[object], Coroutine[Any, Any, LoadReport]]


@pytest.fixture
async def load(database: Database, tmp_path: Path, small: Document) -> Load:
    """Return a function that loads a document into the database, where the small record is loaded already."""

    async def load_document(document: object) -> LoadReport:
        return await load_file(
            database.bypass_policies("a test looks behind the policies"), written(tmp_path, document)
        )

    await load_document(small)
    return load_document


def differences(before: Dump, after: Dump) -> dict[str, set[str]]:
    """Return the tables whose rows differ, each with the columns that differ; for added or removed rows, all columns.

    The audit log, the feed of changes and what loads remember are left out: they change with every load.
    """
    found: dict[str, set[str]] = {}
    for table, rows in before.items():
        if table in {"audit_events", "changes", "loaded_rows"}:
            continue
        for key in rows.keys() | after[table].keys():
            old, new = rows.get(key, {}), after[table].get(key, {})
            changed = {name for name in old.keys() | new.keys() if old.get(name, ...) != new.get(name, ...)}
            if changed:
                found.setdefault(table, set()).update(changed)
    return found


async def test_the_report_counts_the_rows_below_others_too(small: Document, load: Load) -> None:
    assert str(await load(small)) == "0 created, 0 updated, 0 removed, 25 unchanged"


async def test_a_changed_fact_updates_exactly_its_row(database: Database, small: Document, load: Load) -> None:
    before = await dump(database)
    small["contributions"][0]["amount"]["amount"] = "92.50"
    report = await load(small)
    after = await dump(database)
    assert (report.created, report.updated, report.removed) == (0, 1, 0)
    assert differences(before, after) == {"contributions": {"amount_minor", "version", "updated_at"}}
    (row,) = after["contributions"].values()
    assert (row["amount_minor"], row["version"]) == (9250, 2)


@pytest.mark.usefixtures("load")
async def test_two_loads_at_once_change_one_row_one_after_the_other(
    database: Database, small: Document, tmp_path: Path
) -> None:
    files = []
    for title in ("Tablets", "Servers"):
        (tmp_path / title).mkdir()
        small["procurements"][0]["title"] = title
        files.append(written(tmp_path / title, small))
    reports = await asyncio.gather(
        *(load_file(database.bypass_policies("a test looks behind the policies"), file) for file in files)
    )
    assert [report.updated for report in reports] == [1, 1]
    (row,) = (await dump(database))["procurements"].values()
    assert row["version"] == 3


async def test_a_cpv_code_without_its_check_digit_is_loaded_once(
    database: Database, small: Document, load: Load
) -> None:
    item = {"description": "Cameras", "classificationScheme": "CPV", "classificationCode": "35125300"}
    small["procurements"][0] |= {"cpvCode": "35125300", "items": [item]}
    await load(small)
    after = await dump(database)
    assert [row["cpv_code"] for row in after["procurements"].values()] == ["35125300-2"]
    assert [row["classification_code"] for row in after["procurement_items"].values()] == ["35125300-2"]
    report = await load(small)
    assert (report.created, report.updated, report.removed, list(report.preserved)) == (0, 0, 0, [])


async def test_a_changed_list_of_links_updates_its_row(database: Database, small: Document, load: Load) -> None:
    before = await dump(database)
    small["procurements"][0]["funders"] = ["PL"]
    report = await load(small)
    assert (report.created, report.updated, report.removed) == (0, 1, 0)
    assert differences(before, await dump(database)) == {
        "procurements": {"version", "updated_at"},
        "procurement_funders": {"procurement_id", "participant_id"},
    }
    small["procurements"][0]["funders"] = []
    assert (await load(small)).updated == 1
    assert not (await dump(database))["procurement_funders"]


async def test_a_child_that_is_left_out_goes_and_the_others_stay_as_they_are(
    database: Database, small: Document, load: Load
) -> None:
    before = await dump(database)
    small["contributions"][0]["donors"].pop()
    report = await load(small)
    after = await dump(database)
    assert (report.created, report.updated, report.removed) == (0, 0, 1)
    assert before["contribution_donors"].items() > after["contribution_donors"].items()
    assert differences(before, after).keys() == {"contribution_donors"}


async def test_what_is_not_mentioned_stays_and_what_is_emptied_goes(
    database: Database, small: Document, load: Load
) -> None:
    before = await dump(database)
    (meeting,) = small["meetings"]
    del meeting["agenda"], meeting["attendances"], meeting["note"], small["publishedFigures"]
    await load(small)
    assert await dump(database) == before
    meeting["agenda"], meeting["note"] = [], None
    report = await load(small)
    assert (report.updated, report.removed) == (1, 2)
    found = differences(before, await dump(database))
    assert found.keys() == {"meetings", "agenda_items"}
    assert found["meetings"] == {"note", "version", "updated_at"}


async def test_a_record_that_only_the_database_holds_can_be_referred_to(database: Database, load: Load) -> None:
    before = await dump(database)
    figure = {"reference": "FIG-900", "measure": "OBSERVERS", "value": 8, "meeting": "SG-2"}
    stays = 'publishedFigures: "FIG-001" stays, although the file leaves it out'
    assert await load({"publishedFigures": [figure]}) == LoadReport(1, 0, 0, 0, preserved=(stays,))
    after = await dump(database)
    assert differences(before, after).keys() == {"published_figures"}
    assert before["published_figures"].items() < after["published_figures"].items()


async def test_decisions_can_change_places_and_names(database: Database, small: Document, load: Load) -> None:
    decisions = small["meetings"][0]["decisions"]
    decisions[0]["reference"] = small["expertGroups"][0]["createdBy"] = "SG-2/GROUPS"
    decisions.reverse()
    await load(small)
    after = await dump(database)
    places = {row["reference"]: row["ordinal"] for row in after["decisions"].values()}
    assert places == {"SG-2/3": 1, "SG-2/2": 2, "SG-2/GROUPS": 3}
    (group,) = after["expert_groups"].values()
    assert after["decisions"][group["created_by_id"],]["reference"] == "SG-2/GROUPS"


async def test_one_role_can_take_the_place_of_another(database: Database, small: Document, load: Load) -> None:
    memberships = small["participants"][2]["memberships"]
    memberships[0]["role"] = "PARTICIPANT"
    report = await load(small)
    assert (report.created, report.updated, report.removed) == (1, 0, 1)
    memberships[0]["validTo"] = "2026-01-31"
    memberships.append({"role": "LEAD", "validFrom": "2026-02-01"})
    report = await load(small)
    assert (report.created, report.updated, report.removed) == (1, 1, 0)
    ended = {row["role"].name for row in (await dump(database))["coalition_memberships"].values() if row["valid_to"]}
    assert ended == {"PARTICIPANT"}


async def test_an_endorsed_roadmap_can_give_way_to_one_before_it_in_the_file(
    database: Database, small: Document, load: Load
) -> None:
    small["roadmaps"][0] |= {"status": "ENDORSED", "endorsedBy": "SG-2/3"}
    small["roadmaps"][1]["status"] = "SUPERSEDED"
    assert (await load(small)).updated == 2
    roadmaps = (await dump(database))["roadmaps"].values()
    assert {row["reference"]: row["status"].name for row in roadmaps} == {"RM-1": "ENDORSED", "RM-2": "SUPERSEDED"}


async def test_a_bad_change_leaves_the_database_as_it_was(database: Database, small: Document, load: Load) -> None:
    before = await dump(database)
    small["participants"][0]["name"] = "Eesti"
    small["participants"][1]["countryCode"] = "NA"
    with pytest.raises(RecordError) as caught:
        await load(small)
    message = str(caught.value)
    assert message.startswith('participants[1] "NATO": the database refuses it: ')
    assert "country_code_of_a_state" in message
    assert await dump(database) == before


async def test_a_child_that_another_record_needs_cannot_be_left_out(
    database: Database, small: Document, load: Load
) -> None:
    before = await dump(database)
    small["meetings"][0]["decisions"].pop()
    del small["roadmaps"]
    with pytest.raises(RecordError) as caught:
        await load(small)
    message = str(caught.value)
    assert message.startswith('meetings[0] "SG-2": decisions: an item is missing from the list, but ')
    assert await dump(database) == before
