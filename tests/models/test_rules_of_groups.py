"""The rules of groups that the database holds against a writer who comes by another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.models.test_sum_triggers import refused, write
from tests.support.factories import an_expert_group
from tests.support.purchasing import Market

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_only_a_dissolved_group_is_merged_and_only_into_an_active_one(market: Market) -> None:
    rows = {"one": market.world.group, "other": market.world.other_group, "third": an_expert_group("EG3")}
    await market.keep(rows["third"])
    merged = "UPDATE expert_groups SET {status} merged_into_id = '{{{into}}}' WHERE id = '{{{group}}}'"
    dissolved = "status = 'DISSOLVED',"
    await refused(market, "merged", merged.format(status="", group="one", into="other"), **rows)
    await refused(market, "merged", merged.format(status=dissolved, group="one", into="one"), **rows)
    await write(market, merged.format(status=dissolved, group="one", into="other"), **rows)
    for group in ("other", "third"):
        await refused(market, "merged_into", merged.format(status=dissolved, group=group, into="one"), **rows)
    await refused(market, "merged", "UPDATE expert_groups SET status = 'ACTIVE' WHERE id = '{one}'", **rows)
    # The other group is merged in its turn: the first one then leads to the third.
    await write(market, merged.format(status=dissolved, group="other", into="third"), **rows)
    # Nor do three lead to each other.
    for into in ("one", "other"):
        circle = "UPDATE expert_groups SET {status} merged_into_id = '{{{into}}}' WHERE id = '{{third}}'"
        await refused(market, "merged_into", circle.format(status=dissolved, into=into), **rows)
    await write(market, "UPDATE expert_groups SET status = 'DISSOLVED' WHERE id = '{third}'", **rows)
    await refused(market, "merged_into", circle.format(status="", into="one"), **rows)
