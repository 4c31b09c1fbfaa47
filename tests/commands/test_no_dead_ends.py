"""No state without an exit: from every state of a purchase, commands lead to an end in which only owed money is bound.

The check walks every state that any commands in any order reach, and back from the ends.
"""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

import models as m
from models import DeliveryStatus, ProcurementStatus
from models.orders.purchase_orders import ENDED_STATUSES
from tests.state_machine.purchases import PRICE, START, Order, State, Walk, steps
from tests.support.execute import read
from tests.support.factories import a_document, a_document_version
from tests.support.mutations import changed
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from collections.abc import Iterator

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


#: The statuses in which an object stays for good, with the way on: another object, or another command.
ENDS: dict[tuple[type[m.HasStatus], str], str] = {
    (m.Roadmap, "SUPERSEDED"): "the roadmap that supersedes it",
    (m.PurchaseOrder, "CLOSED"): "another order",
    (m.PurchaseOrder, "TERMINATED"): "another order",
    (m.Document, "WITHDRAWN"): "another document, or the DRAFT again if it was never shown",
    (m.ReviewRequest, "DONE"): "a request for the next version",
    (m.ReviewRequest, "CANCELLED"): "another request",
    (m.Procurement, "COMPLETED"): "another procurement",
    (m.CapabilityNeed, "MET"): "goods that are returned, by which it follows back",
}


def test_every_status_of_every_type_is_reached_and_has_a_way_on_or_is_an_end_with_a_name() -> None:
    models = [each.class_ for each in m.Base.registry.mappers if issubclass(each.class_, m.HasStatus)]
    assert {m.Meeting, m.ActionItem, m.Document, m.ReviewRequest} <= {*models}
    ends = set()
    for model in models:
        start = inspect(model).columns["status"].default.arg
        reached, left = {start}, deque([start])
        while left:
            new = model.transitions[left.popleft()] - reached
            reached |= new
            left.extend(new)
        assert reached == {*model.status_type()}, model
        ends |= {(model, status.name) for status, ways in model.transitions.items() if not ways}
    assert ends == ENDS.keys()


class Walker:
    """Walks the statuses of objects over the API, each step along a way that `transitions` allows.

    Attributes:
        noun: The name of the type.
        ways: The ways between its statuses, by the table of the model.
        taken: Those of them that were taken.
    """

    def __init__(self, world: World, model: type[m.HasStatus], by: dict[str, tuple[str, dict[str, Any]]]) -> None:
        self._world, self._by, self.noun = world, by, model.__name__
        self._row = f"{self.noun[0].lower()}{self.noun[1:]} {{ id version status transitions {{ to allowed }} }}"
        self.ways = {status.name: {to.name for to in ways} for status, ways in model.transitions.items()}
        self.ends = {status for each, status in ENDS if each is model}
        self.taken: set[tuple[str, str]] = set()

    async def send(self, mutation: str, **given: Any) -> Any:
        """Send a mutation as the lead; return the object."""
        return await changed(self._world.database, await self._world.viewer("lead"), mutation, self._row, **given)

    def steps_to_new(self, status: str, to: str) -> int:
        """Return how many steps a way is from one that was not taken, by the table; 99 if it leads to none."""
        seen: set[tuple[str, str]] = set()
        ring = {(status, to)}
        for far in range(len(self.ways) + 1):
            if ring - self.taken:
                return far
            seen |= ring
            ring = {(after, following) for _, after in ring for following in self.ways[after]} - seen
        return 99

    async def walk(self, **given: Any) -> None:
        """Walk a new object until it ends, or until no way that was not taken is at hand."""
        row = await self.send(f"create{self.noun}", **given)
        for _ in range(20):
            status = row["status"]
            at_hand = {each["to"] for each in row["transitions"] if each["allowed"]} | (self.ways[status] & {*self._by})
            assert at_hand or status in self.ends, f"{self.noun} {status} has no way on or out"
            # Ends come last.
            ways = {to: (self.steps_to_new(status, to), to in self.ends, to) for to in at_hand}
            to = min(ways, key=lambda to: ways[to], default="")
            if not to or ways[to][0] == 99:
                return
            self.taken.add((status, to))
            mutation, fields = self._by.get(to, (f"transition{self.noun}", {"to": to, "reason": "The model check."}))
            row = await self.send(mutation, id=row["id"], expectedVersion=row["version"], **fields)
            assert row["status"] == to


@pytest.mark.anyio
async def test_every_status_of_meetings_action_items_documents_and_reviews_has_a_way_on_or_out(world: World) -> None:
    later = a_document(status=m.DocumentStatus.RELEASED, url="https://example.org/later")
    versions = [
        a_document_version(a_document(status=m.DocumentStatus.UNDER_REVIEW), state="AVAILABLE") for _ in range(6)
    ]
    await keep(world.database, later, *versions)
    reviews = (
        {"documentVersionId": an_id(each), "reviewer": {"accountId": an_id(world.accounts["lead"])}}
        for each in versions
    )
    meeting = {"title": "T", "body": "OTHER", "heldOn": "2026-02-09"}
    paper = {"title": "T", "documentType": "REPORT", "url": "https://example.org/1"}
    steps_of: dict[type[m.HasStatus], tuple[Iterator[dict[str, Any]], dict[str, tuple[str, dict[str, Any]]]]] = {
        m.Meeting: (repeat(meeting), {}),
        m.ActionItem: (repeat({"text": "Draft it.", "owner": {"participantId": an_id(world.leads)}}), {}),
        m.Document: (
            ({**paper, "url": f"https://example.org/{place}"} for place in count()),
            {"SUPERSEDED": ("supersedeDocument", {"byId": an_id(later)})},
        ),
        m.ReviewRequest: (reviews, {"DONE": ("completeReviewRequest", {"result": "READY"})}),
    }
    for model, (inputs, by) in steps_of.items():
        walker = Walker(world, model, by)
        legal = {(status, to) for status, ways in walker.ways.items() for to in ways}
        for _ in range(6):
            if walker.taken < legal:
                await walker.walk(**next(inputs))
        # A document is RELEASED again only once the later one is withdrawn.
        assert legal - walker.taken == ({("SUPERSEDED", "RELEASED")} if model is m.Document else set())
