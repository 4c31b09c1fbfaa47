"""Earmarked money: donors say what it is for, and it goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import CapabilityNeed, Marking, NeedStatus
from tests.support.execute import read
from tests.support.factories import a_capability_area, a_need
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Procurement
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

GIVEN = """contribution { id version earmark earmarkedAreas { nodes { code } }
    earmarkedGroups { nodes { code } } earmarkedNeeds { nodes { reference } } }"""
SET_ASIDE = "allocation { id version amount { amount } need { reference } }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def given(market: Market, **earmark: Any) -> Any:
    donors = [{"participantId": an_id(market.world.home)}]
    pledge = {"kind": "CASH", "amount": euros("100.00"), "donors": donors, **earmark}
    return await market.changed("member", "createContribution", GIVEN, **pledge)


def to(contribution: Any, bought: Procurement, amount: str = "1.00", **more: Any) -> dict[str, Any]:
    return {"contributionId": contribution["id"], "procurementId": an_id(bought), "amount": euros(amount), **more}


async def elsewhere(market: Market, **changes: Any) -> CapabilityNeed:
    """Enter a need of another area and group."""
    area, group = a_capability_area("SATCOM"), market.world.other_group
    need = a_need(area, **{"group": group, "marking": Marking.CLEAR, "status": NeedStatus.VALIDATED, **changes})
    await market.keep(need)
    return need


async def clashes(market: Market, name: str = "lead") -> list[Any]:
    query = """{ clashes(where: {kind: {eq: EARMARK_MISSED}}) { nodes {
        severity contribution { reference } procurement { reference } } } }"""
    found: list[Any] = (await read(market.database, query, viewer=await market.world.viewer(name)))["clashes"]["nodes"]
    return found


async def test_money_for_a_need_goes_to_no_other_and_the_need_names_it(market: Market) -> None:
    radios, terminals = await market.need(), await elsewhere(market)
    both = await market.procurement("PLANNING", needs=[radios, terminals], group=market.world.other_group)
    made = await given(market, earmark="For radios.", earmarkedNeedIds=[an_id(radios)])
    assert made["earmarkedNeeds"]["nodes"] == [{"reference": radios.reference}]
    error = await market.refused("lead", "createAllocation", **to(made, both, needId=an_id(terminals)))
    assert error["violations"] == [
        {
            "path": ["input", "needId"],
            "rule": "earmark",
            "message": f"The donors earmarked the contribution for need {radios.reference}. The need of this "
            "allocation is not within that earmark. Choose another procurement or contribution, or ask the donors to "
            "change the earmark.",
        }
    ]
    await market.changed("lead", "createAllocation", SET_ASIDE, **to(made, both, needId=an_id(radios)))
    row = await market.changed("lead", "createAllocation", SET_ASIDE, **to(made, both, "5.00"))
    move = {"id": row["id"], "expectedVersion": row["version"], "procurementId": an_id(both), "reason": "Cheaper."}
    moved = {**move, "amount": euros("5.00"), "needId": an_id(terminals)}
    assert await market.rule("lead", "reallocateAllocation", **moved) == "input.needId: earmark"
    query = """{ capabilityNeeds(where: {earmarkedContributions: {some: {kind: {eq: CASH}}}}) { nodes {
        reference earmarkedContributions { totalCount nodes { earmark } } } } }"""
    found = (await read(market.database, query))["capabilityNeeds"]["nodes"]
    assert found == [
        {
            "reference": radios.reference,
            "earmarkedContributions": {"totalCount": 1, "nodes": [{"earmark": "For radios."}]},
        }
    ]
    assert await clashes(market) == []


async def test_money_for_an_area_or_a_group_serves_all_their_needs(market: Market) -> None:
    radios, terminals = await market.need(), await elsewhere(market)
    inside, outside = await market.procurement(needs=[radios]), await market.procurement(needs=[terminals], group=None)
    unsaid = await market.procurement(group=None)
    world = market.world
    for earmark in ({"earmarkedAreaIds": [an_id(world.area)]}, {"earmarkedGroupIds": [an_id(world.group)]}):
        made = await given(market, **earmark)
        await market.changed("lead", "createAllocation", SET_ASIDE, **to(made, inside))
        for other in (outside, unsaid):
            assert await market.rule("lead", "createAllocation", **to(made, other)) == "input.procurementId: earmark"
    free = await given(market)
    for bought in (inside, outside, unsaid):
        await market.changed("lead", "createAllocation", SET_ASIDE, **to(free, bought))


async def test_an_earmark_that_is_stated_later_shows_which_money_misses_it(market: Market) -> None:
    radios, terminals = await market.need(), await elsewhere(market)
    bought = await market.procurement(needs=[radios], group=None)
    made = await given(market)
    row = await market.changed("lead", "createAllocation", SET_ASIDE, **to(made, bought, "50.00"))
    later = {"id": made["id"], "expectedVersion": made["version"], "earmarkedNeedIds": [an_id(terminals)]}
    await market.changed("member", "updateContribution", GIVEN, **later)
    [clash] = await clashes(market)
    assert (clash["severity"], clash["procurement"]) == ("HIGH", {"reference": bought.reference})
    more = {"id": row["id"], "expectedVersion": row["version"], "amount": euros("60.00")}
    assert await market.rule("lead", "updateAllocation", **more) == "input.amount: earmark"
    less = await market.changed("lead", "updateAllocation", SET_ASIDE, **{**more, "amount": euros("40.00")})
    back = {"id": less["id"], "expectedVersion": less["version"], "reason": "It is for terminals."}
    await market.changed("lead", "withdrawAllocation", SET_ASIDE, **back)
    assert await clashes(market) == []


async def test_an_earmark_that_the_viewer_does_not_see_changes_nothing_but_is_a_clash_for_who_sees_it(
    market: Market,
) -> None:
    radios = await market.need()
    secret = await elsewhere(market, marking=Marking.RED, recipients=[market.world.accounts["other"]])
    contribution = await market.contribution(earmarked_needs=[secret], marking=Marking.CLEAR)
    bought, within = [await market.procurement(needs=[each], group=None) for each in (radios, secret)]
    # Neither tells the lead that a need is earmarked, or which procurement buys it.
    for each in (bought, within):
        await market.changed("lead", "createAllocation", SET_ASIDE, **to({"id": an_id(contribution)}, each))
    assert await clashes(market) == []
    [missed] = await clashes(market, "other")
    assert missed["procurement"] == {"reference": bought.reference}
    query = "{ contributions { nodes { earmarkedNeeds { totalCount nodes { reference } } } } }"
    seen = (await read(market.database, query, viewer=await market.world.viewer("lead")))["contributions"]["nodes"]
    assert seen == [{"earmarkedNeeds": {"totalCount": 0, "nodes": []}}]
