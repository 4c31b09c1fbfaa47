"""A load obeys the rules of commands: units are stored as their codes, shares have an effect, succession is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import CapabilityNeed, Document
from resolvers.record.loader import RecordError, load_file
from tests.support.records import written

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database
    from tests.support.records import Document as Record

pytestmark = pytest.mark.anyio

GROUPS = [{"ordinal": place, "code": f"EG{place}", "themeStatus": "PLACEHOLDER"} for place in (1, 2)]
PEOPLE = [{"code": "EE", "name": "Estonia", "kind": "STATE"}]
ACCOUNTS = [{"email": "chair@example.org", "displayName": "Chair", "participant": "EE"}]


async def load(database: Database, folder: Path, record: Record) -> None:
    await load_file(database.bypass_policies("a test loads a record"), written(folder, record))


def papers(**changes: Any) -> Record:
    """Return a record of a superseded document of EG1 and its successor, with changes `old_…` and `new_…`."""
    fixed = {"title": "Paper", "documentType": "REPORT", "group": "EG1", "marking": "AMBER"}
    old = {**fixed, "reference": "DOC-1", "status": "SUPERSEDED", "supersededBy": "DOC-2"}
    new = {**fixed, "reference": "DOC-2", "status": "RELEASED"}
    for name, value in changes.items():
        whose, _, field = name.partition("_")
        (old if whose == "old" else new)[field] = value
    return {"participants": PEOPLE, "accounts": ACCOUNTS, "expertGroups": GROUPS, "documents": [old, new]}


def roadmaps(**changes: Any) -> Record:
    """Return a record of an endorsed roadmap and the roadmap that it supersedes."""
    decision = {"reference": "SG-2/3", "kind": "ROADMAP", "text": "Roadmap."}
    meeting = {"reference": "SG-2", "body": "STEERING_GROUP", "title": "Second meeting", "decisions": [decision]}
    fixed = {"title": "Ahead", "horizon": "2027", "endorsedBy": "SG-2/3", "marking": "GREEN"}
    old = {**fixed, "reference": "RM-1", "status": "SUPERSEDED"}
    new = {**fixed, "reference": "RM-2", "status": "ENDORSED", "supersedes": "RM-1"}
    for name, value in changes.items():
        whose, _, field = name.partition("_")
        (old if whose == "old" else new)[field] = value
    return {"meetings": [meeting], "roadmaps": [old, new]}


async def test_a_unit_of_the_record_is_stored_as_its_code(database: Database, tmp_path: Path) -> None:
    needs = [
        {"reference": f"NEED-{place}", "title": "Radios", "area": "CYBER", "quantity": 2, "unit": unit}
        for place, unit in enumerate(("Sets", " piece ", "crates"))
    ]
    record = {"capabilityAreas": [{"code": "CYBER", "name": "Cyber defence"}], "capabilityNeeds": needs}
    await load(database, tmp_path, record)
    engine = database.bypass_policies("a test reads units")
    async with engine.connect() as connection:
        found = await connection.execute(select(CapabilityNeed.unit).order_by(CapabilityNeed.reference))
        assert [*found.scalars()] == ["SET", "H87", "crates"]
    # The same file changes nothing, although it has the units in other words.
    report = await load_file(engine, written(tmp_path, record))
    assert (report.updated, report.preserved) == (0, ())


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (papers(new_sharedWith=["EG2"], new_marking="AMBER_STRICT"), "It is marked AMBER_STRICT and cannot be shared"),
        (papers(new_recipients=["chair@example.org"]), "only what is marked RED has recipients"),
        (papers(new_marking="AMBER_STRICT"), "Lower its marking to AMBER"),
        (papers(new_group="EG2"), "Share the later document with the groups that see the superseded document"),
        (papers(new_status="DRAFT"), "The later document is DRAFT. It must be FINAL or RELEASED."),
        (papers(old_status="RELEASED"), "The document is RELEASED. With a later one, it must be SUPERSEDED."),
        (roadmaps(new_marking="AMBER"), "Some readers of RM-1 would not see RM-2. The roadmap is AMBER."),
        (roadmaps(old_status="ENDORSED"), "RM-1 is ENDORSED, but RM-2 supersedes it. Make it SUPERSEDED."),
    ],
)
async def test_a_record_that_commands_would_refuse_is_not_loaded(
    database: Database, tmp_path: Path, record: Record, message: str
) -> None:
    with pytest.raises(RecordError) as caught:
        await load(database, tmp_path, record)
    assert message in str(caught.value)
    async with database.bypass_policies("a test counts documents").connect() as connection:
        assert (await connection.execute(select(Document.id))).first() is None


async def test_a_record_in_order_is_loaded(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, papers())
    await load(database, tmp_path, papers(new_sharedWith=["EG2"]))
    await load(database, tmp_path, papers(new_marking="GREEN"))
    await load(database, tmp_path, roadmaps())
