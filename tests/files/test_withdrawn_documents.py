"""The files of a WITHDRAWN document are sent to the writers of its group only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.clients import the_error
from tests.support.document_files import DATA, desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.document_files import Desk


@pytest.fixture
def folder(url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk(url, str(tmp_path / "files")) as found:
        yield found


def test_only_writers_of_its_group_fetch_a_file_of_a_withdrawn_document(folder: Desk) -> None:
    document = folder.a_document()
    path = folder.declared(document=document)
    folder.put(path)
    assert folder.get(path, "observer").content == DATA
    folder.withdraw(document)
    refused = folder.get(path, "observer")
    message = "The document is WITHDRAWN, so its files can no longer be downloaded. Ask the chair of its group."
    assert (refused.status_code, the_error(refused)) == (410, ("WITHDRAWN", message))
    assert folder.get(path).content == DATA
