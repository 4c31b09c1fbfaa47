"""One purchase as a state: a procurement with its money, its orders and their deliveries, without a database.

A state becomes objects, a command's own rules and consequences change them, and they become the next state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.orm.attributes import instance_dict, set_committed_value
from sqlalchemy.orm.collections import collection_adapter
from sqlalchemy.orm.instrumentation import manager_of_class

import models as m
from models.base import now
from models.orders.order_amendments import Terms
from models.orders.purchase_orders import AMENDABLE_STATUSES, ENDED_STATUSES
from models.status_facts import status_from_facts
from resolvers.commands.spec import mutation_spec_of
from resolvers.nouns import load_nouns
from resolvers.orders.delivery_returns import RETURN
from resolvers.orders.order_amendments import AMENDMENT, COMPARED
from resolvers.orders.purchase_orders import add_up_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import Enum

#: How many units an order has, and what one costs.
UNITS, PRICE = 2, 100

load_nouns()


class Arrival(NamedTuple):
    """A delivery of one line."""

    status: m.DeliveryStatus
    quantity: int
    accepted: int | None = None
    rejected: int | None = None
    returned: int = 0


class Order(NamedTuple):
    """An order of one line."""

    status: m.PurchaseOrderStatus
    settled: int | None = None
    arrivals: tuple[Arrival, ...] = ()
    units: int = UNITS


class State(NamedTuple):
    """A procurement for one need."""

    status: m.ProcurementStatus
    need: m.NeedStatus
    allocated: int
    orders: tuple[Order, ...] = ()


START = State(m.ProcurementStatus.AWARDED, m.NeedStatus.IN_PROCUREMENT, UNITS * PRICE)


@dataclass(frozen=True)
class Walk:
    """How many orders and deliveries a state has at most, and how rules are weaker than those of the commands."""

    orders: int
    deliveries: int
    banned: frozenset[tuple[Enum, Enum]] = field(default_factory=frozenset)
    forward_only: bool = False
    rejected_counts: bool = False


class Asked:
    """The part of a unit of work that rules read: the input and the reason."""

    reason = "It is so."

    def __init__(self, **given: Any) -> None:
        self.input = given

    def not_visible(self, _rows: Any) -> list[Any]:
        """Return none."""
        return []

    def seen(self, *rows: Any) -> list[Any]:
        """Return all that there are."""
        return [row for row in rows if row is not None]


class Purchase:
    """The objects of a state."""

    def __init__(self, state: State, walk: Walk) -> None:
        self.walk = walk
        self.need = _made(m.CapabilityNeed, status=state.need, quantity=Decimal(UNITS))
        given = _made(m.Contribution, status=m.ContributionStatus.COMMITTED, kind=m.ContributionKind.CASH)
        money = _made(m.Allocation, contribution=given, amount_minor=state.allocated, amount_currency="EUR")
        self.bought = _made(m.Procurement, status=state.status)
        for name, rows in {"needs": [self.need], "allocations": [money], "purchase_orders": []}.items():
            set_committed_value(self.bought, name, rows)
        set_committed_value(money, "procurement", self.bought)
        set_committed_value(given, "allocations", [money])
        for name, rows in {"procurements": [self.bought], "order_lines": [], "delivery_lines": []}.items():
            set_committed_value(self.need, name, rows)
        self.orders = [self.order(each) for each in state.orders]

    def order(self, given: Order) -> m.PurchaseOrder:
        """Add an order."""
        key = f"order {len(self.bought.purchase_orders)}"
        settled = {"settled_minor": given.settled, "settled_currency": None if given.settled is None else "EUR"}
        value = {"value_minor": given.units * PRICE, "value_currency": "EUR", "amendment_count": 0}
        supplier = _made(m.Supplier, id="supplier")
        order: m.PurchaseOrder = _made(
            m.PurchaseOrder, id=key, status=given.status, procurement=self.bought, supplier=supplier, **settled, **value
        )
        price = {"unit_price_minor": Decimal(PRICE), "unit_price_currency": "EUR"}
        line = _made(
            m.OrderLine, id=f"line of {key}", purchase_order=order, purchase_order_id=key, kind=m.OrderLineKind.GOODS,
            quantity=Decimal(given.units), need=self.need, **price,
        )  # fmt: skip
        set_committed_value(line, "delivery_lines", [])
        set_committed_value(order, "lines", [line])
        set_committed_value(order, "deliveries", [])
        _append(self.bought.purchase_orders, order)
        _append(self.need.order_lines, line)
        for each in given.arrivals:
            self.delivery(order, each)
        return order

    def delivery(self, order: m.PurchaseOrder, given: Arrival) -> m.Delivery:
        """Add a delivery of an order."""
        delivery: m.Delivery = _made(m.Delivery, status=given.status, purchase_order=order, purchase_order_id=order.id)
        parts = {name: getattr(given, name) for name in ("quantity", "accepted", "rejected", "returned")}
        numbers: Any = {name: None if value is None else Decimal(value) for name, value in parts.items()}
        [ordered] = order.lines
        line = _made(
            m.DeliveryLine, delivery=delivery, order_line=ordered, order_line_id=ordered.id, need=self.need,
            gift=False, **numbers,
        )  # fmt: skip
        set_committed_value(delivery, "lines", [line])
        _append(order.deliveries, delivery)
        _append(ordered.delivery_lines, line)
        _append(self.need.delivery_lines, line)
        return delivery

    def state(self) -> State:
        """Return the state of the objects, after the statuses have followed."""
        self._follow()
        # Orders are interchangeable: two states that differ in their sequence are one.
        orders = tuple(sorted((self._order(each) for each in self.bought.purchase_orders), key=str))
        [money] = self.bought.allocations
        return State(self.bought.status, self.need.status, money.amount_minor, orders)

    def _follow(self) -> None:
        rows: tuple[Any, ...] = (*self.bought.purchase_orders, self.bought, self.need)
        for row in rows:
            status = status_from_facts(row)
            members: list[Any] = list(type(status))
            if not self.walk.forward_only or members.index(status) > members.index(row.status):
                row.status = status

    def _order(self, order: m.PurchaseOrder) -> Order:
        [line] = order.lines
        arrivals = tuple(sorted(map(_arrival, order.deliveries), key=str))
        return Order(order.status, order.settled_minor, arrivals, int(line.quantity or 0))


def _made(model: Any, **values: Any) -> Any:
    """Return an object as if it were loaded with these values: no events, which take most of a constructor's time."""
    made = manager_of_class(model).new_instance()
    instance_dict(made).update(values)
    return made


def _append(rows: list[Any], row: Any) -> None:
    collection_adapter(rows).append_without_event(row)


def _arrival(delivery: m.Delivery) -> Arrival:
    [line] = delivery.lines
    accepted, rejected = (None if each is None else int(each) for each in (line.accepted, line.rejected))
    return Arrival(delivery.status, int(line.quantity or 0), accepted, rejected, int(line.returned))


def steps(state: State, walk: Walk) -> Iterator[State]:
    """Yield every state to which one command leads."""
    rest = state.status in {m.ProcurementStatus.COMPLETED, m.ProcurementStatus.CANCELLED}
    open_orders = [each for each in state.orders if each.status not in ENDED_STATUSES]
    if not rest and not open_orders and len(state.orders) < walk.orders:
        yield from _done(state, walk, lambda to: to.order(Order(m.PurchaseOrderStatus.DRAFT)))
    for to in m.Procurement.requestable_from(state.status):
        yield from _moved(state, walk, lambda purchase: purchase.bought, to)
    for place, order in enumerate(state.orders):
        for to in m.PurchaseOrder.requestable_from(order.status):
            yield from _moved(state, walk, lambda purchase, at=place: purchase.orders[at], to)
        yield from _deliveries(state, walk, place)
        if not walk.forward_only and order.status in AMENDABLE_STATUSES:
            yield from _amended(state, walk, place)


def _amended(state: State, walk: Walk, place: int) -> Iterator[State]:
    """Yield the states after an amendment of the quantity."""
    # A line of which nothing is announced can be cancelled.
    for units in range(min(len(state.orders[place].arrivals), 1), UNITS + 1):
        purchase = Purchase(state, walk)
        row = purchase.orders[place]
        [line] = row.lines
        before = Terms.of(row)
        line.quantity = Decimal(units)
        unit: Any = Asked(amended_on=now().date(), lines=[{"order_line_id": line.id, "quantity": line.quantity}])
        add_up_lines(unit, row)
        rules: tuple[Any, ...] = (*AMENDMENT.validators, *(partial(rule, before) for rule in COMPARED))
        if before.lines[line.id][0] != units and not any(True for rule in rules for _ in rule(unit, row)):
            yield purchase.state()


def _deliveries(state: State, walk: Walk, place: int) -> Iterator[State]:
    scheduled = m.DeliveryStatus.SCHEDULED
    for quantity in (1, UNITS) if sum(len(order.arrivals) for order in state.orders) < walk.deliveries else ():
        new = Arrival(scheduled, quantity)
        yield from _done(state, walk, lambda to, new=new: to.delivery(to.orders[place], new))
    for at, arrival in enumerate(state.orders[place].arrivals):
        for to in m.Delivery.requestable_from(arrival.status):
            yield from _moved(state, walk, lambda purchase, at=at: purchase.orders[place].deliveries[at], to)
        yield from _returned(state, walk, place, at)


def _moved(state: State, walk: Walk, find: Any, to: Any) -> Iterator[State]:
    """Yield the state after a change of a status."""
    purchase = Purchase(state, walk)
    row = find(purchase)
    if (row.status, to) in walk.banned:
        return
    row.status = to
    if to is m.DeliveryStatus.PARTIALLY_ACCEPTED:
        [line] = row.lines
        line.accepted, line.rejected = Decimal(1), (line.quantity or Decimal(0)) - 1
    yield from _written(purchase, row, Asked(id=row.id, to=to))


def _done(state: State, walk: Walk, add: Any) -> Iterator[State]:
    """Yield the state after an object is created."""
    purchase = Purchase(state, walk)
    yield from _written(purchase, add(purchase), Asked())


def _written(purchase: Purchase, row: Any, unit: Any) -> Iterator[State]:
    spec = mutation_spec_of(type(row))
    # Other rules of a procurement are about its group and its viewer.
    rules = [
        rule for rule in spec.validators if type(row) is not m.Procurement or rule.__name__ == "_everything_arrived"
    ]
    if any(True for rule in rules for _ in rule(unit, row)):
        return
    for step in (*spec.before_flush, *spec.after_flush):
        step(unit, row)
    if not any(_exceeded(order, purchase.walk) for order in purchase.bought.purchase_orders):
        yield purchase.state()


def _returned(state: State, walk: Walk, place: int, at: int) -> Iterator[State]:
    """Yield the state after one unit is returned."""
    purchase = Purchase(state, walk)
    [line] = purchase.orders[place].deliveries[at].lines
    entry = m.DeliveryReturn(delivery_line=line, quantity=Decimal(1), returned_on=now().date())
    unit: Any = Asked()
    if walk.forward_only or any(True for rule in RETURN.validators for _ in rule(unit, entry)):
        return
    for step in (*RETURN.before_flush, *RETURN.after_flush):
        step(unit, entry)
    yield purchase.state()


def _exceeded(order: m.PurchaseOrder, walk: Walk) -> bool:
    """Return whether more is accepted or expected than was ordered, which the database refuses."""
    used = 0
    for arrival in map(_arrival, order.deliveries):
        match arrival.status.name:
            case "SCHEDULED" | "IN_TRANSIT" | "RECEIVED":
                used += arrival.quantity
            case "ACCEPTED" | "PARTIALLY_ACCEPTED" if not walk.rejected_counts:
                used += (arrival.accepted or 0) - arrival.returned
            case "ACCEPTED" | "PARTIALLY_ACCEPTED" | "REJECTED" if walk.rejected_counts:
                used += arrival.quantity
            case _:
                pass
    return used > (order.lines[0].quantity or 0)
