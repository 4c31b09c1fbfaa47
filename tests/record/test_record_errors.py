"""Bad input to a load: one line that names the record and the field, and nothing half loaded."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.database.database import Database, create_engine
from resolvers.database.statement_guard import bypass_options
from resolvers.record.loader import LoadReport, RecordError, load_file
from tests.support.records import RECORD, SMALL, Document, dump, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator
    from pathlib import Path

    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio

FIGURE = 'publishedFigures[0] "FIG-001"'
CONTRIBUTION = 'contributions[0] "CON-001"'

#: What is put where, and what is said of it.
FAULTS: list[tuple[str, object, str]] = [
    ("participants.1.kind", "FOO", 'participants[1] "NATO": kind: "FOO" is not one of STATE, ORGANISATION, AGENCY'),
    ("participants.1.kind", None, 'participants[1] "NATO": kind: a value is required, not null'),
    ("participants.1.kind", ..., 'participants[1] "NATO": kind: missing'),
    ("participants.1.code", ..., "participants[1]: code: missing"),
    ("participants.1.code", "EE", 'participants[1] "EE": code: the same as in participants[0] "EE"'),
    ("participants.1.beneficiary", 1, 'participants[1] "NATO": beneficiary: 1 is not true or false'),
    ("participants.1.name", "", "the text is empty: leave the field out or write null"),
    ("participants.1.name", "x" * 301, 'participants[1] "NATO": name: the text has 301 characters, shorten it to 300'),
    ("participants.1.name", "N\0", 'participants[1] "NATO": name: "N\\u0000" contains the character U+0000'),
    ("participants.1.name", "N\ud800", 'participants[1] "NATO": name: "N\\ud800" contains the character U+D800'),
    ("participants.1.name", ["NATO"], 'participants[1] "NATO": name: ["NATO"] is not a text'),
    (
        "participants.1.colour",
        "blue",
        '"colour" is not a field of this record; use one of code, name, kind, countryCode, ',
    ),
    ("participants.1.id", "x", 'participants[1] "NATO": "id" is not a field of this record; use one of '),
    ("participants.1", "NATO", 'participants[1]: "NATO" is not an object'),
    ("participants", {}, "participants: {} is not a list"),
    ("planets", [], '"planets" is not a list of the record; use one of about, compiled, accounts, actionItem'),
    ("about", 5, "about: 5 is not a text"),
    (
        "participants.0.memberships.0.role",
        "BOSS",
        'participants[0] "EE": memberships[0] "BOSS": role: "BOSS" is not one of LEAD, PARTICIPANT, ',
    ),
    (
        "participants.0.memberships.1",
        {"role": "LEAD"},
        'memberships[1] "LEAD": role: the same as in participants[0] "EE": memberships[0] "LEAD"',
    ),
    (
        "meetings.0.decisions.0.targets.0.participant",
        "XX",
        'meetings[0] "SG-2": decisions[0] "SG-2/1": targets[0]: participant: "XX" is not one of the participants in ',
    ),
    ("meetings.0.decisions.0.targets.0.participant", 5, "targets[0]: participant: 5 is not one of the participants in"),
    ("meetings.0.host", "E\0", 'meetings[0] "SG-2": host: "E\\u0000" is not one of the participants in the file or '),
    ("meetings.0.host", {}, 'meetings[0] "SG-2": host: {} is not a key: use text, a number'),
    ("meetings.0.heldOn", "2024-04-31", 'meetings[0] "SG-2": heldOn: "2024-04-31" is not a date such as 2024-04-03'),
    ("meetings.0.heldOn", "20240403", 'meetings[0] "SG-2": heldOn: "20240403" is not a date such as 2024-04-03'),
    ("meetings.0.number", "2", 'meetings[0] "SG-2": number: "2" is not a whole number'),
    ("meetings.0.number", True, 'meetings[0] "SG-2": number: true is not a whole number'),
    ("meetings.0.number", 2.0, 'meetings[0] "SG-2": number: 2.0 is not a whole number'),
    ("meetings.0.number", 2**31, "number: 2147483648 is not a whole number from -2147483648 to 2147483647"),
    ("meetings.0.documents", ["DOC-1"], 'documents: "DOC-1" is not one of the documents in the file or the database'),
    ("procurements.0.funders", "EE", 'procurements[0] "PROC-001": funders: "EE" is not a list of keys without dupl'),
    ("procurements.0.funders", ["EE", "EE"], 'funders: ["EE", "EE"] is not a list of keys without duplicates'),
    (
        "procurements.0.cpvCode",
        "35125300-1",
        'procurements[0] "PROC-001": cpvCode: 35125300-1 has a wrong check digit; the code is 35125300-2',
    ),
    (
        "procurements.0.items",
        [{"description": "Cameras", "classificationScheme": "CPV", "classificationCode": "35125300-1"}],
        "items[0]: classificationCode: 35125300-1 has a wrong check digit; the code is 35125300-2",
    ),
    ("contributions.0.amount", 10, f"{CONTRIBUTION}: amount: 10 is not an amount such as "),
    ("contributions.0.amount", {"amount": "1"}, f'{CONTRIBUTION}: amount: {{"amount": "1"}} is not an amount such as '),
    ("contributions.0.amount.amount", 10, "amount: 10 is not a decimal number in quotes, without a sign"),
    ("contributions.0.amount.amount", "-1", 'amount: "-1" is not a decimal number in quotes, without a sign'),
    ("contributions.0.amount.amount", "1e3", 'amount: "1e3" is not a decimal number in quotes, without a sign'),
    ("contributions.0.amount.amount", "1.005", f"{CONTRIBUTION}: amount: EUR has 2 decimals; 1.005 has more"),
    ("contributions.0.amount.amount", "1" + "0" * 15, "000 EUR is too large; the maximum is 10000000000000.00"),
    ("contributions.0.amount.currency", "EURO", 'amount: "EURO" is not a currency of ISO 4217'),
    (
        "contributions.0.amount.currency",
        "XYZ",
        f"{CONTRIBUTION}: amount: 'XYZ' is not an ISO 4217 currency code, such as EUR",
    ),
    (
        "participants.0.countryCode",
        "ZZ",
        'participants[0] "EE": countryCode: "ZZ" is not a country code that ISO 3166-1 assigns, such as EE',
    ),
    # What only the database knows to refuse.
    ("publishedFigures.0.money", {"amount": "1", "currency": "EUR"}, f"{FIGURE}: the database refuses it: "),
    (
        "participants.1.countryCode",
        "NA",
        'participants[1] "NATO": the database refuses it: kind and countryCode break the rule ',
    ),
    (
        "contributions.0.allocations.0.amount.currency",
        "DKK",
        f'{CONTRIBUTION}: allocations[0] "PROC-001": the database refuses it: ',
    ),
]


@pytest.fixture(scope="module")
def untouched_url(databases: Databases) -> Iterator[str]:
    """Yield the address of a migrated database without rows."""
    with databases.migrated() as url:
        yield url


@pytest.fixture(scope="module")
async def untouched(untouched_url: str) -> AsyncIterator[Database]:
    """Open the database without rows, for loads that must leave it so."""
    opened = Database(untouched_url)
    yield opened
    await opened.close()


def with_fault(path: str, value: object) -> Document:
    """Return the small record with `value` at `path`, or without the value at `path` if `value` is `...`."""
    document = copy.deepcopy(SMALL)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place: Any = document
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    elif last == len(place) and isinstance(place, list):
        place.append(value)
    else:
        place[last] = value
    return document


async def refusal(loading: Coroutine[Any, Any, LoadReport]) -> str:
    """Return the message of the RecordError that `loading` ends in."""
    with pytest.raises(RecordError) as caught:
        await loading
    return str(caught.value)


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
async def test_bad_input_is_refused_naming_record_and_field_and_nothing_is_loaded(
    untouched: Database, tmp_path: Path, path: str, value: object, message: str
) -> None:
    found = await refusal(
        load_file(
            untouched.bypass_policies("a test looks behind the policies"), written(tmp_path, with_fault(path, value))
        )
    )
    assert message in found
    assert len(found.splitlines()) == 1
    assert not any((await dump(untouched)).values())


async def test_records_that_refer_to_one_another_in_a_circle_are_refused(untouched: Database, tmp_path: Path) -> None:
    contributions = [
        {"reference": "CON-A", "kind": "CASH", "partOf": "CON-B"},
        {"reference": "CON-B", "kind": "CASH", "partOf": "CON-A"},
    ]
    message = await refusal(
        load_file(
            untouched.bypass_policies("a test looks behind the policies"),
            written(tmp_path, {"contributions": contributions}),
        )
    )
    assert ": these records reference each other in a circle, " in message
    assert 'contributions[1] "CON-B"' in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"participants": [}', "record.json: line 1, column 19: not JSON: "),
        (b'{\n "about": "x",\n "about": "y"}', 'record.json: "about" occurs twice in one object'),
        (b'{"about": NaN}', "record.json: NaN is not JSON"),
        (b'{"about": "\xff"}', "record.json: not UTF-8 at byte 11"),
        (b"[]", "the file must contain an object with lists such as participants, not []"),
        (b"[" * 100_000, "record.json: nested too deeply to be read"),
        (b"9" * 5_000, "record.json: Exceeds the limit"),
        (b"", "record.json: line 1, column 1: not JSON: "),
    ],
    ids=["syntax", "a name twice", "NaN", "bytes", "a list", "depth", "digits", "nothing"],
)
async def test_a_file_that_is_not_a_record_is_refused_in_one_line(
    untouched: Database, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(content)
    found = await refusal(load_file(untouched.bypass_policies("a test looks behind the policies"), file))
    assert message in found
    assert len(found.splitlines()) == 1


async def test_a_file_that_cannot_be_read_is_named(untouched: Database, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.json"
    found = await refusal(load_file(untouched.bypass_policies("a test looks behind the policies"), missing))
    assert found == f"{missing}: cannot be read: No such file or directory"
    found = await refusal(load_file(untouched.bypass_policies("a test looks behind the policies"), tmp_path))
    assert found == f"{tmp_path}: cannot be read: Is a directory"


async def test_a_database_without_tables_is_told_to_migrate(empty_url: str) -> None:
    engine = create_engine(empty_url)
    message = await refusal(load_file(engine.execution_options(**bypass_options("a test")), RECORD))
    await engine.dispose()
    assert message == "the database has no column accounts.created_at: run `coalition migrate` first"
