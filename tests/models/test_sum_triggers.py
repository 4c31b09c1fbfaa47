"""What the database itself refuses to a writer who comes by another way than the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import LoadedRow, MeetingStatus
from models.base import new_key
from tests.support.factories import a_decision, a_delivery_line, a_delivery_return, a_meeting
from tests.support.purchasing import Market

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def write(market: Market, statement: str, **rows: Entity) -> None:
    """Run a statement of SQL in which rows go by their keys."""
    keys = {name: row.id for name, row in rows.items()}
    async with market.database.bypass_policies("a test writes by itself", unaudited=True).begin() as connection:
        await connection.execute(text(statement.format(**keys, key=new_key())))


async def refused(market: Market, rule: str, statement: str, **rows: Entity) -> None:
    """Check that the database refuses a statement because of a rule."""
    with pytest.raises(IntegrityError) as caught:
        await write(market, statement, **rows)
    assert f"coalition rule {rule}" in str(caught.value.orig)


async def loaded(market: Market, row: Entity) -> None:
    """Store that a load wrote a row: a later record corrects it, so that no rule seals it."""
    await market.keep(LoadedRow(row_id=row.id, table_name=row.__tablename__, values={}))


def copied(table: str, where: str, **changes: str) -> str:
    """Return the statement that inserts a copy of the row of a table at `where`, except for some columns."""
    columns = {"created_at": "created_at", "updated_at": "updated_at", "version": "1", "id": "'{key}'", **changes}
    values = ", ".join(columns.values())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"  # noqa: S608 - ours


async def test_allocations_never_exceed_their_contribution(market: Market) -> None:
    given, bought, other = await market.contribution(), await market.procurement(), await market.procurement()
    row = await market.allocation(given, bought, "60.00")
    more = copied(
        "allocations", "id = '{row}'", contribution_id="contribution_id", procurement_id="'{other}'",
        amount_currency="amount_currency", amount_minor="4001",
    )  # fmt: skip
    await refused(market, "allocations_sum", more, row=row, other=other)
    await write(market, more.replace("4001", "4000"), row=row, other=other)
    await refused(market, "allocations_sum", "UPDATE allocations SET amount_minor = 6001 WHERE id = '{row}'", row=row)
    lower = "UPDATE contributions SET amount_minor = 9999 WHERE id = '{given}'"
    await refused(market, "allocations_sum", lower, given=given)
    change = "UPDATE contributions SET amount_currency = 'DKK' WHERE id = '{given}'"
    await refused(market, "contribution_currency", change, given=given)


async def test_orders_never_exceed_what_is_set_aside(market: Market) -> None:
    bought = await market.procurement()
    row = await market.allocation(await market.contribution(), bought, "50.00")
    await market.order(bought, 3, status="PLACED")
    draft = await market.order(bought, 3)
    place = "UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{draft}'"
    await refused(market, "orders_sum", place, draft=draft)
    enter = copied(
        "purchase_orders", "id = '{draft}'", number="'PO-NEW'", status="'CLOSED'", procurement_id="procurement_id",
        value_minor="2001", value_currency="value_currency", value_qualifier="value_qualifier",
    )  # fmt: skip
    await refused(market, "orders_sum", enter, draft=draft)
    await write(market, enter.replace("2001", "2000"), draft=draft)
    await refused(market, "orders_sum", "UPDATE allocations SET amount_minor = 4999 WHERE id = '{row}'", row=row)
    await refused(market, "orders_sum", "DELETE FROM allocations WHERE id = '{row}'", row=row)


async def test_orders_whose_money_nobody_published_are_admitted(market: Market) -> None:
    bought = await market.procurement()
    draft = await market.order(bought, 3)
    await write(market, "UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{draft}'", draft=draft)
    # What becomes known of their money later does not make it worse.
    await market.allocation(await market.contribution(), bought, "5.00")


async def test_an_order_that_binds_is_worth_the_sum_of_its_lines(market: Market) -> None:
    order = await market.funded_order(2, 3, status="PLACED")
    await loaded(market, order)
    line, other = order.lines
    for statement in (
        "UPDATE purchase_orders SET value_minor = 4999 WHERE id = '{order}'",
        "UPDATE purchase_orders SET value_minor = NULL, value_currency = NULL WHERE id = '{order}'",
    ):
        await refused(market, "order_value", statement, order=order)
    await refused(market, "order_value", "UPDATE order_lines SET quantity = 1000 WHERE id = '{line}'", line=line)
    await refused(market, "order_value", "DELETE FROM order_lines WHERE id = '{other}'", other=other)
    more = copied(
        "order_lines", "id = '{line}'", purchase_order_id="purchase_order_id", ordinal="99", description="'More'",
        quantity="1000", unit_price_minor="10000", unit_price_currency="unit_price_currency",
    )  # fmt: skip
    await refused(market, "order_value", more, line=line)
    await write(market, "DELETE FROM purchase_orders WHERE id = '{order}'", order=order)


async def test_a_draft_is_placed_only_when_it_is_worth_the_sum_of_its_lines(market: Market) -> None:
    order = await market.funded_order(2, status="DRAFT")
    await write(market, "UPDATE purchase_orders SET value_minor = 1 WHERE id = '{order}'", order=order)
    place = "UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{order}'"
    await refused(market, "order_value", place, order=order)


async def test_accepted_and_expected_units_never_exceed_the_order(market: Market) -> None:
    order = await market.funded_order(10)
    received, planned = await market.delivery(order), await market.delivery(order, "SCHEDULED")
    first = a_delivery_line(received, order_line=order.lines[0], quantity=6)
    second = a_delivery_line(planned, order_line=order.lines[0], quantity=4)
    await market.keep(first, second)
    for row in (first, second):
        more = "UPDATE delivery_lines SET quantity = quantity + 1000 WHERE id = '{row}'"
        await refused(market, "received_sum", more, row=row)
    await write(market, "UPDATE deliveries SET status = 'LOST' WHERE id = '{planned}'", planned=planned)
    again = copied(
        "delivery_lines", "id = '{first}'", delivery_id="delivery_id", ordinal="9999", description="'More'",
        quantity="5000", quantity_qualifier="quantity_qualifier", order_line_id="order_line_id", returned="0",
        gift="{gift}",
    )  # fmt: skip
    gift, none = again.replace("{gift}", "true"), again.replace("{gift}", "false")
    await refused(market, "received_sum", none, first=first)
    await write(market, gift, first=first)
    await write(market, none.replace("5000,", "4000,").replace("9999", "9998"), first=first)
    found = "UPDATE deliveries SET status = 'IN_TRANSIT' WHERE id = '{planned}'"
    await refused(market, "received_sum", found, planned=planned)


async def test_returns_never_change_and_never_exceed_the_accepted_units(market: Market) -> None:
    order = await market.funded_order(10)
    delivery = await market.delivery(order, "ACCEPTED")
    numbers = {"quantity": 6, "accepted": 6, "rejected": 0, "returned": 2}
    line = a_delivery_line(delivery, order_line=order.lines[0], **numbers)
    entry = a_delivery_return(line, 1, 2)
    await market.keep(line, entry)
    more = copied(
        "delivery_returns", "id = '{entry}'", delivery_line_id="delivery_line_id", number="2", quantity="5000",
        returned_on="returned_on", reason="reason",
    )  # fmt: skip
    await refused(market, "returns_sum", more, entry=entry)
    for returned in ("returned - 1000", "returned + 1000"):
        change = "UPDATE delivery_lines SET returned = returned WHERE id = '{line}'".replace(
            "= returned", f"= {returned}"
        )
        await refused(market, "returned", change, line=line)
    await refused(market, "delivery_return_stays", "UPDATE delivery_returns SET quantity = 1", entry=entry)
    await refused(market, "delivery_return_stays", "DELETE FROM delivery_returns", entry=entry)
    await write(market, more.replace("5000", "4000"), entry=entry)
    await write(market, "UPDATE delivery_lines SET returned = 6000 WHERE id = '{line}'", line=line)


async def test_what_was_ordered_never_falls_below_what_is_received(market: Market) -> None:
    order = await market.funded_order(10, status="DRAFT")
    received = await market.delivery(order)
    await market.keep(a_delivery_line(received, order_line=order.lines[0], quantity=6))
    lower = "UPDATE order_lines SET quantity = 5000 WHERE id = '{line}'"
    await refused(market, "received_sum", lower, line=order.lines[0])


async def test_a_need_that_was_given_up_gets_no_money_and_is_not_bought(market: Market) -> None:
    need = await market.need(status="WITHDRAWN")
    bought = await market.procurement("PLANNING", needs=[need])
    row = await market.allocation(await market.contribution(), bought, "50.00")
    order = await market.order(bought, 2, need=need)
    named = "UPDATE allocations SET need_id = '{need}' WHERE id = '{row}'"
    await refused(market, "needs_open", named, row=row, need=need)
    again = copied(
        "allocations", "id = '{row}'", contribution_id="contribution_id", procurement_id="procurement_id",
        need_id="'{need}'", amount_currency="amount_currency", amount_minor="1",
    )  # fmt: skip
    await refused(market, "needs_open", again, row=row, need=need)
    # A record can place an order whose procurement is not AWARDED.
    await loaded(market, order)
    await refused(
        market, "needs_open", "UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{order}'", order=order
    )
    start = "UPDATE procurements SET status = 'APPROVED' WHERE id = '{bought}'"
    await refused(market, "needs_open", start, bought=bought)
    opened = "UPDATE capability_needs SET status = 'VALIDATED' WHERE id = '{need}'"
    given_up = opened.replace("VALIDATED", "REJECTED")
    await write(market, opened, need=need)
    await write(market, named, row=row, need=need)
    await refused(market, "allocated", given_up, need=need)
    await write(market, "UPDATE allocations SET amount_minor = 0 WHERE id = '{row}'", row=row)
    await write(market, start, bought=bought)
    await refused(market, "bought", given_up, need=need)


async def test_no_procurement_has_the_priority_of_a_decision_that_is_revoked(market: Market) -> None:
    bought, meeting = await market.procurement("PLANNING"), a_meeting(status=MeetingStatus.HELD)
    revoked = a_decision(meeting)
    await market.keep(meeting, revoked, a_decision(meeting, revokes=revoked))
    named = "UPDATE procurements SET decided_priority = 'LOW', priority_decision_id = '{revoked}' WHERE id = '{bought}'"
    await refused(market, "priority_decision", named, revoked=revoked, bought=bought)


async def test_a_line_of_an_order_that_goes_on_is_for_a_need_of_the_procurement(market: Market) -> None:
    need, other = await market.need(), await market.need()
    bought = await market.procurement("ORDERED", needs=[need])
    order = await market.order(bought, 2, need=need)
    line = order.lines[0]
    await refused(
        market, "need", "UPDATE order_lines SET need_id = '{other}' WHERE id = '{row}'", other=other, row=line
    )
    added = copied(
        "order_lines", "id = '{row}'", purchase_order_id="purchase_order_id", ordinal="ordinal + 1",
        description="description", need_id="'{other}'",
    )  # fmt: skip
    await refused(market, "need", added, other=other, row=line)
    gone = "DELETE FROM procurement_needs WHERE need_id = '{need}'"
    await refused(market, "ordered", gone, need=need)
    of_order = "UPDATE purchase_orders SET status = '{status}' WHERE id = '{{row}}'"
    await write(market, of_order.format(status="CANCELLED"), row=order)
    await write(market, gone, need=need)
    await refused(market, "need", of_order.format(status="DRAFT"), row=order)


async def test_an_order_is_placed_with_a_supplier_and_keeps_one(market: Market) -> None:
    bought = await market.procurement("ORDERED")
    draft, placed = await market.order(bought, 1), await market.order(bought, 1, status="CONFIRMED")
    without = "UPDATE purchase_orders SET supplier_id = NULL WHERE id = '{row}'"
    await refused(market, "supplier", without, row=placed)
    await write(market, without, row=draft)
    await refused(market, "supplier", "UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{row}'", row=draft)
