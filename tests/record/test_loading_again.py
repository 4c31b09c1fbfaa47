"""Loading a record again after people changed fields of it: nothing of their work is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, update

import models as m
from models.base import new_key
from resolvers.record.loader import LoadReport, RecordError, is_loaded
from tests.record.conftest import values_of
from tests.support.records import dump

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.record.conftest import Load, Person
    from tests.support.records import Document

pytestmark = pytest.mark.anyio

MEETING, CONTRIBUTION = 'meetings[0] "SG-2"', 'contributions[0] "CON-001"'
NOTHING = LoadReport(created=0, updated=0, removed=0, unchanged=25)


async def test_a_value_that_a_person_changed_stays_and_is_reported(
    database: Database, load_again: Load, person: Person
) -> None:
    await person(update(m.Procurement).values(title="Radios"))
    before = await dump(database)
    report = await load_again()
    assert report.preserved == ('procurements[0] "PROC-001": title: stays "Radios", as it was changed here',)
    assert (report.created, report.updated, report.removed) == (0, 0, 0)
    assert await dump(database) == before


async def test_what_the_record_changes_is_written_beside_what_a_person_changed(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    await person(update(m.Contribution).values(earmark="Radios"))
    small["contributions"][0] |= {"earmark": "Tablets", "amount": {"amount": "12.50", "currency": "EUR"}}
    report = await load_again()
    assert report.preserved == (f'{CONTRIBUTION}: earmark: stays "Radios", as it was changed here',)
    assert report.updated == 1
    assert await values_of(database, m.Contribution.earmark, m.Contribution.amount_minor) == [("Radios", 1250)]


async def test_a_field_that_the_record_names_for_the_first_time_is_written_only_where_no_person_filled_it(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    small["procurements"].append({"reference": "PROC-002", "title": "Servers"})
    await load_again()
    await person(update(m.Procurement).where(m.Procurement.reference == "PROC-002").values(description="Ours"))
    for each in small["procurements"]:
        each["description"] = "Theirs"
    report = await load_again()
    assert report.preserved == ('procurements[1] "PROC-002": description: stays "Ours", as it was changed here',)
    assert await values_of(database, m.Procurement.reference, m.Procurement.description) == [
        ("PROC-001", "Theirs"),
        ("PROC-002", "Ours"),
    ]


async def test_records_that_a_list_of_the_file_leaves_out_stay_and_are_named(small: Document, load_again: Load) -> None:
    small["procurements"] += [{"reference": f"PROC-{number:03}", "title": "Servers"} for number in range(2, 14)]
    await load_again()
    whole = small["procurements"]
    small["procurements"] = [each for each in whole if each["reference"] != "PROC-002"]
    report = await load_again()
    assert report.preserved == ('procurements: "PROC-002" stays, although the file leaves it out',)
    small["procurements"] = whole[:1]
    [line] = (await load_again()).preserved
    assert line.startswith('procurements: "PROC-002", "PROC-003", ')
    assert line.endswith('"PROC-011" and 2 more stay, although the file leaves them out')
    # A file without the list says nothing of it.
    del small["procurements"]
    assert (await load_again()).preserved == ()


async def test_an_amount_of_money_stays_or_changes_as_a_whole(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    small["publishedFigures"] = [
        {"reference": "FIG-002", "measure": "RAISED", "money": {"amount": "1", "currency": "EUR"}}
    ]
    await load_again()
    of_it = m.PublishedFigure.reference == "FIG-002"
    await person(update(m.PublishedFigure).where(of_it).values(money_minor=250))
    small["publishedFigures"][0]["money"] = {"amount": "3", "currency": "USD"}
    report = await load_again()
    assert report.preserved == (
        'publishedFigures: "FIG-001" stays, although the file leaves it out',
        'publishedFigures[0] "FIG-002": money: stays 2.50 EUR, as it was changed here',
    )
    found = await values_of(database, m.PublishedFigure.money_minor, m.PublishedFigure.money_currency)
    assert (250, "EUR") in [each for each in found if each[0]]


async def test_a_status_never_goes_backwards_and_no_option_makes_it(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    await person(update(m.Procurement).values(status=m.ProcurementStatus.COMPLETED))
    preserved = 'procurements[0] "PROC-001": status: '
    small["procurements"][0]["status"] = "PLANNING"
    assert (await load_again()).preserved == (f"{preserved}stays COMPLETED, as it was changed here",)
    report = await load_again(overwrites=["PROC-001.status"])
    assert report.preserved == (f"{preserved}stays COMPLETED: it never becomes PLANNING again",)
    small["roadmaps"][1]["status"] = "DRAFT"
    assert 'roadmaps[1] "RM-2": status: stays ENDORSED: it never becomes DRAFT again' in (await load_again()).preserved
    assert ("RM-2", m.RoadmapStatus.ENDORSED) in await values_of(database, m.Roadmap.reference, m.Roadmap.status)


async def test_a_person_may_endorse_another_roadmap_than_the_record_does(load_again: Load, person: Person) -> None:
    def of(reference: str, **values: Any) -> Any:
        return update(m.Roadmap).where(m.Roadmap.reference == reference).values(**values)

    await person(of("RM-2", status=m.RoadmapStatus.SUPERSEDED), of("RM-1", status=m.RoadmapStatus.ENDORSED))
    report = await load_again()
    assert [line.rpartition(": ")[2] for line in report.preserved] == [
        "stays ENDORSED, as it was changed here",
        "stays SUPERSEDED, as it was changed here",
    ]


async def test_overwriting_a_field_takes_the_value_of_the_record(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    small["contributions"][0] |= {"earmark": "Tablets", "note": "Old."}
    await load_again()
    for overwrite in ("CON-001.earmark", "contributions.earmark"):
        await person(update(m.Contribution).values(earmark="Radios", note="New."))
        report = await load_again(overwrites=[overwrite])
        assert report.preserved == (f'{CONTRIBUTION}: note: stays "New.", as it was changed here',)
        assert await values_of(database, m.Contribution.earmark, m.Contribution.note) == [("Tablets", "New.")]


async def test_a_field_to_overwrite_that_is_not_in_the_file_is_refused(database: Database, load_again: Load) -> None:
    before = await dump(database)
    for wrong in ("CON-001.colour", "CON-009.note", "earmark", "contributions"):
        with pytest.raises(RecordError, match=f"--overwrite {wrong}: the file has no such field"):
            await load_again(overwrites=[wrong])
    assert await dump(database) == before


async def test_a_dry_run_says_what_would_change_and_writes_nothing(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    await person(update(m.Procurement).values(title="Radios"))
    small["contributions"][0]["amount"]["amount"] = "12.50"
    small["contributions"][0]["donors"].pop()
    small["participants"].append({"code": "LU", "name": "Luxembourg", "kind": "STATE"})
    before = await dump(database)
    report = await load_again(dry_run=True)
    assert report.changes == (
        'participants[3] "LU": is new',
        f"{CONTRIBUTION}: amount: takes what the file says",
        f"{CONTRIBUTION}: donors: one goes, as the file leaves it out",
    )
    assert report.preserved == ('procurements[0] "PROC-001": title: stays "Radios", as it was changed here',)
    assert await dump(database) == before
    again = await load_again()
    assert (again, again.changes) == (report, report.changes)


async def test_a_record_whose_key_a_person_changed_is_not_entered_a_second_time(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    await person(update(m.Procurement).values(reference="PROC-900"))
    small["procurements"][0]["description"] = "For brigades."
    report = await load_again()
    assert report.preserved == ('procurements[0] "PROC-001": reference: stays "PROC-900", as it was changed here',)
    assert (report.created, report.updated) == (0, 1)
    found = await values_of(database, m.Procurement.reference, m.Procurement.description)
    assert found == [("PROC-900", "For brigades.")]


async def test_a_record_that_a_person_entered_first_stays_as_it_is(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    await person(insert(m.Procurement).values(id=new_key(), reference="PROC-002", title="Ours"))
    small["procurements"].append({"reference": "PROC-002", "title": "Theirs", "description": "New."})
    report = await load_again()
    assert report.preserved == (
        'procurements[1] "PROC-002": title: stays "Ours", as it was changed here',
        'procurements[1] "PROC-002": description: stays null, as it was changed here',
    )
    assert ("PROC-002", "Ours") in await values_of(database, m.Procurement.reference, m.Procurement.title)


async def test_a_load_breaks_no_rule_of_commands_and_names_each_fault_in_a_line(
    database: Database, small: Document, load_again: Load
) -> None:
    before = await dump(database)
    small["contributions"][0]["statementKind"] = "TOTAL_TO_DATE"
    decision = {"reference": "V-1/1", "kind": "ROADMAP", "text": "Roadmap."}
    small["meetings"].append({"reference": "V-1", "body": "OTHER", "title": "Visit", "decisions": [decision]})
    small["roadmaps"][0]["endorsedBy"] = "V-1/1"
    small["contributions"].append({"reference": "CON-002", "kind": "CASH"})
    with pytest.raises(RecordError) as caught:
        await load_again()
    lines = str(caught.value).splitlines()
    assert len(lines) == 3, lines
    for path in (
        f"{CONTRIBUTION}: statementKind",
        'roadmaps[0] "RM-1": endorsedById',
        'contributions[1] "CON-002": donors',
    ):
        assert [line for line in lines if line.startswith(f"{path}: ")], (path, lines)
    assert await dump(database) == before


async def test_a_database_knows_whether_a_record_was_loaded(
    database: Database, empty: Database, load_again: Load
) -> None:
    assert await load_again() == NOTHING
    assert await is_loaded(database.bypass_policies("a test asks"))
    assert not await is_loaded(empty.bypass_policies("a test asks"))
