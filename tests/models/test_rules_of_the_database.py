"""Rules that commands check, and that the database holds against a writer who comes by another way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from models import Marking, MeetingBody, MeetingStatus
from models.code_lists.currencies import WITHDRAWN
from tests.models.test_sum_triggers import copied, loaded, refused, write
from tests.support.factories import (
    a_capability_area,
    a_decision,
    a_delivery,
    a_figure,
    a_meeting,
    a_need,
    a_roadmap,
    a_roadmap_line,
    a_supplier,
    an_award,
    an_item,
    an_order,
    an_order_line,
    money,
)
from tests.support.purchasing import Market

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_no_money_is_allocated_outside_of_an_earmark_that_everyone_sees(market: Market) -> None:
    need, area = await market.need(), a_capability_area("SATCOM")
    elsewhere, hidden = a_need(area, group=None), a_need(area, group=None, marking=Marking.RED)
    await market.keep(elsewhere, hidden)
    within, outside = await market.procurement(needs=[need]), await market.procurement(needs=[elsewhere], group=None)
    earmarks: tuple[dict[str, Any], ...] = (
        {"earmarked_areas": [market.world.area]},
        {"earmarked_groups": [market.world.group], "earmarked_needs": [hidden]},
    )
    for earmark in earmarks:
        given = await market.contribution(**earmark)
        row = await market.allocation(given, within, "5.00")
        more = copied(
            "allocations", "id = '{row}'", contribution_id="contribution_id", procurement_id="'{outside}'",
            amount_currency="amount_currency", amount_minor="1",
        )  # fmt: skip
        await refused(market, "earmark", more, row=row, outside=outside)
        move = "UPDATE allocations SET procurement_id = '{outside}' WHERE id = '{row}'"
        await refused(market, "earmark", move, row=row, outside=outside)
        # What a source reports stands as it is.
        await loaded(market, row)
        await write(market, move, row=row, outside=outside)
    # A refusal would reveal the hidden need.
    given = await market.contribution(earmarked_needs=[hidden])
    row = await market.allocation(given, outside, "5.00")
    await write(market, "DELETE FROM contribution_earmarked_needs")
    stated = "INSERT INTO contribution_earmarked_needs (contribution_id, need_id) VALUES ('{given}', '{need}')"
    await write(market, stated, given=given, need=need)
    await write(market, "UPDATE allocations SET amount_minor = 400 WHERE id = '{row}'", row=row)
    raised = "UPDATE allocations SET amount_minor = 401 WHERE id = '{row}'"
    await write(market, raised.replace("401", "400"), row=row)
    await write(market, "UPDATE capability_needs SET visible_since = created_at, marking = 'GREEN'")
    await refused(market, "earmark", raised, row=row)


async def test_no_new_amount_is_in_a_currency_that_was_withdrawn_before(market: Market) -> None:
    given = await market.contribution()
    entered = copied(
        "contributions", "id = '{given}'", reference="'CON-{code}'", marking="marking", kind="kind", status="status",
        statement_kind="statement_kind", amount_qualifier="amount_qualifier", announced_on="'{day}'",
        amount_minor="1", amount_currency="'{code}'",
    )  # fmt: skip
    for code, ended in WITHDRAWN.items():
        in_it = entered.replace("{code}", code)
        later = ended.last_day + dt.timedelta(days=1)
        await refused(market, "withdrawn_currency", in_it.replace("{day}", f"{later}"), given=given)
        await write(market, in_it.replace("{day}", f"{ended.last_day}"), given=given)
    change = "UPDATE contributions SET {change} WHERE reference = 'CON-HRK'"
    for moved in ("announced_on = '2023-01-15'", "announced_on = NULL", "amount_currency = 'BEF'"):
        await refused(market, "withdrawn_currency", change.replace("{change}", moved))
    # The old amount is kept, with its day and its currency.
    await write(market, change.replace("{change}", "amount_minor = 2, amount_currency = 'HRK'"))


async def test_no_part_or_plan_has_a_currency_that_was_withdrawn_before(market: Market) -> None:
    bought, need = await market.procurement(), await market.need()
    old, roadmap, delivery = dt.date(2022, 5, 6), a_roadmap(), a_delivery()
    order, award = an_order(bought, ordered_on=old), an_award(bought)
    line, item = an_order_line(order, **money(unit_price="1.00 HRK")), an_item(bought)
    plan, figure = a_roadmap_line(roadmap, need), a_figure(**money(money="1.00 EUR"))
    await market.keep(order, line, item, award, roadmap, plan, delivery, figure)
    for row, name in (
        (need, "estimated_cost"), (bought, "estimated_value"), (item, "estimated_unit_value"),
        (award, "value"), (plan, "planned_amount"), (delivery, "value"), (figure, "money"),
    ):  # fmt: skip
        change = f"UPDATE {row.__tablename__} SET {name}_minor = 1, {name}_currency = 'HRK' WHERE id = '{{row}}'"  # noqa: S608 - ours
        await refused(market, "withdrawn_currency", change, row=row)
    await write(market, "UPDATE procurements SET approved_on = '2022-05-06' WHERE id = '{bought}'", bought=bought)
    valued = "UPDATE procurement_items SET estimated_unit_value_minor = 1, estimated_unit_value_currency = 'HRK'"
    await write(market, valued)
    for moved in ("procurements SET approved_on", "purchase_orders SET ordered_on"):
        await refused(market, "withdrawn_currency", f"UPDATE {moved} = '2024-05-06'")


async def test_the_terms_of_a_placed_order_change_only_by_an_amendment(market: Market) -> None:
    order, supplier = await market.funded_order(2, status="DRAFT"), a_supplier()
    await market.keep(supplier)
    rows = {"order": order, "line": order.lines[0], "supplier": supplier}
    of_order, of_line = "UPDATE purchase_orders SET {} WHERE id = '{{order}}'", "UPDATE order_lines SET {} WHERE {}"
    stays = [
        of_line.format(each, "id = '{line}'") for each in ("unit = 'KGM'", "description = 'X'", "kind = 'SERVICE'")
    ]
    amended = [of_order.format(each) for each in ("expected_on = '2030-01-01'", "value_qualifier = 'ABOUT'")]
    amended.append(of_line.format("vat_rate = 24000", "id = '{line}'"))
    # Other rules can be named first.
    also = [of_order.format("value_minor = 1999"), of_line.format("quantity = 1999", "id = '{line}'")]
    placed, begun, ended = (
        of_order.format(each)
        for each in (
            "status = 'PLACED', supplier_id = '{supplier}'", "amendment_count = 1",
            "amendment_count = 0",
        )
    )  # fmt: skip
    await write(market, placed, **rows)
    for statement in (*stays, *amended):
        await refused(market, "sealed", statement, **rows)
    for statement in (*also, of_order.format("value_currency = 'DKK'")):
        with pytest.raises(IntegrityError, match="coalition rule"):
            await write(market, statement, **rows)
    await refused(market, "supplier", of_order.format("supplier_id = NULL"), **rows)
    await write(market, begun, **rows)
    for statement in (*stays, ended):
        await refused(market, "sealed", statement, **rows)
    for statement in (*amended, *also):
        await write(market, statement, **rows)
    # A later record corrects an earlier one.
    await loaded(market, order)
    for statement in stays:
        await write(market, statement, **rows)


async def test_a_line_without_a_price_is_not_removed_from_a_placed_order(market: Market) -> None:
    order = await market.funded_order(2)
    priced = an_order_line(order, quantity=1)
    await market.keep(priced)
    await refused(market, "sealed", "DELETE FROM order_lines WHERE id = '{line}'", line=priced)
    await write(market, "DELETE FROM purchase_orders WHERE id = '{order}'", order=order)


async def test_the_lines_of_an_endorsed_roadmap_never_change(market: Market) -> None:
    roadmap, need = a_roadmap(), await market.need()
    meeting = a_meeting(status=MeetingStatus.HELD, body=MeetingBody.STEERING_GROUP)
    line = a_roadmap_line(roadmap, need)
    decisions = [a_decision(meeting), a_decision(meeting)]
    await market.keep(roadmap, line, meeting, *decisions)
    rows = {"line": line, "roadmap": roadmap, "one": decisions[0], "other": decisions[1]}
    changes = ["UPDATE roadmap_lines SET year = 2027 WHERE id = '{line}'"]
    changes += ["UPDATE roadmap_lines SET quarter = 2 WHERE id = '{line}'"]
    horizon = "UPDATE roadmaps SET last_year = 2099 WHERE id = '{roadmap}'"
    for statement in (*changes, horizon):
        await write(market, statement, **rows)
    endorsed = "UPDATE roadmaps SET status = 'ENDORSED', endorsed_by_id = '{one}' WHERE id = '{roadmap}'"
    await write(market, endorsed, **rows)
    changes += ["DELETE FROM roadmap_lines WHERE id = '{line}'", horizon, endorsed]
    for statement in [each.replace("7", "8").replace("2 W", "3 W").replace("99", "98") for each in changes]:
        await refused(market, "sealed", statement.replace("{one}", "{other}"), **rows)
    await loaded(market, roadmap)
    await write(market, changes[1].replace("2 W", "3 W"), **rows)
