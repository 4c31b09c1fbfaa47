"""Files in quarantine: with a real clamd, on both engines and in both kinds of store."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from resolvers.files.clamav import ClamdScanner
from resolvers.files.cleanup import CleanupReport, clean_up
from resolvers.files.document_files import DocumentFiles
from resolvers.files.open_store import open_store
from server.app import build_app
from server.config.settings import load_settings
from tests.servers.clamd import INFECTED, Clamd, free_port
from tests.support.accounts import on
from tests.support.clients import the_error
from tests.support.document_files import DATA, desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.database.database import Database
    from tests.support.document_files import Desk

VIRUS = DATA + INFECTED


@contextmanager
def awaiting(url: str, files: str, port: int) -> Iterator[Desk]:
    """Yield a desk whose scanner should be at a port where no server listens."""
    with desk(url, files, clamd=f"tcp://127.0.0.1:{port}") as found:
        yield found


def swept(url: str, files: str, scanner: str) -> CleanupReport:
    async def work(database: Database) -> CleanupReport:
        return await clean_up(DocumentFiles(database, open_store(files), ClamdScanner(scanner)))

    return on(url, work)


@contextmanager
def forwarding(port: int, clamd: Clamd) -> Iterator[None]:
    """Let clamd answer at a port, too, for as long as the block lasts: the scanner is back."""
    loop = asyncio.new_event_loop()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_unix_connection(clamd.unix.removeprefix("unix:"))
        await asyncio.gather(pipe(reader, downstream), pipe(upstream, writer), return_exceptions=True)

    server = loop.run_until_complete(asyncio.start_server(forward, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield

    async def end() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(end(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.clamd
def test_a_clean_file_is_available_at_once(url: str, files_address: str, clamd: Clamd) -> None:
    with desk(url, files_address, clamd=clamd.unix) as found:
        path = found.declared()
        assert found.put(path).json()["data"]["state"] == "AVAILABLE"
        assert found.get(path, "observer").content == DATA


@pytest.mark.clamd
def test_an_infected_file_is_thrown_away_and_not_taken_again(url: str, files_address: str, clamd: Clamd) -> None:
    with desk(url, files_address, clamd=clamd.tcp) as found:
        path = found.declared(VIRUS)
        refused = found.put(path, VIRUS)
        assert (refused.status_code, the_error(refused)[0]) == (422, "INFECTED")
        assert found.states(path) == ["REJECTED"]
        again, fetched = found.put(path, VIRUS), found.get(path)
        assert (again.status_code, the_error(again)[0]) == (409, "CONFLICT")
        assert (fetched.status_code, the_error(fetched)[0]) == (410, "INFECTED")
    assert on(url, lambda _: files_in(files_address)) == []


async def files_in(address: str) -> list[str]:
    return [found.sha256 async for found in open_store(address).files()]


def test_nobody_gets_a_file_that_the_scanner_has_not_seen(url: str, files_address: str) -> None:
    with awaiting(url, files_address, free_port()) as found:
        path = found.declared()
        sent = found.put(path)
        assert (sent.status_code, sent.json()["data"]["state"]) == (201, "QUARANTINED")
        for name in ("writer", "observer"):
            refused = found.get(path, name)
            assert (refused.status_code, the_error(refused)[0]) == (409, "NOT_AVAILABLE")
            assert DATA[:20] not in refused.content
        assert found.put(path).json()["data"]["state"] == "QUARANTINED"


@pytest.mark.clamd
def test_a_file_in_quarantine_is_scanned_when_one_who_may_send_it_fetches_it(
    url: str, files_address: str, clamd: Clamd
) -> None:
    port = free_port()
    with awaiting(url, files_address, port) as found:
        clean, infected = found.declared(), found.declared(VIRUS)
        found.put(clean)
        found.put(infected, VIRUS)
        with forwarding(port, clamd):
            # Readers set nothing going.
            assert found.get(clean, "observer").status_code == 409
            assert found.states(clean, infected) == ["QUARANTINED", "QUARANTINED"]
            assert found.get(clean).content == DATA
            assert found.get(infected).status_code == 410
        assert found.states(clean, infected) == ["AVAILABLE", "REJECTED"]
        assert found.get(clean, "observer").content == DATA


@pytest.mark.clamd
def test_a_sweep_scans_what_is_in_quarantine(url: str, files_address: str, clamd: Clamd) -> None:
    with awaiting(url, files_address, free_port()) as found:
        clean, infected = found.declared(), found.declared(VIRUS)
        found.put(clean)
        found.put(infected, VIRUS)
        done = swept(url, files_address, f"tcp://127.0.0.1:{free_port()}")
        assert (done.scanned, done.waiting) == (0, 2)
        done = swept(url, files_address, clamd.tcp)
        assert (done.scanned, done.waiting) == (2, 0)
        assert found.states(clean, infected) == ["AVAILABLE", "REJECTED"]


@pytest.mark.clamd
def test_what_is_found_in_one_version_is_rejected_in_all_that_have_its_bytes(
    url: str, files_address: str, clamd: Clamd
) -> None:
    with desk(url, files_address) as found:
        # It was taken when there was no scanner.
        old, declared = found.declared(VIRUS), found.declared(VIRUS)
        assert found.put(old, VIRUS).status_code == 201
    with desk_again(found, files_address, clamd) as later:
        new = later.declared(VIRUS)
        assert later.put(new, VIRUS).status_code == 422
        assert later.states(old, new, declared) == ["REJECTED", "REJECTED", "DECLARED"]
        assert later.get(old).status_code == 410


@contextmanager
def desk_again(before: Desk, files: str, clamd: Clamd) -> Iterator[Desk]:
    """Yield the same desk with a scanner."""
    given = load_settings(database_url=before.url, file_store=files, clamd=clamd.unix)
    with TestClient(build_app(given), raise_server_exceptions=False) as client:
        yield replace(before, client=client)
