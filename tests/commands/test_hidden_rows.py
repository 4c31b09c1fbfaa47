"""A refusal that hidden rows cause is one sentence, and a reference to a hidden object is not replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Marking
from resolvers.commands.visible_rules import HIDDEN
from tests.support.execute import read
from tests.support.factories import a_need
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import CapabilityNeed
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

NEUTRAL = [{"path": ["input"], "rule": "hidden", "message": HIDDEN.message}]


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def secret_need(market: Market) -> CapabilityNeed:
    """Enter a need that only the chair sees."""
    world = market.world
    need = a_need(world.area, group=world.group, quantity=10, marking=Marking.RED, recipients=[world.accounts["chair"]])
    await market.keep(need)
    return need


async def test_money_that_goes_to_a_hidden_procurement_is_not_told_by_transitions_or_refusals(market: Market) -> None:
    given = await market.contribution("100.00", marking=Marking.CLEAR)
    chair = market.world.accounts["chair"]
    hidden = await market.procurement(marking=Marking.RED, recipients=[chair])
    await market.allocation(given, hidden, "60.00")
    [cancelled] = [each for each in await market.transitions("member", given) if each["to"] == "CANCELLED"]
    assert cancelled == {"to": "CANCELLED", "allowed": False, "reason": HIDDEN.message}
    answer = await market.move("member", given, "CANCELLED")
    assert answer["violations"] == NEUTRAL
    in_kind = {"id": an_id(given), "expectedVersion": 1, "amountQualifier": "UP_TO"}
    assert (await market.refused("member", "updateContribution", **in_kind))["violations"] == NEUTRAL
    # Who sees the procurement is told what to do.
    assert await market.stays("chair", given, "CANCELLED") == "allocated"
    # Of a visible allocation beside it, the sentence is about that one alone.
    await market.allocation(given, await market.procurement(), "10.00")
    answer = await market.move("member", given, "CANCELLED")
    assert [each["rule"] for each in answer["violations"]] == ["allocated"]


async def test_a_reference_to_a_hidden_object_is_not_replaced_by_who_does_not_see_it(market: Market) -> None:
    secret, radios = await secret_need(market), await market.need()
    bought = await market.procurement(needs=[secret, radios])
    order = await market.order(bought, 2, need=secret)
    line = {"id": an_id(order.lines[0]), "description": "Radios", "quantity": "2", "unitPrice": euros("10.00")}

    async def change(**link: Any) -> dict[str, Any]:
        return {"id": an_id(order), "expectedVersion": await market.version(order), "lines": [{**line, **link}]}

    async def need_of_line() -> Any:
        query = "query($id: ID!) { node(id: $id) { ... on OrderLine { need { reference } } } }"
        viewer = await market.world.viewer("chair")
        return (await read(market.database, query, viewer=viewer, id=line["id"]))["node"]["need"]

    error = await market.refused("member", "updatePurchaseOrder", **await change(needId=an_id(radios)))
    path = ["input", "lines", "0", "needId"]
    assert error["violations"] == [{"path": path, "rule": "hidden", "message": HIDDEN.message}]
    # Sent back as the member reads it, the link stays, and so it does if it is omitted.
    for link in ({"needId": None}, {}):
        await market.changed("member", "updatePurchaseOrder", "purchaseOrder { id }", **await change(**link))
        assert await need_of_line() == {"reference": secret.reference}
    await market.changed("chair", "updatePurchaseOrder", "purchaseOrder { id }", **await change(needId=an_id(radios)))
    assert await need_of_line() == {"reference": radios.reference}


async def test_a_refused_status_names_those_that_are_possible_and_why_others_are_not(market: Market) -> None:
    draft = await market.need(status="DRAFT")
    bought = await market.procurement("PLANNING", needs=[draft])
    answer = await market.move("chair", bought, "TENDERING")
    [broken] = answer["violations"]
    assert broken["rule"] == "transition"
    possible = [each for each in await market.transitions("chair", bought) if each["allowed"]]
    assert [each["to"] for each in possible] == ["CANCELLED"]
    assert broken["message"].startswith(
        "The status cannot change from PLANNING to TENDERING. Allowed statuses now: CANCELLED. "
        f"APPROVED is not allowed now: {draft.reference} is DRAFT."
    )
