"""Migrations from within the program: bring a database up to date, and tell which revision that is."""

from __future__ import annotations

import ast
import asyncio
import re
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from resolvers.database.database import Database
from server.config.settings import ROOT, make_database_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Answer = TypeVar("Answer")

VERSIONS = ROOT / "alembic" / "versions"
IDENTIFIERS = re.compile(r"^(revision|down_revision) = (.+)$", re.MULTILINE)


def upgrade(url: str) -> None:
    """Run every migration that the database at `url` still misses.

    Must be called outside an event loop: the migrations start their own.
    Raises what the database raises where it cannot be reached, and Alembic's CommandError.
    """
    make_database_folder(url)
    if asyncio.run(_asked(url, Database.revision)) == head_revision():
        return
    # Only here: Alembic takes as long to import as the rest of a start takes to run.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def roles_missing(url: str) -> str | None:
    """Give in one line which roles the login at `url` lacks and how it gets them; None where it lacks none."""
    login, roles = asyncio.run(_asked(url, Database.roles_not_granted))
    if not roles:
        return None
    names = ", ".join(roles)
    return f"{login} may not take the roles it serves with: have a superuser run GRANT {names} TO {login}; first."


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


async def _asked(url: str, question: Callable[[Database], Awaitable[Answer]]) -> Answer:
    database = Database(url)
    try:
        return await question(database)
    finally:
        await database.close()
