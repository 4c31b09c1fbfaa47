"""Backups: taken while others write, restored whole into either engine, and refused where they are damaged."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from models import CapabilityNeed
from resolvers.audit.hash_chain import verify
from resolvers.backup.manifest import BackupError
from resolvers.backup.restore import restore
from resolvers.backup.take import create_backup
from resolvers.database.database import Database
from resolvers.record.loader import load_file
from server.cli.main import main
from tests.conftest import ENGINES
from tests.generators.rows import fill
from tests.support.accounts import on
from tests.support.factories import a_document, a_document_version
from tests.support.folder_store import FolderStore, names_in
from tests.support.mutations import changed
from tests.support.records import RECORD, dump
from tests.support.rows import keep
from tests.support.small_coalition import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio


@pytest.fixture(params=ENGINES)
def other_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of an empty database of each engine, to restore into."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.migrated() as address:
        yield address


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[Database]:
    opened = Database(other_url)
    yield opened
    await opened.close()


async def recorded(database: Database) -> None:
    await load_file(database.bypass_policies("a record is loaded by an operator"), RECORD)


async def test_what_is_restored_is_what_was_taken_on_either_engine(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await recorded(database)
    taken = await create_backup(database, tmp_path / "backup")
    assert await restore(other, tmp_path / "backup") == taken
    assert await dump(other) == await dump(database)
    assert (await verify(other)).hash == taken.hash
    # Another backup of what was restored is the same to the byte.
    again = await create_backup(other, tmp_path / "again")
    assert again.tables == taken.tables


async def test_random_rows_with_every_odd_value_come_back(database: Database, empty: Database, tmp_path: Path) -> None:
    await fill(database)
    folder = tmp_path / "backup"
    with pytest.raises(Exception, match="tampered"):
        # The events of random rows are bound to nothing; before that is asked, each table came out the same.
        await take_and_restore(database, empty, folder)
    assert await is_empty(empty)


async def take_and_restore(database: Database, other: Database, folder: Path) -> None:
    await create_backup(database, folder, without_missing=True)
    await restore(other, folder)


async def is_empty(database: Database) -> bool:
    return not any((await dump(database)).values())


async def test_a_backup_is_of_one_moment_while_others_write(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    world = await World(database).enter()
    member = await world.viewer("member")
    begun, stopped = asyncio.Event(), asyncio.Event()
    made = 0

    async def write() -> None:
        nonlocal made
        while not stopped.is_set():
            await changed(database, member, "createCapabilityNeed", "capabilityNeed { id }", **world.a_need())
            made += 1
            begun.set()

    writers = [asyncio.create_task(write()) for _ in range(4)]
    await asyncio.wait_for(begun.wait(), 60)
    before = made
    for number in range(3):
        manifest = await create_backup(database, tmp_path / str(number))
        # Every need has its event, and the end of the trail is the one that the manifest names.
        assert manifest.tables["audit_events"].rows == manifest.tables["capability_needs"].rows == manifest.sequence
    during = made - before
    stopped.set()
    await asyncio.gather(*writers)
    assert during > 0
    restored = await restore(empty, tmp_path / "2")
    assert (await verify(empty)).sequence == restored.sequence
    async with empty.bypass_policies("a test looks").connect() as connection:
        there = (await connection.execute(select(CapabilityNeed.id))).scalars().all()
    assert len(there) == restored.sequence >= before


async def test_a_restored_database_goes_on(database: Database, empty: Database, tmp_path: Path) -> None:
    world = await World(database).enter()
    await changed(
        database, await world.viewer("member"), "createCapabilityNeed", "capabilityNeed { id }", **world.a_need()
    )
    await take_and_restore(database, empty, tmp_path / "backup")
    await changed(
        empty, await world.viewer("member"), "createCapabilityNeed", "capabilityNeed { id }", **world.a_need()
    )
    assert (await verify(empty)).sequence == 2


async def test_a_database_that_is_not_empty_is_left_as_it_is(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await recorded(database)
    await create_backup(database, tmp_path / "backup")
    await keep(empty, a_document("DOC-1"))
    before = await dump(empty)
    with pytest.raises(BackupError, match="not empty, documents has rows"):
        await restore(empty, tmp_path / "backup")
    assert await dump(empty) == before


def lose_a_line(folder: Path) -> None:
    file = folder / "tables" / "participants.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))


def flip_a_bit(folder: Path) -> None:
    file = folder / "tables" / "meetings.jsonl"
    held = bytearray(file.read_bytes())
    held[len(held) // 2] ^= 1
    file.write_bytes(held)


def lose_a_file(folder: Path) -> None:
    (folder / "tables" / "decisions.jsonl").unlink()


def lose_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def cut_the_manifest(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_bytes(file.read_bytes()[:100])


def name_another_revision(folder: Path) -> None:
    rewrite(folder, revision="0000")


def rewrite(folder: Path, **changes: Any) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changes}), "utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lose_a_line, r"participants\.jsonl is damaged or missing"),
        (flip_a_bit, r"meetings\.jsonl is damaged or missing"),
        (lose_a_file, r"decisions\.jsonl is damaged or missing"),
        (lose_the_manifest, "is not a backup"),
        (cut_the_manifest, r"manifest\.json is damaged"),
        (name_another_revision, "has the revision 0000"),
    ],
)
async def test_a_damaged_backup_is_refused_and_nothing_is_restored(
    database: Database, empty: Database, tmp_path: Path, damage: Any, said: str
) -> None:
    await recorded(database)
    await create_backup(database, tmp_path / "backup")
    damage(tmp_path / "backup")
    with pytest.raises(BackupError, match=said):
        await restore(empty, tmp_path / "backup")
    assert await is_empty(empty)


async def test_a_backup_whose_rows_break_a_rule_is_refused_whole(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await recorded(database)
    folder = tmp_path / "backup"
    manifest = await create_backup(database, folder)
    # Somebody took a table's rows away, and made the manifest fit.
    (folder / "tables" / "participants.jsonl").write_bytes(b"")
    tables = json.loads((folder / "manifest.json").read_text("utf-8"))["tables"]
    tables["participants"] = {"rows": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    rewrite(folder, tables=tables)
    assert manifest.tables["participants"].rows > 0
    with pytest.raises(BackupError, match="The database refuses the rows of"):
        await restore(empty, folder)
    assert await is_empty(empty)


async def test_a_folder_that_is_there_is_never_written_over(database: Database, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(BackupError, match="already exists"):
        await create_backup(database, tmp_path / "backup")
    assert names_in(tmp_path) == {"backup"}


async def test_the_files_of_documents_go_with_it(database: Database, empty: Database, tmp_path: Path) -> None:
    store, restored = FolderStore(tmp_path / "store"), FolderStore(tmp_path / "restored")
    named = store.add(b"the minutes")
    store.add(b"an orphan")
    await keep(database, a_document_version(a_document("DOC-1"), sha256=named))
    folder = tmp_path / "backup"
    assert (await create_backup(database, folder, store)).files == [named]
    with pytest.raises(BackupError, match="set up a file store"):
        await restore(empty, folder)
    await restore(empty, folder, restored)
    assert restored.held() == {named: b"the minutes"}


async def test_a_damaged_file_is_found_when_it_is_taken_and_when_it_is_restored(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    store, folder = FolderStore(tmp_path / "store"), tmp_path / "backup"
    named = store.add(b"the minutes")
    await keep(database, a_document_version(a_document("DOC-1"), sha256=named))
    await create_backup(database, folder, store)
    (folder / "files" / named[:2] / named).write_bytes(b"other minutes")
    with pytest.raises(BackupError, match="does not match its SHA-256"):
        await restore(empty, folder, FolderStore(tmp_path / "restored"))
    assert await is_empty(empty)
    store.add(b"other minutes", named)
    with pytest.raises(BackupError, match="in the store is damaged"):
        await create_backup(database, tmp_path / "again", store)
    assert not [name for name in names_in(tmp_path) if "again" in name]


def test_an_operator_takes_and_restores_a_backup(url: str, databases: Databases, tmp_path: Path) -> None:
    on(url, recorded)
    folder = str(tmp_path / "backup")
    with databases.migrated() as another:
        taken = CliRunner().invoke(main, ["backup", folder], env={"COALITION_DATABASE_URL": url})
        assert taken.exit_code == 0, taken.output
        assert "store this elsewhere" in taken.output
        again = CliRunner().invoke(main, ["backup", folder], env={"COALITION_DATABASE_URL": url})
        assert (again.exit_code, again.output[:7]) == (1, "Error: ")
        restored = CliRunner().invoke(main, ["restore", folder], env={"COALITION_DATABASE_URL": another})
        assert restored.exit_code == 0, restored.output
        assert "The audit log is complete up to event" in restored.output
        refused = CliRunner().invoke(main, ["restore", folder], env={"COALITION_DATABASE_URL": another})
        assert refused.exit_code == 1
        assert "is not empty" in refused.output
