"""Loads the `Viewer` of an account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from resolvers.access.account_claims import viewer_of
from resolvers.access.viewer import READ_AND_WRITE

if TYPE_CHECKING:
    from models import Scope
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database


async def read_viewer(
    database: Database, account: str, scopes: frozenset[Scope] = READ_AND_WRITE, today: dt.date | None = None
) -> Viewer | None:
    """Return the viewer of an account on `today` (UTC), None if the account does not exist or is disabled."""
    day = today or dt.datetime.now(dt.UTC).date()
    engine = database.bypass_policies("the policies need the viewer, so no policy applies here", read_only=True)
    async with engine.connect() as connection:
        return await connection.run_sync(viewer_of, account, day, scopes)
