"""The demonstration: the public record in an SQLite file of its own, and four people to explore it as."""

from __future__ import annotations

import asyncio

from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.identity.demo_personas import make_personas
from resolvers.record.loader import load_file
from server.config.settings import ROOT, DemoPersona, Settings
from server.startup.migrations import upgrade

DATABASE_URL = f"sqlite:///{ROOT / 'var' / 'demo.db'}"
# A folder of its own, too: a clean-up removes the files that its database does not name.
FILE_STORE = str(ROOT / "var" / "demo-files")
PUBLIC_RECORD = ROOT / "data" / "public_record.json"


def prepare_demo(settings: Settings) -> Settings:
    """Bring the demonstration's database up to date, creating it if there is none.

    Returns `settings` with its database, its files and its personas. Their tokens are new: those of an earlier start
    are revoked. Raises RecordError, OSError and what the migrations raise.
    """
    install_statement_guard()
    upgrade(DATABASE_URL)
    personas = asyncio.run(_fill())
    changes = {"database_url": DATABASE_URL, "file_store": FILE_STORE, "demo_personas": personas}
    # Validated, unlike model_copy(update=…), which accepts a name that is no setting.
    return Settings.model_validate({**dict(settings), **changes})


async def _fill() -> tuple[DemoPersona, ...]:
    database = Database(DATABASE_URL)
    try:
        await load_file(database.bypass_policies("the demonstration loads the public record"), PUBLIC_RECORD)
        made = await make_personas(database)
    finally:
        await database.close()
    return tuple(DemoPersona(title=title, token=token) for title, token in made)
