"""A meeting is postponed and held, and its minutes are approved: by a later meeting, or by the chair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support.execute import read
from tests.support.meetings import DOCUMENT, MINUTES, meet, refusal, run, written
from tests.support.mutations import changed, refused

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

FILE = {"fileName": "x.pdf", "mediaType": "application/pdf", "byteSize": 1, "sha256": "0" * 64}


async def test_a_meeting_is_postponed_and_held_and_its_minutes_are_approved(world: World) -> None:
    meeting = await meet(world, "EG1-1", "2026-02-09", status="PLANNED")
    meeting = await run(world, "member", "transitionMeeting", meeting, to="POSTPONED", reason="The host is ill.")
    meeting = await run(world, "member", "updateMeeting", meeting, heldOn="2026-03-09")
    meeting = await run(world, "member", "transitionMeeting", meeting, to="PLANNED")
    minutes = await written(world, "MIN-1")
    meeting = await run(world, "member", "updateMeeting", meeting, minutes=[{"documentId": minutes["id"]}])
    assert await refusal(world, "chair", "approveMinutes", meeting, approvedOn="2026-03-09") == ("id", "held")
    meeting = await run(world, "member", "transitionMeeting", meeting, to="HELD")
    assert await refusal(world, "chair", "approveMinutes", meeting, approvedOn="2026-03-09") == ("id", "final")
    minutes = await run(world, "chair", "transitionDocument", minutes, DOCUMENT, to="FINAL")
    draft = await a_draft_version(world, minutes)

    # The next meeting decides; only the chair approves without a decision.
    decisions = [{"kind": "OTHER", "text": "The minutes are approved."}]
    following = await meet(world, "EG1-2", "2026-04-13", decisions=decisions)
    [decision] = following["decisions"]["nodes"]
    assert await refusal(world, "member", "approveMinutes", meeting, approvedOn="2026-04-13") == ("", "FORBIDDEN")
    for given, expected in (
        ({"decisionId": decision["id"], "approvedOn": "2026-04-14"}, ("approvedOn", "day_of_the_decision")),
        ({"approvedOn": "2026-03-08"}, ("approvedOn", "approved_on")),
        ({"approvedOn": "2999-01-01"}, ("approvedOn", "approved_on")),
        ({}, ("approvedOn", "required")),
    ):
        assert await refusal(world, "chair", "approveMinutes", meeting, **given) == expected
    own = {"decisionId": decision["id"]}
    assert await refusal(world, "member", "approveMinutes", following, **own) == ("id", "minutes")
    meeting = await run(world, "member", "approveMinutes", meeting, **own)
    [approved] = meeting["minutes"]["nodes"]
    assert (approved["document"], approved["approvedOn"]) == ({"reference": "MIN-1"}, "2026-04-13")
    assert approved["approvedBy"] == {"reference": decision["reference"]}

    await the_approval_follows_its_meeting(world, meeting, following)
    await approved_minutes_stay(world, meeting, minutes, draft)
    await a_correction_supersedes(world, meeting, minutes)


async def a_draft_version(world: World, minutes: Any) -> Any:
    given = {"documentId": minutes["id"], "label": "2", **FILE}
    selected = "documentVersion { id version }"
    found = await changed(world.database, await world.viewer("member"), "createDocumentVersion", selected, **given)
    await write(world, f"UPDATE document_versions SET state = 'AVAILABLE' WHERE id = '{key_of(found)}'")  # noqa: S608
    return found


def key_of(row: Any) -> str:
    return str(row["id"].partition(":")[2])


async def write(world: World, statement: str) -> None:
    async with world.database.bypass_policies(
        "a test writes behind the commands", unaudited=True
    ).begin() as connection:
        await connection.execute(text(statement))


async def the_approval_follows_its_meeting(world: World, meeting: Any, following: Any) -> None:
    """The day of the approval follows the day of the meeting that decided it, which is not before the other meeting."""
    early = {"heldOn": "2026-03-08"}
    assert await refusal(world, "member", "updateMeeting", following, **early) == ("heldOn", "approved_minutes")
    for day in ("2026-03-09", "2026-04-20", "2026-04-13"):
        following |= await run(world, "member", "updateMeeting", following, "meeting { version }", heldOn=day)
        query = "query ($id: ID!) { node(id: $id) { ... on Meeting { version minutes { nodes { approvedOn } } } } }"
        found = (await read(world.database, query, viewer=await world.viewer("reader"), id=meeting["id"]))["node"]
        assert found["minutes"]["nodes"] == [{"approvedOn": day}]
        meeting["version"] = found["version"]
    for statement in (
        f"UPDATE meetings SET held_on = '2026-03-08' WHERE id = '{key_of(following)}'",  # noqa: S608
        f"UPDATE meetings SET held_on = '2026-04-14' WHERE id = '{key_of(meeting)}'",  # noqa: S608
        f"UPDATE minutes SET approved_on = '2026-04-14' WHERE meeting_id = '{key_of(meeting)}'",  # noqa: S608
    ):
        with pytest.raises(IntegrityError, match="coalition rule approved_minutes"):
            await write(world, statement)


async def approved_minutes_stay(world: World, meeting: Any, minutes: Any, draft: Any) -> None:
    """Approved minutes take no new version and stay, also for what writes behind the commands."""
    [approved] = meeting["minutes"]["nodes"]
    for name, mutation, row, given, expected in (
        ("chair", "approveMinutes", meeting, {"approvedOn": "2026-04-14"}, ("id", "minutes")),
        ("chair", "releaseDocumentVersion", draft, {}, ("id", "approved_minutes")),
        ("member", "updateMeeting", meeting, {"minutes": [], "reason": "Wrong."}, ("minutes", "stays")),
        ("member", "updateMeeting", meeting, {"heldOn": "2026-04-14"}, ("heldOn", "approved_minutes")),
        ("chair", "transitionMeeting", meeting, {"to": "PLANNED", "reason": "Wrong."}, ("to", "approved_minutes")),
    ):
        assert await refusal(world, name, mutation, row, **given) == expected
    given = {"documentId": minutes["id"], "label": "3", **FILE}
    error = await refused(world.database, await world.viewer("member"), "createDocumentVersion", **given)
    assert [each["rule"] for each in error["violations"]] == ["approved_minutes"]
    for statement in (
        f"UPDATE minutes SET approved_on = NULL, approved_by_id = NULL WHERE id = '{key_of(approved)}'",  # noqa: S608
        f"DELETE FROM minutes WHERE id = '{key_of(approved)}'",  # noqa: S608
        f"UPDATE document_versions SET released_at = created_at WHERE id = '{key_of(draft)}'",  # noqa: S608
    ):
        with pytest.raises(IntegrityError, match="coalition rule approved_minutes"):
            await write(world, statement)


async def a_correction_supersedes(world: World, meeting: Any, minutes: Any) -> None:
    """A correction is another document: it supersedes the approved minutes, and is approved by the chair."""
    [approved] = meeting["minutes"]["nodes"]
    corrected = await written(world, "MIN-1A")
    both = [{"id": approved["id"], "documentId": minutes["id"]}, {"documentId": corrected["id"]}]
    meeting = await run(world, "member", "updateMeeting", meeting, minutes=both)
    corrected = await run(world, "chair", "transitionDocument", corrected, DOCUMENT, to="FINAL")
    assert await refusal(world, "chair", "approveMinutes", meeting, approvedOn="2026-05-04") == ("id", "supersedes")
    minutes = await run(world, "chair", "transitionDocument", minutes, DOCUMENT, to="RELEASED")
    await run(world, "chair", "supersedeDocument", minutes, DOCUMENT, byId=corrected["id"])
    await run(world, "chair", "approveMinutes", meeting, approvedOn="2026-05-04")
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Meeting {{ {MINUTES} }} }} }}"
    found = await read(world.database, query, viewer=await world.viewer("lead"), id=meeting["id"])
    # Who does not see the documents does not learn that there are minutes.
    assert found["node"]["minutes"]["nodes"] == []
    found = await read(world.database, query, viewer=await world.viewer("chair"), id=meeting["id"])
    listed = [(each["document"]["reference"], each["approvedOn"]) for each in found["node"]["minutes"]["nodes"]]
    assert sorted(listed) == [("MIN-1", "2026-04-13"), ("MIN-1A", "2026-05-04")]
