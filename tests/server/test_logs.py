"""The logs of a server never contain the credentials of a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from resolvers.identity.token_format import new_token
from server.app import build_app
from server.config.settings import load_settings
from server.startup.logging_setup import logged_path
from tests.servers.identity_provider import CLIENT_SECRET, providing
from tests.servers.processes import serving
from tests.support.accounts import ASKED, bearing, enter_with_token

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database
    from tests.servers.databases import Databases


def misplaced(token: str) -> list[str]:
    """Return paths that contain a token by mistake, verbatim and percent-encoded."""
    encoded = "".join(f"%{ord(letter):02x}" for letter in token)
    places = (
        "/{}",
        "/graphql/{}",
        "/{}/graphql",
        "/documents/{}/versions/1",
        "/documents/1/versions/{}",
        "/graphiql/{}",
    )
    return [place.format(written) for place in places for written in (token, encoded)]


def test_at_the_chattiest_level_no_secret_is_logged(sqlite_databases: Databases, tmp_path: Path) -> None:
    cookie = "c" * 43
    with sqlite_databases.migrated() as url, providing() as provider:
        token, unknown, signed = enter_with_token(url).text, new_token(), provider.token(email="someone@example.org")
        settings = {**provider.settings, "log_level": "debug"}
        with serving(cwd=tmp_path, database_url=url, code=None, **settings) as server:
            for shown in (token, unknown, signed):
                httpx2.post(server.address, json=ASKED, headers=bearing(shown))
            httpx2.post(server.address, json=ASKED, headers={"cookie": f"__Host-coalition={cookie}"})
            for path in misplaced(token):
                httpx2.get(server.address.replace("/graphql", path), headers=bearing(token))
            query = {"query": '{ __type(name: "whatIsAsked") { name } }'}
            httpx2.get(server.address, params=query, headers=bearing(token))
            callback = server.address.replace("/graphql", "/auth/callback")
            httpx2.get(callback, params={"code": "secretCode", "state": "secretState"})
            httpx2.get(server.address.replace("/graphql", "/auth/login"))
            server.process.terminate()
            printed, lines = server.process.communicate(timeout=20)
    logged = printed + lines
    events = " ".join(json.loads(line)["event"] for line in lines.splitlines())
    assert "GET /auth/callback" in events
    assert '"GET /documents/…/versions/… HTTP/1.1" 404' in events
    assert '"GET /… HTTP/1.1" 404' in events
    assert '"GET /graphql HTTP/1.1" 200' in events
    secrets = (
        token,
        token[4:20],
        unknown,
        signed,
        signed.split(".")[2],
        cookie,
        CLIENT_SECRET,
        "secretCode",
        "secretState",
    )
    assert [secret for secret in (*secrets, "whatIsAsked", "Bearer") if secret in logged] == []


def test_each_route_is_logged_by_a_name_of_its_own() -> None:
    with providing() as provider:
        routes = build_app(load_settings(**provider.settings)).routes
    paths = {str(getattr(route, "path", "")) for route in routes}
    assert {logged_path(path) for path in paths} == {
        "/",
        "/graphql",
        "/documents/…/versions/…",
        "/livez",
        "/readyz",
        "/version",
        "/auth/login",
        "/auth/callback",
        "/auth/logout",
        "/graphiql/…",
    }


@pytest.mark.anyio
async def test_an_error_of_the_database_repeats_no_value(database: Database) -> None:
    statement = text("SELECT CAST(:secret AS TEXT) FROM nowhere")
    async with database.bypass_policies("a test makes an error").connect() as connection:
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(statement, {"secret": "whatIsRed"})
    assert "nowhere" in str(caught.value)
    assert "whatIsRed" not in str(caught.value)
