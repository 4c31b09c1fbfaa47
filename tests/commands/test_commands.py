"""Changes: made, refused and recorded, on the example of a capability need."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models import Marking, Scope
from resolvers.audit.hash_chain import GENESIS_HASH, hash_of
from resolvers.identity.viewer_loader import read_viewer
from tests.support.mutations import NEED, a_need, change, changed, refused, the_trail
from tests.support.small_coalition import World, an_id

pytestmark = pytest.mark.anyio


async def test_a_need_is_stated_and_read_back_as_it_was_given(world: World) -> None:
    member = await world.viewer("member")
    selected = "capabilityNeed { title reference status version quantity estimatedCost { amount } area { code } }"
    cost = {"amount": "1250.50", "currency": "EUR"}
    given = world.a_need(quantity=10, estimatedCost=cost)
    made = await changed(world.database, member, "createCapabilityNeed", selected, **given)
    assert made.pop("reference").startswith("NEED-")
    assert made == {
        "title": "Encrypted radios",
        "status": "DRAFT",
        "version": 1,
        "quantity": "10",
        "estimatedCost": {"amount": "1250.50"},
        "area": {"code": "CYBER"},
    }


async def test_what_is_left_out_stays_and_null_clears(world: World) -> None:
    need = await a_need(world, quantity=10, unit="set")
    member = await world.viewer("member")
    selected = "capabilityNeed { title quantity unit version }"
    given = {"id": need["id"], "expectedVersion": 1, "quantity": None}
    found = await changed(world.database, member, "updateCapabilityNeed", selected, **given)
    assert found == {"title": "Encrypted radios", "quantity": None, "unit": "SET", "version": 2}


async def test_what_is_there_already_is_no_change(world: World) -> None:
    need, member = await a_need(world, quantity=10), await world.viewer("member")
    given = {"id": need["id"], "expectedVersion": 1, "quantity": 10, "areaId": an_id(world.area)}
    found = await changed(world.database, member, "updateCapabilityNeed", NEED, **given)
    assert found == need
    assert [event["action"].name for event in await the_trail(world.database)] == ["CREATE"]


async def test_every_fault_of_an_input_is_told_at_once_with_its_path(world: World) -> None:
    member = await world.viewer("member")
    given = world.a_need(
        title=" ", quantity=0, unit="x" * 41, estimatedCost={"amount": "1.234", "currency": "EUR"},
        areaId=an_id(world.group), gapStatement="NATO SECRET",
    )  # fmt: skip
    error = await refused(world.database, member, "createCapabilityNeed", **given)
    assert error["code"] == "VALIDATION_FAILED"
    found = {".".join(each["path"]): each["rule"] for each in error["violations"]}
    assert found == {
        "input.title": "text_empty",
        "input.quantity": "greater_than_equal",
        "input.unit": "string_too_long",
        "input.estimatedCost": "money",
        "input.areaId": "id",
        "input.gapStatement": "classified",
    }


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\u200bb", "a\u202eb", "\ue000", "\u2066"])
async def test_a_title_with_characters_that_nobody_sees_is_refused(world: World, text: str) -> None:
    member = await world.viewer("member")
    error = await refused(world.database, member, "createCapabilityNeed", **world.a_need(title=text))
    assert [each["rule"] for each in error["violations"]] == ["text_character"]


async def test_a_field_that_must_be_there_cannot_be_cleared(world: World) -> None:
    need = await a_need(world)
    member = await world.viewer("member")
    given = {"id": need["id"], "expectedVersion": 1, "title": None, "areaId": None}
    error = await refused(world.database, member, "updateCapabilityNeed", **given)
    assert [each["path"] for each in error["violations"]] == [["input", "title"], ["input", "areaId"]]
    assert error["violations"][0]["message"] == "The value must not be null. Omit the field to keep its value."


async def test_a_change_from_an_older_state_is_told_how_things_stand(world: World) -> None:
    need = await a_need(world)
    member = await world.viewer("member")
    await changed(world.database, member, "updateCapabilityNeed", NEED, id=need["id"], expectedVersion=1, unit="set")
    error = await refused(
        world.database, member, "updateCapabilityNeed", id=need["id"], expectedVersion=1, unit="piece"
    )
    assert error["code"] == "CONFLICT"
    assert error["currentVersion"] == 2
    assert error["current"] == {"id": need["id"]}


async def test_whoever_may_not_write_is_told_who_may(world: World) -> None:
    need = await a_need(world)
    await transition(world, "member", need, "SUBMITTED", 1)
    for name in ("reader", "other"):
        viewer = await world.viewer(name)
        error = await refused(
            world.database, viewer, "updateCapabilityNeed", id=need["id"], expectedVersion=2, unit="set"
        )
        assert error["code"] == "FORBIDDEN"
        observes = "You are an observer: observers read and never write. " if name == "reader" else ""
        assert error["message"] == (
            f"You do not have permission for this change of the capability need. {observes}"
            "Ask a member with write permission in its group, or a lead if no group owns it."
        )


async def test_what_is_hidden_and_what_is_not_there_are_refused_alike(world: World) -> None:
    hidden = (await a_need(world))["id"]
    absent = hidden[:-12] + "000000000000"
    other = await world.viewer("other")
    answers = [
        await refused(world.database, other, "updateCapabilityNeed", id=each, expectedVersion=1, unit="set")
        for each in (hidden, absent)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "NOT_FOUND"


async def test_a_token_that_only_reads_changes_nothing(world: World) -> None:
    viewer = await read_viewer(world.database, world.accounts["chair"].id, frozenset({Scope.READ}))
    assert viewer
    error = await refused(world.database, viewer, "createCapabilityNeed", **world.a_need())
    assert error["code"] == "FORBIDDEN"


async def transition(world: World, name: str, need: dict[str, Any], to: str, version: int) -> Any:
    viewer = await world.viewer(name)
    given = {"id": need["id"], "to": to, "expectedVersion": version}
    return await change(world.database, viewer, "transitionCapabilityNeed", NEED, **given)


async def test_a_writer_submits_and_only_who_chairs_validates(world: World) -> None:
    need = await a_need(world)
    submitted = await transition(world, "member", need, "SUBMITTED", 1)
    assert submitted["capabilityNeed"]["status"] == "SUBMITTED"
    denied = await transition(world, "member", need, "VALIDATED", 2)
    assert denied["code"] == "FORBIDDEN"
    validated = await transition(world, "chair", need, "VALIDATED", 2)
    assert validated["capabilityNeed"] == {"id": need["id"], "status": "VALIDATED", "version": 3}


async def test_a_status_that_is_not_next_is_refused_with_those_that_are(world: World) -> None:
    need = await a_need(world)
    error = await transition(world, "chair", need, "VALIDATED", 1)
    assert error["violations"][0]["rule"] == "transition"
    assert "Allowed statuses now: SUBMITTED, WITHDRAWN" in error["message"]


async def test_a_status_that_follows_from_others_is_never_asked_for(world: World) -> None:
    need = await a_need(world)
    error = await transition(world, "chair", need, "MET", 1)
    assert "MET is set automatically and cannot be requested" in error["message"]


async def test_what_has_ended_no_longer_changes(world: World) -> None:
    need = await a_need(world)
    await transition(world, "member", need, "WITHDRAWN", 1)
    member = await world.viewer("member")
    error = await refused(world.database, member, "updateCapabilityNeed", id=need["id"], expectedVersion=2, unit="set")
    assert error["violations"] == [
        {
            "path": ["input", "id"],
            "rule": "ended",
            "message": "The status is WITHDRAWN, so the object can no longer change. Reopen it first.",
        }
    ]


async def test_a_marking_is_lowered_by_the_chair_and_with_a_reason(world: World) -> None:
    need = await a_need(world, marking="AMBER")
    given = {"id": need["id"], "expectedVersion": 1, "marking": "GREEN"}
    member, chair = await world.viewer("member"), await world.viewer("chair")
    error = await refused(world.database, member, "updateCapabilityNeed", **given, reason="it is known")
    assert error["code"] == "FORBIDDEN"
    error = await refused(world.database, chair, "updateCapabilityNeed", **given)
    assert error["violations"][0]["rule"] == "reason"
    selected = "capabilityNeed { marking }"
    found = await changed(world.database, chair, "updateCapabilityNeed", selected, **given, reason="it is known")
    assert found == {"marking": "GREEN"}


async def test_nobody_hides_an_object_from_himself(world: World) -> None:
    need = await a_need(world)
    member, chair = await world.viewer("member"), await world.viewer("chair")
    given = {"id": need["id"], "expectedVersion": 1, "marking": Marking.RED.name}
    error = await refused(world.database, member, "updateCapabilityNeed", **given)
    assert error["violations"][0]["rule"] == "visible"
    recipients = [an_id(world.accounts["chair"])]
    found = await changed(
        world.database, chair, "updateCapabilityNeed", "capabilityNeed { marking }", **given, recipientIds=recipients
    )
    assert found == {"marking": "RED"}


async def test_a_reference_that_is_taken_is_refused_by_its_name(world: World) -> None:
    await a_need(world, reference="NEED-1")
    member = await world.viewer("member")
    error = await refused(world.database, member, "createCapabilityNeed", **world.a_need(reference="NEED-1"))
    assert error["violations"] == [
        {
            "path": ["input", "reference"],
            "rule": "unique",
            "message": "This reference is already in use. Choose another value.",
        }
    ]


async def test_the_trail_says_who_did_what_and_why(world: World) -> None:
    need = await a_need(world, quantity=10)
    member = await world.viewer("member")
    given = {"id": need["id"], "expectedVersion": 1, "quantity": 12, "reason": "two more"}
    await changed(world.database, member, "updateCapabilityNeed", NEED, **given)
    await transition(world, "member", need, "SUBMITTED", 2)
    made, updated, submitted = await the_trail(world.database)
    assert [each["action"].name for each in (made, updated, submitted)] == ["CREATE", "UPDATE", "TRANSITION"]
    assert made["before"] is None
    assert made["after"]["title"] == "Encrypted radios"
    assert (updated["before"], updated["after"], updated["reason"]) == ({"quantity": 10}, {"quantity": 12}, "two more")
    assert (submitted["before"], submitted["after"]) == ({"status": "DRAFT"}, {"status": "SUBMITTED"})
    assert {each["actor_id"] for each in (made, updated, submitted)} == {world.accounts["member"].id}
    assert {each["entity_id"] for each in (made, updated, submitted)} == {need["id"]}


async def test_each_event_is_bound_to_the_one_before(world: World) -> None:
    await asyncio.gather(*(a_need(world) for _ in range(10)))
    events = await the_trail(world.database)
    assert [each["sequence"] for each in events] == list(range(1, 11))
    assert [each["previous_hash"] for each in events] == [GENESIS_HASH, *(each["hash"] for each in events[:-1])]
    assert [hash_of(each) for each in events] == [each["hash"] for each in events]


async def test_a_refusal_is_recorded_and_changes_nothing(world: World) -> None:
    need = await a_need(world)
    await transition(world, "member", need, "MET", 1)
    _, event = await the_trail(world.database)
    assert event["action"].name == "REFUSE"
    assert event["after"] == {
        "command": "transitionCapabilityNeed",
        "code": "VALIDATION_FAILED",
        "path": ["input", "to"],
    }
