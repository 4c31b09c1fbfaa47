"""Helpers of tests of purchases: money from Denmark, a procurement of the group, orders and deliveries."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import models as m
from tests.support.execute import read
from tests.support.factories import (
    a_contribution,
    a_delivery,
    a_need,
    a_procurement,
    a_supplier,
    an_allocation,
    an_order,
    an_order_line,
    money,
)
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import Base, Entity
    from resolvers.database.database import Database

EUROS = "EUR"

ORDER = """purchaseOrder { id version status endedOn endReason owed { amount currency } value { amount currency }
  procurement { owedValue { amount currency } orderedValue { amount currency } }
  lines { nodes { id kind amount { amount currency } quantity unitPrice { amount } } } }"""
ARRIVED = "delivery { id version status }"
DELIVERY = "delivery { id version status lines { nodes { quantity accepted rejected need { id } } } }"


def euros(amount: str) -> dict[str, str]:
    """Return an amount in euros in the form of an input."""
    return {"amount": amount, "currency": EUROS}


class Market:
    """A world with money; rows are stored directly, changes are mutations of an account of the world."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.world = World(database)
        self._supplier: m.Supplier | None = None

    async def open(self) -> Market:
        """Store the world; return this market."""
        await self.world.enter()
        return self

    async def keep(self, *rows: Base) -> None:
        """Store rows."""
        await keep(self.database, *rows)

    async def supplier(self) -> m.Supplier:
        """Return the supplier of the orders, stored when it is first needed."""
        if self._supplier is None:
            self._supplier = a_supplier(group=self.world.group)
            await self.keep(self._supplier)
        return self._supplier

    async def contribution(self, amount: str = "100.00", **changes: Any) -> m.Contribution:
        """Store a contribution that Denmark has committed."""
        fields = {"status": m.ContributionStatus.COMMITTED, **money(amount=f"{amount} {EUROS}"), **changes}
        row = a_contribution(self.world.home, **fields)
        await self.keep(row)
        return row

    async def procurement(self, status: str = "AWARDED", **changes: Any) -> m.Procurement:
        """Store a procurement of the group."""
        row = a_procurement(status=m.ProcurementStatus[status], **{"group": self.world.group, **changes})
        await self.keep(row)
        return row

    async def allocation(self, contribution: m.Contribution, bought: m.Procurement, amount: str) -> m.Allocation:
        """Store an allocation of a contribution to a procurement."""
        row = an_allocation(contribution, bought, f"{amount} {EUROS}")
        await self.keep(row)
        return row

    async def need(self, quantity: int | None = 10, status: str = "VALIDATED") -> m.CapabilityNeed:
        """Store a need of the group."""
        row = a_need(self.world.area, group=self.world.group, quantity=quantity, status=m.NeedStatus[status])
        await self.keep(row)
        return row

    async def order(
        self, bought: m.Procurement, *quantities: int, status: str = "DRAFT", price: str = "10.00", **line: Any
    ) -> m.PurchaseOrder:
        """Store an order, with a line for each of the quantities."""
        value = money(value=f"{sum(quantities) * Decimal(price)} {EUROS}")
        row = an_order(bought, status=m.PurchaseOrderStatus[status], supplier=await self.supplier(), **value)
        lines = [
            an_order_line(row, quantity=each, **money(unit_price=f"{price} {EUROS}"), **line) for each in quantities
        ]
        await self.keep(row, *lines)
        return row

    async def funded_order(self, *quantities: int, status: str = "CONFIRMED", **line: Any) -> m.PurchaseOrder:
        """Store an order, its procurement, and the allocation that pays for it."""
        bought = await self.procurement("ORDERED")
        await self.allocation(await self.contribution("10000.00"), bought, "10000.00")
        return await self.order(bought, *quantities, status=status, **line)

    async def delivery(self, order: m.PurchaseOrder, status: str = "RECEIVED", **changes: Any) -> m.Delivery:
        """Store a delivery of an order, without lines."""
        row = a_delivery(purchase_order=order, status=m.DeliveryStatus[status], **changes)
        await self.keep(row)
        return row

    async def changed(self, name: str, mutation: str, selected: str, /, **given: Any) -> Any:
        """Send a mutation that must succeed as the account `name`; return the object."""
        return await changed(self.database, await self.world.viewer(name), mutation, selected, **given)

    async def refused(self, name: str, mutation: str, /, **given: Any) -> Any:
        """Send a mutation that must be refused as the account `name`; return the error."""
        return await refused(self.database, await self.world.viewer(name), mutation, **given)

    async def rule(self, name: str, mutation: str, /, **given: Any) -> str:
        """Send a mutation that violates one rule as the account `name`; return the path and the rule."""
        error = await self.refused(name, mutation, **given)
        [broken] = error["violations"]
        return f"{'.'.join(broken['path'])}: {broken['rule']}"

    async def move(self, name: str, row: Entity, to: str, **given: Any) -> Any:
        """Request a status of a row as the account `name`; return the answer."""
        noun = type(row).__name__
        selected = f"{noun[0].lower()}{noun[1:]} {{ status }}"
        version = await self.version(row)
        asked = {"id": an_id(row), "to": to, "expectedVersion": version, **given}
        return await change(self.database, await self.world.viewer(name), f"transition{noun}", selected, **asked)

    async def moved(self, name: str, row: Entity, *statuses: str) -> None:
        """Request statuses of a row as the account `name`, one after the other; each request must succeed."""
        for status in statuses:
            answer = await self.move(name, row, status)
            assert answer["__typename"].endswith("Success"), answer

    async def stays(self, name: str, row: Entity, to: str, **given: Any) -> str:
        """Request a status that one rule forbids as the account `name`; return the rule."""
        answer = await self.move(name, row, to, **given)
        [broken] = answer["violations"]
        return str(broken["rule"])

    async def transitions(self, name: str, row: Entity) -> Any:
        """Return the transitions of a row in the API for the account `name`."""
        query = "query($id: ID!) {{ node(id: $id) {{ ... on {} {{ transitions {{ to allowed reason }} }} }} }}"
        asked = query.format(type(row).__name__)
        return (await read(self.database, asked, viewer=await self.world.viewer(name), id=an_id(row)))["node"][
            "transitions"
        ]

    async def lines(self, row: m.Delivery) -> list[str]:
        """Return the ids of a delivery's lines."""
        table: Any = m.DeliveryLine.__table__
        async with self.database.bypass_policies("a test looks at a row").connect() as connection:
            found = await connection.execute(table.select().where(table.c.delivery_id == row.id))
            return [f"DeliveryLine:{line.id}" for line in found]

    async def of(self, row: Entity, name: str = "status") -> Any:
        """Return the value of an attribute of a row that is stored now."""
        table: Any = type(row).__table__
        async with self.database.bypass_policies("a test looks at a row").connect() as connection:
            found = await connection.execute(table.select().where(table.c.id == row.id))
            return found.mappings().one()[name]

    async def status(self, row: Entity) -> str:
        """Return the name of a row's status now."""
        return str((await self.of(row)).name)

    async def version(self, row: Entity) -> int:
        """Return a row's version now."""
        return int(await self.of(row, "version"))


def a_line(order: m.PurchaseOrder, quantity: int | None, **given: Any) -> dict[str, Any]:
    """Return a line of a delivery, for the first line of an order."""
    return {"description": "Laptops", "quantity": quantity, "orderLineId": an_id(order.lines[0]), **given}


async def with_lines(
    market: Market, order: m.PurchaseOrder, *lines: dict[str, Any], status: str = "RECEIVED"
) -> m.Delivery:
    """Store a delivery of an order, and set its lines as the member."""
    arrived = await market.delivery(order, status)
    asked = {"id": an_id(arrived), "expectedVersion": 1, "lines": list(lines)}
    await market.changed("member", "updateDelivery", DELIVERY, **asked)
    return arrived


class Buyer:
    """A member of a group who buys with 100 EUR that are allocated to one procurement, through the API alone."""

    def __init__(self, market: Market, bought: m.Procurement) -> None:
        self.market = market
        self.bought = bought
        #: The day of its orders; None if they get it when they are placed.
        self.ordered_on: str | None = "2026-02-02"

    async def need(self, quantity: int | None = 10, status: str = "VALIDATED") -> m.CapabilityNeed:
        """Store a need of the procurement."""
        row = await self.market.need(quantity, status)
        self.bought.needs.append(row)
        await self.market.keep(self.bought)
        return row

    async def orders(self, *lines: dict[str, Any]) -> dict[str, Any]:
        """Create an order as a draft."""
        sent = [{"description": "Laptops", **line} for line in lines]
        given = {"procurementId": an_id(self.bought), "orderedOn": self.ordered_on, "lines": sent}
        given["supplierId"] = an_id(await self.market.supplier())
        return dict(await self.market.changed("member", "createPurchaseOrder", ORDER, **given))

    async def moves(self, order: dict[str, Any], to: str, name: str = "member", **given: Any) -> dict[str, Any]:
        """Change the status of an order."""
        asked = {"id": order["id"], "expectedVersion": await self.version(order), "to": to, **given}
        return dict(await self.market.changed(name, "transitionPurchaseOrder", ORDER, **asked))

    async def breaks(self, order: dict[str, Any], to: str, name: str = "member", **given: Any) -> str:
        """Request a status that must be refused; return the path and the rule, or the code."""
        asked = {"id": order["id"], "expectedVersion": await self.version(order), "to": to, **given}
        error = await self.market.refused(name, "transitionPurchaseOrder", **asked)
        broken = error.get("violations")
        return f"{'.'.join(broken[0]['path'])}: {broken[0]['rule']}" if broken else str(error["code"])

    async def places(self, *lines: dict[str, Any]) -> dict[str, Any]:
        """Create an order and place it."""
        return await self.moves(await self.orders(*lines), "PLACED")

    async def receives(self, order: dict[str, Any], units: int, to: str | None = "ACCEPTED") -> dict[str, Any]:
        """Receive units of the first line of an order, and accept them."""
        line = {"description": "Laptops", "quantity": units, "orderLineId": order["lines"]["nodes"][0]["id"]}
        given = {"title": "Laptops", "purchaseOrderId": order["id"], "lines": [line]}
        delivery = await self.market.changed("member", "createDelivery", ARRIVED, **given)
        for status in ("IN_TRANSIT", "RECEIVED", to) if to else ("IN_TRANSIT", "RECEIVED"):
            asked = {"id": delivery["id"], "expectedVersion": delivery["version"], "to": status}
            delivery = await self.market.changed("member", "transitionDelivery", ARRIVED, **asked)
        return dict(delivery)

    async def version(self, order: dict[str, Any]) -> int:
        """Return the version of an order."""
        return int((await self.now(order))["version"])

    async def now(self, order: dict[str, Any]) -> Any:
        """Read an order."""
        fields = ORDER.removeprefix("purchaseOrder")
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on PurchaseOrder {fields} }} }}"
        viewer = await self.market.world.viewer("member")
        return (await read(self.market.database, query, viewer=viewer, id=order["id"]))["node"]


def units(quantity: float | str, price: str, **line: Any) -> dict[str, Any]:
    """Return a line with a quantity and a price in euros."""
    return {"quantity": quantity, "unitPrice": euros(price), **line}
