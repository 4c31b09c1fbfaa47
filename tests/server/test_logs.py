"""What a server writes down while it works: never what anybody shows to be let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from resolvers.identity.token_format import new_token
from tests.servers.identity_provider import CLIENT_SECRET, providing
from tests.servers.processes import serving
from tests.support.accounts import ASKED, bearing, enter_with_token

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.databases import Databases


def test_at_the_chattiest_level_no_secret_is_logged(sqlite_databases: Databases, tmp_path: Path) -> None:
    cookie = "c" * 43
    with sqlite_databases.migrated() as url, providing() as provider:
        token, unknown, signed = enter_with_token(url).text, new_token(), provider.token(email="someone@example.org")
        settings = {**provider.settings, "log_level": "debug"}
        with serving(cwd=tmp_path, database_url=url, code=None, **settings) as server:
            for shown in (token, unknown, signed):
                httpx2.post(server.address, json=ASKED, headers=bearing(shown))
            httpx2.post(server.address, json=ASKED, headers={"cookie": f"__Host-coalition={cookie}"})
            query = {"query": '{ __type(name: "whatIsAsked") { name } }'}
            httpx2.get(server.address, params=query, headers=bearing(token))
            callback = server.address.replace("/graphql", "/auth/callback")
            httpx2.get(callback, params={"code": "secretCode", "state": "secretState"})
            httpx2.get(server.address.replace("/graphql", "/auth/login"))
            server.process.terminate()
            logged = "".join(server.process.communicate(timeout=20))
    assert "GET /auth/callback" in logged
    assert '"GET /graphql HTTP/1.1" 200' in logged
    secrets = (token, unknown, signed, signed.split(".")[2], cookie, CLIENT_SECRET, "secretCode", "secretState")
    assert [secret for secret in (*secrets, "whatIsAsked", "Bearer") if secret in logged] == []
