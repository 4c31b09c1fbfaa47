"""Clients of the whole API: one that is signed in with a token, and one without credentials."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from resolvers.database.database import Database
from resolvers.identity.api_tokens import create_token
from server.app import build_app
from server.config.settings import load_settings
from tests.support.factories import a_participant, an_account, named
from tests.support.rows import keep
from tests.support.transport_schema import GRAPHQL, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response


def new_token(url: str) -> str:
    """Return the token of a new account in the database at `url`."""

    async def make() -> str:
        database = Database(url)
        email = f"{named('member')}@example.org"
        try:
            await keep(database, an_account(a_participant(), email))
            return (await create_token(database, email, "a test")).text
        finally:
            await database.close()

    return asyncio.run(make())


@contextmanager
def opened(url: str, **settings: float | str) -> Iterator[TestClient]:
    """Yield a client of the API on the database at `url`."""
    given: dict[str, Any] = settings
    with TestClient(build_app(load_settings(database_url=url, **given)), raise_server_exceptions=False) as client:
        yield client


@contextmanager
def signed_in(url: str, **settings: float) -> Iterator[TestClient]:
    """Yield a client of the API on the database at `url` that is signed in."""
    with opened(url, **settings) as client:
        client.headers["authorization"] = f"Bearer {new_token(url)}"
        yield client


def ask(client: TestClient, query: str, **variables: Any) -> Response:
    """Send an operation; return the response."""
    return post(client, {"query": query, "variables": variables}, GRAPHQL)


def the_error(response: Response) -> tuple[str, str]:
    """Return the code and the message of the only error of a response."""
    [error] = response.json()["errors"]
    # At most 200 characters for the fault and 400 for the advice.
    assert len(error["message"]) <= 600
    return error["extensions"]["code"], error["message"]
