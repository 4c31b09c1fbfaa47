"""Migrations run by the program: upgrade a database, and find the newest revision."""

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
    """Run every pending migration of the database at `url`.

    Must be called outside an event loop: the migrations start their own.
    Raises the database's error if it cannot be reached, and Alembic's CommandError.
    """
    make_database_folder(url)
    if asyncio.run(_asked(url, Database.revision)) == head_revision():
        return
    # Imported here because Alembic takes as long to import as the rest of a start takes to run.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def roles_missing(url: str) -> str | None:
    """Return one line with the roles missing from the login at `url` and how to grant them; None if it has them all."""
    login, roles = asyncio.run(_asked(url, Database.roles_not_granted))
    if not roles:
        return None
    names = ", ".join(roles)
    return f"{login} is not a member of the roles that the server needs: as a superuser, run GRANT {names} TO {login};"


@cache
def head_revision() -> str | None:
    """Return the revision that this version of the program needs; None if there are no migrations."""
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
