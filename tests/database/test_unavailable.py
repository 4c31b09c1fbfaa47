"""A database that does not answer: every caller, recognised before or not, gets 503 and a message with a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resolvers.identity.token_format import new_token
from server.startup.migrations import upgrade
from tests.servers import postgres
from tests.support.clients import ask, opened, signed_in
from tests.support.transport_schema import GRAPHQL, JSON, content, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

SECRET = "hunter2"  # noqa: S105 - it stands for one, to see that none leaks
OUT_OF_REACH = ["sqlite:////nowhere/at/all.db", f"postgresql://someone:{SECRET}@127.0.0.1:1/coalition"]
AWAY = {
    "message": "The database cannot be reached: send the request again in a moment.",
    "extensions": {"code": "SERVICE_UNAVAILABLE"},
}


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    found = postgres.start()
    yield found
    found.stop()


def check_away(response: Response) -> None:
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert content(response) == {"errors": [AWAY]}


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize("url", OUT_OF_REACH)
def test_while_somebody_is_recognised(url: str, accept: str, caplog: pytest.LogCaptureFixture) -> None:
    with opened(url) as client:
        response = post(client, {"query": "{ __typename }"}, accept, authorization=f"Bearer {new_token()}")
    check_away(response)
    assert SECRET not in caplog.text
    assert "someone" not in caplog.text


@pytest.mark.parametrize("url", OUT_OF_REACH)
def test_while_the_public_asks(url: str) -> None:
    with opened(url, anonymous_reads=True) as client:
        for _ in range(2):
            check_away(ask(client, "{ participants { totalCount } }"))


def test_in_the_midst_of_work_and_back_again(server: postgres.Server) -> None:
    url = server.create("halted")
    upgrade(url)
    query = "{ participants { totalCount } }"
    with signed_in(url) as client:
        assert ask(client, query).status_code == 200
        server.halt()
        for asked in (query, query, "{ documents { totalCount } }"):
            check_away(ask(client, asked))
        server.resume()
        assert ask(client, query).status_code == 200
