"""Minutes: which documents become the minutes of a meeting."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DocumentStatus, DocumentType, Marking, Minutes
from models.base import now
from tests.support.execute import read
from tests.support.factories import a_document
from tests.support.meetings import meet, refusal, run, written
from tests.support.mutations import refused
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio


async def test_minutes_are_a_document_of_the_group_whose_readers_see_the_meeting(world: World) -> None:
    meeting = await meet(world, "EG1-1", "2026-02-09", marking="AMBER_STRICT")
    for changes, rule in (
        ({"document_type": DocumentType.REPORT}, "document_type"),
        ({"status": DocumentStatus.WITHDRAWN, "visible_since": now()}, "ended"),
        ({"group": None, "marking": Marking.GREEN}, "group_of_the_meeting"),
        ({"marking": Marking.GREEN}, "readers"),
    ):
        document = await written(world, f"MIN-{rule}", **changes)
        given = {"minutes": [{"documentId": document["id"]}]}
        assert await refusal(world, "member", "updateMeeting", meeting, **given) == ("minutes.0.documentId", rule)
    documents = [await written(world, f"MIN-{place}", marking=Marking.AMBER_STRICT) for place in range(2)]
    given = {"minutes": [{"documentId": each["id"]} for each in documents]}
    assert await refusal(world, "member", "updateMeeting", meeting, **given) == ("minutes", "one_draft")


async def test_a_day_after_the_approval_of_hidden_minutes_is_refused_by_one_sentence(world: World) -> None:
    meeting = await meet(world, "EG1-1", "2026-02-09", marking="CLEAR")
    secret = a_document(
        group=world.group, document_type=DocumentType.MINUTES, status=DocumentStatus.FINAL, marking=Marking.RED,
        recipients=[world.accounts["chair"]],
    )  # fmt: skip
    key = meeting["id"].partition(":")[2]
    await keep(world.database, Minutes(meeting_id=key, document=secret, approved_on=dt.date(2026, 3, 1)))
    later = {"heldOn": "2026-03-20"}
    assert await refusal(world, "member", "updateMeeting", meeting, **later) == ("", "hidden")
    assert await refusal(world, "chair", "updateMeeting", meeting, **later) == ("heldOn", "approved_minutes")


async def test_a_meeting_that_approved_hidden_minutes_is_not_moved_before_the_meeting_that_they_are_of(
    world: World,
) -> None:
    meeting = await meet(world, "EG1-1", "2026-02-09", marking="CLEAR")
    decisions = [{"kind": "OTHER", "text": "The minutes are approved."}]
    later = await meet(world, "EG1-2", "2026-03-09", marking="CLEAR", decisions=decisions)
    [decision] = later["decisions"]["nodes"]
    secret = a_document(
        group=world.group, document_type=DocumentType.MINUTES, status=DocumentStatus.FINAL, marking=Marking.RED,
        recipients=[world.accounts["chair"]],
    )  # fmt: skip
    await keep(world.database, secret)
    meeting = await run(world, "chair", "updateMeeting", meeting, minutes=[{"documentId": an_id(secret)}])
    meeting = await run(world, "chair", "approveMinutes", meeting, decisionId=decision["id"])
    # Nobody who does not see the minutes reads of them in the version.
    assert meeting["version"] == 1
    early = {"heldOn": "2026-02-08"}
    assert await refusal(world, "member", "updateMeeting", later, **early) == ("", "hidden")
    assert await refusal(world, "chair", "updateMeeting", later, **early) == ("heldOn", "approved_minutes")
    await run(world, "member", "updateMeeting", later, heldOn="2026-03-10")
    query = "query ($id: ID!) { node(id: $id) { ... on Meeting { version minutes { nodes { approvedOn } } } } }"
    for name, expected in (("chair", [{"approvedOn": "2026-03-10"}]), ("member", [])):
        found = (await read(world.database, query, viewer=await world.viewer(name), id=meeting["id"]))["node"]
        assert found == {"version": 1, "minutes": {"nodes": expected}}


async def test_readers_of_minutes_see_the_meeting_after_every_change_of_the_two(world: World) -> None:
    meeting = await meet(world, "EG1-1", "2026-02-09")
    minutes = await written(world, "MIN-1", marking=Marking.AMBER)
    meeting = await run(world, "chair", "updateMeeting", meeting, minutes=[{"documentId": minutes["id"]}])
    wider = {"marking": "GREEN", "reason": "For all."}
    assert await refusal(world, "chair", "updateDocument", minutes, **wider) == ("marking", "readers")
    shared = {"sharedWithIds": [an_id(world.other_group)]}
    assert await refusal(world, "chair", "updateDocument", minutes, **shared) == ("sharedWithIds", "readers")
    narrow = {"marking": "AMBER_STRICT", "title": "The meeting"}
    assert await refusal(world, "chair", "updateMeeting", meeting, **narrow) == ("marking", "readers")
    # A marking alone can always be raised; then every other change of the two is free, too.
    meeting = await run(world, "chair", "updateMeeting", meeting, marking="AMBER_STRICT")
    await run(world, "chair", "updateMeeting", meeting, title="The first meeting")
    minutes = await run(world, "chair", "updateDocument", minutes, "document { id version }", title="The minutes")
    minutes = await run(world, "chair", "updateDocument", minutes, "document { id version }", marking="AMBER_STRICT")
    assert await refusal(world, "chair", "updateDocument", minutes, **{**wider, "marking": "AMBER"}) == (
        "marking", "readers",
    )  # fmt: skip


async def test_red_minutes_are_compared_with_the_meeting_by_the_accounts_that_they_name(world: World) -> None:
    within = await meet(world, "EG1-1", "2026-02-09", marking="AMBER_STRICT")
    names, red = world.accounts, {"marking": Marking.RED}
    minutes = await written(world, "MIN-1", **red, recipients=[names["chair"], names["member"]])
    await run(world, "chair", "updateMeeting", within, minutes=[{"documentId": minutes["id"]}])
    other = await meet(world, "EG1-2", "2026-03-09", marking="AMBER_STRICT")
    wider = await written(world, "MIN-2", **red, recipients=[names["chair"], names["other"]])
    known = {"id": other["id"], "expectedVersion": 1, "minutes": [{"documentId": wider["id"]}]}
    error = await refused(world.database, await world.viewer("chair"), "updateMeeting", **known)
    assert error["violations"][0]["message"] == (
        "Some readers of the document would not see the meeting. These recipients of the document do not see the "
        f"meeting: {names['other'].display_name}. Mark the meeting GREEN, or remove them from the recipients of the "
        "document."
    )
    given: dict[str, Any] = {"marking": "AMBER", "reason": "For all.", "minutes": [{"documentId": wider["id"]}]}
    await run(world, "chair", "updateMeeting", other, **given)
