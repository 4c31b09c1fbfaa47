"""The story of the guide to purchases: each operation gives the response that is printed below it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from models import DeliveryLine, DeliveryStatus
from tests.support.execute import ask
from tests.support.factories import a_delivery, a_delivery_line, an_allocation
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id
from tests.test_structure import ROOT

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: The pages in the order in which they are read, and where the story begins in each.
PAGES = (("docs/guides/purchases.md", "# "),)
#: An operation, the words between, and the response.
STEP = re.compile(r"```graphql\n(.*?)```(?:(?!```).)*```json\n(.*?)```", re.DOTALL)
#: A shortened id: the type, and the name that the story has for the object.
SHORT, KEY = re.compile(r"\w+:\w+…"), re.compile(r"\w+:[\w-]{36}")


def steps() -> list[tuple[str, Any]]:
    """Return the operations of the story, each with the response that is printed below it."""
    texts = [(ROOT / page).read_text().split(heading, 1)[1] for page, heading in PAGES]
    return [(operation, json.loads(response)) for text in texts for operation, response in STEP.findall(text)]


async def start(market: Market) -> dict[str, str]:
    """Enter what the story begins with; return the ids by their short forms."""
    need = await market.need(10)
    bought, other = await market.procurement("AWARDED", needs=[need]), await market.procurement("APPROVED")
    radios = await market.order(bought, 10, status="CONFIRMED", price="100.00", need=need)
    batteries = await market.order(bought, 10, status="PLACED", price="30.00")
    money = an_allocation(await market.contribution("2000.00"), bought, "1500.00 EUR")
    delivery = a_delivery(purchase_order=radios, status=DeliveryStatus.RECEIVED)
    line: DeliveryLine = a_delivery_line(delivery, order_line=radios.lines[0], need=need, quantity=10)
    await market.keep(money, delivery, line)
    named: dict[str, list[Entity]] = {"first": [delivery, line], "batteries": [batteries], "laptops": [other]}
    named["radios"] = [need, bought, radios, radios.lines[0], money]
    return {f"{type(row).__name__}:{name}…": an_id(row) for name, rows in named.items() for row in rows}


async def test_the_operations_give_the_printed_responses(database: Database) -> None:
    market = await Market(database).open()
    ids, viewers = await start(market), {name: await market.world.viewer(name) for name in ("chair", "lead")}
    story = steps()
    assert len(story) > len(PAGES)
    for operation, printed in story:
        sent = operation
        for short, key in ids.items():
            sent = sent.replace(short, key)
        answer = await ask(database, sent, viewer=viewers["lead" if "reallocate" in operation else "chair"])
        assert answer.errors == ()
        said, shortened = json.dumps(answer.data), SHORT.findall(json.dumps(printed, ensure_ascii=False))
        ids |= dict(zip(shortened, KEY.findall(said), strict=True))
        for short, key in ids.items():
            said = said.replace(key, short)
        assert json.loads(said) == printed
