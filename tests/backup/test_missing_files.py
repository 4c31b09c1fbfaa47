"""Files that the store lacks: a backup names them, and a download says it in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from models import VersionState
from server.cli.main import main
from tests.support.accounts import on
from tests.support.clients import the_error
from tests.support.document_files import desk
from tests.support.factories import a_document, a_document_version
from tests.support.folder_store import names_in
from tests.support.rows import keep

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.servers.databases import Databases

NOT_IN_STORE = "The file of this version is not in the file store: tell the operator, who can restore it from a backup."


def test_a_backup_fails_if_the_store_lacks_files_unless_the_operator_goes_on(
    url: str, databases: Databases, tmp_path: Path
) -> None:
    states = dict(
        zip(("1", "2", "3"), (VersionState.AVAILABLE, VersionState.QUARANTINED, VersionState.DECLARED), strict=True)
    )
    document = a_document("DOC-1")
    on(
        url,
        lambda database: keep(
            database,
            *(a_document_version(document, label, sha256=label * 64, state=state) for label, state in states.items()),
        ),
    )
    folder, env = str(tmp_path / "backup"), {"COALITION_FILE_STORE": str(tmp_path / "files")}

    def run(address: str, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, words, env={**env, "COALITION_DATABASE_URL": address})
        return done.exit_code, done.output

    lacks = f"DOC-1 version 1 (SHA-256 {'1' * 64}), DOC-1 version 2 (SHA-256 {'2' * 64})"
    status, said = run(url, "backup", folder)
    assert (status, said.count("\n"), names_in(tmp_path) <= {"files"}) == (1, 1, True)
    assert f"The file store lacks 2 files of versions whose file was uploaded: {lacks}. No backup was made" in said
    status, said = run(url, "files", "clean-up")
    assert (status, said.endswith("; 2 uploaded files are missing from the file store.\n")) == (0, True)
    status, said = run(url, "backup", folder, "--without-missing-files")
    assert (status, f"The backup lacks 2 files: {lacks}." in said) == (0, True)
    with databases.migrated() as another:
        status, said = run(another, "restore", folder)
        assert (status, f"The backup lacks 2 files, which cannot be downloaded: {lacks}." in said) == (0, True)


def test_a_file_that_is_not_in_the_store_is_said_in_a_sentence_and_one_log_line(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = tmp_path / "files"
    with desk(url, str(store)) as found:
        path = found.declared()
        found.put(path)
        [file] = store.glob("??/*")
        file.unlink()
        for headers in ({}, {"range": "bytes=0-9"}):
            caplog.clear()
            refused = found.get(path, **headers)
            assert (refused.status_code, the_error(refused)) == (503, ("SERVICE_UNAVAILABLE", NOT_IN_STORE))
            [line] = [each for each in caplog.records if each.levelname == "ERROR"]
            version = path.rpartition("/")[2]
            assert line.getMessage().startswith(f"version {version} cannot be downloaded in request ")
            assert line.getMessage().endswith(": its file is not in the store")
            assert line.exc_info is None
