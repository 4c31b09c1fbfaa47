"""The files of documents: sent with PUT, fetched with GET, on both engines and in both kinds of store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from models import DocumentStatus, Marking
from models.base import new_key
from server.app import build_app
from server.config.settings import load_settings
from tests.servers.clamd import free_port
from tests.support.clients import the_error
from tests.support.document_files import DATA, content, desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.document_files import Desk

TOO_LONG = [
    {
        "path": ["input", "byteSize"],
        "rule": "byte_size",
        "message": "The file size must be from 0 to 2,048 bytes on this server: make the file smaller, or split it.",
    }
]


@pytest.fixture
def at_desk(url: str, files_address: str) -> Iterator[Desk]:
    with desk(url, files_address) as found:
        yield found


@pytest.fixture(scope="module")
def folder(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield the desk that the tests of this module share, for behaviour that is the same in every file store."""
    with desk(shared_url, str(tmp_path_factory.mktemp("shared") / "files")) as found:
        yield found


@pytest.fixture
def fresh(url: str, tmp_path: Path) -> Iterator[Desk]:
    """Yield a desk for this test only, whose files are in a folder."""
    with desk(url, str(tmp_path / "files")) as found:
        yield found


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "files").rglob("*") if path.is_file())


def test_what_was_declared_is_sent_and_then_fetched(at_desk: Desk) -> None:
    path = at_desk.declared()
    assert at_desk.states(path) == ["DECLARED"]
    sent = at_desk.put(path)
    assert (sent.status_code, sent.json()["data"]) == (
        201,
        {"state": "AVAILABLE", "byteSize": len(DATA), "sha256": content().sha256},
    )
    fetched = at_desk.get(path, "observer")
    assert (fetched.status_code, fetched.content) == (200, DATA)
    assert at_desk.states(path) == ["AVAILABLE"]


def test_an_empty_file_is_sent_and_fetched(at_desk: Desk) -> None:
    path = at_desk.declared(b"")
    assert at_desk.put(path, b"").status_code == 201
    assert at_desk.get(path).content == b""
    assert at_desk.get(path, range="bytes=0-").status_code == 416


def test_a_file_of_which_nobody_said_how_long_it_is_may_be_sent_in_pieces(at_desk: Desk) -> None:
    path = at_desk.declared()
    sent = at_desk.put(path, (DATA[start : start + 1000] for start in range(0, len(DATA), 1000)))
    assert "content-length" not in sent.request.headers
    assert sent.status_code == 201
    assert at_desk.get(path).content == DATA


def test_the_same_bytes_may_be_sent_again_and_others_may_not(at_desk: Desk) -> None:
    path = at_desk.declared()
    assert [at_desk.put(path).status_code for _ in range(2)] == [201, 200]
    for other in (DATA[:-1] + b"!", DATA[:-1], DATA + b"!"):
        refused = at_desk.put(path, other)
        assert (refused.status_code, the_error(refused)[0]) == (409, "CONFLICT")
    assert at_desk.get(path).content == DATA


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (DATA[:-1], (400, "BAD_REQUEST")),
        (DATA + b"!", (400, "BAD_REQUEST")),
        (b"", (400, "BAD_REQUEST")),
        (DATA[:-1] + b"!", (422, "WRONG_HASH")),
    ],
    ids=["shorter", "longer", "nothing", "others"],
)
@pytest.mark.parametrize("in_pieces", [False, True], ids=["at once", "in pieces"])
def test_of_bytes_that_were_not_declared_nothing_is_kept(
    fresh: Desk, tmp_path: Path, sent: bytes, answered: tuple[int, str], *, in_pieces: bool
) -> None:
    path = fresh.declared()
    refused = fresh.put(path, iter([sent]) if in_pieces else sent)
    assert (refused.status_code, the_error(refused)[0]) == answered
    assert (fresh.states(path), kept(tmp_path)) == (["DECLARED"], [])
    assert fresh.get(path).status_code == 409
    # What was declared is still waited for.
    assert fresh.put(path).status_code == 201


def test_a_file_that_is_longer_than_any_may_be_is_not_received(url: str, tmp_path: Path) -> None:
    with desk(url, str(tmp_path / "files"), max_file_bytes=1024) as found:
        path = found.declared()
        refused = found.put(path)
        assert (refused.status_code, the_error(refused)) == (
            413,
            ("TOO_LARGE", "The file is too long; at most 1024 bytes are allowed."),
        )
        assert refused.headers["connection"] == "close"
        assert (found.states(path), kept(tmp_path)) == (["DECLARED"], [])


def test_a_file_that_is_longer_than_any_may_be_is_not_declared(url: str, tmp_path: Path) -> None:
    query = """mutation ($input: CreateDocumentVersionInput!) { createDocumentVersion(input: $input) {
      ... on CreateDocumentVersionSuccess { documentVersion { state } }
      ... on ValidationError { violations { path rule message } }
    } }"""
    with desk(url, str(tmp_path / "files"), max_file_bytes=2048) as found:
        given = {"documentId": f"Document:{found.a_document()}", "label": "1", "mediaType": "application/pdf"}
        for size, violations in ((2048, None), (2049, TOO_LONG)):
            file = {"fileName": "a.pdf", "byteSize": size, "sha256": "ab" * 32}
            body = {"query": query, "variables": {"input": given | file | {"label": str(size)}}}
            answer = found.client.post("/graphql", json=body, headers=found.showing("writer")).json()
            assert answer["data"]["createDocumentVersion"].get("violations") == violations, answer


@pytest.mark.parametrize(
    ("header", "status"), [({"content_encoding": "gzip"}, 415), ({"content_range": "bytes 0-9/10"}, 400)]
)
def test_only_the_whole_file_as_it_is_is_received(folder: Desk, header: dict[str, str], status: int) -> None:
    assert folder.put(folder.declared(), **header).status_code == status


def test_a_part_is_fetched_from_either_store(at_desk: Desk) -> None:
    path = at_desk.declared()
    at_desk.put(path)
    assert at_desk.get(path, range="bytes=1000-1999").content == DATA[1000:2000]


def test_nothing_is_taken_for_a_document_that_is_withdrawn(fresh: Desk, tmp_path: Path) -> None:
    path = fresh.declared(document=fresh.a_document(status=DocumentStatus.WITHDRAWN))
    refused = fresh.put(path)
    message = "The document is WITHDRAWN, so nothing was stored: add the file to another document."
    assert (refused.status_code, the_error(refused)) == (409, ("CONFLICT", message))
    assert (fresh.states(path), kept(tmp_path)) == (["DECLARED"], [])


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE", "POST"])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer itc_forged"}], ids=["nobody", "forged"])
def test_whoever_is_not_recognised_gets_the_one_answer_to_all(
    folder: Desk, method: str, headers: dict[str, str]
) -> None:
    there = folder.client.request(method, folder.declared(), headers=headers)
    nowhere = folder.client.request(method, "/documents/x/versions/y", headers=headers)
    elsewhere = folder.client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert there.status_code == 401
    assert there.content == nowhere.content == elsewhere.content
    assert there.headers["www-authenticate"] == "Bearer"


def test_what_is_hidden_is_as_if_it_were_not_there(folder: Desk) -> None:
    path = folder.declared()
    folder.put(path)
    document, _, version = path.rpartition("/")
    another = folder.a_document()
    answers = [
        folder.get(path, "outsider"),
        folder.put(path, DATA, "outsider"),
        folder.get(f"{document}/{version[:-1]}{(int(version[-1], 16) + 1) % 16:x}"),
        folder.get(f"/documents/{another}/versions/{version}"),
        folder.get("/documents/x/versions/y"),
        folder.get(f"{path}%00"),
        folder.get(path.upper().replace("/DOCUMENTS", "/documents").replace("/VERSIONS", "/versions")),
    ]
    assert {(each.status_code, the_error(each)) for each in answers} == {
        (404, ("NOT_FOUND", "This version does not exist, or you may not see it."))
    }


def test_a_red_file_is_for_its_recipients_alone(folder: Desk) -> None:
    document = folder.a_document(marking=Marking.RED)
    path = folder.declared(document=document)
    # Whoever is no recipient does not find it, not even to send it.
    assert folder.put(path).status_code == 404
    assert folder.put(path, DATA, "recipient").status_code == 403
    assert folder.get(path, "writer").status_code == 404
    assert folder.get(path, "recipient").status_code == 409


def test_where_the_public_record_is_open_everybody_fetches_what_is_clear_and_no_more(url: str, tmp_path: Path) -> None:
    with desk(url, str(tmp_path / "files"), anonymous_reads=True) as found:
        clear = found.declared(document=found.a_document(marking=Marking.CLEAR))
        green = found.declared(document=found.a_document(marking=Marking.GREEN))
        for path in (clear, green):
            found.put(path)
        assert found.client.get(clear).content == DATA
        assert found.client.get(green).status_code == 404
        assert found.client.put(clear, content=DATA).status_code == 403


def test_behind_the_second_wall_files_are_found_as_well(url: str, tmp_path: Path) -> None:
    with desk(url, str(tmp_path / "files"), row_level_security=True) as found:
        path = found.declared()
        assert found.put(path).status_code == 201
        assert (found.get(path, "observer").content, found.get(path, "outsider").status_code) == (DATA, 404)


def test_the_file_of_a_draft_is_for_those_who_write_it(folder: Desk) -> None:
    path = folder.declared(document=folder.a_document(status=DocumentStatus.DRAFT))
    assert folder.put(path).status_code == 201
    assert (folder.get(path).status_code, folder.get(path, "observer").status_code) == (200, 404)


@pytest.mark.parametrize("name", ["observer", "machine"])
def test_whoever_only_reads_sends_nothing(folder: Desk, name: str) -> None:
    path = folder.declared()
    refused = folder.put(path, DATA, name)
    assert (refused.status_code, the_error(refused)[0]) == (403, "FORBIDDEN")
    assert folder.states(path) == ["DECLARED"]


def test_other_methods_are_not_answered(folder: Desk) -> None:
    refused = folder.client.delete(folder.declared(), headers=folder.showing("writer"))
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, PUT")


def test_a_transfer_costs_what_an_operation_does(url: str, tmp_path: Path) -> None:
    with desk(url, str(tmp_path / "files"), max_cost=100, cost_per_second=1) as found:
        path = found.declared()
        answers = [found.put(path) for _ in range(12)]
        assert [each.status_code for each in answers[:9]] == [201, *[200] * 8]
        late = answers[-1]
        assert (late.status_code, the_error(late)[0]) == (429, "RATE_LIMITED")
        assert int(late.headers["retry-after"]) > 0
        assert late.json()["extensions"]["cost"]["maximum"] == 100
        asked = found.client.post("/graphql", json={"query": "{ __typename }"}, headers=found.showing("observer"))
        assert asked.json()["extensions"]["cost"]["remaining"] > 90


def test_the_contract_tells_where_a_file_is_and_in_which_state(fresh: Desk) -> None:
    path = fresh.declared()
    fresh.put(path)
    query = """{ documents { nodes { versions(where: {state: {eq: AVAILABLE}}) { nodes {
        path state fileName receivedAt scannedAt
    } } } } }"""
    answer = fresh.client.post("/graphql", json={"query": query}, headers=fresh.showing("observer"))
    [version] = answer.json()["data"]["documents"]["nodes"][0]["versions"]["nodes"]
    assert version.pop("receivedAt").endswith("Z")
    assert version == {"path": path, "state": "AVAILABLE", "fileName": "Потреби 2027.pdf", "scannedAt": None}


def test_a_file_that_was_damaged_in_its_store_is_not_given(fresh: Desk, tmp_path: Path) -> None:
    path = fresh.declared()
    fresh.put(path)
    [file] = kept(tmp_path)
    file.write_bytes(DATA[:-1] + b"!")
    for headers in ({}, {"range": "bytes=0-9"}):
        refused = fresh.get(path, **headers)
        assert (refused.status_code, the_error(refused)) == (500, ("INTERNAL_SERVER_ERROR", "Internal server error"))


def test_a_database_that_is_away_is_told_as_one_to_ask_again(tmp_path: Path) -> None:
    away = f"postgresql://127.0.0.1:{free_port()}/coalition"
    given = load_settings(database_url=away, file_store=str(tmp_path / "files"), anonymous_reads=True)
    path = f"/documents/{new_key()}/versions/{new_key()}"
    with TestClient(build_app(given), raise_server_exceptions=False) as client:
        for refused in (client.get(path), client.put(path, content=DATA)):
            assert (refused.status_code, the_error(refused)[0]) == (503, "SERVICE_UNAVAILABLE")
            assert refused.headers["retry-after"] == "1"


def test_a_store_that_does_not_work_changes_nothing(url: str, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    with desk(url, str(tmp_path / "files")) as found:
        path = found.declared()
        refused = found.put(path)
        assert (refused.status_code, the_error(refused)[0]) == (503, "SERVICE_UNAVAILABLE")
        assert str(tmp_path) not in refused.text
        assert found.states(path) == ["DECLARED"]
