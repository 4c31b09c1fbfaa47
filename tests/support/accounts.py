"""Accounts for tests, and requests with their credentials."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request

from models import CoalitionRole
from models.base import new_key
from resolvers.database.database import Database
from resolvers.identity.api_tokens import create_token, list_tokens, revoke_token
from server.http.errors import HttpError
from tests.support import factories
from tests.support.rows import keep
from tests.support.threads import in_a_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from httpx2 import Response
    from starlette.testclient import TestClient

    from resolvers.access.viewer import Viewer
    from resolvers.identity.api_tokens import NewToken

EMAIL = "person@example.org"
#: The headers of a page of our own at https://it.example.org, beside its cookie.
OWN = {"content_type": "application/json", "origin": "https://it.example.org", "x_coalition_client": "test"}
ASKED = {"query": "{ expertGroups { totalCount } }"}
Result = TypeVar("Result")


def on(url: str, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Run `work` on the database at `url`; return its result."""

    async def run() -> Result:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return in_a_thread(asyncio.run, run())


async def revoke_newest(database: Database, account: str | None = None) -> None:
    """Revoke the newest token of all accounts, or of the account with this e-mail address."""
    newest, *_ = (each for each in await list_tokens(database) if account in {None, each.account})
    await revoke_token(database, newest.id)


async def enter(database: Database, email: str = EMAIL, **changes: Any) -> str:
    """Store an account of a participant of the coalition; return its key."""
    participant = factories.a_participant()
    membership = factories.a_coalition_membership(participant, role=CoalitionRole.PARTICIPANT)
    key = new_key()
    await keep(database, participant, membership, factories.an_account(participant, email, id=key, **changes))
    return key


def enter_with_token(url: str, email: str = EMAIL, scope: str = "read") -> NewToken:
    """Store an account in the database at `url`; return a new token for it."""

    async def work(database: Database) -> NewToken:
        await enter(database, email)
        return await create_token(database, email, "test", scope)

    return on(url, work)


def bearing(token: str) -> dict[str, str]:
    """Return the headers that carry a token."""
    return {"authorization": f"Bearer {token}"}


def asking(client: TestClient, **headers: str) -> Response:
    """Send a query that the API answers for every authenticated caller."""
    return client.post("/graphql", json=ASKED, headers=headers)


def a_request(method: str = "POST", **headers: str) -> Request:
    """Return a request of which only the method and the headers matter."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/graphql", "query_string": b"", "headers": raw}
    return Request({**scope, "scheme": "https", "server": ("it.example.org", 443)})


async def status_of(recognised: Awaitable[Viewer]) -> int | str | None:
    """Return the account that was recognised, or the status of the refusal."""
    try:
        return (await recognised).account
    except HttpError as error:
        return error.status
