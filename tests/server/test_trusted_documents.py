"""Trusted documents: a client requests them by digest in every form, and cannot add one by a request."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from resolvers.trusted_documents import digest_of, find_document
from schema.contract import DescribedSchema
from server.graphql import trusted_documents
from tests.servers.processes import coalition, serving
from tests.support.accounts import bearing, enter_with_token, on
from tests.support.clients import opened, signed_in, the_error
from tests.support.transport_schema import GRAPHQL, JSON, content, post
from tests.support.trusted_documents import FORMS, GROUPS, ID, NOT_FOUND, OTHER, apollo, get, trust

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

    from resolvers.database.database import Database
    from tests.servers.databases import Databases

TWO = "query One { participants(first: 1) { nodes { code } } } query Two { documents(first: 1) { totalCount } }"
WIDE = (
    "query Wide($n: Int!) { documents(first: $n) { nodes { meetings(first: $n) { nodes { decisions(first: $n) "
    "{ nodes { id } } } } } } }"
)


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.with_public_record() as address:
        on(address, lambda database: trust(database, GROUPS, TWO, WIDE))
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[TestClient]:
    with signed_in(url) as found:
        yield found


@pytest.fixture(scope="module")
def strict(url: str) -> Iterator[TestClient]:
    """Yield a client of a server that answers trusted documents only."""
    with signed_in(url, trusted_documents_only=True) as found:
        yield found


@pytest.fixture(params=["usual", "strict"])
def either(client: TestClient, strict: TestClient, request: pytest.FixtureRequest) -> TestClient:
    """Return a client of each server in turn."""
    return strict if request.param == "strict" else client


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_answer_is_the_one_to_the_full_text(url: str, either: TestClient, form: dict[str, Any]) -> None:
    with signed_in(url) as other:
        for variables in ({}, {"n": 3}, {"n": 0}):
            expected = post(other, {"query": GROUPS, "variables": variables})
            for answer in (post(either, {**form, "variables": variables}), get(either, **form, variables=variables)):
                assert (answer.status_code, content(answer)) == (expected.status_code, content(expected))
    # The advice in the message differs: a server of trusted documents gives none.
    for answer in (post(either, {**form, "variables": {"n": "many"}}), get(either, **form, variables={"n": "many"})):
        code, message = the_error(answer)
        assert (code, message.split(": ")[0]) == ("BAD_USER_INPUT", "Variable '$n' has invalid value")
    assert post(either, form).json()["data"]["expertGroups"]["totalCount"] == 4


def test_one_of_several_operations_is_named_as_in_a_full_text(client: TestClient) -> None:
    document = {"documentId": digest_of(TWO)}
    assert list(post(client, {**document, "operationName": "Two"}).json()["data"]) == ["documents"]
    assert list(get(client, **document, operationName="One").json()["data"]) == ["participants"]
    assert the_error(post(client, document))[0] == "OPERATION_RESOLUTION_FAILURE"


def test_a_browser_that_opens_the_address_of_a_trusted_document_gets_its_answer(client: TestClient) -> None:
    assert get(client, "text/html,*/*;q=0.8", documentId=ID).json()["data"]["expertGroups"]["totalCount"] == 4


def test_it_is_compiled_once_whether_its_text_or_its_id_is_sent(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    execute = DescribedSchema.execute

    async def note_and_execute(schema: DescribedSchema, query: Any, *arguments: Any, **options: Any) -> Any:
        compiled.append(query)
        return await execute(schema, query, *arguments, **options)

    monkeypatch.setattr(DescribedSchema, "execute", note_and_execute)
    with signed_in(url) as client:
        for body in ({"query": GROUPS}, *FORMS.values()):
            assert post(client, body).status_code == 200
    assert compiled == [GROUPS]


def test_the_database_is_asked_for_it_once_in_a_while(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def note_and_find(database: Database, digest: str) -> str | None:
        asked.append(digest)
        return await find_document(database, digest)

    monkeypatch.setattr(trusted_documents, "find_document", note_and_find)
    with signed_in(url) as client:
        for _ in range(20):
            assert post(client, {"documentId": ID}).status_code == 200
    assert asked == [ID]


def test_the_limits_hold_for_it_as_for_any_other(url: str, client: TestClient) -> None:
    asked = {"documentId": digest_of(WIDE), "variables": {"n": 100}}
    assert the_error(post(client, asked))[1].startswith("Limit nodes: ")
    assert post(client, {**asked, "variables": {"n": 5}}).status_code == 200
    with signed_in(url, max_depth=3) as narrow:
        assert the_error(post(narrow, {**asked, "variables": {"n": 5}}))[1].startswith("Limit depth: ")


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": OTHER, "query": GROUPS},
        {**apollo(OTHER), "query": GROUPS},
        {"documentId": ID, "query": f"{GROUPS}\n"},
        {"documentId": ID.upper(), "query": GROUPS},
        {"documentId": "", "query": GROUPS},
        {"documentId": ID, "query": ""},
        {**apollo(OTHER), "documentId": ID},
        {**apollo(OTHER), "documentId": ID, "query": GROUPS},
    ],
)
def test_a_hash_that_is_not_that_of_the_text_is_bad_input(either: TestClient, body: dict[str, Any]) -> None:
    for response in (post(either, body), get(either, **body), post(either, body, JSON)):
        code, message = the_error(response)
        assert (response.status_code, code) == (400, "BAD_USER_INPUT")
        assert "is not the SHA-256 of query" in message or "name different documents" in message


def test_no_client_makes_a_document_trusted_by_sending_it(url: str, client: TestClient) -> None:
    text = "{ participants(first: 3) { totalCount } }"
    for _ in range(2):
        assert the_error(post(client, apollo(digest_of(text))))[0] == NOT_FOUND
        assert post(client, {**apollo(digest_of(text)), "query": text}).json()["data"]["participants"]["totalCount"] > 0
    with signed_in(url, trusted_documents_only=True) as strict:
        assert the_error(post(strict, {**apollo(digest_of(text)), "query": text}))[0] == NOT_FOUND


def test_what_a_client_has_is_not_sent_again(url: str, client: TestClient) -> None:
    with opened(url, anonymous_reads=True) as public:
        for asked, storing in ((client, "no-store"), (public, "no-cache")):
            first = get(asked, documentId=ID)
            tag = first.headers["etag"]
            assert (first.status_code, first.headers["cache-control"]) == (200, storing)
            for had in (tag, f'"other", {tag}', "*"):
                again = asked.get(first.request.url, headers={"accept": GRAPHQL, "if-none-match": had})
                assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
                assert "content-length" not in again.headers
                assert "Authorization" in again.headers["vary"]
            other = asked.get(first.request.url, headers={"accept": GRAPHQL, "if-none-match": 'W/"other"'})
            assert content(other) == content(first)
            assert get(asked, documentId=ID, variables={"n": 1}).headers["etag"] != tag
            # A text has no tag: it has no address of its own that a cache could know.
            assert "etag" not in get(asked, query=GROUPS).headers
            assert "etag" not in get(asked, documentId=ID, variables={"n": "x"}).headers
            assert "etag" not in post(asked, {"documentId": ID}).headers


def test_apollo_and_urql_know_the_message_and_send_the_text(client: TestClient, strict: TestClient) -> None:
    for server in (client, strict):
        assert the_error(post(server, apollo(OTHER))) == (NOT_FOUND, "PersistedQueryNotFound")
    assert content(post(client, {**apollo(OTHER), "query": "{ __typename }"})) == {"data": {"__typename": "Query"}}
    assert the_error(post(client, apollo(ID, 2))) == ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")


MALFORMED = {
    "empty": "",
    "short": ID[:-1],
    "long": f"{ID}0",
    "very long": "0" * 50_000,
    "a line": f"{ID}\n",
    "a NUL": f"{ID}\0",
    "NULs": "\0" * 64,
    "capitals": ID.upper(),
    "a prefix in capitals": f"SHA256:{ID}",
    "no digits": "sha256:",
    "two prefixes": f"sha256:sha256:{ID}",
    "another prefix": f"md5:{ID[:32]}",
    "another hash": ID[:32],
    "a space": f" {ID}",
    "not hexadecimal": "g" * 64,
    "digits of another script": "\uff10" * 64,
    "SQL": "' OR '1'='1",
    "unknown": OTHER,
    "unknown and prefixed": f"sha256:{OTHER}",
}


@pytest.mark.parametrize("digest", MALFORMED.values(), ids=MALFORMED)
def test_an_id_that_nobody_loaded_gets_the_same_code_always(either: TestClient, digest: str) -> None:
    for body in ({"documentId": digest}, apollo(digest)):
        for accept, status in ((GRAPHQL, 400), (JSON, 200)):
            response = post(either, body, accept)
            answer = response.json()
            assert (response.status_code, the_error(response)[0]) == (status, NOT_FOUND)
            assert answer.keys() == {"errors", "extensions"}
            assert answer["extensions"]["cost"]["requested"] == 1
        assert the_error(get(either, **body))[0] == NOT_FOUND


def wrong_id(given: object) -> dict[str, Any]:
    return {"documentId": given}


def wrong_extension(given: object) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": given}}


@pytest.mark.parametrize(
    "body",
    [
        *map(wrong_id, (5, 1.5, True, [], [ID], {}, {"sha256": ID})),
        *map(apollo, (5, True, [ID], {}, None)),
        *(apollo(ID, version) for version in (None, "1", [1])),
        *map(wrong_extension, (5, True, [], {}, ID, {"sha256Hash": ID})),
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": [ID]},
    ],
    ids=str,
)
def test_an_id_of_the_wrong_kind_is_a_bad_request(client: TestClient, body: dict[str, Any]) -> None:
    for sent in (body, {**body, "query": GROUPS}):
        response = post(client, sent)
        assert (response.status_code, the_error(response)[0]) == (400, "BAD_REQUEST")


def test_an_id_twice_in_an_address_is_refused(client: TestClient) -> None:
    response = client.get(f"/graphql?documentId={ID}&documentId={ID}", headers={"accept": GRAPHQL})
    assert the_error(response) == ("BAD_REQUEST", "The URL has the parameter documentId 2 times: send it only once.")


def test_an_id_that_is_null_is_none(client: TestClient) -> None:
    for body in ({"documentId": None}, {"extensions": {"persistedQuery": None}}, {"extensions": None}):
        assert post(client, {**body, "query": GROUPS}).status_code == 200
        assert the_error(post(client, body))[1].startswith("query must be the text of a GraphQL document")


@pytest.mark.parametrize("trusted_only", [False, True])
def test_whoever_is_not_recognised_learns_nothing_of_what_is_trusted(url: str, trusted_only: bool) -> None:  # noqa: FBT001 - pytest passes it so
    with opened(url, trusted_documents_only=trusted_only) as client:
        bodies = [*FORMS.values(), {"documentId": OTHER}, {"documentId": 5}, {"query": GROUPS}, {"query": "{"}]
        responses = [post(client, body) for body in bodies]
        assert {response.status_code for response in responses} == {401}
        assert len({response.content for response in responses}) == 1


def test_a_new_one_is_answered_at_once_and_a_withdrawn_one_is_gone_from_every_worker_within_five_seconds(
    url: str, tmp_path: Path
) -> None:
    token = enter_with_token(url, "workers@example.org").text
    text = "{ meetings { totalCount } }"
    asked = {"documentId": digest_of(text)}

    def ask(body: dict[str, str]) -> str:
        answer = client.post(server.address, json=body, headers=bearing(token)).json()
        return "answered" if answer.get("data") else str(answer["errors"][0]["extensions"]["code"])

    def told(body: dict[str, str], times: int = 40) -> set[str]:
        return set(pool.map(ask, [body] * times))

    with (
        serving("--workers", "2", cwd=tmp_path, database_url=url, trusted_documents_only="1") as server,
        # A connection of its own for each request, so that both workers answer.
        httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0), timeout=30) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        assert told(asked) == {NOT_FOUND}
        on(url, lambda database: trust(database, text))
        assert told(asked) == {"answered"}
        assert coalition("trusted-documents", "withdraw", digest_of(text), database_url=url).exit_code == 0
        withdrawn = time.monotonic()
        while told(asked, 20) != {NOT_FOUND}:
            assert time.monotonic() - withdrawn < 5
        assert time.monotonic() - withdrawn < 5
        assert told(asked) == {NOT_FOUND}
        assert told({"documentId": ID}) == {"answered"}
        assert coalition("trusted-documents", "restore", digest_of(text), database_url=url).exit_code == 0
        assert told(asked) == {"answered"}
