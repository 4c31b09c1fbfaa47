"""The DataLoaders of the usual way: one statement over the keys of a batch for each relation, in its own session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from strawberry.dataloader import DataLoader

import models as m

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    from models import Entity


class Loaders:
    """One set of loaders, for one request."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self.groups = DataLoader(self._one(m.ExpertGroup))
        self.participants = DataLoader(self._one(m.Participant))
        self.needs = DataLoader(self._needs)
        self.orders = DataLoader(self._many(m.PurchaseOrder, "procurement_id", "number"))
        self.deliveries = DataLoader(self._many(m.Delivery, "purchase_order_id", "reference"))

    def _one(self, model: type[Entity]) -> Callable[[list[str]], Any]:
        async def load(keys: list[str]) -> Sequence[Any]:
            async with self._sessions() as session:
                rows = {row.id: row for row in await session.scalars(select(model).where(model.id.in_(keys)))}
            return [rows.get(key) for key in keys]

        return load

    def _many(self, model: Any, owner: str, order: str) -> Callable[[list[str]], Any]:
        column = getattr(model, owner)
        statement = select(model).order_by(getattr(model, order), model.id)

        async def load(keys: list[str]) -> Sequence[list[Any]]:
            found: dict[str, list[Any]] = {key: [] for key in keys}
            async with self._sessions() as session:
                for row in await session.scalars(statement.where(column.in_(keys))):
                    found[getattr(row, owner)].append(row)
            return list(found.values())

        return load

    async def _needs(self, keys: list[str]) -> Sequence[list[m.CapabilityNeed]]:
        needs = selectinload(m.Procurement.needs)
        async with self._sessions() as session:
            rows = await session.scalars(select(m.Procurement).where(m.Procurement.id.in_(keys)).options(needs))
            found = {row.id: sorted(row.needs, key=lambda need: need.reference) for row in rows}
        return [found[key] for key in keys]
