"""The rules of groups that the database holds against a writer who comes by another way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import Delegate, Deputy
from tests.models.test_sum_triggers import copied, refused, write
from tests.support.factories import a_group_membership, an_expert_group
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


async def test_a_deputy_is_another_person_than_the_member(market: Market) -> None:
    places = [a_group_membership(market.world.other_group, market.world.accounts[name]) for name in ("chair", "member")]
    deputy = Deputy(
        deputy_for=places[0],
        account=market.world.accounts["member"],
        valid_from=dt.date(2026, 1, 1),
        expires_on=dt.date(2026, 1, 2),
    )
    await market.keep(*places, deputy)
    rows = {"deputy": deputy, "other": places[1], "member": places[0].account}
    changed = "UPDATE deputies SET {column} = '{{{to}}}' WHERE id = '{{deputy}}'"
    for column, to in (("deputy_for_id", "other"), ("account_id", "member")):
        await refused(market, "deputy_itself", changed.format(column=column, to=to), **rows)
    new = copied(
        "deputies", "id = '{deputy}'", deputy_for_id="deputy_for_id", account_id="'{member}'",
        valid_from="valid_from", expires_on="expires_on",
    )  # fmt: skip
    await refused(market, "deputy_itself", new, **rows)


async def test_a_person_is_a_delegate_once_on_each_day(market: Market) -> None:
    period = {"valid_from": dt.date(2026, 1, 1), "expires_on": dt.date(2026, 6, 30)}
    people: list[dict[str, Any]] = [{"account": market.world.accounts["member"]}, {"person_name": "Kari Nordmann"}]
    for person in people:
        delegate = Delegate(participant=market.world.home, **person, **period)
        await market.keep(delegate)
        for first, last, is_free in (
            ("2026-06-30", "NULL", False), ("2025-01-01", "'2026-01-01'", False), ("2026-07-01", "NULL", True),
        ):  # fmt: skip
            more = copied(
                "delegates", "id = '{delegate}'", participant_id="participant_id", account_id="account_id",
                person_name="person_name", valid_from=f"'{first}'", expires_on=last,
            )  # fmt: skip
            if is_free:
                await write(market, more, delegate=delegate)
            else:
                await refused(market, "delegated_once", more, delegate=delegate)
