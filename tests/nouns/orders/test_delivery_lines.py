"""Lines of deliveries: the order line and the need that they count towards, and how much of it they can be."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind, DeliveryStatus
from tests.support.factories import a_contribution, a_delivery, a_delivery_line
from tests.support.mutations import change
from tests.support.purchasing import DELIVERY, Market, a_line, with_lines
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_a_delivery_counts_towards_the_need_of_its_order_line(market: Market) -> None:
    need = await market.need()
    order = await market.funded_order(10, need=need)
    given = {"title": "Half of it", "purchaseOrderId": an_id(order), "lines": [a_line(order, 5)]}
    made = await market.changed("member", "createDelivery", DELIVERY, **given)
    line = {"quantity": "5", "accepted": None, "rejected": None, "need": {"id": an_id(need)}}
    assert (made["status"], made["lines"]["nodes"]) == ("SCHEDULED", [line])


async def test_no_more_is_accepted_and_expected_than_was_ordered(market: Market) -> None:
    order = await market.funded_order(10)
    first = await with_lines(market, order, a_line(order, 6), status="SCHEDULED")
    given = {"title": "The rest", "purchaseOrderId": an_id(order), "lines": [a_line(order, 5)]}
    assert await market.rule("member", "createDelivery", **given) == "input.lines.0.quantity: received_sum"
    await market.moved("member", first, "IN_TRANSIT", "RECEIVED", "REJECTED")
    second = await market.changed("member", "createDelivery", DELIVERY, **{**given, "lines": [a_line(order, 10)]})
    asked = {"id": second["id"], "expectedVersion": 1, "lines": [a_line(order, 11)], "reason": "Counted anew."}
    assert await market.rule("member", "updateDelivery", **asked) == "input.lines.0.quantity: received_sum"
    again = {"id": an_id(first), "expectedVersion": await market.version(first), "to": "RECEIVED", "reason": "Anew."}
    assert await market.rule("chair", "transitionDelivery", **again) == "input.to: received_sum"
    offered = await market.transitions("chair", first)
    message = (
        "All of the 10 ordered units are accepted or expected. Enter these units as a gift, or end a delivery that "
        "does not arrive: CANCELLED or LOST."
    )
    assert offered == [{"to": "RECEIVED", "allowed": False, "reason": message}]


async def test_a_gift_is_a_line_beyond_an_order(market: Market) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    await market.keep(gift)
    lines = [{"description": "Laptops", "quantity": 1, "gift": True}]
    given = {"title": "Laptops", "contributionId": an_id(gift), "lines": lines}
    assert await market.rule("lead", "createDelivery", **given) == "input.lines.0.gift: gift"


async def test_a_line_replaces_one_of_another_delivery_for_the_same_order_line(market: Market) -> None:
    order, other = await market.funded_order(10), await market.funded_order(10)
    first = await with_lines(market, order, a_line(order, 6), status="SCHEDULED")
    lost = (await market.lines(first))[0]
    line = a_line(other, 6, replacesId=lost)
    given = {"title": "Again", "purchaseOrderId": an_id(other), "lines": [line]}
    assert await market.rule("member", "createDelivery", **given) == "input.lines.0.replacesId: replaces"


async def test_no_line_replaces_itself(market: Market) -> None:
    order = await market.funded_order(10)
    delivery = await with_lines(market, order, a_line(order, 2), status="SCHEDULED")
    (there,) = await market.lines(delivery)
    asked = {"id": an_id(delivery), "expectedVersion": await market.version(delivery)}
    asked["lines"] = [a_line(order, 2, id=there, replacesId=there)]
    assert await market.rule("member", "updateDelivery", **asked) == "input: circle"


async def test_a_line_that_is_there_replaces_and_receives_no_more_than_is_lacking(market: Market) -> None:
    order = await market.funded_order(10)
    first = await with_lines(market, order, a_line(order, 4, accepted=3, rejected=1))
    await market.moved("member", first, "PARTIALLY_ACCEPTED")
    second = await with_lines(market, order, a_line(order, 2), status="SCHEDULED")
    (short,), (there,) = await market.lines(first), await market.lines(second)
    asked = {"id": an_id(second), "expectedVersion": await market.version(second), "reason": "Counted anew."}
    line = a_line(order, 2, id=there, replacesId=short)
    assert await market.rule("member", "updateDelivery", **asked, lines=[line]) == "input.lines.0.replacesId: replaces"
    made = await market.changed("member", "updateDelivery", DELIVERY, **asked, lines=[{**line, "quantity": 1}])
    asked["expectedVersion"] = made["version"]
    assert await market.rule("member", "updateDelivery", **asked, lines=[line]) == "input.lines.0.replacesId: replaces"
    # Four ordered units are still free, but the rejected one is replaced already.
    given = {"title": "Again", "purchaseOrderId": an_id(order), "lines": [a_line(order, 1, replacesId=short)]}
    [broken] = (await market.refused("member", "createDelivery", **given))["violations"]
    assert broken["message"].startswith(
        "Only 1 unit of that line was rejected, returned or lost, and other lines replace 1 of them."
    )


async def test_what_several_lines_replace_of_goods_in_kind_is_summed(market: Market) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    lost = a_delivery(contribution=gift, status=DeliveryStatus.LOST)
    line = a_delivery_line(lost, quantity=5)
    await market.keep(line)
    again = {"description": "Laptops", "replacesId": an_id(line)}
    given = {"title": "Again", "contributionId": an_id(gift), "lines": [{**again, "quantity": 3}] * 2}
    assert await market.rule("lead", "createDelivery", **given) == "input.lines.0.replacesId: replaces"
    given["lines"] = [{**again, "quantity": 3}]
    await market.changed("lead", "createDelivery", DELIVERY, **given)
    [broken] = (await market.refused("lead", "createDelivery", **given))["violations"]
    assert broken["message"] == (
        "Only 5 units of that line were rejected, returned or lost, and other lines replace 3 of them. Correct the "
        "quantity or choose another line."
    )
    await market.changed("lead", "createDelivery", DELIVERY, **{**given, "lines": [{**again, "quantity": 2}]})


async def test_forty_replacements_at_once_replace_no_more_than_is_lacking(market: Market) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    line = a_delivery_line(a_delivery(contribution=gift, status=DeliveryStatus.LOST), quantity=5)
    await market.keep(line)
    viewer = await market.world.viewer("lead")
    given: dict[str, Any] = {"title": "Again", "contributionId": an_id(gift)}
    given["lines"] = [{"description": "Laptops", "quantity": 1, "replacesId": an_id(line)}]
    asked = (change(market.database, viewer, "createDelivery", "delivery { id }", **given) for _ in range(40))
    answers = await asyncio.gather(*asked)
    rules = (answer["violations"][0]["rule"] if "violations" in answer else "done" for answer in answers)
    assert Counter(rules) == {"done": 5, "replaces": 35}


async def test_a_line_is_of_the_deliverys_own_order(market: Market) -> None:
    order, other = await market.funded_order(10), await market.funded_order(10)
    given = {"title": "Half of it", "purchaseOrderId": an_id(order), "lines": [a_line(other, 5)]}
    assert await market.rule("member", "createDelivery", **given) == "input.lines.0.orderLineId: order_line"
    need = await market.need()
    given["lines"] = [a_line(order, 5, needId=an_id(need))]
    assert await market.rule("member", "createDelivery", **given) == "input.lines.0.needId: order_line_need"


async def test_a_line_that_was_examined_stays(market: Market) -> None:
    order = await market.funded_order(10)
    arrived = await with_lines(market, order, a_line(order, 4, accepted=4, rejected=0), status="RECEIVED")
    asked = {
        "id": an_id(arrived),
        "expectedVersion": await market.version(arrived),
        "lines": [],
        "reason": "By mistake.",
    }
    assert await market.rule("member", "updateDelivery", **asked) == "input.lines: stays"


async def test_units_that_do_not_add_up_are_named_by_line_and_figure(market: Market) -> None:
    order = await market.funded_order(20)
    arrived = await with_lines(market, order, a_line(order, 5), a_line(order, 10))
    first, second = await market.lines(arrived)
    sent = {"accepted": 3, "rejected": "1"}
    asked = {"id": an_id(arrived), "expectedVersion": await market.version(arrived)}
    lines = [a_line(order, 5, id=first, accepted=5, rejected=0), a_line(order, 10, id=second, **sent)]
    # The second new line is judged as the second old one: before the database, which names neither line nor figure.
    for wrong in (lines, [lines[0], a_line(order, 10, **sent)]):
        given = {**asked, "lines": wrong, "reason": "Examined."}
        error = await market.refused("member", "updateDelivery", **given)
        [broken] = error["violations"]
        assert (broken["path"], broken["rule"]) == (["input", "lines", "1", "accepted"], "examined_in_full")
        assert broken["message"].startswith("3 accepted and 1 rejected units are 4, but 10 arrived. ")


async def test_a_delivery_of_a_draft_has_one_fault_and_a_missing_order_line_is_called_missing(market: Market) -> None:
    for status, wanted in (
        ("DRAFT", "input.purchaseOrderId: placed"),
        ("PLACED", "input.lines.0.orderLineId: order_line"),
    ):
        order = await market.funded_order(10, status=status)
        given = {"title": "Laptops", "purchaseOrderId": an_id(order), "lines": [{"description": "x", "quantity": 1}]}
        assert await market.rule("member", "createDelivery", **given) == wanted
    error = await market.refused("member", "createDelivery", **given)
    assert error["violations"][0]["message"].startswith("The order line is missing. ")
