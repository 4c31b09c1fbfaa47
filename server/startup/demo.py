"""The demonstration: the public record in a separate SQLite file, with four personas to explore it."""

from __future__ import annotations

import asyncio

from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.identity.demo_personas import make_personas
from resolvers.record.loader import load_file
from server.config.settings import ROOT, DemoPersona, Settings
from server.startup.migrations import upgrade

DATABASE_URL = f"sqlite:///{ROOT / 'var' / 'demo.db'}"
# A separate folder too, because a clean-up removes the files that its database does not name.
FILE_STORE = str(ROOT / "var" / "demo-files")
PUBLIC_RECORD = ROOT / "data" / "public_record.json"


def prepare_demo(settings: Settings) -> Settings:
    """Create or migrate the demonstration's database, load the public record, and create the personas.

    Returns `settings` with the demonstration's database, files and personas. The tokens are new: those of an earlier
    start are revoked. Raises RecordError, OSError and the errors of the migrations.
    """
    install_statement_guard()
    upgrade(DATABASE_URL)
    personas = asyncio.run(_fill())
    changes = {"database_url": DATABASE_URL, "file_store": FILE_STORE, "demo_personas": personas}
    # model_copy(update=…) would accept an unknown name.
    return Settings.model_validate({**dict(settings), **changes})


async def _fill() -> tuple[DemoPersona, ...]:
    database = Database(DATABASE_URL)
    try:
        await load_file(database.bypass_policies("the demonstration loads the public record"), PUBLIC_RECORD)
        made = await make_personas(database)
    finally:
        await database.close()
    return tuple(DemoPersona(title=title, token=token) for title, token in made)
