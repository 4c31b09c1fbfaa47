"""The demonstration: the public record in an SQLite file of its own, and four people to explore it as."""

from __future__ import annotations

import asyncio

from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.identity.demo_personas import make_personas
from server.config.settings import ROOT, DemoPersona
from server.startup.migrations import upgrade
from server.startup.record_loading import load

DATABASE_URL = f"sqlite:///{ROOT / 'var' / 'demo.db'}"
# A folder of its own, too: what one database does not name is swept away.
FILES = str(ROOT / "var" / "demo-files")
PUBLIC_RECORD = ROOT / "data" / "public_record.json"


def prepare_demo() -> tuple[str, tuple[DemoPersona, ...]]:
    """Bring the demonstration's database up to date, making it where there is none.

    Gives its address and its personas, whose tokens are fresh: those of an earlier start hold no longer.
    """
    install_statement_guard()
    upgrade(DATABASE_URL)
    load(DATABASE_URL, PUBLIC_RECORD)
    return DATABASE_URL, asyncio.run(_personas())


async def _personas() -> tuple[DemoPersona, ...]:
    database = Database(DATABASE_URL)
    try:
        made = await make_personas(database)
    finally:
        await database.close()
    return tuple(DemoPersona(title=title, token=token) for title, token in made)
