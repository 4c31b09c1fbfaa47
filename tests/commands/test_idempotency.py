"""A change that is sent twice is made once."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from models import IdempotencyKey
from models.base import now
from resolvers.commands.idempotency import RETENTION
from tests.support.mutations import NEED, a_need, changed, refused, the_trail

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio


async def test_a_change_that_is_sent_twice_is_made_once(world: World) -> None:
    first = await a_need(world, idempotencyKey="once")
    again = await a_need(world, idempotencyKey="once")
    assert first == again
    assert len(await the_trail(world.database)) == 1


async def test_a_key_that_is_sent_with_another_input_is_refused(world: World) -> None:
    await a_need(world, idempotencyKey="once")
    member = await world.viewer("member")
    given = world.a_need(title="Another", idempotencyKey="once")
    error = await refused(world.database, member, "createCapabilityNeed", **given)
    assert error["code"] == "IDEMPOTENCY_MISMATCH"


async def test_the_same_key_in_flight_waits_and_gets_the_same_object(world: World) -> None:
    found = await asyncio.gather(*(a_need(world, idempotencyKey="once") for _ in range(8)))
    assert len({need["id"] for need in found}) == 1


async def test_a_key_belongs_to_one_account(world: World) -> None:
    first = await a_need(world, idempotencyKey="once")
    chair = await world.viewer("chair")
    given = world.a_need(idempotencyKey="once")
    second = await changed(world.database, chair, "createCapabilityNeed", NEED, **given)
    assert first["id"] != second["id"]


async def test_a_key_may_be_used_anew_when_its_time_is_over(world: World) -> None:
    first = await a_need(world, idempotencyKey="once")
    old = now() - RETENTION - dt.timedelta(seconds=1)
    async with world.database.bypass_policies("a test lets time pass").begin() as connection:
        await connection.execute(update(IdempotencyKey).values(created_at=old))
    second = await a_need(world, idempotencyKey="once")
    assert first["id"] != second["id"]
