"""Files over a real connection to a real server: transfers that break off, are slow, or find no room."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.servers.processes import serving
from tests.support.accounts import on, revoke_newest
from tests.support.document_files import Desk, content, people

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.processes import Server

MIB = 1024 * 1024
LONG = hashlib.sha256(b"seed").digest() * (12 * MIB // 32)


@contextmanager
def at_work(url: str, folder: Path, **settings: str) -> Iterator[tuple[Desk, Server]]:
    """Yield a desk whose client asks a server in a process of its own, which stores its files below `folder`."""
    tokens, accounts, group = people(url)
    with serving(cwd=folder, code=None, database_url=url, file_store=str(folder / "files"), **settings) as server:
        parts = urlsplit(server.address)
        with httpx2.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=60) as client:
            yield Desk(url, tokens, accounts, group, client), server  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the server that the tests share."""
    return tmp_path_factory.mktemp("transfers")


@pytest.fixture(scope="module")
def shared(shared_url: str, folder: Path) -> Iterator[tuple[Desk, Server]]:
    with at_work(shared_url, folder, max_body_seconds="1") as found:
        yield found


@pytest.fixture
def opened(shared: tuple[Desk, Server], folder: Path) -> Iterator[tuple[Desk, Server]]:
    """Yield the shared desk and server, without any file and any limit of an earlier test."""
    yield shared
    resource.prlimit(shared[1].process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for file in left(folder):
        file.unlink()


def left(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


def connect(desk: Desk, server: Server, path: str, length: int) -> socket.socket:
    """Begin to send a file by hand; return the connection."""
    host, _, port = urlsplit(server.address).netloc.partition(":")
    connection = socket.create_connection((host, int(port)))
    connection.settimeout(30)
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {desk.showing('writer')['authorization']}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    connection.sendall(head.encode())
    return connection


def until(condition: object, seconds: float = 10) -> bool:
    """Wait until `condition` holds; return whether it did in time."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_long_file_goes_there_and_back_whole(opened: tuple[Desk, Server]) -> None:
    desk, _ = opened
    path = desk.declared(LONG)
    assert desk.put(path, LONG).status_code == 201
    assert desk.get(path).content == LONG
    part = desk.get(path, range=f"bytes={5 * MIB}-{9 * MIB}")
    assert part.content == LONG[5 * MIB : 9 * MIB + 1]


def test_of_a_file_that_breaks_off_nothing_is_kept(opened: tuple[Desk, Server], folder: Path) -> None:
    desk, server = opened
    path = desk.declared(LONG)
    connection = connect(desk, server, path, len(LONG))
    connection.sendall(LONG[: 5 * MIB])
    assert until(lambda: left(folder) != []), "nothing arrived"
    connection.close()
    assert until(lambda: left(folder) == []), left(folder)
    assert desk.states(path) == ["DECLARED"]
    assert desk.put(path, LONG).status_code == 201


def test_a_file_that_stops_arriving_is_not_waited_for(opened: tuple[Desk, Server], folder: Path) -> None:
    desk, server = opened
    path = desk.declared(LONG)
    with connect(desk, server, path, len(LONG)) as connection:
        connection.sendall(LONG[: 2 * MIB])
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()
    assert (left(folder), desk.states(path)) == ([], ["DECLARED"])


def test_of_one_whose_token_is_revoked_meanwhile_nothing_is_kept(url: str, tmp_path: Path) -> None:
    with at_work(url, tmp_path) as (desk, server):
        path = desk.declared(LONG)
        with connect(desk, server, path, len(LONG)) as connection:
            connection.sendall(LONG[:MIB])
            assert until(lambda: left(tmp_path))
            on(url, lambda database: revoke_newest(database, "writer@example.org"))
            time.sleep(5)
            connection.sendall(LONG[MIB:])
            assert connection.recv(65_536).startswith(b"HTTP/1.1 401")
        assert until(lambda: not left(tmp_path))
        assert desk.states(path) == ["DECLARED"]


def test_a_file_that_is_refused_is_not_received(opened: tuple[Desk, Server], folder: Path) -> None:
    desk, server = opened
    path = desk.declared(LONG)
    with connect(desk, server, path, len(LONG) + 1) as connection:
        answer = connection.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 400")
        assert until(lambda: connection.recv(65_536) == b""), "the connection is still open"
    assert left(folder) == []


def test_where_there_is_no_room_the_answer_says_so_and_nothing_changes(
    opened: tuple[Desk, Server], folder: Path
) -> None:
    desk, server = opened
    path, short = desk.declared(LONG), desk.declared()
    # To a writer it is as if the disk were full: no file of the server grows beyond this.
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (8 * MIB, resource.RLIM_INFINITY))
    refused = desk.put(path, LONG)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (507, "INSUFFICIENT_STORAGE")
    assert (left(folder), desk.states(path)) == ([], ["DECLARED"])
    # What finds room is still taken.
    assert desk.put(short).status_code == 201


def test_nobody_takes_a_damaged_file_for_the_whole(opened: tuple[Desk, Server], folder: Path) -> None:
    desk, _ = opened
    path = desk.declared(LONG)
    desk.put(path, LONG)
    [file] = left(folder)
    file.write_bytes(LONG[:-1] + b"!")
    with pytest.raises(httpx2.RemoteProtocolError):
        desk.get(path)
    assert desk.get(path, range="bytes=0-9").status_code == 500


def test_many_send_the_same_bytes_for_one_version_at_once(opened: tuple[Desk, Server], folder: Path) -> None:
    desk, _ = opened
    path = desk.declared(LONG)

    async def send() -> list[int]:
        async with httpx2.AsyncClient(base_url=desk.client.base_url, timeout=60) as client:
            sent = [client.put(path, content=LONG, headers=desk.showing("writer")) for _ in range(8)]
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    assert set(asyncio.run(send())) <= {200, 201}
    assert [file.name for file in left(folder)] == [content(LONG).sha256]
    assert desk.states(path) == ["AVAILABLE"]
    assert desk.get(path).content == LONG


def test_one_who_does_not_take_what_was_asked_for_holds_up_nobody(url: str, tmp_path: Path) -> None:
    # Longer than what the system takes in for a reader who sleeps.
    long = LONG * 4
    with at_work(url, tmp_path, max_body_seconds="1", max_running_per_account="1") as (desk, server):
        path = desk.declared(long)
        assert desk.put(path, long).status_code == 201
        host, _, port = urlsplit(server.address).netloc.partition(":")
        with socket.create_connection((host, int(port))) as connection:
            token = desk.showing("writer")["authorization"]
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n".encode())
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
            assert desk.get(path, range="bytes=0-9").status_code == 429
            assert until(lambda: desk.get(path, range="bytes=0-9").status_code == 206)
