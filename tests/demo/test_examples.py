"""The fictional set of the demo is made once, and each persona sends each example query of GraphiQL."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.access.viewer import PUBLIC
from resolvers.audit.hash_chain import verify
from resolvers.database.database import Database
from resolvers.identity.demo_personas import enter_personas
from resolvers.identity.viewer_loader import read_viewer
from schema import schema
from schema.strawberry_internals import core_schema
from server.startup.demo import load_public_record
from server.startup.demo_builder import DemoBuilder
from server.startup.demo_steps import ShortForms, read_steps
from tests.support.execute import ask, read
from tests.test_structure import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.access.viewer import Viewer
    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio

EXAMPLES = sorted((ROOT / "clients" / "graphiql" / "examples").glob("*.graphql"))
OVERVIEW = sorted((ROOT / "clients" / "overview" / "queries").glob("*.graphql"))
#: The object whose page a query of the overview is about.
OBJECTS = {
    "need": "DEMO-NEED-101",
    "procurement": "DEMO-PROC-1",
    "contribution": "DEMO-CON-1",
    "meeting": "DEMO-SG-1",
}
#: The examples that no object of the fictional set is named in: two are about statements of the public, one counts.
OF_THE_RECORD = {"02-second-steering-group", "07-conflicting-figures", "09-expert-groups"}
#: No group of the set is dissolved, no participant left, and commands refuse a line whose unit is not that of its need.
NO_CLASHES = {"LEAD_LEFT", "ORDER_ENDED", "OWNER_ENDED", "UNIT_MISMATCH"}
#: The mutations whose objects have no name of their own: they belong to a named one, or cite the source of the set.
UNNAMED = {
    "createAllocation",
    "createComment",
    "createDeliveryReturn",
    "createDisbursement",
    "createDocumentVersion",
    "createGroupMembership",
}
ALL = """{
  clashes { aggregate { groupBy(by: [KIND]) { keys { value } } } }
  deliveries(first: 100) { nodes { reference lines { nodes { accepted rejected returned replaces { id } } } } }
  reviewRequests { nodes { reference status result dueOn } }
  actionItems { nodes { status isOverdue } }
  contributions(first: 100, where: {reference: {startsWith: "DEMO-"}}) {
    nodes { kind status donorCodes amount { currency } sources { publisher } }
  }
}"""


async def make(database: Database, files: Path, today: dt.date) -> dict[str, Viewer]:
    """Make the demo; return the viewers of its personas."""
    await load_public_record(database)
    keys = await enter_personas(database)
    await DemoBuilder(database, str(files), keys, today).build()
    found = {name: await read_viewer(database, key) for name, key in keys.items()}
    return {name: viewer for name, viewer in found.items() if viewer}


async def walk(database: Database, viewers: dict[str, Viewer], today: dt.date) -> None:
    """Send every example as every persona: each shows something, and most differ for all four."""
    # The example is about a fixed year, and the set is about the years around the day on which it is made.
    year = ShortForms(today, {}).year_and_quarter(1)[0]
    unlike: dict[str, int] = {}
    for example in EXAMPLES:
        text = example.read_text()
        asked: dict[str, Any] = {"year": year} if "$year" in text else {}
        answers = [json.dumps(await read(database, text, viewer=each, **asked)) for each in viewers.values()]
        unlike[example.stem] = len({*answers})
        assert any('": "' in answer for answer in answers), example.stem
        assert example.stem in OF_THE_RECORD or any('"DEMO-' in answer for answer in answers), example.stem
    assert len(EXAMPLES) >= 20
    assert sum(number == len(viewers) for number in unlike.values()) >= 15, unlike


async def look(database: Database, viewers: dict[str, Viewer], today: dt.date) -> None:
    """Check what the set holds, as a lead sees it."""
    found = await read(database, ALL, viewer=viewers["secretary"])
    kinds = {group["keys"][0]["value"] for group in found["clashes"]["aggregate"]["groupBy"]}
    kind: Any = core_schema(schema).type_map["ClashKind"]
    assert kinds == kind.values.keys() - NO_CLASHES
    lines = [line for row in found["deliveries"]["nodes"] for line in row["lines"]["nodes"]]
    for field in ("rejected", "returned", "replaces"):
        assert any(line[field] not in {None, "0"} for line in map(_hashable, lines)), field
    reviews = {(row["status"], row["result"]) for row in found["reviewRequests"]["nodes"]}
    assert {("DONE", "READY_WITH_ISSUES"), ("DECLINED", None), ("REQUESTED", None)} <= reviews
    # A request has no due day in the past, so this one is overdue from the next day on.
    assert today.isoformat() in {row["dueOn"] for row in found["reviewRequests"]["nodes"]}
    steps = {(row["status"], row["isOverdue"]) for row in found["actionItems"]["nodes"]}
    assert {("OPEN", True), ("OPEN", False), ("IN_PROGRESS", True), ("DONE", False)} <= steps
    money = found["contributions"]["nodes"]
    assert {row["kind"] for row in money} == {"CASH", "IN_KIND"}
    assert {row["status"] for row in money} == {"PLEDGED", "COMMITTED", "DISBURSED"}
    assert {row["amount"]["currency"] for row in money} == {"EUR", "GBP", "USD"}
    assert len({row["donorCodes"] for row in money}) >= 4
    assert {row["sources"][0]["publisher"] for row in money} == {"Fictional, for the demo"}


async def overlook(database: Database, viewers: dict[str, Viewer], today: dt.date) -> None:
    """Send every query of the overview as every persona and as the public: the public sees nothing fictional."""
    for path in OVERVIEW:
        text = path.read_text()
        asked: dict[str, Any] = {"today": today.isoformat()} if "$today" in text else {}
        if path.stem in OBJECTS:
            asked["reference"] = OBJECTS[path.stem]
        answers = [json.dumps(await read(database, text, viewer=each, **asked)) for each in viewers.values()]
        public = json.dumps(await read(database, text, viewer=PUBLIC, **asked))
        assert len(answers) == len(viewers), path.stem
        assert answers[0] != public, path.stem
        # Participants are public, so the timeline shows when the fictional ones joined.
        assert path.stem == "timeline" or "DEMO-" not in public, path.stem
    assert len(OVERVIEW) >= 15


def of_the_readme() -> tuple[str, Any]:
    """Return the query of the README about an order of the set, and the answer that is printed below it."""
    section = (ROOT / "README.md").read_text().split("## A purchase that goes wrong", 1)[1]
    [query] = re.findall(r"```graphql\n(.*?)```", section, re.DOTALL)
    [answer] = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    return query, json.loads(answer)


def _hashable(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"replaces": line["replaces"] and line["replaces"]["id"]}


async def test_each_example_shows_something_and_the_personas_get_different_answers(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    with sqlite_databases.migrated() as url:
        # The demo is an SQLite file.
        database = Database(url)
        database.skip_syncs()
        try:
            viewers = await make(database, tmp_path, today)
            assert [*viewers] == ["secretary", "chair", "member", "observer"]
            await walk(database, viewers, today)
            await look(database, viewers, today)
            await overlook(database, viewers, today)
            query, answer = of_the_readme()
            assert await read(database, query, viewer=viewers["chair"]) == answer
            await verify(database)
            refused = await ask(database, "{ auditEvents(where: {action: {eq: REFUSE}}) { totalCount } }")
            assert refused.data == {"auditEvents": {"totalCount": 0}}
        finally:
            await database.close()


def test_every_object_of_the_set_says_that_it_is_fictional() -> None:
    created = [step for step in read_steps() if step.do and step.do.startswith("create") and step.do not in UNNAMED]
    unmarked = [
        dict(step.given)
        for step in created
        if not any(str(value).startswith(("DEMO-", "Demo: ")) for value in step.given.values())
    ]
    assert created
    assert unmarked == []


def test_days_and_quarters_of_the_set_count_from_the_day_of_the_first_start() -> None:
    forms = ShortForms(dt.date(2027, 11, 30), {})
    assert [forms.year_and_quarter(later) for later in (-4, 0, 1, 5)] == [(2026, 4), (2027, 4), (2028, 1), (2029, 1)]
    assert [forms.day(text).isoformat() for text in ("-30d", "+1d", "2024-04-03")] == [
        "2027-10-31",
        "2027-12-01",
        "2024-04-03",
    ]
