"""Attempts of an account to get more than its rights, or to send values that no form would accept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import Contribution, GroupRole
from resolvers.access.viewer import READ_AND_WRITE
from resolvers.identity.viewer_loader import read_viewer
from tests.support.clients import signed_in, the_error
from tests.support.factories import a_contribution, a_group_membership, an_account
from tests.support.mutations import NEED, change, changed, refused
from tests.support.purchasing import Market
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id
from tests.support.transport_schema import post

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

DOCUMENT = "document { id version marking group { id } }"
CREATE = "mutation ($input: {0}Input!) {{ {1}(input: $input) {{ __typename }} }}"


@pytest.fixture
async def mover(world: World) -> Viewer:
    """Return a viewer who is a member of the group, and co-chair of the other group."""
    account = an_account(world.home, "mover@example.org")
    places = ((world.group, GroupRole.MEMBER), (world.other_group, GroupRole.CO_CHAIR))
    await keep(world.database, account, *(a_group_membership(group, account, role=role) for group, role in places))
    found = await read_viewer(world.database, account.id, READ_AND_WRITE)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "given",
    [
        {"neededBy": "2025-02-30"},
        {"neededBy": 20250101},
        {"estimatedCost": {"amount": "NaN", "currency": "EUR"}},
        {"estimatedCost": {"amount": "1e5", "currency": "EUR"}},
        {"estimatedCost": {"amount": 5.5, "currency": "EUR"}},
        {"estimatedCost": {"amount": "9" * 19, "currency": "EUR"}},
        {"estimatedCost": {"amount": "5.00", "currency": "XAU"}},
    ],
)
def test_a_value_that_is_none_of_its_kind_is_a_fault_of_the_request(url: str, given: dict[str, Any]) -> None:
    query = CREATE.format("CreateCapabilityNeed", "createCapabilityNeed")
    key = "01990000-0002-7000-8000-000000000000"
    needed = {"title": "Radios", "areaId": f"CapabilityArea:{key}", "groupId": f"ExpertGroup:{key}"}
    with signed_in(url) as client:
        answer = post(client, {"query": query, "variables": {"input": {**needed, **given}}})
    assert (answer.status_code, the_error(answer)[0]) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("createCapabilityNeed", {"marking": None}),
        ("createCapabilityNeed", {"priority": None, "marking": None}),
        ("updateGroupMembership", {"id": "GroupMembership:01990000-0002-7000-8000-000000000000", "role": None}),
        ("updateDocument", {"id": "Document:01990000-0002-7000-8000-000000000000", "documentType": None}),
        ("updateMeeting", {"id": "Meeting:01990000-0002-7000-8000-000000000000", "body": None}),
    ],
)
async def test_null_for_what_cannot_be_null_names_its_place(world: World, mutation: str, given: dict[str, Any]) -> None:
    base = world.a_need() if mutation.startswith("create") else {"expectedVersion": 1}
    error = await refused(world.database, await world.viewer("chair"), mutation, **base, **given)
    nulls = {name for name, value in given.items() if value is None}
    assert {each["path"][1] for each in error["violations"]} <= nulls
    assert all("must not be null" in each["message"] for each in error["violations"])


async def test_nobody_takes_an_object_into_a_group_of_his_own_to_decide_there(world: World, mover: Viewer) -> None:
    member = await world.viewer("member")
    paper = {"title": "Keys", "documentType": "REPORT", "groupId": an_id(world.group), "marking": "AMBER_STRICT"}
    made = await changed(world.database, member, "createDocument", DOCUMENT, **paper)
    to = {"id": made["id"], "expectedVersion": 1, "groupId": an_id(world.other_group)}
    for more in ({}, {"marking": "GREEN", "reason": "mine now"}, {"sharedWithIds": [an_id(world.group)]}):
        error = await refused(world.database, mover, "updateDocument", **to, **more)
        assert (error["code"], "chair" in error["message"]) == ("FORBIDDEN", True)
    need = await changed(world.database, member, "createCapabilityNeed", NEED, **world.a_need())
    given = {"id": need["id"], "expectedVersion": 1, "groupId": an_id(world.other_group)}
    assert (await refused(world.database, mover, "updateCapabilityNeed", **given))["code"] == "FORBIDDEN"


async def test_the_chair_of_its_group_gives_an_object_to_another_that_he_writes_in(world: World) -> None:
    chair = world.accounts["chair"]
    await keep(world.database, a_group_membership(world.other_group, chair, role=GroupRole.MEMBER))
    made = await changed(world.database, await world.viewer("member"), "createCapabilityNeed", NEED, **world.a_need())
    given = {"id": made["id"], "expectedVersion": 1, "groupId": an_id(world.other_group)}
    await changed(world.database, await world.viewer("chair"), "updateCapabilityNeed", NEED, **given)


async def test_a_repeated_change_whose_object_was_hidden_since_answers_that_there_is_none(world: World) -> None:
    member, chair = await world.viewer("member"), await world.viewer("chair")
    paper = {"title": "Plan", "documentType": "REPORT", "groupId": an_id(world.group), "idempotencyKey": "once"}
    made = await changed(world.database, member, "createDocument", DOCUMENT, **paper)
    assert await changed(world.database, member, "createDocument", DOCUMENT, **paper) == made
    named = {"marking": "RED", "recipientIds": [an_id(world.accounts["chair"])]}
    await changed(world.database, chair, "updateDocument", DOCUMENT, id=made["id"], expectedVersion=1, **named)
    error = await refused(world.database, member, "createDocument", **paper)
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "idempotencyKey"])


async def test_what_a_delivery_of_an_order_brings_is_of_a_line_of_that_order(database: Database) -> None:
    market = await Market(database).open()
    order = await market.funded_order(2)
    lines = [{"description": "More than was ordered", "quantity": 5000}]
    asked = {"title": "A lot", "purchaseOrderId": an_id(order), "lines": lines}
    error = await refused(database, await market.world.viewer("member"), "createDelivery", **asked)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [
        (["input", "lines", "0", "orderLineId"], "order_line")
    ]


async def test_the_needs_of_another_group_are_met_by_that_group_or_a_lead(world: World) -> None:
    other = an_account(world.home, "theirs@example.org")
    await keep(world.database, other, a_group_membership(world.other_group, other, role=GroupRole.MEMBER))
    stranger = await read_viewer(world.database, other.id, READ_AND_WRITE)
    assert stranger is not None
    theirs = world.a_need(groupId=an_id(world.other_group), marking="GREEN")
    need = await changed(world.database, stranger, "createCapabilityNeed", NEED, **theirs)
    given = {"id": need["id"], "to": "SUBMITTED", "expectedVersion": 1}
    await changed(world.database, stranger, "transitionCapabilityNeed", NEED, **given)
    asked = {"title": "Radios", "groupId": an_id(world.group), "needIds": [need["id"]]}
    error = await refused(world.database, await world.viewer("member"), "createProcurement", **asked)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [
        (["input", "needIds"], "need_of_another_group")
    ]


async def test_of_two_at_once_none_makes_a_part_of_a_part(world: World) -> None:
    rows = [a_contribution(world.home) for _ in range(3)]
    await keep(world.database, *rows)
    member = await world.viewer("member")
    first, second, third = ({"id": an_id(row), "expectedVersion": 1} for row in rows)
    await asyncio.gather(
        change(world.database, member, "updateContribution", "__typename", **first, partOfId=second["id"]),
        change(world.database, member, "updateContribution", "__typename", **second, partOfId=third["id"]),
    )
    async with world.database.bypass_policies("a test looks", read_only=True).connect() as connection:
        found = await connection.execute(select(Contribution.id, Contribution.part_of_id))
        whole = {row.id: row.part_of_id for row in found}
    assert not any(part and whole[part] for part in whole.values())


async def test_a_name_that_is_taken_within_what_belongs_to_an_object_is_told_there(world: World) -> None:
    decisions = [{"reference": "D-1", "kind": "ROADMAP", "text": text} for text in ("One.", "Two.")]
    asked = {"title": "Steering", "body": "EXPERT_GROUP", "groupId": an_id(world.group), "decisions": decisions}
    error = await refused(world.database, await world.viewer("member"), "createMeeting", **asked)
    assert [each["path"] for each in error["violations"]] == [["input", "decisions", "1", "reference"]]
