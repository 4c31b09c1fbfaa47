"""The demonstration: the public record and a fictional set in a separate SQLite file, with four personas.

The first start makes the file under another name and renames it when it is complete, so a start that is stopped leaves
no half of a demonstration. A lock beside the file is held while a demonstration is running.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import os
import shutil
from typing import TYPE_CHECKING

from resolvers.core.fsync import fsync_file, fsync_folder
from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.identity.demo_personas import DemoState, demo_state, enter_personas, make_personas
from resolvers.nouns import load_nouns
from resolvers.record.loader import is_loaded, load_file
from server.config.settings import ROOT, DemoPersona, Settings, make_database_folder
from server.startup.demo_steps import DemoError
from server.startup.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FOLDER = ROOT / "var"
FILE = FOLDER / "demo.db"
DATABASE_URL = f"sqlite:///{FILE}"
# A separate folder too, because a clean-up removes the files that its database does not name.
FILE_STORE = str(FOLDER / "demo-files")
PUBLIC_RECORD = ROOT / "data" / "public_record.json"
LOCK = FOLDER / "demo.lock"
#: The file while the first start makes it.
UNFINISHED = FOLDER / "demo-unfinished.db"

RUNS = "A demo is running on {file}: stop it with Ctrl+C, then run coalition demo reset again."
NOT_A_DEMO = (
    "{file} is not the database of a demo, because no account of the demo is in it. Nothing was changed: move the file "
    "to another place. To serve it as it is, set COALITION_DATABASE_URL to it and run coalition serve without --demo."
)

ALL_ERASED = (
    "All accounts of the demo in {file} are erased, so no one can sign in. Nothing was changed. To begin anew, run "
    "coalition demo reset."
)


def prepare_demo(settings: Settings, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Settings:
    """Make or migrate the demonstration's database, and create tokens of the personas.

    Returns `settings` with the demonstration's database, files and personas. The tokens are new; those of an earlier
    start, which may still be running, stay valid until they expire. The first start reports its `progress`: how many
    steps are done, and how many there are. Raises DemoError, RecordError, OSError and the errors of the migrations.
    """
    install_statement_guard()
    make_database_folder(DATABASE_URL)
    # Locked until the process ends.
    lock = _lock(fcntl.LOCK_SH)
    try:
        if not FILE.exists():
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Another start possibly made it in the meantime.
            if not FILE.exists():
                _make(progress)
            fcntl.flock(lock, fcntl.LOCK_SH)
        _check(DemoState.READY)
        upgrade(DATABASE_URL)
        personas = asyncio.run(_fill_demo())
    except BaseException:
        os.close(lock)
        raise
    changes = {"database_url": DATABASE_URL, "file_store": FILE_STORE, "demo_personas": personas}
    # model_copy(update=…) would accept an unknown name.
    return Settings.model_validate({**dict(settings), **changes})


def reset_demo() -> bool:
    """Delete the demonstration's database and files; return whether there were any. Raises DemoError."""
    make_database_folder(DATABASE_URL)
    lock = _lock(fcntl.LOCK_SH)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(RUNS.format(file=FILE)) from None
    try:
        found = FILE.exists()
        if found:
            _check(DemoState.READY, DemoState.ERASED)
        _delete(UNFINISHED)
        # The files first: without the database, the next start makes all anew.
        shutil.rmtree(FILE_STORE, ignore_errors=True)
        _delete(FILE)
    finally:
        os.close(lock)
    return found


async def fill(database: Database) -> Sequence[tuple[str, str]]:
    """Load the public record into a database that has none, and enter the personas; return their titles and tokens."""
    await load_public_record(database)
    return await make_personas(database)


async def load_public_record(database: Database) -> None:
    """Load the public record into a database that has none."""
    load_nouns()
    engine = database.bypass_policies("the demonstration loads the public record")
    # Once: from then on the demonstration belongs to the people who work in it.
    if not await is_loaded(engine):
        await load_file(engine, PUBLIC_RECORD)


def _lock(kind: int) -> int:
    """Lock the demonstration until the returned descriptor is closed, or the process ends."""
    opened = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(opened, kind)
    return opened


def _make(progress: Callable[[int, int], None]) -> None:
    _delete(UNFINISHED)
    url = f"sqlite:///{UNFINISHED}"
    upgrade(url)
    asyncio.run(_build(url, progress))
    with UNFINISHED.open("rb+") as file:
        fsync_file(file)
    UNFINISHED.rename(FILE)
    fsync_folder(FOLDER)


async def _build(url: str, progress: Callable[[int, int], None]) -> None:
    # Imported here because the schema takes a second to import, and a second start does not need it.
    from server.startup.demo_builder import DemoBuilder  # noqa: PLC0415

    database = Database(url)
    database.skip_syncs()
    try:
        await load_public_record(database)
        today = dt.datetime.now(dt.UTC).date()
        await DemoBuilder(database, FILE_STORE, await enter_personas(database), today).build(progress)
    finally:
        await database.close()


def _check(*wanted: DemoState) -> None:
    """Raise DemoError if the file is not the database of a demonstration in such a state. It is not changed."""

    async def check() -> DemoState:
        database = Database(DATABASE_URL)
        try:
            return await demo_state(database)
        finally:
            await database.close()

    state = asyncio.run(check())
    if state not in wanted:
        message = ALL_ERASED if state is DemoState.ERASED else NOT_A_DEMO
        raise DemoError(message.format(file=FILE))


def _delete(file: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)


async def _fill_demo() -> tuple[DemoPersona, ...]:
    database = Database(DATABASE_URL)
    try:
        made = await fill(database)
    finally:
        await database.close()
    return tuple(DemoPersona(title=title, token=token) for title, token in made)
