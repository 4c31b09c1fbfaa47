"""A need that was ended by mistake is reopened: by an account that may decide, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.factories import an_allocation
from tests.support.mutations import NEED, a_need, changed, refused, the_trail
from tests.support.purchasing import Market
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

MOVE = "transitionCapabilityNeed"


async def rejected(world: World) -> Any:
    """Have a need stated, submitted and rejected; return it."""
    need = await a_need(world)
    for name, to in (("member", "SUBMITTED"), ("chair", "REJECTED")):
        wanted = {"id": need["id"], "expectedVersion": need["version"], "to": to}
        need = await changed(world.database, await world.viewer(name), MOVE, NEED, **wanted)
    return need


async def test_a_need_that_was_rejected_by_mistake_is_submitted_again(world: World) -> None:
    need = await rejected(world)
    chair = await world.viewer("chair")
    wanted = {"id": need["id"], "expectedVersion": need["version"], "to": "SUBMITTED", "reason": "Rejected by mistake."}
    found = await changed(world.database, chair, MOVE, f"{NEED[:-2]} availableTransitions }}", **wanted)
    assert (found["status"], found["availableTransitions"]) == ("SUBMITTED", ["VALIDATED", "REJECTED", "WITHDRAWN"])
    *_, event = await the_trail(world.database)
    assert (event["before"], event["after"]) == ({"status": "REJECTED"}, {"status": "SUBMITTED"})
    assert event["reason"] == "Rejected by mistake."


async def test_a_validated_need_is_withdrawn_with_a_reason_unless_it_is_bought_and_submitted_again(
    database: Database,
) -> None:
    market = await Market(database).open()
    need = await market.need()
    assert await market.stays("member", need, "WITHDRAWN") == "reason"
    bought = await market.procurement("TENDERING", needs=[need])
    money = await market.allocation(await market.contribution(), bought, "50.00")
    await keep(database, an_allocation(money.contribution, bought, "50.00 EUR", need=need))
    error = (await market.move("member", need, "WITHDRAWN", reason="No longer needed."))["violations"]
    assert [(each["path"], each["rule"]) for each in error] == [
        (["input", "to"], "bought"), (["input", "to"], "allocated")
    ]  # fmt: skip
    first = f"The need is being bought by {bought.reference}. Take it out of the procurement, or end what is ordered"
    assert error[0]["message"] == f"{first}, first."
    await market.moved("chair", bought, "CANCELLED")
    assert (await market.move("member", need, "WITHDRAWN", reason="No longer needed."))["__typename"].endswith(
        "Success"
    )
    assert (await market.move("member", need, "SUBMITTED", reason="Needed again."))["code"] == "FORBIDDEN"
    assert await market.stays("chair", need, "SUBMITTED") == "reason"
    assert (await market.move("chair", need, "SUBMITTED", reason="Needed again."))["__typename"].endswith("Success")
    assert await market.status(need) == "SUBMITTED"


async def test_only_who_may_decide_reopens_a_need(world: World) -> None:
    need = await rejected(world)
    wanted = {"id": need["id"], "expectedVersion": need["version"], "to": "SUBMITTED", "reason": "Once more."}
    error = await refused(world.database, await world.viewer("member"), MOVE, **wanted)
    assert (error["code"], "Ask the chair of its group" in error["message"]) == ("FORBIDDEN", True)


async def test_a_need_is_not_reopened_without_a_reason(world: World) -> None:
    need = await rejected(world)
    wanted = {"id": need["id"], "expectedVersion": need["version"], "to": "SUBMITTED"}
    error = await refused(world.database, await world.viewer("chair"), MOVE, **wanted)
    [broken] = error["violations"]
    assert (broken["path"], broken["rule"]) == (["input", "reason"], "reason")


async def test_a_rejected_need_stays_as_it_is_until_it_is_reopened(world: World) -> None:
    need = await rejected(world)
    wanted = {"id": need["id"], "expectedVersion": need["version"], "unit": "set"}
    error = await refused(world.database, await world.viewer("chair"), "updateCapabilityNeed", **wanted)
    assert [each["rule"] for each in error["violations"]] == ["ended"]
