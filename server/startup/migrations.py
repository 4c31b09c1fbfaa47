"""Migrations run by the program: upgrade a database, and find the newest revision."""

from __future__ import annotations

import ast
import asyncio
import re
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

from resolvers.database.database import Database
from server.config.settings import ROOT, make_database_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Answer = TypeVar("Answer")

VERSION = version("coalition")
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
    return asyncio.run(_asked(url, roles_missing_at))


async def roles_missing_at(database: Database) -> str | None:
    """Return the same for an open database."""
    login, roles = await database.roles_not_granted()
    if not roles:
        return None
    names = ", ".join(roles)
    return f"{login} is not a member of the roles that the server needs: as a superuser, run GRANT {names} TO {login};"


@cache
def head_revision() -> str | None:
    """Return the revision that this version of the program needs; None if there are no migrations."""
    before = _revisions()
    return max(before.keys() - before.values(), default=None)


def is_before_head(found: str | None) -> bool:
    """Return whether a database at the revision `found` has migrations to run."""
    return found != head_revision() and (found is None or found in _revisions())


def revision_fault(found: str | None) -> str | None:
    """Return in a sentence why this program cannot use a database at the revision `found`; None if it can."""
    needed = head_revision()
    if found == needed:
        return None
    if is_before_head(found):
        return f"The database is at revision {found}, but this server needs {needed}: run coalition migrate."
    return (
        f"The database is at revision {found}, which this program does not know (version {VERSION}, revision {needed})"
        ": start the newer program that migrated the database."
    )


@cache
def _revisions() -> dict[str, str | None]:
    """Return every revision that this program knows, with the one before it."""
    revisions: dict[str, str | None] = {}
    for script in VERSIONS.glob("*.py"):
        found = dict(IDENTIFIERS.findall(script.read_text(encoding="utf-8")))
        revisions[ast.literal_eval(found["revision"])] = ast.literal_eval(found["down_revision"])
    return revisions


async def _asked(url: str, question: Callable[[Database], Awaitable[Answer]]) -> Answer:
    database = Database(url)
    try:
        return await question(database)
    finally:
        await database.close()
