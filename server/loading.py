"""Loading a public record: where the command line reaches into the data."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from resolvers.database import create_engine
from resolvers.public_record import load_file
from server.settings import make_database_folder

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.public_record import LoadReport


def load(url: str, file: Path) -> LoadReport:
    """Load the record in `file` into the database at `url`; loading it again changes nothing.

    Raises RecordError, and loads nothing, for a bad record or a database that is not migrated.
    """
    make_database_folder(url)
    return asyncio.run(_load(url, file))


async def _load(url: str, file: Path) -> LoadReport:
    engine = create_engine(url)
    try:
        return await load_file(engine, file)
    finally:
        await engine.dispose()
