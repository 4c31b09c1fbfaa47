"""A restore that cannot be done ends with one line, and leaves the database and the store as they were."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from models import VersionState
from resolvers.access.context import Actor
from resolvers.audit.hash_chain import ChainError
from resolvers.audit.transaction import audited_write
from resolvers.backup.manifest import BackupError
from resolvers.backup.restore import restore
from resolvers.backup.take import create_backup
from resolvers.database.unavailable import DatabaseUnavailableError
from server.cli.main import main
from tests.support.accounts import on
from tests.support.factories import a_document, a_document_version, a_meeting, a_participant
from tests.support.folder_store import FolderStore, names_in
from tests.support.records import dump
from tests.support.rows import keep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from resolvers.database.database import Database
    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio

MINUTES = b"the minutes"
FULL = "the disk is full"
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def restored(tmp_path: Path) -> FolderStore:
    """Return an empty store to restore into."""
    return FolderStore(tmp_path / "restored")


async def fill(database: Database, store: FolderStore) -> None:
    """Enter a document with its file, a meeting, and two events of the audit log."""
    minutes = a_document_version(a_document("DOC-1"), sha256=store.add(MINUTES), state=VersionState.AVAILABLE)
    await keep(database, minutes, a_meeting())
    for _ in range(2):
        await audited_write(database, "a test", Actor(), lambda session: session.add(a_participant()))


@pytest.fixture(scope="module")
def taken(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take a backup of a database of each engine."""
    folder = tmp_path_factory.mktemp("backups")
    store = FolderStore(folder / "store")

    async def work(database: Database) -> None:
        await fill(database, store)
        await create_backup(database, folder / "backup", store)

    with databases.migrated() as url:
        on(url, work)
    return folder / "backup"


@pytest.fixture
def backup(taken: Path, tmp_path: Path) -> Path:
    """Return a backup that a test can change."""
    return shutil.copytree(taken, tmp_path / "backup")


def forge(folder: Path, table: str, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    """Change the lines of a table, and make the manifest fit; return the table's file."""
    file, told = folder / "tables" / f"{table}.jsonl", folder / "manifest.json"
    lines = change(file.read_bytes().splitlines(keepends=True))
    file.write_bytes(b"".join(lines))
    manifest = json.loads(told.read_text("utf-8"))
    manifest["tables"][table] = {"rows": len(lines), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    told.write_text(json.dumps(manifest), "utf-8")
    return file


def changed_row(line: bytes, **changes: Any) -> bytes:
    """Return the line of a row with some columns changed, as a backup has it; lone surrogates are escaped."""
    text = json.dumps(json.loads(line) | changes, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def double_a_row(folder: Path) -> None:
    forge(folder, "meetings", lambda lines: [*lines, lines[0]])


def break_a_reference(folder: Path) -> None:
    forge(folder, "document_versions", lambda lines: [changed_row(lines[0], document_id=NOWHERE)])


def break_a_reference_to_the_same_table(folder: Path) -> None:
    forge(folder, "documents", lambda lines: [changed_row(lines[0], superseded_by_id=NOWHERE)])


def cut_the_trail(folder: Path) -> None:
    forge(folder, "audit_events", lambda lines: [line for line in lines if json.loads(line)["sequence"] == 1])


REFUSALS = [
    (double_a_row, r"^The database refuses the rows of meetings: .*\. Nothing was restored\.$"),
    (break_a_reference, r"^The database refuses the rows of document_versions: .*Nothing was restored"),
    (break_a_reference_to_the_same_table, "^The database refuses the rows of documents: .*Nothing was"),
    (cut_the_trail, "ends at event 1, but the given head is event 2"),
]


@pytest.mark.parametrize(("harm", "said"), REFUSALS)
async def test_what_the_database_refuses_leaves_no_file_in_the_store(
    backup: Path, empty: Database, restored: FolderStore, harm: Any, said: str
) -> None:
    harm(backup)
    with pytest.raises((BackupError, ChainError), match=said):
        await restore(empty, backup, restored)
    assert not any((await dump(empty)).values())
    assert restored.held() == {}


async def check_no_room(
    backup: Path, empty: Database, restored: FolderStore, monkeypatch: pytest.MonkeyPatch, *, committed: bool = False
) -> None:
    fail_at_the_end(monkeypatch, empty, first=committed)
    with pytest.raises(DatabaseUnavailableError) as caught:
        await restore(empty, backup, restored)
    assert str(caught.value.__cause__) == FULL


@pytest.mark.parametrize("before", [(), (MINUTES,)], ids=["an empty store", "a file that was there"])
async def test_a_commit_that_fails_leaves_the_files_that_were_there(
    backup: Path, empty: Database, restored: FolderStore, monkeypatch: pytest.MonkeyPatch, before: tuple[bytes, ...]
) -> None:
    held = {restored.add(each): each for each in before}
    await check_no_room(backup, empty, restored, monkeypatch)
    assert not any((await dump(empty)).values())
    assert restored.held() == held


async def test_files_stay_where_only_the_answer_to_the_commit_was_lost(
    backup: Path, empty: Database, restored: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check_no_room(backup, empty, restored, monkeypatch, committed=True)
    assert any((await dump(empty)).values())
    assert list(restored.held().values()) == [MINUTES]


def fail_at_the_end(monkeypatch: pytest.MonkeyPatch, database: Database, *, first: bool) -> None:
    """Have the next commit fail, or be done `first`."""
    dialect = database.bypass_policies("a test has a commit fail", unaudited=True).dialect
    commit = dialect.do_commit

    def fail(connection: Any) -> None:
        monkeypatch.undo()
        if first:
            commit(connection)
        raise OSError(FULL)

    monkeypatch.setattr(dialect, "do_commit", fail)


async def test_half_of_a_file_is_not_left_where_files_arrive(
    backup: Path, empty: Database, restored: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(file: Path, sha256: str) -> None:
        assert sha256 in file.name
        raise OSError(FULL)

    monkeypatch.setattr(restored, "put", refuse)
    with pytest.raises(OSError, match=FULL):
        await restore(empty, backup, restored)
    assert names_in(restored.upload_dir) == set()


HUGE = 10**30
LINES = [
    (b"", "not JSON in UTF-8"),
    (b"no JSON", "not JSON in UTF-8"),
    (b"\xff", "not JSON in UTF-8"),
    (b"{}", "not an object with the columns of meetings"),
    (b"[]", "not an object with the columns of meetings"),
    (b"null", "not an object with the columns of meetings"),
    (b"[" * 100_000, "nested too deeply to be read"),
    ({"body": "NOBODY"}, 'body cannot be "NOBODY"'),
    ({"body": ["STEERING_GROUP"]}, 'body cannot be ["STEERING_GROUP"]'),
    ({"version": HUGE}, f"version cannot be {HUGE}"),
    ({"version": True}, "version cannot be true"),
    ({"version": "1"}, 'version cannot be "1"'),
    ({"version": float("inf")}, "version cannot be Infinity"),
    ({"title": 7}, "title cannot be 7"),
    ({"title": "\ud800"}, r"a text contains half of a character, such as \ud800"),
    ({"body": "\ud800"}, r'body cannot be "\ud800"'),
    ({"held_on": "today"}, 'held_on cannot be "today"'),
    ({"held_on": "20240102"}, 'held_on cannot be "20240102"'),
    ({"host_id": "nobody"}, 'host_id cannot be "nobody"'),
    ((b":", b": "), "not in the form that this program writes"),
    ((b"{", b'{"body":"OTHER",'), "not in the form that this program writes"),
    ({"created_at": "0001-01-01T00:00:00+23:00"}, "created_at cannot be"),
    ({"created_at": "2024-13-01T00:00:00.000000Z"}, "created_at cannot be"),
    ({"created_at": 7}, "created_at cannot be 7"),
    ({"surplus": 7}, "not an object with the columns of meetings"),
]


def in_words(case: Any) -> str:
    return str(case)[:60].encode("unicode_escape").decode()


def restore_by_hand(folder: Path, url: str) -> str:
    """Restore a backup as an operator does, which must end with one line and change nothing; return that line."""
    environment = {"COALITION_DATABASE_URL": url, "COALITION_FILE_STORE": str(folder.parent / "files")}
    refused = CliRunner().invoke(main, ["restore", str(folder)], env=environment)
    assert isinstance(refused.exception, SystemExit), refused.exception  # Anything else is a traceback.
    assert refused.exit_code == 1
    assert not any(on(url, dump).values())
    [line] = refused.output.splitlines()
    return line


@pytest.mark.parametrize(("line", "said"), LINES, ids=in_words)
def test_a_line_that_is_no_row_is_named(backup: Path, shared_url: str, line: Any, said: str) -> None:
    def change(lines: list[bytes]) -> list[bytes]:
        if isinstance(line, bytes):
            return [*lines, line + b"\n"]
        if isinstance(line, dict):
            return [*lines, changed_row(lines[0], **line)]
        spelling, other = line
        return [*lines, lines[0].replace(spelling, other, 1)]

    file = forge(backup, "meetings", change)
    refused = restore_by_hand(backup, shared_url)
    assert refused.startswith(f"Error: {file}, line 2: {said}"), refused
    assert refused.endswith(". Use another backup. Nothing was restored.")


def test_a_reference_to_nothing_is_named_by_its_table(backup: Path, shared_url: str) -> None:
    forge(backup, "meetings", lambda lines: [changed_row(lines[0], host_id="00000000-0000-7000-8000-000000000000")])
    assert "The database refuses the rows of meetings: " in restore_by_hand(backup, shared_url)


HASH = "0a" * 32
MANIFESTS = [
    ("[" * 100_000, "nested too deeply"),
    ("null", "keys of a manifest"),
    ("[]", "keys of a manifest"),
    ("{}", "keys of a manifest"),
    ({"surplus": 1}, "keys of a manifest"),
    ({"format": 1}, "it has format 1, this program reads 2: use the version that took it."),
    ({"missing": {"x": "DOC-1 version 1"}}, "Its missing cannot be"),
    ({"missing": {HASH: "now\nand then"}}, "Its missing cannot be"),
    ({"files": []}, "lacks files, and does not say so: DOC-1 version "),
    ({"format": "\ud800"}, r'Its format cannot be "\ud800".'),
    ({"format": True}, "Its format cannot be true."),
    ({"revision": None}, "Its revision cannot be null."),
    ({"revision": "\ud800"}, r'Its revision cannot be "\ud800".'),
    ({"taken_at": "\ud800"}, r'Its taken_at cannot be "\ud800".'),
    ({"taken_at": "now\nand then"}, r'Its taken_at cannot be "now\nand then".'),
    ({"sequence": -1}, "A head is"),
    ({"sequence": True}, "A head is"),
    ({"sequence": float("inf")}, "Infinity is not JSON"),
    ({"hash": "x"}, "A head is"),
    ({"hash": None}, "A head is"),
    ({"tables": None}, "Its tables cannot be null."),
    ({"tables": []}, "Its tables cannot be []."),
    ({"tables": {"meetings": None}}, "Its tables cannot be"),
    ({"tables": {"meetings": {"rows": 1}}}, "Its tables cannot be"),
    ({"tables": {"meetings": {"rows": "1", "sha256": HASH}}}, "Its tables cannot be"),
    ({"tables": {"meetings": {"rows": 1, "sha256": 7}}}, "Its tables cannot be"),
    ({"tables": {}}, "has other tables than this program"),
    ({"files": None}, "Its files cannot be null."),
    ({"files": [7]}, "Its files cannot be [7]."),
    ({"files": ["../../etc/passwd"]}, 'Its files cannot be ["../../etc/passwd"].'),
    ({"files": [HASH]}, f"{HASH} is missing"),
]


@pytest.mark.parametrize(("told", "said"), MANIFESTS, ids=in_words)
def test_a_manifest_that_is_none_is_refused(backup: Path, shared_url: str, told: Any, said: str) -> None:
    file = backup / "manifest.json"
    if isinstance(told, dict):
        told = json.dumps({**json.loads(file.read_text("utf-8")), **told})
    file.write_text(told, "utf-8")
    refused = restore_by_hand(backup, shared_url)
    assert refused.startswith(f"Error: {backup}"), refused
    assert said in refused


def test_what_was_not_changed_is_restored(backup: Path, url: str) -> None:
    environment = {"COALITION_DATABASE_URL": url, "COALITION_FILE_STORE": str(backup.parent / "files")}
    done = CliRunner().invoke(main, ["restore", str(backup)], env=environment)
    assert done.exit_code == 0, done.output
    assert "rows and 1 files are restored" in done.output
