"""No state without an exit: from every state of a purchase, commands lead to an end in which only owed money is bound.

The check walks every state that any commands in any order reach, and back from the ends.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

import pytest

import models as m
from models import DeliveryStatus, ProcurementStatus
from models.orders.purchase_orders import ENDED_STATUSES
from tests.state_machine.purchases import PRICE, START, Order, State, Walk, steps
from tests.support.execute import read
from tests.support.mutations import changed
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

#: The rules before deliveries could be called off, lost, examined again, returned and replaced.
BEFORE = Walk(
    orders=1,
    deliveries=2,
    banned=frozenset(
        {
            (ProcurementStatus.ORDERED, ProcurementStatus.COMPLETED),
            (m.PurchaseOrderStatus.DRAFT, m.PurchaseOrderStatus.CANCELLED),
            *((status, to) for status in DeliveryStatus for to in (DeliveryStatus.CANCELLED, DeliveryStatus.LOST)),
            *(
                (status, DeliveryStatus.RECEIVED)
                for status in DeliveryStatus
                if status is not DeliveryStatus.IN_TRANSIT
            ),
        }
    ),
    forward_only=True,
    rejected_counts=True,
)
OPEN = {DeliveryStatus.SCHEDULED, DeliveryStatus.IN_TRANSIT, DeliveryStatus.RECEIVED}


def owed(order: Order) -> int:
    """Return the amount that an order binds."""
    if order.status in {m.PurchaseOrderStatus.DRAFT, m.PurchaseOrderStatus.CANCELLED}:
        return 0
    return order.units * PRICE if order.settled is None else order.settled


def is_end(state: State) -> bool:
    """Return whether all has ended, and no order binds more than the goods that were accepted of it cost."""
    ended = state.status in {ProcurementStatus.COMPLETED, ProcurementStatus.CANCELLED}
    for order in state.orders:
        counted = (each for each in order.arrivals if each.status not in {*OPEN, DeliveryStatus.REJECTED})
        accepted = sum(each.accepted or 0 for each in counted)
        settled = order.status in ENDED_STATUSES and owed(order) <= accepted * PRICE
        ended = ended and settled and not any(each.status in OPEN for each in order.arrivals)
    return ended


def dead_ends(walk: Walk) -> tuple[int, set[State]]:
    """Return how many states are reached, and those from which no command leads to an end."""
    before: dict[State, set[State]] = defaultdict(set)
    seen, left = {START}, deque([START])
    while left:
        state = left.popleft()
        for after in steps(state, walk):
            before[after].add(state)
            if after not in seen:
                seen.add(after)
                left.append(after)
    safe = {state for state in seen if is_end(state)}
    left.extend(safe)
    while left:
        new = before[left.popleft()] - safe
        safe |= new
        left.extend(new)
    return len(seen), seen - safe


@pytest.mark.parametrize(("walk", "least"), [(Walk(orders=1, deliveries=2), 800), (Walk(orders=2, deliveries=1), 800)])
def test_every_state_of_a_purchase_leads_to_an_end_in_which_only_owed_money_is_bound(walk: Walk, least: int) -> None:
    found, dead = dead_ends(walk)
    assert found > least
    assert dead == set()


def test_the_check_finds_the_dead_ends_of_the_rules_before() -> None:
    _, dead = dead_ends(BEFORE)
    statuses = {(state.status.name, *(order.status.name for order in state.orders)) for state in dead}
    # A draft that cannot be placed, because the procurement was cancelled.
    assert ("CANCELLED", "DRAFT") in statuses
    # A procurement whose only order ended without goods, and a delivery that will not come.
    assert ("ORDERED", "TERMINATED") in statuses
    assert any(
        each.status is DeliveryStatus.SCHEDULED for state in dead for order in state.orders for each in order.arrivals
    )


@pytest.mark.anyio
async def test_every_status_of_a_group_and_a_milestone_has_a_way_on_or_out(world: World) -> None:
    """Walk every status over the API: a group is also dissolved by a merger, and every status can be left again."""
    lead = await world.viewer("lead")
    goal = {"title": "Radios", "dueOn": "2090-01-31"}
    found = await changed(world.database, lead, "createMilestone", "milestone { id }", **goal)
    merged = {"id": an_id(world.group), "intoId": an_id(world.other_group), "reason": "One theme."}
    walks: dict[type[m.HasStatus], str] = {m.ExpertGroup: an_id(world.group), m.Milestone: found["id"]}
    for model, key in walks.items():
        noun = model.__name__
        field = f"{noun[0].lower()}{noun[1:]} {{ version status transitions {{ to allowed }} }}"
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {noun} {field[field.index('{') :]} }} }}"
        taken: set[tuple[str, str]] = set()
        for _ in range(6):
            now = (await read(world.database, query, viewer=lead, id=key))["node"]
            ways = [each["to"] for each in now["transitions"] if each["allowed"]]
            assert ways, f"{noun} {now['status']} has no way on or out"
            to = next((each for each in ways if (now["status"], each) not in taken), ways[0])
            given = {"id": key, "expectedVersion": now["version"], "reason": "The model check."}
            if model is m.ExpertGroup and to == "DISSOLVED" and ("ACTIVE", to) in taken:
                into = {"expectedIntoVersion": 1, **merged}
                await changed(world.database, lead, "mergeExpertGroups", field, **{**given, **into})
            else:
                await changed(world.database, lead, f"transition{noun}", field, **given, to=to)
            taken.add((now["status"], to))
        legal = {(status.name, to.name) for status, following in model.transitions.items() for to in following}
        assert taken == legal
