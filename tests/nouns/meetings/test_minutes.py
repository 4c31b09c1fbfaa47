"""Minutes: which documents become the minutes of a meeting."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from models import DocumentStatus, DocumentType, Marking, Minutes
from models.base import now
from tests.support.factories import a_document
from tests.support.meetings import meet, refusal, written
from tests.support.rows import keep

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
