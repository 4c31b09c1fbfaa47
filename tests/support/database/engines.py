"""The engines of a database, for statements that the program cannot run: without a reason, as the login role."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from resolvers.database.database import Database


def engines_of(database: Database) -> tuple[AsyncEngine, ...]:
    """Return every engine of a database, each once; the first runs its statements as the login role."""
    return tuple(dict.fromkeys((database._plain, database._operators)))  # noqa: SLF001 - the program gives none
