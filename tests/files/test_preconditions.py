"""Conditions on a request for a file: If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.clients import the_error
from tests.support.document_files import DATA, content, desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.document_files import Desk

TAG = f'"{content().sha256}"'
#: As If-Match is compared: a weak tag is never the same.
OTHERS = ('"another"', f"W/{TAG}", content().sha256, "", '"a", "b"')


@pytest.fixture(scope="module")
def folder(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield the desk that the tests of this module share."""
    with desk(shared_url, str(tmp_path_factory.mktemp("shared") / "files")) as found:
        yield found


@pytest.fixture(scope="module")
def path(folder: Desk) -> str:
    """Return the path of a version that has its bytes."""
    found = folder.declared()
    assert folder.put(found).status_code == 201
    return found


@pytest.mark.parametrize("tags", [TAG, "*", f'"another", {TAG}', f'W/"another" ,{TAG}'])
def test_a_file_that_is_the_one_named_is_given(folder: Desk, path: str, tags: str) -> None:
    assert folder.get(path, if_match=tags).content == DATA
    assert folder.get(path, if_match=tags, range="bytes=0-1").status_code == 206
    assert folder.put(path, if_match=tags).status_code == 200


@pytest.mark.parametrize("tags", OTHERS)
def test_another_file_than_the_one_named_is_neither_given_nor_replaced(folder: Desk, path: str, tags: str) -> None:
    for refused in (
        folder.get(path, if_match=tags),
        folder.get(path, if_match=tags, range="bytes=0-1"),
        folder.get(path, if_match=tags, if_none_match=TAG),
        folder.put(path, if_match=tags),
    ):
        assert (refused.status_code, refused.headers["etag"]) == (412, TAG)
        assert the_error(refused) == (
            "PRECONDITION_FAILED",
            "If-Match does not name the file of this version: fetch the version again and compare.",
        )
    assert folder.client.head(path, headers={**folder.showing("writer"), "if-match": tags}).status_code == 412


@pytest.mark.parametrize("tags", ["*", TAG, f"W/{TAG}", f'"another", {TAG}'])
def test_a_file_that_must_not_be_there_is_not_sent_a_second_time(folder: Desk, path: str, tags: str) -> None:
    refused = folder.put(path, if_none_match=tags)
    assert (refused.status_code, refused.headers["etag"]) == (412, TAG)
    assert the_error(refused) == (
        "PRECONDITION_FAILED",
        "If-None-Match names the file of this version: nothing was stored, because the file is already there.",
    )


@pytest.mark.parametrize("tags", ["*", TAG, '"another"'])
def test_where_there_is_no_file_yet_none_is_the_one_named(folder: Desk, tags: str) -> None:
    empty = folder.declared()
    refused = folder.put(empty, if_match=tags)
    assert (refused.status_code, "etag" in refused.headers) == (412, False)
    assert folder.states(empty) == ["DECLARED"]
    assert folder.put(empty, if_none_match=tags).status_code == 201


def test_a_request_that_fails_anyway_says_why_whatever_its_conditions(folder: Desk, path: str) -> None:
    conditions = {"if_match": '"another"', "if_none_match": "*"}
    assert folder.get(path, "outsider", **conditions).status_code == 404
    assert folder.put(path, name="observer", **conditions).status_code == 403
    assert folder.put(path, DATA[:-1], **conditions).status_code == 409
    assert folder.get(folder.declared(), **conditions).status_code == 409
