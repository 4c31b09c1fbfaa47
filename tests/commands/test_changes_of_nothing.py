"""An update that changes nothing raises no version and writes no event, also where null is filled in again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DatePrecision, NeedStatus
from tests.support.factories import a_delivery_line, a_meeting, a_need, an_item
from tests.support.mutations import changed, the_trail
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


def sent_back(row: Any) -> dict[str, str]:
    return {"id": an_id(row), "description": row.description}


async def test_null_for_what_is_filled_in_again_changes_nothing(database: Database) -> None:
    market = await Market(database).open()
    need = a_need(market.world.area, group=market.world.group, status=NeedStatus.IN_PROCUREMENT, unit="pieces")
    unit: dict[str, Any] = {"unit": "pieces", "need": need}
    bought = await market.procurement("ORDERED", needs=[need])
    order, sent = await market.order(bought, 2, **unit), await market.order(bought, 4, status="CONFIRMED", **unit)
    [line], [ordered] = order.lines, sent.lines
    coming = await market.delivery(sent, "SCHEDULED")
    expected = a_delivery_line(coming, order_line=ordered, quantity=2, **unit)
    item = an_item(bought, quantity=2, **unit)
    start = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    held = a_meeting(held_on=start.date(), held_on_precision=DatePrecision.DAY, starts_at=start)
    person = market.world.accounts["member"]
    await market.keep(expected, item, held)
    cases: list[tuple[Entity, dict[str, Any]]] = [
        (order, {"lines": [{**sent_back(line), "unit": None}]}),
        (coming, {"lines": [{**sent_back(expected), "needId": None}]}),
        (coming, {"lines": [{**sent_back(expected), "unit": None}]}),
        (bought, {"items": [{**sent_back(item), "unit": None}]}),
        (held, {"heldOn": None}),
        (person, {"email": "Member@Example.org"}),
    ]
    before = len(await the_trail(database))
    for row, given in cases:
        noun, version = type(row).__name__, await market.version(row)
        selected = f"{noun[0].lower()}{noun[1:]} {{ version }}"
        asked = {"id": an_id(row), "expectedVersion": version, **given}
        viewer = await market.world.viewer("lead" if row in {held, person} else "chair")
        assert await changed(database, viewer, f"update{noun}", selected, **asked) == {"version": version}, given
    assert len(await the_trail(database)) == before
