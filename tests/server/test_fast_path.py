"""The fast path over a real connection: what it answers, what it leaves to the endpoint, and that both agree."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import uvicorn

from server.app import build_app
from server.auth import authenticator
from server.config.settings import load_settings
from server.graphql.endpoint import GraphQLEndpoint
from server.graphql.fast_path import raw_exchange
from server.http.connections import Connections
from server.http.uvicorn_protocol import BoundedHttpProtocol
from tests.query.test_query_cache import OTHERS, READ, seen
from tests.support.accounts import on, revoke_newest
from tests.support.clients import new_token
from tests.support.transport_schema import GRAPHQL, JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

GROUPS = {"query": "{ expertGroups { nodes { code } } }"}
#: What sends a request the ordinary way, and says nothing.
ORDINARY = {"content-encoding": "identity"}


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.with_public_record() as address:
        yield address


@contextmanager
def at_work(url: str, *, fast_path: bool = True, **settings: Any) -> Iterator[str]:
    """Serve in a thread of this process, as `coalition serve` does; yield the address."""
    app = build_app(load_settings(database_url=url, **settings), fast_path=fast_path)
    protocol: Any = partial(BoundedHttpProtocol, limits=Connections(100, 60))
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, lifespan="on", log_config=None, server_header=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def address(url: str) -> Iterator[str]:
    with at_work(url, anonymous_reads=True) as found:
        yield found


@pytest.fixture
def token(url: str) -> str:
    # A viewer is cached for four seconds from its first request: that of another test may end during this one.
    return new_token(url)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fast path wait for a body longer than a busy machine takes to send its rest."""
    monkeypatch.setattr(raw_exchange, "BODY_SECONDS", 5)


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows with every request that takes the ordinary path."""
    found: list[object] = []
    answer = GraphQLEndpoint._answer  # noqa: SLF001 - a test looks inside

    async def note_and_answer(endpoint: GraphQLEndpoint, request: Any, *others: Any) -> Any:
        found.append(request)
        return await answer(endpoint, request, *others)

    monkeypatch.setattr(GraphQLEndpoint, "_answer", note_and_answer)
    return found


def send(client: httpx2.Client, address: str, body: Any, **headers: str) -> httpx2.Response:
    return client.post(address, content=json.dumps(body).encode(), headers={"content-type": JSON, **headers})


@pytest.fixture(params=["with a token", "as the public"])
def client(request: pytest.FixtureRequest, token: str) -> Iterator[httpx2.Client]:
    headers = {"accept": GRAPHQL}
    if request.param == "with a token":
        headers["authorization"] = f"Bearer {token}"
    with httpx2.Client(headers=headers) as found:
        yield found


@pytest.mark.parametrize("body", [*READ, *OTHERS])
def test_an_answer_is_the_same_whichever_way_the_request_went(
    client: httpx2.Client, address: str, body: dict[str, Any]
) -> None:
    for _ in range(2):
        send(client, address, body)
    assert seen(send(client, address, body)) == seen(send(client, address, body, **ORDINARY))


@pytest.mark.usefixtures("patient")
def test_a_query_that_was_asked_before_goes_the_quick_way(
    client: httpx2.Client, address: str, ordinary: list[object]
) -> None:
    query = {"query": "query ($code: String!) { expertGroup(code: $code) { name } }", "variables": {"code": "ITC"}}
    for _ in range(2):
        send(client, address, query, **ORDINARY)
    ordinary.clear()
    known = [send(client, address, {**query, "variables": {"code": code}}) for code in ("ITC", "NONE", "ITC")]
    assert ordinary == []
    assert [answer.status_code for answer in known] == [200, 200, 200]
    assert len({answer.headers["x-request-id"] for answer in known}) == 3
    send(client, address, query, **ORDINARY)
    assert len(ordinary) == 1


@pytest.mark.usefixtures("patient")
def test_a_query_goes_the_quick_way_however_its_bytes_come(address: str, token: str, ordinary: list[object]) -> None:
    body = json.dumps(GROUPS).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: {JSON}\r\nauthorization: Bearer {token}\r\n"
    whole = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    with httpx2.Client() as client:
        send(client, address, GROUPS, authorization=f"Bearer {token}")
    port = int(address.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(whole)
        first = connection.recv(65536)
        ordinary.clear()
        for cut in (len(whole) - 1, len(whole) - len(body), len(whole) - 5):
            connection.sendall(whole[:cut])
            time.sleep(0.05)
            connection.sendall(whole[cut:])
            assert connection.recv(65536).partition(b"\r\n\r\n")[2][:30] == first.partition(b"\r\n\r\n")[2][:30]
        # One behind the other: the answers come in the order of the requests.
        connection.sendall(whole * 3 + whole.replace(b"content-type", b"connection: close\r\ncontent-type"))
        answers = b""
        while part := connection.recv(65536):
            answers += part
    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b'{"data":{"expertGroups"') == 4
    assert ordinary == []


@pytest.mark.parametrize(
    "body",
    [
        [GROUPS],
        {**GROUPS, "variables": []},
        {**GROUPS, "operationName": 1},
        {**GROUPS, "extensions": []},
        {**GROUPS, "documentId": "sha256:0"},
        {"documentId": "sha256:0"},
        {},
    ],
)
def test_whatever_else_goes_the_ordinary_way(
    client: httpx2.Client, address: str, ordinary: list[object], body: Any
) -> None:
    send(client, address, GROUPS)
    ordinary.clear()
    assert seen_of(send(client, address, body)) == seen_of(send(client, address, body, **ORDINARY))
    assert len(ordinary) == 2


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("more", [{"extensions": {}}, {"extensions": None}, {"operationName": None}, {"id": 1}])
def test_members_that_say_nothing_of_the_operation_change_nothing(
    client: httpx2.Client, address: str, ordinary: list[object], more: dict[str, Any]
) -> None:
    send(client, address, GROUPS)
    ordinary.clear()
    answers = [seen(send(client, address, {**GROUPS, **more})) for _ in range(3)]
    assert ordinary == []
    assert answers == [seen(send(client, address, GROUPS, **ORDINARY))] * 3


def test_where_it_is_switched_off_the_endpoint_answers_the_same(
    url: str, address: str, token: str, ordinary: list[object]
) -> None:
    with at_work(url, fast_path=False) as other, httpx2.Client(headers={"authorization": f"Bearer {token}"}) as client:
        for body in (*READ, *OTHERS):
            answers = [seen(send(client, at, body)) for at in (address, address, other, other)]
            assert answers == answers[:1] * 4
        ordinary.clear()
        send(client, other, GROUPS)
        assert len(ordinary) == 1


def seen_of(answer: httpx2.Response) -> tuple[int, Any]:
    payload = answer.json()
    return answer.status_code, payload.get("errors") or payload["data"]


def test_the_same_bytes_are_answered_to_each_viewer_anew(url: str, address: str) -> None:
    asked = {"query": "{ viewer { account { id } } }"}
    tokens = [new_token(url) for _ in range(3)]
    with httpx2.Client() as client:
        rounds = [
            [send(client, address, asked, authorization=f"Bearer {each}").json() for each in tokens] for _ in "abcd"
        ]
    found = [[answer["data"]["viewer"]["account"]["id"] for answer in answers] for answers in rounds]
    assert len(set(found[0])) == 3
    assert found == [found[0]] * 4


def cost_of(answer: httpx2.Response) -> dict[str, Any]:
    cost: dict[str, Any] = answer.json()["extensions"]["cost"]
    return cost


def test_what_is_left_is_the_same_whichever_way_a_request_went(url: str) -> None:
    token = new_token(url)
    with at_work(url, max_cost=100, cost_per_second=1) as address, httpx2.Client() as client:
        client.headers["authorization"] = f"Bearer {token}"
        query = {"query": "{ participants(first: 10) { nodes { code } } }"}
        ways: tuple[dict[str, str], ...] = ({}, ORDINARY, {}, {})
        left = [cost_of(send(client, address, query, **headers))["remaining"] for headers in ways]
        spent = [before - after for before, after in pairwise(left)]
        assert max(spent) - min(spent) <= 1
        while (answer := send(client, address, query)).status_code == 200:
            assert cost_of(answer)["remaining"] >= 0
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_a_cookie_in_any_of_several_headers_is_seen(address: str) -> None:
    crumbs = [("content-type", JSON), ("cookie", "a=b"), ("cookie", f"__Host-coalition={'x' * 43}")]
    body = json.dumps(GROUPS).encode()
    with httpx2.Client() as client:
        send(client, address, GROUPS)
        send(client, address, GROUPS)
        found = [client.post(address, content=body, headers=[*crumbs, *more]) for more in ([], [*ORDINARY.items()])]
    assert [answer.status_code for answer in found] == [403, 403]


def test_a_list_in_a_variable_is_charged_for_and_bounded(address: str, token: str) -> None:
    uses = " ".join("{title: {in: $in}}" for _ in range(150))
    query = f"query ($in: [String!]) {{ documents(where: {{or: [{uses}]}}) {{ nodes {{ id }} }} }}"
    with httpx2.Client(headers={"authorization": f"Bearer {token}"}) as client:
        short = [send(client, address, {"query": query, "variables": {"in": ["a"] * 9}}) for _ in range(3)]
        long = send(client, address, {"query": query, "variables": {"in": ["a"] * 900}})
        longest = send(client, address, {"query": query, "variables": {"in": ["a"] * 11_000}})
    assert [answer.status_code for answer in short] == [200, 200, 200]
    assert "conditions" in long.json()["errors"][0]["message"]
    assert longest.status_code == 400
    assert "values" in longest.json()["errors"][0]["message"]


@pytest.mark.parametrize("asked_before", [0, 3])
def test_rights_that_end_while_a_body_comes_are_gone_when_it_has_come(
    url: str, asked_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticator, "TTL_SECONDS", 0.5)
    token = new_token(url)
    body = json.dumps(GROUPS).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: {JSON}\r\nauthorization: Bearer {token}\r\n"
    with at_work(url) as address, httpx2.Client(headers={"authorization": f"Bearer {token}"}) as client:
        for _ in range(asked_before):
            send(client, address, GROUPS)
        port = int(address.rpartition(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
            connection.sendall(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode())
            time.sleep(0.2)
            on(url, revoke_newest)
            time.sleep(1)
            connection.sendall(body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_a_token_that_was_revoked_is_refused_within_five_seconds(url: str) -> None:
    token = new_token(url)
    with at_work(url) as address, httpx2.Client(headers={"authorization": f"Bearer {token}"}) as client:
        assert {send(client, address, GROUPS).status_code for _ in range(3)} == {200}
        on(url, revoke_newest)
        end = time.monotonic() + 5
        while send(client, address, GROUPS).status_code == 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert send(client, address, GROUPS).status_code == 401
