"""The public record and its loader: what a load writes, what a second one leaves alone, and what it refuses."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import Base
from resolvers.database import create_engine
from resolvers.public_record import LoadReport, RecordError, load_file
from resolvers.record_shapes import shapes_by_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.database import Database

RECORD = Path(__file__).parents[1] / "data" / "public_record.json"

pytestmark = pytest.mark.anyio

Document = dict[str, Any]
Dump = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


@pytest.fixture
def record() -> Document:
    """Give the public record, to be changed at will."""
    found: Document = json.loads(RECORD.read_text("utf-8"))
    return found


@pytest.fixture
def load(database: Database, tmp_path: Path) -> Callable[[object], Any]:
    """Give a function that loads a document from a file of its own."""

    async def load_document(document: object) -> LoadReport:
        file = tmp_path / "record.json"
        file.write_text(json.dumps(document), "utf-8")
        return await load_file(database.engine, file)

    return load_document


async def dump(database: Database) -> Dump:
    """Give every row of every table, by its key."""
    async with database.engine.connect() as connection:
        return {
            table.name: {
                tuple(row[column.name] for column in table.primary_key): dict(row)
                for row in (await connection.execute(select(table))).mappings()
            }
            for table in Base.metadata.sorted_tables
        }


def differences(before: Dump, after: Dump) -> dict[str, set[str]]:
    """Give the tables whose rows differ, each with the columns that do; of rows that came or went, all of them."""
    found: dict[str, set[str]] = {}
    for table, rows in before.items():
        for key in rows.keys() | after[table].keys():
            old, new = rows.get(key, {}), after[table].get(key, {})
            changed = {name for name in old.keys() | new.keys() if old.get(name, ...) != new.get(name, ...)}
            if changed:
                found.setdefault(table, set()).update(changed)
    return found


def find(items: list[Document], key: str, value: str) -> Document:
    """Give the one record whose `key` is `value`."""
    (found,) = (item for item in items if item[key] == value)
    return found


async def test_a_second_load_changes_nothing(database: Database) -> None:
    first = await load_file(database.engine, RECORD)
    before = await dump(database)
    second = await load_file(database.engine, RECORD)
    assert first.created > 600
    assert second == LoadReport(created=0, updated=0, removed=0, unchanged=first.created)
    assert await dump(database) == before


async def test_a_changed_fact_updates_exactly_its_row(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    find(record["contributions"], "reference", "CON-004")["amount"]["amount"] = "92000000.50"
    report = await load(record)
    after = await dump(database)
    assert str(report).startswith("0 created, 1 updated, 0 removed, ")
    assert differences(before, after) == {"contributions": {"amount_minor", "version", "updated_at"}}
    (row,) = (row for row in after["contributions"].values() if row["reference"] == "CON-004")
    assert (row["amount_minor"], row["version"]) == (9_200_000_050, 2)


async def test_a_changed_list_of_links_updates_its_row(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    find(record["procurements"], "reference", "PROC-004")["funders"] = ["DK", "BE"]
    report = await load(record)
    assert (report.created, report.updated, report.removed) == (0, 1, 0)
    assert differences(before, await dump(database)) == {
        "procurements": {"version", "updated_at"},
        "procurement_funders": {"procurement_id", "participant_id"},
    }


async def test_a_child_that_is_left_out_goes_and_the_others_stay_as_they_are(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    donors = find(record["contributions"], "reference", "CON-008")["donors"]
    assert donors.pop()["participant"] == "BE"
    report = await load(record)
    after = await dump(database)
    assert (report.created, report.updated, report.removed) == (0, 0, 1)
    assert before["contribution_donors"].items() > after["contribution_donors"].items()
    assert differences(before, after).keys() == {"contribution_donors"}


async def test_a_list_that_is_not_mentioned_stays_and_an_empty_one_empties_it(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    meeting = find(record["meetings"], "reference", "SG-2")
    del meeting["attendances"], meeting["note"], meeting["documents"], record["deliveries"]
    assert (await load(record)).updated == 0
    assert await dump(database) == before
    meeting["agenda"] = []
    meeting["note"] = None
    report = await load(record)
    assert (report.updated, report.removed) == (1, 3)
    found = differences(before, await dump(database))
    assert found.keys() == {"meetings", "agenda_items"}
    assert found["meetings"] == {"note", "version", "updated_at"}


async def test_records_that_the_file_does_not_hold_stay_and_can_be_referred_to(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    figure = {"reference": "FIG-900", "measure": "OBSERVERS", "value": 8, "meeting": "SG-2"}
    assert await load({"publishedFigures": [figure]}) == LoadReport(created=1, updated=0, removed=0, unchanged=0)
    after = await dump(database)
    assert differences(before, after).keys() == {"published_figures"}
    assert before["published_figures"].items() < after["published_figures"].items()


async def test_decisions_can_change_places_and_names(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    decisions = find(record["meetings"], "reference", "SG-2")["decisions"]
    decisions.reverse()
    find(decisions, "reference", "SG-2/1")["reference"] = "SG-2/GROUPS"
    for group in record["expertGroups"]:
        group["createdBy"] = "SG-2/GROUPS"
    await load(record)
    after = await dump(database)
    places = {row["reference"]: row["ordinal"] for row in after["decisions"].values() if "SG-2/" in row["reference"]}
    assert places == {"SG-2/3": 1, "SG-2/2": 2, "SG-2/GROUPS": 3}
    (decision,) = (row["id"] for row in after["decisions"].values() if row["reference"] == "SG-2/GROUPS")
    assert {row["created_by_id"] for row in after["expert_groups"].values()} == {decision}


async def test_one_role_can_take_the_place_of_another(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    poland = find(record["participants"], "code", "PL")
    poland["memberships"][0]["role"] = "PARTICIPANT"
    report = await load(record)
    assert (report.created, report.removed) == (2, 1)
    poland["memberships"][0]["validTo"] = "2026-01-31"
    poland["memberships"].append({"role": "LEAD", "validFrom": "2026-02-01", "validFromPrecision": "DAY"})
    report = await load(record)
    assert (report.created, report.updated, report.removed) == (1, 1, 0)
    memberships = (await dump(database))["coalition_memberships"].values()
    assert {row["role"].name for row in memberships if row["valid_to"]} == {"PARTICIPANT"}


async def test_an_endorsed_roadmap_can_give_way_to_an_earlier_one(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    record["roadmaps"][0]["status"], record["roadmaps"][1]["status"] = "ENDORSED", "SUPERSEDED"
    assert (await load(record)).updated == 2
    roadmaps = (await dump(database))["roadmaps"].values()
    assert {row["reference"]: row["status"].name for row in roadmaps} == {"RM-1": "ENDORSED", "RM-2": "SUPERSEDED"}


# What is refused.

BASE: Document = {
    "participants": [
        {"code": "EE", "name": "Estonia", "kind": "STATE", "memberships": [{"role": "LEAD"}]},
        {"code": "NATO", "name": "NATO", "kind": "ORGANISATION"},
    ],
    "meetings": [
        {
            "reference": "SG-2",
            "body": "STEERING_GROUP",
            "title": "Second meeting",
            "decisions": [
                {"reference": "SG-2/1", "kind": "OTHER", "text": "Decided.", "targets": [{"participant": "EE"}]}
            ],
        }
    ],
    "contributions": [
        {
            "reference": "CON-001",
            "kind": "CASH",
            "amount": {"amount": "10", "currency": "EUR"},
            "donors": [{"participant": "EE"}],
            "allocations": [{"procurement": "PROC-001", "amount": {"amount": "5", "currency": "EUR"}}],
        }
    ],
    "procurements": [{"reference": "PROC-001", "title": "Laptops", "funders": ["EE"]}],
    "publishedFigures": [{"reference": "FIG-001", "measure": "OBSERVERS", "value": 7}],
}
FIGURE = 'publishedFigures[0] "FIG-001"'
CONTRIBUTION = 'contributions[0] "CON-001"'

#: What is put where, and what is said of it.
FAULTS: list[tuple[str, object, str]] = [
    ("participants.1.kind", "FOO", 'participants[1] "NATO": kind: "FOO" is not one of STATE, ORGANISATION, AGENCY'),
    ("participants.1.kind", None, 'participants[1] "NATO": kind: null, where a value must stand'),
    ("participants.1.kind", ..., 'participants[1] "NATO": kind: missing'),
    ("participants.1.code", ..., "participants[1]: code: missing"),
    ("participants.1.code", "EE", 'participants[1] "EE": code: already that of participants[0] "EE"'),
    ("participants.1.beneficiary", 1, 'participants[1] "NATO": beneficiary: 1 is not true or false'),
    ("participants.1.name", "", "an empty text: where nothing is known, leave the field out or give null"),
    ("participants.1.name", "x" * 301, 'participants[1] "NATO": name: a text of 301 characters, 300 at most'),
    ("participants.1.name", "N\0", 'participants[1] "NATO": name: "N\\u0000" holds the character U+0000'),
    ("participants.1.name", "N\ud800", 'participants[1] "NATO": name: "N\\ud800" holds the character U+D800'),
    ("participants.1.name", ["NATO"], 'participants[1] "NATO": name: ["NATO"] is not a text'),
    (
        "participants.1.colour",
        "blue",
        '"colour" is not a field of it; known are code, name, kind, countryCode, benefic',
    ),
    ("participants.1.id", "x", 'participants[1] "NATO": "id" is not a field of it; known are '),
    ("participants.1", "NATO", 'participants[1]: "NATO" is not an object'),
    ("participants", {}, "participants: {} is not a list"),
    ("planets", [], '"planets" is not a list of the record; known are about, compiled, accounts, capabilityAreas, '),
    ("about", 5, "about: 5 is not a text"),
    (
        "participants.0.memberships.0.role",
        "BOSS",
        'participants[0] "EE": memberships[0] "BOSS": role: "BOSS" is not one of LEAD, PARTICIPANT, ',
    ),
    (
        "participants.0.memberships.1",
        {"role": "LEAD"},
        'participants[0] "EE": memberships[1] "LEAD": role: already that of participants[0] "EE": memberships[0] "LEAD"',
    ),
    (
        "meetings.0.decisions.0.targets.0.participant",
        "XX",
        'meetings[0] "SG-2": decisions[0] "SG-2/1": targets[0]: participant: "XX" is none of the participants in the ',
    ),
    ("meetings.0.decisions.0.targets.0.participant", 5, "targets[0]: participant: 5 is none of the participants in th"),
    ("meetings.0.host", "E\0", 'meetings[0] "SG-2": host: "E\\u0000" is none of the participants in the file or the d'),
    ("meetings.0.host", {}, 'meetings[0] "SG-2": host: {} is not the key of a record'),
    ("meetings.0.heldOn", "2024-04-31", 'meetings[0] "SG-2": heldOn: "2024-04-31" is not a date such as 2024-04-03'),
    ("meetings.0.heldOn", "20240403", 'meetings[0] "SG-2": heldOn: "20240403" is not a date such as 2024-04-03'),
    ("meetings.0.number", "2", 'meetings[0] "SG-2": number: "2" is not a whole number'),
    ("meetings.0.number", True, 'meetings[0] "SG-2": number: true is not a whole number'),
    ("meetings.0.number", 2.0, 'meetings[0] "SG-2": number: 2.0 is not a whole number'),
    ("meetings.0.number", 2**31, "number: 2147483648 is not below 2147483648, the most that can be kept"),
    ("meetings.0.documents", ["DOC-1"], 'documents: "DOC-1" is none of the documents in the file or the database'),
    ("procurements.0.funders", "EE", 'procurements[0] "PROC-001": funders: "EE" is not a list of different keys'),
    ("procurements.0.funders", ["EE", "EE"], 'funders: ["EE", "EE"] is not a list of different keys'),
    ("contributions.0.amount", 10, f"{CONTRIBUTION}: amount: 10 is not an amount such as "),
    ("contributions.0.amount", {"amount": "1"}, f'{CONTRIBUTION}: amount: {{"amount": "1"}} is not an amount such as '),
    ("contributions.0.amount.amount", 10, "amount: 10 is not a decimal number in quotes, without a sign"),
    ("contributions.0.amount.amount", "-1", 'amount: "-1" is not a decimal number in quotes, without a sign'),
    ("contributions.0.amount.amount", "1e3", 'amount: "1e3" is not a decimal number in quotes, without a sign'),
    ("contributions.0.amount.amount", "1.005", f"{CONTRIBUTION}: amount: EUR has 2 decimals, not those of 1.005"),
    ("contributions.0.amount.amount", "1" + "0" * 15, "000 EUR is more than can be kept"),
    ("contributions.0.amount.currency", "EURO", 'amount: "EURO" is not a currency of ISO 4217'),
    ("contributions.0.amount.currency", "XYZ", f"{CONTRIBUTION}: amount: 'XYZ' is not a currency of ISO 4217"),
    # What only the database knows to refuse.
    ("publishedFigures.0.money", {"amount": "1", "currency": "EUR"}, f"{FIGURE}: the database refuses it: "),
    ("participants.1.countryCode", "NA", 'participants[1] "NATO": the database refuses it: '),
    (
        "contributions.0.allocations.0.amount.currency",
        "DKK",
        f'{CONTRIBUTION}: allocations[0] "PROC-001": the database refuses it: ',
    ),
]


def with_fault(path: str, value: object) -> Document:
    """Give the base document with `value` put at `path`, or with what stands there left out where it is `...`."""
    document = copy.deepcopy(BASE)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place: Any = document
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    elif isinstance(place, list):
        place[last : last + 1] = [value]
    else:
        place[last] = value
    return document


async def refusal(loading: Any) -> str:
    """Give the message of the RecordError that `loading` ends in."""
    with pytest.raises(RecordError) as caught:
        await loading
    return str(caught.value)


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
async def test_bad_input_is_refused_naming_record_and_field_and_nothing_is_loaded(
    database: Database, load: Callable[[object], Any], path: str, value: object, message: str
) -> None:
    found = await refusal(load(with_fault(path, value)))
    assert message in found
    assert len(found.splitlines()) == 1
    assert not any((await dump(database)).values())


async def test_the_same_document_without_a_fault_is_loaded(load: Callable[[object], Any]) -> None:
    assert str(await load(BASE)) == "11 created, 0 updated, 0 removed, 0 unchanged"


async def test_a_bad_change_leaves_the_database_as_it_was(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    record["participants"][0]["name"] = "Eesti"
    find(record["participants"], "code", "NATO")["countryCode"] = "NA"
    message = await refusal(load(record))
    assert message.startswith('participants[20] "NATO": the database refuses it: ')
    assert "country_code_of_a_state" in message
    assert await dump(database) == before


async def test_a_child_that_others_need_cannot_be_left_out(
    database: Database, record: Document, load: Callable[[object], Any]
) -> None:
    await load(record)
    before = await dump(database)
    meeting = find(record["meetings"], "reference", "UDCG-2025-01-09")
    meeting["decisions"] = []
    del record["roadmaps"]
    message = await refusal(load(record))
    assert message.startswith('meetings[13] "UDCG-2025-01-09": decisions: one of them is left out, but is still needed')
    assert await dump(database) == before


async def test_records_that_refer_to_one_another_in_a_circle_are_refused(load: Callable[[object], Any]) -> None:
    contributions = [
        {"reference": "CON-A", "kind": "CASH", "partOf": "CON-B"},
        {"reference": "CON-B", "kind": "CASH", "partOf": "CON-A"},
    ]
    message = await refusal(load({"contributions": contributions}))
    assert message.endswith(": they refer to one another in a circle")
    assert 'contributions[1] "CON-B"' in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"participants": [}', "record.json: line 1, column 19: not JSON: "),
        (b'{\n "about": "x",\n "about": "y"}', 'record.json: "about" stands twice in one object'),
        (b'{"about": NaN}', "record.json: NaN is not JSON"),
        (b'{"about": "\xff"}', "record.json: not UTF-8 at byte 11"),
        (b"[]", "the file must hold an object with lists such as participants, not []"),
        (b"[" * 100_000, "record.json: nested too deep to be a record"),
        (b"9" * 5_000, "record.json: Exceeds the limit"),
        (b"", "record.json: line 1, column 1: not JSON: "),
    ],
)
async def test_a_file_that_is_not_a_record_is_refused_in_one_line(
    database: Database, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(content)
    found = await refusal(load_file(database.engine, file))
    assert message in found
    assert len(found.splitlines()) == 1


async def test_a_file_that_cannot_be_read_is_named(database: Database, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.json"
    assert await refusal(load_file(database.engine, missing)) == f"{missing}: cannot be read: No such file or directory"
    assert await refusal(load_file(database.engine, tmp_path)) == f"{tmp_path}: cannot be read: Is a directory"


async def test_a_database_without_tables_is_told_to_migrate(empty_url: str) -> None:
    engine = create_engine(empty_url)
    message = await refusal(load_file(engine, RECORD))
    await engine.dispose()
    assert message == "the database has no accounts.created_at: bring it up to date with `coalition migrate` first"


# What the record says.


@pytest.fixture
async def loaded(database: Database) -> Dump:
    """Give the tables with the public record in them."""
    await load_file(database.engine, RECORD)
    return await dump(database)


def one(loaded: Dump, table: str, **values: object) -> dict[str, Any]:
    """Give the one row of `table` that has `values`."""
    (found,) = (row for row in loaded[table].values() if values.items() <= row.items())
    return found


def amounts(loaded: Dump, table: str, amount: str, **values: object) -> list[tuple[int, str]]:
    """Give an amount of each row of `table` that has `values`."""
    rows = [row for row in loaded[table].values() if values.items() <= row.items()]
    return [(row[f"{amount}_minor"], row[f"{amount}_currency"]) for row in rows]


def test_every_noun_can_stand_in_a_file() -> None:
    link_tables = {table for table in Base.metadata.tables.values() if "id" not in table.c}
    kept_by_the_server = {Base.metadata.tables["audit_events"]}
    assert shapes_by_table().keys() == set(Base.metadata.tables.values()) - link_tables - kept_by_the_server


def test_every_fact_of_the_record_has_a_source(loaded: Dump) -> None:
    sourced = [table for table in loaded if f"{table}_sources" in loaded]
    assert len(sourced) == 13
    for table in sourced:
        owners = {row["owner_id"] for row in loaded[f"{table}_sources"].values()}
        assert {key for (key,) in loaded[table]} == owners, table


def test_the_cited_addresses_are_the_register_of_documents(loaded: Dump) -> None:
    cited = {row["url"] for table, rows in loaded.items() if table.endswith("_sources") for row in rows.values()}
    documents = loaded["documents"].values()
    assert cited == {row["url"] for row in documents}
    assert len(documents) == 59
    assert {row["status"].name for row in documents} == {"RELEASED"}
    assert {row["marking"].name for row in documents} == {"CLEAR"}


def test_estonia_and_luxembourg_lead_and_ukraine_benefits(loaded: Dump) -> None:
    code = {row["id"]: row["code"] for row in loaded["participants"].values()}
    roles: dict[str, set[str]] = {}
    for row in loaded["coalition_memberships"].values():
        roles.setdefault(row["role"].name, set()).add(code[row["participant_id"]])
    assert roles["LEAD"] == {"EE", "LU"}
    assert roles["OBSERVER"] == {"US", "PL"}
    assert roles["ORGANISATION"] == {"NATO", "EU", "NSPA"}
    assert len(roles["PARTICIPANT"]) == 16
    assert one(loaded, "participants", code="EU")["country_code"] is None
    assert one(loaded, "participants", beneficiary=True)["code"] == "UA"


def test_the_second_steering_group_created_four_groups_whose_themes_are_placeholders(loaded: Dump) -> None:
    meeting = one(loaded, "meetings", reference="SG-2")
    assert (meeting["held_on"].isoformat(), meeting["place"], meeting["number"]) == ("2024-04-03", "Luxembourg", 2)
    decision = one(loaded, "decisions", meeting_id=meeting["id"], ordinal=1)
    targets = [row for row in loaded["decision_targets"].values() if row["decision_id"] == decision["id"]]
    groups = loaded["expert_groups"].values()
    assert {row["code"] for row in groups} == {"EG1", "EG2", "EG3", "EG4"}
    assert {row["expert_group_id"] for row in targets} == {row["id"] for row in groups}
    assert {(row["name"], row["theme_status"].name, row["created_by_id"]) for row in groups} == {
        (None, "PLACEHOLDER", decision["id"])
    }


def test_the_head_counts_of_the_second_steering_group_stand_side_by_side(loaded: Dump) -> None:
    meeting = one(loaded, "meetings", reference="SG-2")
    figures = [row for row in loaded["published_figures"].values() if row["meeting_id"] == meeting["id"]]
    sources = {
        figure["reference"]: {
            row["url"].split("/")[2]
            for row in loaded["published_figures_sources"].values()
            if row["owner_id"] == figure["id"]
        }
        for figure in figures
    }
    assert {(row["reference"], row["measure"].name, row["value"]) for row in figures} == {
        ("FIG-006", "PARTICIPATING_NATIONS", 10),
        ("FIG-007", "PARTICIPATING_NATIONS", 11),
        ("FIG-008", "OBSERVERS", 7),
    }
    assert sources["FIG-006"] == {"foreignpolicywatchdog.com"}
    assert sources["FIG-007"] == {"pravda.com.ua"}


def test_contributions_keep_their_currency_kind_and_bounds(loaded: Dump) -> None:
    german = one(loaded, "contributions", reference="CON-010")
    assert (german["amount_minor"], german["amount_currency"], german["kind"].name) == (8_700_000_000, "EUR", "IN_KIND")
    assert german["statement_kind"].name == "TOTAL_TO_DATE"
    assert amounts(loaded, "contributions", "amount", reference="CON-004") == [(9_100_000_000, "DKK")]
    assert one(loaded, "contributions", reference="CON-013")["amount_qualifier"].name == "UP_TO"
    joint = one(loaded, "contributions", reference="CON-008")
    assert one(loaded, "contributions", part_of_id=joint["id"])["reference"] == "CON-009"
    assert len([row for row in loaded["contribution_donors"].values() if row["contribution_id"] == joint["id"]]) == 4


def test_conflicting_amounts_of_one_delivery_all_stand(loaded: Dump) -> None:
    delivery = one(loaded, "deliveries", reference="DEL-005")
    assert (delivery["value_minor"], delivery["value_currency"]) == (330_000_000, "EUR")
    others = amounts(loaded, "published_figures", "money", delivery_id=delivery["id"])
    assert sorted(others) == [(380_000_000, "EUR"), (381_000_000, "USD")]


def test_deliveries_keep_the_published_quantities_and_claim_no_acceptance(loaded: Dump) -> None:
    lines = loaded["delivery_lines"].values()
    known = {(row["quantity"], row["quantity_qualifier"].name) for row in lines if row["quantity"] is not None}
    exact = {(quantity, "EXACT") for quantity in (3288, 500, 460, 872, 318, 1000)}
    assert known == {*exact, (7000, "ABOUT"), (2000, "ABOUT")}
    assert {(row["accepted"], row["rejected"]) for row in lines} == {(None, None)}
    assert {row["status"].name for row in loaded["deliveries"].values()} == {"RECEIVED"}


def test_what_no_source_says_is_null(loaded: Dump) -> None:
    assert one(loaded, "meetings", reference="SG-2024-05-31")["number"] is None
    for table in ("capability_needs", "procurements"):
        assert {row["group_id"] for row in loaded[table].values()} == {None}
    assert {row["quantity"] for row in loaded["capability_needs"].values()} == {None}
    assert {row["supplier"] for row in loaded["purchase_orders"].values()} == {None}
    assert one(loaded, "contributions", reference="CON-005")["amount_minor"] is None


def test_the_roadmap_to_2027_is_the_endorsed_one(loaded: Dump) -> None:
    endorsed = one(loaded, "roadmaps", reference="RM-2")
    assert (endorsed["status"].name, endorsed["last_year"], endorsed["first_year"]) == ("ENDORSED", 2027, None)
    assert one(loaded, "decisions", id=endorsed["endorsed_by_id"])["reference"] == "UDCG-2025-01-09/1"
