"""The answer to a GET of a file: whole or in part, under its name, to be saved and never to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import DocumentStatus
from models.base import now
from server.files.download import disposition
from tests.support.document_files import DATA, content, desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.document_files import Desk


@pytest.fixture(scope="module")
def folder(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield the desk that the tests of this module share."""
    with desk(shared_url, str(tmp_path_factory.mktemp("shared") / "files")) as found:
        yield found


def test_a_file_is_saved_and_never_shown(folder: Desk) -> None:
    path = folder.declared()
    folder.put(path)
    headers = folder.get(path).headers
    assert {name: headers[name] for name in ("content-type", "content-length", "etag", "accept-ranges")} == {
        "content-type": "application/pdf",
        "content-length": str(len(DATA)),
        "etag": f'"{content().sha256}"',
        "accept-ranges": "bytes",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "private, no-cache"
    assert headers["content-disposition"] == (
        'attachment; filename="_______ 2027.pdf"; '
        "filename*=UTF-8''%D0%9F%D0%BE%D1%82%D1%80%D0%B5%D0%B1%D0%B8%202027.pdf"
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('a"b\\c.pdf', "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%22b%5Cc.pdf"),
        ("50%.pdf", "attachment; filename=\"50_.pdf\"; filename*=UTF-8''50%25.pdf"),
        ("a;b, c=d'e.pdf", "attachment; filename=\"a;b, c=d'e.pdf\"; filename*=UTF-8''a%3Bb%2C%20c%3Dd%27e.pdf"),
        ("x\r\nSet-Cookie: y", "attachment; filename=\"x__Set-Cookie: y\"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20y"),
    ],
)
def test_a_name_never_leaves_its_place_in_the_header(name: str, written: str) -> None:
    assert disposition(name) == written


def test_a_version_without_a_file_name_is_named_after_its_document(folder: Desk) -> None:
    path = folder.declared(document=folder.a_document(reference="DOC-NAMED"), file_name=None, label="1.2")
    folder.put(path)
    assert 'filename="DOC-NAMED-1.2"' in folder.get(path).headers["content-disposition"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=149990-", 149_990, 150_000),
        ("bytes=-5", 149_995, 150_000),
        ("bytes=149990-999999", 149_990, 150_000),
        ("bytes=-999999", 0, 150_000),
        ("Bytes= 10-19 ", 10, 20),
    ],
)
def test_a_part_is_fetched(folder: Desk, asked: str, start: int, stop: int) -> None:
    path = folder.declared()
    folder.put(path)
    part = folder.get(path, range=asked)
    assert (part.status_code, part.content) == (206, DATA[start:stop])
    assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
    assert part.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=150000-", "bytes=999999-1000000", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(folder: Desk, asked: str) -> None:
    path = folder.declared()
    folder.put(path)
    refused = folder.get(path, range=asked)
    assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{len(DATA)}")


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=0-1,5-6"},
        {"range": "bytes=5-2"},
        {"range": "bytes=-"},
        {"range": "bytes"},
        {"range": "lines=1-2"},
        {"range": "bytes=0-1", "if_range": '"another"'},
        {"range": "bytes=0-1", "if_range": "Wed, 25 Nov 2026 19:00:00 GMT"},
    ],
)
def test_what_is_no_single_part_is_answered_with_the_whole(folder: Desk, headers: dict[str, str]) -> None:
    path = folder.declared()
    folder.put(path)
    fetched = folder.get(path, **headers)
    assert (fetched.status_code, fetched.content) == (200, DATA)


def test_what_a_client_has_already_is_not_sent_again(folder: Desk) -> None:
    path = folder.declared()
    folder.put(path)
    tag = folder.get(path).headers["etag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        answer = folder.get(path, if_none_match=known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert folder.get(path, if_none_match='"x"').status_code == 200
    assert folder.get(path, range="bytes=0-1", if_range=tag).status_code == 206


def test_head_tells_of_a_file_what_get_would(folder: Desk) -> None:
    path = folder.declared()
    folder.put(path)
    head = folder.client.head(path, headers=folder.showing("writer"))
    assert (head.status_code, head.content) == (200, b"")
    fetched = folder.get(path)
    assert head.headers.pop("x-request-id") != fetched.headers.pop("x-request-id")
    assert {**head.headers} == {**fetched.headers}


@pytest.mark.parametrize("status", [DocumentStatus.FINAL, DocumentStatus.RELEASED, DocumentStatus.SUPERSEDED])
def test_a_released_version_stays_downloadable_beside_the_versions_after_it(
    folder: Desk, status: DocumentStatus
) -> None:
    document = folder.a_document(status=status)
    first = folder.declared(document=document, released_at=now())
    folder.put(first)
    later = folder.declared(DATA[:10], document=document, draft_since=now())
    folder.put(later, DATA[:10])
    assert [folder.get(path).content for path in (first, later)] == [DATA, DATA[:10]]
    # A draft beside it is for the writers of the group alone.
    assert folder.get(first, "observer").content == DATA
    assert folder.get(later, "observer").status_code == 404
