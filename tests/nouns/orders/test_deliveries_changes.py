"""Deliveries: planned, received, examined line by line; accepted units lead orders, procurements and needs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind
from models.base import new_key
from tests.support.factories import a_contribution, a_participant
from tests.support.mutations import the_trail
from tests.support.purchasing import DELIVERY, Market, a_line, with_lines
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_what_is_accepted_leads_order_procurement_and_need_on(market: Market) -> None:
    need = await market.need()
    order = await market.funded_order(10, need=need)
    first = await with_lines(market, order, a_line(order, 5), status="SCHEDULED")
    await market.moved("member", first, "IN_TRANSIT", "RECEIVED")
    standing = [await market.status(each) for each in (order, order.procurement, need)]
    assert standing == ["CONFIRMED", "ORDERED", "IN_PROCUREMENT"]
    await market.moved("member", first, "ACCEPTED")
    standing = [await market.status(each) for each in (order, order.procurement, need)]
    assert standing == ["PARTIALLY_DELIVERED", "DELIVERING", "PARTIALLY_MET"]
    second = await with_lines(market, order, a_line(order, 5))
    await market.moved("member", second, "ACCEPTED")
    standing = [await market.status(each) for each in (order, order.procurement, need)]
    assert standing == ["DELIVERED", "DELIVERING", "MET"]
    await market.moved("member", order, "CLOSED")
    await market.moved("member", order.procurement, "COMPLETED")


async def test_what_is_rejected_leads_nothing_on(market: Market) -> None:
    need = await market.need()
    order = await market.funded_order(10, need=need)
    arrived = await with_lines(market, order, a_line(order, 10))
    await market.moved("member", arrived, "REJECTED")
    standing = [await market.status(each) for each in (order, order.procurement, need)]
    assert standing == ["CONFIRMED", "ORDERED", "IN_PROCUREMENT"]


@pytest.mark.parametrize(
    ("examined", "agrees"),
    [
        ({"accepted": 4, "rejected": 0}, {"ACCEPTED"}),
        ({"accepted": 0, "rejected": 4}, {"REJECTED"}),
        ({"accepted": 3, "rejected": 1}, {"PARTIALLY_ACCEPTED"}),
        ({}, {"ACCEPTED", "REJECTED"}),
    ],
)
async def test_what_is_said_of_all_agrees_with_what_is_said_of_each_line(
    market: Market, examined: dict[str, int], agrees: set[str]
) -> None:
    # Three times four of it.
    order = await market.funded_order(12)
    found = set()
    for status in ("ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED"):
        arrived = await with_lines(market, order, a_line(order, 4, **examined))
        answer = await market.move("member", arrived, status)
        if answer["__typename"].endswith("Success"):
            found.add(status)
        else:
            assert [each["rule"] for each in answer["violations"]] == ["examined"]
    assert found == agrees


async def test_what_is_accepted_as_a_whole_is_accepted_in_every_line(market: Market) -> None:
    order = await market.funded_order(10)
    arrived = await with_lines(market, order, a_line(order, 4), a_line(order, 2, accepted=2, rejected=0))
    asked = {"id": an_id(arrived), "to": "ACCEPTED", "expectedVersion": await market.version(arrived)}
    found = await market.changed("member", "transitionDelivery", DELIVERY, **asked)
    lines = [(each["quantity"], each["accepted"], each["rejected"]) for each in found["lines"]["nodes"]]
    assert lines == [("4", "4", "0"), ("2", "2", "0")]


@pytest.mark.parametrize(
    ("line", "status", "broken"),
    [
        ({"accepted": 3, "rejected": 2}, "RECEIVED", "input.lines.0.accepted: examined_in_full"),
        ({"accepted": 4}, "RECEIVED", "input.lines.0.accepted: examined_in_full"),
        ({"quantity": None, "accepted": 4, "rejected": 0}, "RECEIVED", "input.lines.0.accepted: examined_in_full"),
        ({"accepted": 4, "rejected": 0}, "IN_TRANSIT", "input.lines.0.accepted: arrived"),
    ],
)
async def test_units_are_examined_in_full_and_after_they_arrived(
    market: Market, line: dict[str, Any], status: str, broken: str
) -> None:
    order = await market.funded_order(10)
    arrived = await market.delivery(order, status)
    asked = {"id": an_id(arrived), "expectedVersion": 1, "lines": [a_line(order, 4) | line]}
    assert await market.rule("member", "updateDelivery", **asked) == broken


async def test_nothing_is_accepted_whose_quantity_nobody_knows(market: Market) -> None:
    order = await market.funded_order(10)
    for lines in ([], [a_line(order, None)]):
        arrived = await with_lines(market, order, *lines)
        assert await market.stays("member", arrived, "ACCEPTED") == "lines"


async def test_a_delivery_is_of_a_placed_order_or_of_a_contribution_in_kind(market: Market) -> None:
    draft, order = await market.funded_order(1, status="DRAFT"), await market.funded_order(1)
    money, gift = await market.contribution(), a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    await market.keep(gift)
    title = {"title": "Laptops"}
    both = {"purchaseOrderId": an_id(order), "contributionId": an_id(gift)}
    for name in ("lead", "chair"):
        assert await market.rule(name, "createDelivery", **title) == "input: one_origin"
    assert await market.rule("member", "createDelivery", **title, **both) == "input: one_origin"
    drafted = {**title, "purchaseOrderId": an_id(draft)}
    assert await market.rule("member", "createDelivery", **drafted) == "input.purchaseOrderId: placed"
    bought = {**title, "contributionId": an_id(money)}
    assert await market.rule("lead", "createDelivery", **bought) == "input.contributionId: in_kind"
    await market.changed("lead", "createDelivery", DELIVERY, **title, contributionId=an_id(gift))


@pytest.mark.parametrize(
    ("mutation", "given", "name"),
    [
        ("createDelivery", {"title": "Laptops"}, "lines"),
        ("createPurchaseOrder", {}, "lines"),
        ("createProcurement", {"title": "Laptops"}, "needIds"),
    ],
)
async def test_a_list_of_a_new_object_is_omitted_and_not_empty(
    market: Market, mutation: str, given: dict[str, Any], name: str
) -> None:
    order = await market.funded_order(1)
    links = {
        "createDelivery": {"purchaseOrderId": an_id(order)},
        "createPurchaseOrder": {"procurementId": an_id(order.procurement)},
        "createProcurement": {"groupId": an_id(market.world.group), "method": "OPEN"},
    }
    error = await market.refused("member", mutation, **given, **links[mutation], **{name: []})
    message = f"The list is empty. Send at least one item, or omit {name}."
    assert error["violations"] == [{"path": ["input", name], "rule": "empty", "message": message}]


async def test_what_is_handed_over_in_kind_meets_a_need(market: Market) -> None:
    need, gift = await market.need(4), a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    await market.keep(gift)
    lines = [{"description": "Laptops", "quantity": 4, "needId": an_id(need)}]
    given = {"title": "Laptops", "contributionId": an_id(gift), "lines": lines}
    made = await market.changed("lead", "createDelivery", DELIVERY, **given)
    for version, to in enumerate(("IN_TRANSIT", "RECEIVED", "ACCEPTED"), start=1):
        asked = {"id": made["id"], "to": to, "expectedVersion": version}
        await market.changed("lead", "transitionDelivery", DELIVERY, **asked)
    assert await market.status(need) == "MET"


async def test_what_was_examined_no_longer_changes(market: Market) -> None:
    order = await market.funded_order(10)
    arrived = await with_lines(market, order, a_line(order, 4))
    await market.moved("member", arrived, "ACCEPTED")
    asked = {"id": an_id(arrived), "expectedVersion": await market.version(arrived), "lines": []}
    assert await market.rule("member", "updateDelivery", **asked) == "input.id: ended"


async def test_nothing_is_examined_of_a_delivery_that_is_only_announced(market: Market) -> None:
    order = await market.funded_order(10)
    given = {"title": "Half of it", "purchaseOrderId": an_id(order)}
    examined = a_line(order, 5, accepted=5, rejected=0)
    broken = await market.rule("member", "createDelivery", **given, lines=[examined])
    assert broken == "input.lines.0.accepted: arrived"


async def test_an_update_of_a_delivery_and_its_lines_is_one_version(market: Market) -> None:
    order = await market.funded_order(10)
    arrived = await market.delivery(order, "RECEIVED")
    asked = {"id": an_id(arrived), "title": "Half of it", "note": "On two pallets"}
    first = await market.changed(
        "member", "updateDelivery", DELIVERY, **asked, expectedVersion=1, lines=[a_line(order, 5)]
    )
    assert first["version"] == 2
    asked |= {"title": "All of it", "reason": "Counted again"}
    lines = [a_line(order, 4), a_line(order, 5)]
    second = await market.changed("member", "updateDelivery", DELIVERY, **asked, expectedVersion=2, lines=lines)
    assert second["version"] == 3


async def test_the_recipient_is_a_participant_beside_the_words_of_the_source(market: Market) -> None:
    order, ukraine = await market.funded_order(10), a_participant("UA")
    await market.keep(ukraine)
    selected = "delivery { id version recipient { code } recipientNote }"
    planned = {"purchaseOrderId": an_id(order), "title": "Laptops", "recipientNote": "Armed Forces of Ukraine"}
    made = await market.changed("member", "createDelivery", selected, **planned)
    assert (made["recipient"], made["recipientNote"]) == (None, "Armed Forces of Ukraine")
    asked = {"id": made["id"], "expectedVersion": made["version"]}
    assert await market.rule("member", "updateDelivery", **asked, recipientId=f"Participant:{new_key()}") == (
        "input.recipientId: reference"
    )
    named = await market.changed("member", "updateDelivery", selected, **asked, recipientId=an_id(ukraine))
    assert (named["recipient"], named["recipientNote"]) == ({"code": "UA"}, "Armed Forces of Ukraine")
    *_, event = await the_trail(market.database)
    assert (event["before"], event["after"]) == ({"recipientId": None}, {"recipientId": an_id(ukraine)})
