"""The usual way in Python: Strawberry with its ASGI view, rows of the ORM, and a DataLoader for each relation.

python -m benchmarks.peers.idiomatic URL CONNECTIONS PORT
"""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import asynccontextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import strawberry
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

import models as m
from benchmarks.peers.asgi import serve
from benchmarks.peers.loaders import Loaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

Info = strawberry.Info[dict[str, Any], None]
Node = TypeVar("Node")


def money(minor: int | None, currency: str | None) -> Money | None:
    """Give an amount as it is shown."""
    return None if minor is None or currency is None else Money(amount=f"{minor / 100:.2f}", currency=currency)


@strawberry.type
class Money:
    """An amount of money."""

    amount: str
    currency: str


@strawberry.type
class Nodes(Generic[Node]):
    """A list."""

    nodes: list[Node]


@strawberry.type
class Named:
    """A group or a participant."""

    code: str
    name: str | None


@strawberry.type
class Need:
    """A need."""

    reference: str
    title: str
    priority: str | None

    @classmethod
    def of(cls, row: m.CapabilityNeed) -> Need:
        """Show a row."""
        priority = row.priority.name if row.priority else None
        return cls(reference=row.reference, title=row.title, priority=priority)


@strawberry.type
class Delivery:
    """A delivery."""

    reference: str
    status: str
    received_on: dt.date | None

    @classmethod
    def of(cls, row: m.Delivery) -> Delivery:
        """Show a row."""
        return cls(reference=row.reference, status=row.status.name, received_on=row.received_on)


@strawberry.type
class Order:
    """A purchase order."""

    row: strawberry.Private[m.PurchaseOrder]
    number: str
    status: str

    @strawberry.field
    def value(self) -> Money | None:
        """What it is worth."""
        return money(self.row.value_minor, self.row.value_currency)

    @strawberry.field
    async def deliveries(self, info: Info, first: int = 20) -> Nodes[Delivery]:
        """What arrived of it."""
        rows = await info.context["loaders"].deliveries.load(self.row.id)
        return Nodes(nodes=[Delivery.of(row) for row in rows[:first]])


@strawberry.type
class Procurement:
    """A procurement."""

    row: strawberry.Private[m.Procurement]
    id: strawberry.ID
    reference: str
    title: str
    status: str

    @classmethod
    def of(cls, row: m.Procurement) -> Procurement:
        """Show a row."""
        return cls(row=row, id=strawberry.ID(row.id), reference=row.reference, title=row.title, status=row.status.name)

    @strawberry.field
    def estimated_value(self) -> Money | None:
        """What it is expected to cost."""
        return money(self.row.estimated_value_minor, self.row.estimated_value_currency)

    @strawberry.field
    async def group(self, info: Info) -> Named | None:
        """The group in charge."""
        row = await info.context["loaders"].groups.load(self.row.group_id)
        return Named(code=row.code, name=row.name)

    @strawberry.field
    async def lead_participant(self, info: Info) -> Named | None:
        """Who leads it."""
        row = await info.context["loaders"].participants.load(self.row.lead_participant_id)
        return Named(code=row.code, name=row.name)

    @strawberry.field
    async def needs(self, info: Info, first: int = 20) -> Nodes[Need]:
        """What it is to meet."""
        rows = await info.context["loaders"].needs.load(self.row.id)
        return Nodes(nodes=[Need.of(row) for row in rows[:first]])

    @strawberry.field
    async def purchase_orders(self, info: Info, first: int = 20) -> Nodes[Order]:
        """What is ordered in it."""
        rows = await info.context["loaders"].orders.load(self.row.id)
        return Nodes(nodes=[Order(row=row, number=row.number, status=row.status.name) for row in rows[:first]])


@strawberry.enum
class ProcurementOrderField(Enum):
    """What the list is sorted by."""

    REFERENCE = "reference"


@strawberry.input
class ProcurementOrder:
    """An order."""

    field: ProcurementOrderField


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def procurement(self, info: Info, id: strawberry.ID) -> Procurement | None:  # noqa: A002 - as it is asked for
        """One procurement."""
        async with info.context["sessions"]() as session:
            row = await session.get(m.Procurement, id)
        return Procurement.of(row) if row else None

    @strawberry.field
    async def procurements(self, info: Info, order_by: list[ProcurementOrder], first: int = 20) -> Nodes[Procurement]:
        """A page of them, the first."""
        orders = [getattr(m.Procurement, order.field.value) for order in order_by]
        async with info.context["sessions"]() as session:
            rows = await session.scalars(select(m.Procurement).order_by(*orders, m.Procurement.id).limit(first))
        return Nodes(nodes=[Procurement.of(row) for row in rows])


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's own view, with loaders for each request."""

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> dict[str, Any]:
        """Give what the resolvers need."""
        sessions = request.state.sessions
        return {"request": request, "response": response, "sessions": sessions, "loaders": Loaders(sessions)}


def main(url: str, connections: str, port: str) -> None:
    """Serve."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        address = make_url(url).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(address, pool_size=int(connections), max_overflow=0)
        yield {"sessions": async_sessionmaker(engine, expire_on_commit=False)}
        await engine.dispose()

    view: Any = View(strawberry.Schema(Query))
    serve(Starlette(routes=[Route("/graphql", view)], lifespan=lifespan), int(port), url)


if __name__ == "__main__":
    main(*sys.argv[1:])
