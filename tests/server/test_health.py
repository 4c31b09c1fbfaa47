"""The server's health checks for monitoring, and the security headers for browsers in every response."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from starlette.testclient import TestClient

from server import health
from server.app import build_app
from server.config.settings import ROOT, load_settings
from server.startup.migrations import head_revision

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response

SECRET = "hunter2"  # noqa: S105  # it stands for one, to see that none leaks


def get(path: str, url: str) -> Response:
    with TestClient(build_app(load_settings(database_url=url))) as client:
        return client.get(path)


def test_a_server_lives_even_without_its_database(tmp_path: Path) -> None:
    response = get("/livez", f"sqlite:///{tmp_path}/missing/folder.db")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_a_server_with_a_migrated_database_is_ready(url: str) -> None:
    response = get("/readyz", url)
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_a_database_without_tables_is_not_ready_and_says_how_to_mend_it(empty_url: str) -> None:
    response = get("/readyz", empty_url)
    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "failed": "migrations",
        "detail": f"The database is at revision None, but this server needs {head_revision()}: run coalition migrate.",
    }


def test_the_revision_that_is_needed_is_the_head_of_the_migrations() -> None:
    scripts = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    assert head_revision() == scripts.get_current_head()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        f"postgresql://someone:{SECRET}@127.0.0.1:1/coalition",
        f"postgresql://someone:{SECRET}@name.invalid/coalition",
    ],
)
def test_a_database_out_of_reach_is_not_ready_and_gives_nothing_away(
    url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = get("/readyz", url)
    assert (response.status_code, response.json()["failed"]) == (503, "database")
    for text in (response.text, caplog.text):
        assert SECRET not in text
        assert "someone" not in text


def test_a_database_that_never_answers_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        response = get("/readyz", f"postgresql://someone:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/coalition")
    assert (response.status_code, response.json()["failed"]) == (503, "database")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/graphql", "/nowhere", "/graphql/"])
def test_every_answer_tells_browsers_what_to_refrain_from(path: str) -> None:
    headers = get(path, "sqlite://").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "referrer-policy" in headers


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_no_state_is_kept_by_a_cache(path: str) -> None:
    assert get(path, "sqlite://").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/graphql/", "/nowhere", "/livez/"])
def test_an_address_that_is_none_is_not_found_instead_of_redirected(path: str) -> None:
    assert get(path, "sqlite://").status_code == 404
