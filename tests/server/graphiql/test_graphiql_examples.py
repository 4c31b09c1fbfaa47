"""GraphiQL's example queries return the expected answers on the public record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.access.viewer import PUBLIC
from resolvers.record.loader import load_file
from tests.support.execute import read
from tests.support.records import RECORD

if TYPE_CHECKING:
    from resolvers.database.database import Database

EXAMPLES = sorted((Path(__file__).parents[3] / "clients" / "graphiql" / "examples").glob("*.graphql"))
OVERVIEW = sorted((EXAMPLES[0].parents[2] / "overview" / "queries").glob("*.graphql"))
GOLDEN = Path(__file__).parents[2] / "golden"

#: What is made anew in every database.
OPAQUE = frozenset({"id", "cursor", "startCursor", "endCursor"})

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    """Return a database that contains the public record."""
    await load_file(shared_database.bypass_policies("a test looks behind the policies"), RECORD)
    return shared_database


def _text(file: Path) -> str:
    return file.read_text()


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def without_opaque(answer: Any) -> Any:
    """Return an answer in which ids and cursors are only marked as present."""
    if isinstance(answer, list):
        return [without_opaque(item) for item in answer]
    if isinstance(answer, dict):
        return {key: value and "opaque" if key in OPAQUE else without_opaque(value) for key, value in answer.items()}
    return answer


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
async def test_an_example_gives_its_known_answer(record: Database, example: Path, pytestconfig: pytest.Config) -> None:
    answer = without_opaque(await read(record, _text(example)))
    golden = GOLDEN / f"{example.stem}.json"
    if pytestconfig.option.write_golden:
        _write(golden, json.dumps(answer, indent=1, ensure_ascii=False) + "\n")
    assert json.dumps(answer) == json.dumps(json.loads(_text(golden)))


async def test_the_public_gets_an_answer_to_every_query_of_the_overview(record: Database) -> None:
    empty = set()
    for path in OVERVIEW:
        text = _text(path)
        known: dict[str, Any] = {"today": "2026-11-28", "reference": "SG-2"}
        asked = {name: value for name, value in known.items() if f"${name}" in text}
        answer = json.dumps(await read(record, text, viewer=PUBLIC, **asked))
        if not re.search(r'"(reference|code|scope|donors|totalCount)": ["1-9]', answer):
            empty.add(path.stem)
    # The record has no action items, and `SG-2` is a meeting.
    assert empty == {"contribution", "need", "next-steps", "procurement", "viewer"}


def test_every_known_answer_belongs_to_an_example() -> None:
    assert {golden.stem for golden in GOLDEN.glob("*.json")} == {example.stem for example in EXAMPLES}


def test_there_are_at_least_eight_examples() -> None:
    assert len(EXAMPLES) >= 8


async def test_the_coalition_is_as_the_record_has_it(record: Database) -> None:
    found = await read(
        record,
        """{
          expertGroups { totalCount }
          leads: participants(where: {memberships: {some: {role: {eq: LEAD}}}}) { nodes { code } }
          meetings(where: {body: {eq: STEERING_GROUP}, number: {eq: 2}}) {
            nodes { heldOn place publishedFigures { nodes { measure value sources { url } } } }
          }
          german: contributions(where: {donors: {some: {participant: {code: {eq: "DE"}}}}}) {
            nodes { kind amount { amount currency } }
          }
          contributions { aggregate { sums { amount { amount currency } } } }
        }""",
    )
    assert found["expertGroups"]["totalCount"] == 4
    assert [lead["code"] for lead in found["leads"]["nodes"]] == ["EE", "LU"]
    (meeting,) = found["meetings"]["nodes"]
    assert (meeting["heldOn"], meeting["place"]) == ("2024-04-03", "Luxembourg")
    figures = meeting["publishedFigures"]["nodes"]
    assert [(figure["measure"], figure["value"]) for figure in figures] == [
        ("PARTICIPATING_NATIONS", 10),
        ("PARTICIPATING_NATIONS", 11),
        ("OBSERVERS", 7),
    ]
    assert all(figure["sources"] for figure in figures)
    (licences,) = found["german"]["nodes"]
    assert licences == {"kind": "IN_KIND", "amount": {"amount": "87000000.00", "currency": "EUR"}}
    sums = found["contributions"]["aggregate"]["sums"]["amount"]
    assert {"amount": "91000000.00", "currency": "DKK"} in sums
    assert [amount["currency"] for amount in sums] == ["CAD", "DKK", "EUR"]
