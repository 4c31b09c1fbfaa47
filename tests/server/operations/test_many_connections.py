"""Connections that send no whole request: they shut no other client out, and each kind leaves a line in the log."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from tests.servers.processes import serving_with_few_files

if TYPE_CHECKING:
    from pathlib import Path

BEGUN = b"POST /graphql HTTP/1.1\r\nhost: here\r\nx-slow: "
ASKED = {"query": "{ __typename }"}


def answer_of(connection: socket.socket) -> bytes:
    """Return what arrives until the server closes the connection; it must do so within the connection's timeout."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def test_half_open_requests_shut_no_client_out_and_end(tmp_path: Path) -> None:
    """500 connections reach a server that can open 200 files."""
    settings = {"anonymous_reads": "1", "max_header_seconds": "3", "database_url": f"sqlite:///{tmp_path}/none.db"}
    with serving_with_few_files(200, tmp_path, settings) as server, ExitStack() as stack:
        place = urlsplit(server.address)
        assert httpx2.post(server.address, json=ASKED, timeout=60).status_code == 200

        def opened(sent: bytes) -> socket.socket:
            connection = socket.create_connection((place.hostname or "", place.port or 0), timeout=20)
            connection.sendall(sent)
            return stack.enter_context(connection)

        half = [opened(BEGUN if number % 2 else b"") for number in range(500)]
        started = time.monotonic()
        answers = [httpx2.post(server.address, json=ASKED, timeout=20) for _ in range(5)]
        assert [answer.json().get("data") for answer in answers] == [{"__typename": "Query"}] * 5
        trickling = opened(BEGUN)
        while time.monotonic() - started < 5:
            try:
                trickling.sendall(b"x")
            except OSError:
                break
            time.sleep(0.2)
        statuses = {answer[9:12] for answer in map(answer_of, [*half, trickling])}
        assert statuses == {b"", b"408", b"503"}
        assert httpx2.post(server.address, json=ASKED, timeout=20).status_code == 200
        server.process.terminate()
        lines = [json.loads(line) for line in server.process.communicate(timeout=20)[1].splitlines()]
    reasons = [line["event"].partition(": ")[2].partition(" (")[0] for line in lines if "count" in line]
    assert {"the head of their request did not arrive in time", "they were idle, and others needed their place"} <= {
        *reasons
    }
    assert sum(line["count"] for line in lines if "count" in line) >= 501
    assert sum("takes 100 connections instead of 1000" in line["event"] for line in lines) == 1
    assert len(lines) < 30
