"""Purging: the files of withdrawn versions are deleted after a time, and no version that is not withdrawn loses one."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import DocumentVersion, VersionState
from models.base import now
from resolvers.access.context import Actor
from resolvers.audit.transaction import audited_session
from resolvers.files.document_files import DocumentFiles
from resolvers.files.open_store import open_store
from resolvers.files.purge import purge
from tests.servers.clamd import INFECTED
from tests.support.accounts import on
from tests.support.clients import the_error
from tests.support.document_files import DATA, Desk, desk

if TYPE_CHECKING:
    from resolvers.database.database import Database

VIRUS = DATA + INFECTED


async def withdraw(database: Database, path: str, days: int = 0) -> None:
    """Withdraw a version, as if that was some days ago."""
    async with audited_session(database, "a test withdraws a version", Actor()) as session:
        version = await session.get_one(DocumentVersion, path.rpartition("/")[2], with_for_update=True)
        version.state, version.withdrawal_reason = VersionState.WITHDRAWN, "Wrong."
        version.withdrawn_at = now() - dt.timedelta(days=days)


def purged(found: Desk, *paths: str) -> list[bool]:
    keys = [path.rpartition("/")[2] for path in paths]

    async def work(database: Database) -> list[bool]:
        async with AsyncSession(database.bypass_policies("a test looks at versions")) as session:
            rows = await session.execute(select(DocumentVersion.id, DocumentVersion.purged_at))
            moments = {row.id: row.purged_at for row in rows}
            return [moments[key] is not None for key in keys]

    return on(found.url, work)


def test_files_of_withdrawn_versions_are_purged_after_a_time(url: str, files_address: str) -> None:
    with desk(url, files_address) as found:
        old, new, shared = (found.declared(data) for data in (b"old", b"new", b"shared"))
        same, awaited = found.declared(b"shared"), found.declared(b"old")
        for path, data in ((old, b"old"), (new, b"new"), (shared, b"shared"), (same, b"shared")):
            assert found.put(path, data).status_code == 201
        for path, days in ((old, 31), (new, 29), (shared, 31), (awaited, 31)):
            on(url, partial(withdraw, path=path, days=days))
        done = on(url, lambda database: purge(DocumentFiles(database, open_store(files_address)), 30))
        assert str(done) == (
            "Purged 2 versions and deleted 1 files; 1 files stay, because versions that are not purged have the same "
            "file"
        )
        # A version that never had a file has none to purge.
        assert purged(found, old, new, shared, same, awaited) == [True, False, True, False, False]
        assert found.get(same).content == b"shared"
        # The bytes can come again, for another version.
        again = found.declared(b"old")
        assert found.put(again, b"old").status_code == 201
        assert found.get(again).content == b"old"


def test_a_version_that_is_withdrawn_during_its_upload_gets_no_file(url: str, files_address: str) -> None:
    with desk(url, files_address) as found:
        path = found.declared()

        def body() -> object:
            yield DATA[:1000]
            on(url, lambda database: withdraw(database, path))
            yield DATA[1000:]

        refused = found.put(path, body(), content_length=str(len(DATA)))
        assert (refused.status_code, the_error(refused)[0]) == (409, "CONFLICT")
        assert found.states(path) == ["WITHDRAWN"]
    assert on(url, lambda _: names(files_address)) == []


async def names(address: str) -> list[str]:
    return [each.sha256 async for each in open_store(address).files()]


def test_malware_in_a_withdrawn_version_is_deleted_with_the_file(url: str, files_address: str) -> None:
    with desk(url, files_address) as found:
        withdrawn, sent = found.declared(VIRUS), found.declared(VIRUS)
        for path in (withdrawn, sent):
            assert found.put(path, VIRUS).status_code == 201
        on(url, lambda database: withdraw(database, withdrawn))

        async def reject(database: Database) -> None:
            files = DocumentFiles(database, open_store(files_address))
            async with AsyncSession(database.bypass_policies("a test looks at a version")) as session:
                row = await session.get_one(DocumentVersion, sent.rpartition("/")[2])
            await files._mark_rejected(row.sha256)  # noqa: SLF001 - as a scan of another version does

        on(url, reject)
        assert found.states(withdrawn, sent) == ["WITHDRAWN", "REJECTED"]
        assert purged(found, withdrawn) == [True]
    assert on(url, lambda _: names(files_address)) == []
