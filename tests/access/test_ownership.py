"""Who owns a row: predicate, row-level policy, permission and audit log say the same, and so does a second account."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

import models as m
from models import Entity
from resolvers.access.ownership import owner_paths, owning_group, owning_group_key
from resolvers.access.viewer import LEADS_GROUP
from tests.reference.filters import MODELS
from tests.reference.visibility import OWNERS, owner_of
from tests.support.access_matrix import make_world
from tests.support.execute import read
from tests.support.factories import a_delivery, a_procurement, an_order
from tests.support.mutations import changed, the_trail
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ENTITIES = [model for model in MODELS.values() if issubclass(model, Entity)]


#: Parts of what the leads own.
OF_THE_LEADS = {
    "CoalitionMembership", "ContributionDonor", "ContributionTranche", "Disbursement", "FormerName", "RoadmapLine",
}  # fmt: skip


@pytest.mark.parametrize("model", ENTITIES, ids=lambda model: model.__name__)
def test_the_reference_has_a_way_to_the_owner_where_the_model_has_one(model: type[Entity]) -> None:
    has_way = bool(owner_paths(model)) and model.__name__ not in OF_THE_LEADS
    assert has_way == (model.__name__ in OWNERS), f"mend OWNERS in tests/reference/visibility.py for {model.__name__}"


@pytest.mark.parametrize("model", ENTITIES, ids=lambda model: model.__name__)
def test_what_names_a_group_as_its_own_says_that_the_group_owns_it(model: type[Entity]) -> None:
    if "group" in inspect(model).relationships:
        assert model.owned_through == "group"


async def test_python_and_sql_find_the_owner_that_the_reference_finds(database: Database) -> None:
    await keep(database, *(row for row, _ in make_world().rows if isinstance(row, Entity)))

    def compare(session: Session) -> Counter[str]:
        seen: Counter[str] = Counter()
        for model in ENTITIES:
            for row, key in session.execute(select(model, owning_group_key(model))):
                group = owner_of(row)
                expected = group.id if group else LEADS_GROUP
                assert (owning_group(row), key) == (expected, expected), row
                seen[model.__name__] += group is not None
        return seen

    engine = database.bypass_policies("a test looks at all rows")
    async with AsyncSession(engine) as session:
        owned = await session.run_sync(compare)
    # What every account sees has no rows in this world.
    assert {name for name in OWNERS if not owned[name]} <= {"GroupMembership", "Deputy"}


async def test_a_delivery_of_an_order_belongs_to_the_group_that_buys(world: World) -> None:
    order = an_order(a_procurement(group=world.group, marking=m.Marking.GREEN), status=m.PurchaseOrderStatus.PLACED)
    ours = a_delivery(purchase_order=order, marking=m.Marking.AMBER_STRICT)
    theirs = a_delivery(marking=m.Marking.AMBER_STRICT)
    await keep(world.database, ours, theirs)
    for name, expected in {"chair": [ours], "reader": [ours], "other": [], "lead": [theirs]}.items():
        found = await read(world.database, "{ deliveries { nodes { id } } }", viewer=await world.viewer(name))
        assert [each["id"] for each in found["deliveries"]["nodes"]] == [an_id(each) for each in expected], name


async def test_a_chair_enters_a_delivery_that_only_the_group_reads(world: World) -> None:
    order = an_order(a_procurement(group=world.group, marking=m.Marking.GREEN), status=m.PurchaseOrderStatus.PLACED)
    await keep(world.database, order)
    given = {"title": "Radios", "purchaseOrderId": an_id(order), "marking": "AMBER_STRICT"}
    await changed(world.database, await world.viewer("chair"), "createDelivery", "delivery { id }", **given)
    (event,) = await the_trail(world.database)
    assert event["group_id"] == world.group.id
