"""Migrations from within the program: bring a database up to date, and tell which revision that is."""

from __future__ import annotations

import ast
import asyncio
import re
from functools import cache

from resolvers.database import Database
from server.settings import ROOT, make_database_folder

VERSIONS = ROOT / "alembic" / "versions"
IDENTIFIERS = re.compile(r"^(revision|down_revision) = (.+)$", re.MULTILINE)


def upgrade(url: str) -> None:
    """Run every migration that the database at `url` still misses.

    Must be called outside an event loop: the migrations start their own.
    Raises what the database raises where it cannot be reached, and Alembic's CommandError.
    """
    make_database_folder(url)
    if asyncio.run(_revision(url)) == head_revision():
        return
    # Only here: Alembic takes as long to import as the rest of a start takes to run.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


@cache
def head_revision() -> str | None:
    """Give the revision this version of the program needs, None while there are no migrations."""
    revisions: set[str] = set()
    followed: set[str | None] = set()
    for script in VERSIONS.glob("*.py"):
        found = dict(IDENTIFIERS.findall(script.read_text(encoding="utf-8")))
        revisions.add(ast.literal_eval(found["revision"]))
        followed.add(ast.literal_eval(found["down_revision"]))
    return max(revisions - followed, default=None)


async def _revision(url: str) -> str | None:
    database = Database(url)
    try:
        return await database.revision()
    finally:
        await database.close()
