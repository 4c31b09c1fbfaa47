"""What an operator relies on: the drain before an end, the guard of the revision, the version, and warnings."""

from __future__ import annotations

import json
import socket
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
from starlette.testclient import TestClient

from server.app import build_app
from server.config.settings import load_settings
from server.startup import revision_guard
from server.startup.migrations import VERSION, head_revision
from tests.server.operations.test_metrics import comes
from tests.servers.processes import serving
from tests.support.database.migrations import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.servers.databases import Databases

ASKED = {"query": "{ __typename }"}
BODY = json.dumps(ASKED).encode()
HEAD = b"POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(
    BODY
)


def test_a_server_that_ends_first_says_so_and_finishes_what_is_under_way(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    settings = {
        "anonymous_reads": "1",
        "drain_seconds": "2",
        "max_body_seconds": "100",
        "workers": "2",
        "host": "0.0.0.0",  # noqa: S104 - the warning of it is tested
    }
    with (
        sqlite_databases.migrated() as url,
        serving(cwd=tmp_path, database_url=url, code=None, **settings) as server,
    ):
        place = urlsplit(server.address)
        address = f"http://127.0.0.1:{place.port}"
        assert httpx2.get(f"{address}/readyz", timeout=60).status_code == 200
        assert httpx2.get(f"{address}/version").json() == {"version": VERSION, "revision": head_revision()}
        with socket.create_connection(("127.0.0.1", place.port or 0), timeout=20) as slow:
            slow.sendall(HEAD)
            server.process.terminate()
            started = time.monotonic()
            assert comes(lambda: httpx2.get(f"{address}/readyz", timeout=20).json().get("failed") == "drain")
            assert httpx2.post(f"{address}/graphql", json=ASKED, timeout=20).status_code == 200
            assert comes(lambda: not accepts(place.port or 0))
            assert time.monotonic() - started >= 2
            slow.sendall(BODY)
            assert b'{"__typename":"Query"}' in b"".join(iter(partial(slow.recv, 65536), b""))
        lines = [json.loads(line) for line in server.process.communicate(timeout=30)[1].splitlines()]
    assert server.process.returncode == 0
    [warning] = [line["event"] for line in lines]
    assert warning.startswith("the server listens on 0.0.0.0 without HTTPS")


def accepts(port: int) -> bool:
    """Return whether a new connection is accepted."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    except ConnectionRefusedError:
        return False
    time.sleep(0.1)
    return True


def test_nothing_is_answered_on_a_database_of_another_revision(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision_guard, "CHECK_SECONDS", 0.1)
    needed = head_revision()
    run(url, "UPDATE alembic_version SET version_num = '9999'")
    app = build_app(load_settings(database_url=url, anonymous_reads=True), guarded=True)
    with TestClient(app) as client:
        for path in ("/graphql", "/documents/a/versions/b", "/nothing"):
            refused = client.post(path, json=ASKED)
            assert refused.status_code == 503
            [error] = refused.json()["errors"]
            assert error["message"] == (
                f"The database is at revision 9999, which this program does not know (version {VERSION}, revision "
                f"{needed}): start the newer program that migrated the database."
            )
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").json()["detail"] == error["message"]
        run(url, "UPDATE alembic_version SET version_num = '0001'")
        assert comes(lambda: "run coalition migrate" in client.post("/graphql", json=ASKED).text)
        run(url, f"UPDATE alembic_version SET version_num = '{needed}'")  # noqa: S608
        assert comes(lambda: client.post("/graphql", json=ASKED).status_code == 200)
