"""Requests and credentials: the audit log and the server's log name a request as its response names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from models import AuditEvent, CoalitionRole
from resolvers.database.database import Database
from resolvers.identity.api_tokens import create_token
from resolvers.identity.browser_sessions import open_session
from tests.support.accounts import EMAIL, bearing, on
from tests.support.clients import ask, opened
from tests.support.factories import a_coalition_membership, a_participant, an_account
from tests.support.rows import keep

if TYPE_CHECKING:
    import pytest

    from resolvers.identity.api_tokens import NewToken

CREATE = """mutation { createCapabilityArea(input: {code: "SPACE", name: "Space"}) {
    __typename ... on CreateCapabilityAreaSuccess { capabilityArea { id } } ... on Error { message } } }"""


async def a_lead(database: Database) -> tuple[str, NewToken]:
    """Enter a lead; return the account's key and a token that may write."""
    home = a_participant("EE")
    account = an_account(home, EMAIL)
    await keep(database, a_coalition_membership(home, role=CoalitionRole.LEAD), account)
    return account.id, await create_token(database, EMAIL, "test", "write")


async def last_event(database: Database) -> Any:
    async with database.bypass_policies("a test reads the trail").connect() as connection:
        found = await connection.execute(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1))
        return found.one()


def test_a_change_by_a_token_is_recorded_with_it_and_with_the_request(url: str) -> None:
    _, token = on(url, a_lead)
    with opened(url) as client:
        client.headers.update(bearing(token.text))
        answer = ask(client, CREATE)
    event = on(url, last_event)
    assert event.request_id == answer.headers["x-request-id"]
    assert event.credential == f"token:{token.id}"


def test_a_change_by_a_browser_is_recorded_with_its_session(url: str) -> None:
    account, _ = on(url, a_lead)
    secret = on(url, lambda database: open_session(database, account))
    with opened(url, public_url="https://testserver") as client:
        client.headers.update({"origin": "https://testserver", "x-coalition-client": "test"})
        client.headers["cookie"] = f"__Host-coalition={secret}"
        answer = ask(client, CREATE)
    assert answer.status_code == 200
    event = on(url, last_event)
    assert event.credential.startswith("session:")
    assert secret not in event.credential


def test_every_answer_names_its_request_and_never_as_the_client_wishes(url: str) -> None:
    _, token = on(url, a_lead)
    with opened(url) as client:
        nobodys = client.post("/graphql", json={"query": "{"})
        client.headers.update(bearing(token.text))
        answers = [client.post("/graphql", json={"query": "{"}, headers={"x-request-id": "mine"}) for _ in range(2)]
    # Whoever is not recognised gets the same as everybody else who is not.
    assert "x-request-id" not in nobodys.headers
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert {UUID(each).version for each in ids} == {7}


def test_a_masked_error_is_logged_with_its_request(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = on(url, a_lead)

    async def broken(*_: object) -> str:
        message = "the disk is gone"
        raise RuntimeError(message)

    monkeypatch.setattr(Database, "fetch_text", broken)
    with opened(url) as client:
        client.headers.update(bearing(token.text))
        answer = ask(client, "{ expertGroups { totalCount } }")
    assert answer.headers["x-request-id"] in caplog.text
