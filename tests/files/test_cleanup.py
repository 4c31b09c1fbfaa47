"""Sweeps: which files and versions they remove, which stay, and what happens when an upload runs at the same time."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Document, DocumentStatus, DocumentVersion, VersionState
from models.base import new_key, now
from resolvers.files import cleanup
from resolvers.files.cleanup import clean_up
from resolvers.files.declaration import UPLOAD_TTL, DeclaredVersion, declare_version
from resolvers.files.document_files import DocumentFiles, FileVersion, VersionRemovedError, WithdrawnError
from resolvers.files.open_store import open_store
from resolvers.files.upload import PREFIX, DeclaredContent
from tests.servers.processes import coalition
from tests.support.document_files import DATA, content
from tests.support.factories import a_document, a_participant, an_account, named
from tests.support.rows import keep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from resolvers.database.database import Database
    from resolvers.files.store import StoredFile

pytestmark = pytest.mark.anyio

A_MINUTE = dt.timedelta(minutes=1)
LONG_AGO = UPLOAD_TTL + A_MINUTE


@pytest.fixture
def files(database: Database, files_address: str) -> DocumentFiles:
    return DocumentFiles(database, open_store(files_address))


async def declare(files: DocumentFiles, data: bytes = DATA, ago: dt.timedelta = dt.timedelta()) -> FileVersion:
    """Declare a version with these bytes; `ago` is how long that is past."""
    account, document = new_key(), a_document(id=new_key())
    key: str = document.id
    await keep(files.database, an_account(a_participant(), id=account), document)
    async with (
        AsyncSession(files.database.bypass_policies("a test declares a version", unaudited=True)) as session,
        session.begin(),
    ):
        wanted = DeclaredVersion(named("v"), "needs.pdf", "application/pdf", content(data))
        row = declare_version(await session.get_one(Document, key), wanted, account)
        row.upload_until = now() + UPLOAD_TTL - ago
        session.add(row)
        key = row.id
    return FileVersion(key, content(data), VersionState.DECLARED, "application/pdf", "needs.pdf", None)


async def body(data: bytes = DATA) -> AsyncIterator[bytes]:
    yield data


async def state(files: DocumentFiles, version: FileVersion) -> VersionState | None:
    async with AsyncSession(files.database.bypass_policies("a test looks at a state")) as session:
        found = select(DocumentVersion.state).where(DocumentVersion.id == version.key)
        return (await session.scalars(found)).one_or_none()


async def there(files: DocumentFiles) -> set[str]:
    return {found.sha256 async for found in files.store.files()}


@pytest.fixture
def a_day_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sweeps take every file in the store for a day older than it is."""
    monkeypatch.setattr(cleanup, "now", lambda: now() + LONG_AGO)


async def test_a_version_whose_bytes_never_came_is_removed_after_a_day(files: DocumentFiles) -> None:
    late, waiting = await declare(files, ago=LONG_AGO), await declare(files, ago=UPLOAD_TTL - A_MINUTE)
    assert (await clean_up(files)).versions == 1
    assert (await state(files, late), await state(files, waiting)) == (None, VersionState.DECLARED)
    assert (await clean_up(files)).versions == 0


async def test_a_version_whose_bytes_may_come_at_any_time_stays(files: DocumentFiles) -> None:
    key = new_key()
    row = DocumentVersion(
        id=key, document=a_document(), label="1", media_type="text/plain", byte_size=1, sha256="0" * 64
    )
    await keep(files.database, row)
    assert (await clean_up(files)).versions == 0
    version = FileVersion(key, DeclaredContent(1, "0" * 64), VersionState.DECLARED, "", "", None)
    assert await state(files, version) is VersionState.DECLARED


@pytest.mark.usefixtures("a_day_later")
async def test_what_arrived_stays_for_ever(files: DocumentFiles) -> None:
    version = await declare(files)
    assert await files.receive(version, body()) is VersionState.AVAILABLE
    done = await clean_up(files)
    assert (done.versions, done.files) == (0, 0)
    assert (await there(files), await state(files, version)) == ({content().sha256}, VersionState.AVAILABLE)


@pytest.mark.usefixtures("a_day_later")
async def test_a_file_that_no_version_names_is_removed_after_a_day(files: DocumentFiles, tmp_path: Path) -> None:
    for data in (b"orphan", DATA):
        (tmp_path / "new").write_bytes(data)
        await files.store.put(tmp_path / "new", content(data).sha256)
    # It is waited for: an upload of it may be about to end.
    await declare(files, ago=-UPLOAD_TTL)
    assert (await clean_up(files)).files == 1
    assert await there(files) == {content().sha256}


async def test_a_file_that_no_version_names_stays_for_a_day(files: DocumentFiles, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"orphan")
    await files.store.put(tmp_path / "new", content(b"orphan").sha256)
    assert (await clean_up(files)).files == 0
    assert await there(files) == {content(b"orphan").sha256}


async def test_halves_of_files_are_removed_after_a_day(files: DocumentFiles) -> None:
    old, new = (files.store.upload_dir / f"{PREFIX}{named('half')}" for _ in range(2))
    for file in (old, new):
        file.write_bytes(b"half")
    day_ago = time.time() - LONG_AGO.total_seconds()
    os.utime(old, (day_ago, day_ago))
    assert (await clean_up(files)).partial_uploads == 1
    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()


async def test_bytes_for_a_version_that_is_swept_away_meanwhile_are_refused(files: DocumentFiles) -> None:
    version = await declare(files, ago=LONG_AGO)

    async def slow() -> AsyncIterator[bytes]:
        yield DATA[:100]
        assert (await clean_up(files)).versions == 1
        yield DATA[100:]

    with pytest.raises(VersionRemovedError):
        await files.receive(version, slow())
    assert await state(files, version) is None


async def test_bytes_for_a_document_that_is_withdrawn_meanwhile_are_refused_and_not_kept(files: DocumentFiles) -> None:
    version = await declare(files)

    async def slow() -> AsyncIterator[bytes]:
        yield DATA[:100]
        async with files.writing("a test withdraws a document") as session:
            row = await session.get_one(DocumentVersion, version.key)
            (await session.get_one(Document, row.document_id)).status = DocumentStatus.WITHDRAWN
        yield DATA[100:]

    with pytest.raises(WithdrawnError):
        await files.receive(version, slow())
    assert (await state(files, version), await there(files)) == (VersionState.DECLARED, set())


async def test_what_another_version_has_or_waits_for_stays_where_one_is_refused(files: DocumentFiles) -> None:
    gone, other = await declare(files), await declare(files)
    async with files.writing("a test withdraws a document") as session:
        row = await session.get_one(DocumentVersion, gone.key)
        (await session.get_one(Document, row.document_id)).status = DocumentStatus.WITHDRAWN
    await files.receive(other, body())
    with pytest.raises(WithdrawnError):
        await files.receive(gone, body())
    assert await there(files) == {content().sha256}


@pytest.mark.usefixtures("a_day_later")
async def test_a_sweep_never_takes_what_arrives_at_the_same_moment(files: DocumentFiles, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(DATA)
    digest = content().sha256
    for _ in range(5):
        # The file is an old orphan; then it is declared and arrives while sweeps look for orphans.
        (tmp_path / "new").write_bytes(DATA)
        await files.store.put(tmp_path / "new", digest)

        async def arrive() -> FileVersion:
            version = await declare(files, ago=-2 * UPLOAD_TTL)
            assert await files.receive(version, body()) is VersionState.AVAILABLE
            return version

        _, version, _ = await asyncio.gather(clean_up(files), arrive(), clean_up(files))
        assert await state(files, version) is VersionState.AVAILABLE
        assert b"".join([piece async for piece in files.downloader.read_all(version.content)]) == DATA
        # Infected after all: it is an orphan again for the next round.
        await files._mark_rejected(digest)  # noqa: SLF001 - what the scanner would bring about
        assert await there(files) == set()


async def test_a_file_is_kept_that_is_declared_between_the_look_and_the_removal(
    files: DocumentFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").write_bytes(DATA)
    await files.store.put(tmp_path / "new", content().sha256)
    found: StoredFile = await files.store.find(content().sha256)
    version = await declare(files, ago=-2 * UPLOAD_TTL)

    async def unnamed(_files: DocumentFiles, _sha256: str) -> bool:
        return False

    # As if it had been looked up just before the version was declared.
    monkeypatch.setattr(cleanup, "_is_referenced", unnamed)
    monkeypatch.setattr(cleanup, "now", lambda: now() + LONG_AGO)
    assert (await clean_up(files)).files == 0
    assert await files.store.find(content().sha256) == found
    assert await state(files, version) is VersionState.DECLARED


def test_the_command_says_what_it_removed(url: str, tmp_path: Path) -> None:
    (tmp_path / "arriving").mkdir()
    half = tmp_path / "arriving" / f"{PREFIX}half"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    result = coalition("files", "clean-up", database_url=url, file_store=str(tmp_path))
    expected = (
        "Removed 0 versions, 0 files and 1 partial uploads; scanned 0 versions; 0 versions are still in quarantine.\n"
    )
    assert (result.output, result.exit_code) == (expected, 0)


def test_the_command_says_in_one_line_why_it_cannot(url: str, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    result = coalition("files", "clean-up", database_url=url, file_store=str(tmp_path / "files"))
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1
