"""Rules of giving, buying and planning that commands check, and that the database holds against other writers too."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import (
    AwardStatus,
    DocumentStatus,
    MeetingBody,
    MeetingStatus,
    ProcurementStatus,
    RoadmapLine,
)
from models.base import new_key
from models.code_lists.countries import ASSIGNED, COUNTRIES
from tests.models.test_sum_triggers import copied, loaded, refused, write
from tests.support.factories import (
    a_contribution,
    a_decision,
    a_document,
    a_meeting,
    a_participant,
    a_roadmap,
    a_roadmap_line,
    a_supplier,
    an_award,
    money,
)
from tests.support.purchasing import Market

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_forty_shares_at_once_never_exceed_their_contribution(market: Market) -> None:
    given = await market.contribution("100.00")
    donors = [a_participant() for _ in range(40)]
    await market.keep(*donors)
    joins = """INSERT INTO contribution_donors (id, created_at, updated_at, version, contribution_id, participant_id,
        share_minor, share_currency) SELECT :id, created_at, updated_at, 1, id, :donor, :share, 'EUR'
        FROM contributions WHERE id = :given"""

    async def join(donor: str) -> str:
        engine = market.database.bypass_policies("a test writes by itself", unaudited=True)
        row = {"id": new_key(), "given": given.id, "donor": donor, "share": 700}
        try:
            async with engine.begin() as connection:
                await connection.execute(text(joins), row)
        except IntegrityError as error:
            return "shares_sum" if "coalition rule shares_sum at donors" in str(error.orig) else str(error)
        return "done"

    found = await asyncio.gather(*(join(each.id) for each in donors))
    assert Counter(found) == {"done": 14, "shares_sum": 26}
    more = "UPDATE contribution_donors SET share_minor = {} WHERE participant_id = '{{donor}}'"
    donor = next(each for each, done in zip(donors, found, strict=True) if done == "done")
    await refused(market, "shares_sum", more.format(901), donor=donor)
    await write(market, more.format(900), donor=donor)
    # Less is always possible, and a share in another currency is not added.
    await write(market, "UPDATE contribution_donors SET share_minor = 699 WHERE share_minor > 0")
    await write(
        market, "UPDATE contribution_donors SET share_minor = 9999, share_currency = 'DKK' WHERE share_minor > 0"
    )


async def test_money_is_allocated_only_from_what_can_be_allocated(market: Market) -> None:
    bought, other = await market.procurement(), await market.procurement()
    given, joint = await market.contribution(), await market.contribution()
    row, third = await market.allocation(given, bought, "5.00"), await market.procurement()
    stops = "UPDATE contributions SET {change} WHERE id = '{{given}}'"
    more = copied(
        "allocations", "id = '{row}'", contribution_id="'{given}'", procurement_id="'{other}'",
        amount_currency="amount_currency", amount_minor="1",
    )  # fmt: skip
    moves = "UPDATE allocations SET contribution_id = '{given}' WHERE id = '{row}'"
    raises = "UPDATE allocations SET amount_minor = 500 WHERE contribution_id = '{given}'"
    for change in (
        "kind = 'IN_KIND'", "statement_kind = 'TOTAL_TO_DATE'", "amount_qualifier = 'UP_TO'", "status = 'CANCELLED'",
        f"part_of_id = '{joint.id}'",
    ):  # fmt: skip
        statement = stops.format(change=change)
        await refused(market, "allocated", statement, given=given)
        unlike = await market.contribution()
        none = await market.allocation(unlike, third, "0.00")
        await write(market, statement, given=unlike)
        for step in (more, moves, raises):
            await refused(market, "allocatable", step, given=unlike, row=row, other=other)
        await write(market, "UPDATE allocations SET amount_minor = 0 WHERE id = '{none}'", none=none)
    # A later record corrects an earlier one.
    await loaded(market, given)
    await write(market, stops.format(change="kind = 'IN_KIND'"), given=given)


async def test_a_part_has_no_parts_and_is_of_one_that_is_no_part(market: Market) -> None:
    whole, part, third = [await market.contribution() for _ in range(3)]
    joins = "UPDATE contributions SET part_of_id = '{whole}' WHERE id = '{part}'"
    await write(market, joins, whole=whole, part=part)
    await refused(market, "part_of", joins, whole=part, part=third)
    await refused(market, "part_of", joins, whole=third, part=whole)
    with pytest.raises(IntegrityError, match="coalition rule part_of at partOfId"):
        await market.keep(a_contribution(market.world.home, part_of_id=part.id))


async def test_an_order_is_placed_after_the_award_and_a_procurement_begins_with_needs_that_are_validated(
    market: Market,
) -> None:
    draft = await market.need(status="SUBMITTED")
    bought = await market.procurement("PLANNING", needs=[draft])
    order = await market.order(bought, 2)
    places = "UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{order}'"
    await refused(market, "awarded", places, order=order)
    begins = "UPDATE procurements SET status = 'APPROVED' WHERE id = '{bought}'"
    await refused(market, "needs_validated", begins, bought=bought)
    await write(market, "UPDATE capability_needs SET status = 'VALIDATED'")
    await write(market, begins, bought=bought)
    await refused(market, "awarded", places, order=order)
    await write(market, begins.replace("APPROVED", ProcurementStatus.AWARDED.name), bought=bought)
    await write(market, places, order=order)


async def test_a_roadmap_plans_each_need_once_within_its_horizon(market: Market) -> None:
    need, lead = await market.need(), market.world.leads
    roadmap = a_roadmap(first_year=2025, last_year=2026)
    slots: tuple[dict[str, Any], ...] = ({}, {"quarter": 1}, {"lead_participant": lead})
    await market.keep(*(a_roadmap_line(roadmap, need, **slot) for slot in slots))

    async def plan(**slot: Any) -> None:
        """Store a line that knows its roadmap by its key."""
        await market.keep(RoadmapLine(roadmap_id=roadmap.id, need_id=need.id, ordinal=100, **{"year": 2025, **slot}))

    for slot in ({}, {"quarter": 1}, {"lead_participant_id": lead.id}):
        with pytest.raises(IntegrityError, match="coalition rule planned_once at lines"):
            await plan(**slot)
    moves = "UPDATE roadmap_lines SET year = {} WHERE quarter = 1"
    for year in (2024, 2027):
        with pytest.raises(IntegrityError, match="coalition rule horizon at lines"):
            await plan(year=year)
        await refused(market, "horizon", moves.format(year))
    await plan(year=2026)


async def test_a_roadmap_is_endorsed_by_the_steering_group_or_the_contact_group(market: Market) -> None:
    met = [a_meeting(body=body, status=MeetingStatus.HELD) for body in (MeetingBody.STEERING_GROUP, MeetingBody.OTHER)]
    decided = [a_decision(each) for each in met]
    roadmap, other = a_roadmap(), a_roadmap()
    await market.keep(*decided, roadmap, other)
    endorses = "UPDATE roadmaps SET status = 'ENDORSED' WHERE id = '{roadmap}'"
    names = "UPDATE roadmaps SET endorsed_by_id = '{decided}' WHERE id = '{roadmap}'"
    await refused(market, "endorsed_by", endorses, roadmap=roadmap)
    await refused(market, "endorsed_by", names, roadmap=roadmap, decided=decided[1])
    await write(market, names, roadmap=roadmap, decided=decided[0])
    await write(market, endorses, roadmap=roadmap)
    body = "UPDATE meetings SET body = '{body}' WHERE id = '{{met}}'"
    await refused(market, "endorsed_by", body.format(body="OTHER"), met=met[0])
    await write(market, body.format(body="UDCG"), met=met[0])
    await loaded(market, other)
    await write(market, endorses, roadmap=other)


async def test_an_award_in_force_and_a_final_document_are_sealed(market: Market) -> None:
    award = an_award(await market.procurement(), status=AwardStatus.ACTIVE, **money(value="1.00 EUR"))
    document = a_document(status=DocumentStatus.FINAL)
    await market.keep(award, document)
    raises = "UPDATE awards SET value_minor = 200 WHERE id = '{award}'"
    await refused(market, "sealed", raises, award=award)
    titled = "UPDATE documents SET title = 'Another' WHERE id = '{document}'"
    await refused(market, "sealed", titled, document=document)
    await write(market, "UPDATE awards SET status = 'CANCELLED' WHERE id = '{award}'", award=award)
    await write(market, raises, award=award)
    await write(market, "UPDATE documents SET expires_on = '2030-01-01' WHERE id = '{document}'", document=document)
    await loaded(market, document)
    await write(market, titled, document=document)


async def test_a_country_has_a_code_that_is_assigned(market: Market) -> None:
    assert (len(ASSIGNED), len(COUNTRIES)) == (249, 250)
    assert {*COUNTRIES} > {"EE", "UA", "XK"}
    supplier = a_supplier(group=market.world.group, country_code="XK")
    await market.keep(supplier)
    for row in (supplier, market.world.home):
        moves = f"UPDATE {row.__tablename__} SET country_code = 'ZZ' WHERE id = '{{row}}'"  # noqa: S608 - ours
        await refused(market, "country_code", moves, row=row)
    with pytest.raises(IntegrityError, match="coalition rule country_code at countryCode"):
        await market.keep(a_supplier(group=market.world.group, country_code="AA"))
