"""Deletes the changes of the feed that are too old. The audit log keeps their events."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import delete

from models import Change
from models.administration.changes import KEPT_DAYS
from models.base import now

if TYPE_CHECKING:
    from resolvers.database.database import Database


async def prune_feed(database: Database) -> int:
    """Delete the changes that are older than `KEPT_DAYS`. Return their number."""
    engine = database.bypass_policies("an operator deletes old changes of the feed")
    async with engine.begin() as connection:
        done = await connection.execute(delete(Change).where(Change.at < now() - dt.timedelta(days=KEPT_DAYS)))
        return done.rowcount
