"""The demonstration: the public record in a separate SQLite file, with four personas to explore it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.identity.demo_personas import make_personas
from resolvers.nouns import load_nouns
from resolvers.record.loader import is_loaded, load_file
from server.config.settings import ROOT, DemoPersona, Settings
from server.startup.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import Sequence

DATABASE_URL = f"sqlite:///{ROOT / 'var' / 'demo.db'}"
# A separate folder too, because a clean-up removes the files that its database does not name.
FILE_STORE = str(ROOT / "var" / "demo-files")
PUBLIC_RECORD = ROOT / "data" / "public_record.json"


def prepare_demo(settings: Settings) -> Settings:
    """Create or migrate the demonstration's database, load the public record, and create the personas.

    Returns `settings` with the demonstration's database, files and personas. The tokens are new; those of an earlier
    start, which may still be running, stay valid until they expire. Raises RecordError, OSError and the errors of the
    migrations.
    """
    install_statement_guard()
    upgrade(DATABASE_URL)
    personas = asyncio.run(_fill_demo())
    changes = {"database_url": DATABASE_URL, "file_store": FILE_STORE, "demo_personas": personas}
    # model_copy(update=…) would accept an unknown name.
    return Settings.model_validate({**dict(settings), **changes})


async def fill(database: Database) -> Sequence[tuple[str, str]]:
    """Load the public record into a database that has none, and enter the personas; return their titles and tokens."""
    load_nouns()
    engine = database.bypass_policies("the demonstration loads the public record")
    # Once: from then on the demonstration belongs to the people who work in it.
    if not await is_loaded(engine):
        await load_file(engine, PUBLIC_RECORD)
    return await make_personas(database)


async def _fill_demo() -> tuple[DemoPersona, ...]:
    database = Database(DATABASE_URL)
    try:
        made = await fill(database)
    finally:
        await database.close()
    return tuple(DemoPersona(title=title, token=token) for title, token in made)
