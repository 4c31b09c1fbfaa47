"""Markings: they can always be raised, and shares and recipients never state what has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Contribution, ContributionDonor, DocumentStatus, HasMarking, HasStatus, Marking
from resolvers.commands.spec import mutation_specs
from resolvers.nouns import load_nouns
from tests.support.execute import read
from tests.support.factories import a_document, a_row
from tests.support.mutations import changed, refused, the_trail
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import Document, Entity

pytestmark = pytest.mark.anyio

load_nouns()

#: Every type with a marking, and each status it may have ended in.
ENDED = [
    (spec.model, status)
    for spec in mutation_specs()
    if issubclass(spec.model, HasMarking) and issubclass(spec.model, HasStatus)
    for status in spec.model.transitions
    if not spec.model.transitions[status]
]
SHARES = "document { version marking sharedWith { nodes { code } } }"


def field_of(row: Entity) -> str:
    name = type(row).__name__
    return name[0].lower() + name[1:]


@pytest.mark.parametrize(("model", "status"), ENDED, ids=lambda value: getattr(value, "__name__", str(value)))
async def test_a_marking_is_raised_whatever_status_something_ended_in(
    world: World, model: type[Entity], status: Any
) -> None:
    row = a_row(model, status=status, marking=Marking.GREEN)
    if isinstance(row, Contribution):
        row.donors = [ContributionDonor(participant=world.leads)]
    await keep(world.database, row)
    given = {"id": an_id(row), "expectedVersion": 1, "marking": "AMBER_STRICT"}
    selected = f"{field_of(row)} {{ version marking }}"
    found = await changed(world.database, await world.viewer("lead"), f"update{model.__name__}", selected, **given)
    assert found == {"version": 2, "marking": "AMBER_STRICT"}
    for more in ({"marking": "GREEN", "reason": "it is known"}, {"marking": "RED", "title": "Other"}):
        error = await refused(
            world.database, await world.viewer("lead"), f"update{model.__name__}",
            **{**given, **(more if hasattr(model, "title") else {"marking": "GREEN"}), "expectedVersion": 2},
        )  # fmt: skip
        assert error["violations"][0]["rule"] == "ended"


async def a_shared(world: World, **given: Any) -> Document:
    document = a_document(group=world.group, status=DocumentStatus.RELEASED, marking=Marking.AMBER, **given)
    document.shared_with = [world.other_group]
    await keep(world.database, document)
    return document


@pytest.mark.parametrize("marking", ["AMBER_STRICT", "RED"])
async def test_what_only_its_own_group_or_recipients_read_is_not_shared(world: World, marking: str) -> None:
    chair = await world.viewer("chair")
    named = {"recipientIds": [an_id(world.accounts["chair"])]} if marking == "RED" else {}
    paper = {"title": "Plan", "documentType": "REPORT", "groupId": an_id(world.group), "marking": marking, **named}
    shared = {"sharedWithIds": [an_id(world.other_group)]}
    error = await refused(world.database, chair, "createDocument", **paper, **shared)
    assert [(each["path"][-1], each["rule"]) for each in error["violations"]] == [("sharedWithIds", "sharing")]
    assert "mark it AMBER first" in error["message"]
    made = await changed(world.database, chair, "createDocument", "document { id version }", **paper)
    given = {"id": made["id"], "expectedVersion": made["version"], **shared}
    assert (await refused(world.database, chair, "updateDocument", **given))["violations"][0]["rule"] == "sharing"


async def test_raising_the_marking_of_a_shared_document_takes_its_shares_away_with_a_reason(world: World) -> None:
    document = await a_shared(world)
    given = {"id": an_id(document), "expectedVersion": 1, "marking": "AMBER_STRICT"}
    member = await world.viewer("member")
    error = await refused(world.database, member, "updateDocument", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]
    found = await changed(world.database, member, "updateDocument", SHARES, **given, reason="names of people")
    assert (found["marking"], found["sharedWith"]["nodes"]) == ("AMBER_STRICT", [])
    event = (await the_trail(world.database))[-1]
    assert event["before"] == {"marking": "AMBER", "sharedWith": [an_id(world.other_group)]}
    assert event["after"] == {"marking": "AMBER_STRICT", "sharedWith": []}
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await read(world.database, query, viewer=await world.viewer("other"), id=an_id(document)))["node"] is None


async def test_a_group_loses_its_share_only_with_a_reason(world: World) -> None:
    document = await a_shared(world)
    chair = await world.viewer("chair")
    given = {"id": an_id(document), "expectedVersion": 1, "sharedWithIds": []}
    error = await refused(world.database, chair, "updateDocument", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]
    assert f"no longer with {world.other_group.code}" in error["message"]
    same = {**given, "sharedWithIds": [an_id(world.other_group)], "keywords": ["radio"]}
    await changed(world.database, chair, "updateDocument", SHARES, **same)
    lost = {**given, "expectedVersion": 2, "reason": "Its work is done."}
    assert (await changed(world.database, chair, "updateDocument", SHARES, **lost))["sharedWith"]["nodes"] == []
    assert (await the_trail(world.database))[-1]["reason"] == "Its work is done."


async def test_only_what_is_red_has_recipients(world: World) -> None:
    chair = await world.viewer("chair")
    named = {"recipientIds": [an_id(world.accounts["chair"])]}
    paper = {"title": "Plan", "documentType": "REPORT", "groupId": an_id(world.group)}
    error = await refused(world.database, chair, "createDocument", **paper, **named)
    assert [(each["path"][-1], each["rule"]) for each in error["violations"]] == [("recipientIds", "recipients")]
    made = await changed(world.database, chair, "createDocument", "document { id }", **paper)
    raised = {"id": made["id"], "expectedVersion": 1, "marking": "RED", **named}
    await changed(world.database, chair, "updateDocument", SHARES, **raised)
    lowered = {"id": made["id"], "expectedVersion": 2, "marking": "AMBER", "reason": "no longer sensitive"}
    await changed(world.database, chair, "updateDocument", SHARES, **lowered)
    event = (await the_trail(world.database))[-1]
    assert event["before"] == {"marking": "RED", "recipients": named["recipientIds"]}
    assert event["after"] == {"marking": "AMBER", "recipients": []}
