"""`coalition doctor`: on a sound installation it finds no fault, and each fault has a line that says what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from models import VersionState
from server.startup.migrations import head_revision
from tests.servers.clamd import free_port
from tests.servers.identity_provider import providing
from tests.servers.processes import coalition
from tests.support.accounts import on
from tests.support.database.migrations import run
from tests.support.factories import a_document, a_document_version
from tests.support.rows import keep

if TYPE_CHECKING:
    from pathlib import Path

SUBJECTS = (
    *("database", "revision", "schema", "roles", "writes", "clock", "audit log", "exchange rates", "search"),
    "uploaded files",
    *("file store", "scanner", "identity provider", "backup", "network"),
)


def examined(**settings: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit code, and the level and message of each check."""
    found = coalition("doctor", **settings)
    *lines, summary = found.stdout.splitlines()
    results = {}
    for line in lines:
        level, rest = line.split(maxsplit=1)
        [subject] = [subject for subject in SUBJECTS if rest.startswith(f"{subject}  ")]
        results[subject] = (level, rest.removeprefix(subject).strip())
    levels = [level for level, _ in results.values()]
    faults, warnings = levels.count("fault"), levels.count("warning")
    assert summary == f"{len(results)} checks: {faults} faults, {warnings} warnings."
    return found.exit_code, results


def test_a_sound_installation_has_no_fault_and_each_fault_a_line_that_says_what_to_do(url: str, tmp_path: Path) -> None:
    backups, store = tmp_path / "backups", str(tmp_path / "files")
    sound = {"database_url": url, "file_store": store, "backup_folder": str(backups)}
    backups.mkdir()
    (tmp_path / "files").mkdir()
    assert coalition("backup", str(backups / "first"), database_url=url, file_store=store).exit_code == 0
    with providing() as provider:
        code, found = examined(**sound, **provider.settings)
    assert (code, tuple(found)) == (0, SUBJECTS)
    assert {subject for subject, (level, _) in found.items() if level != "ok"} == {"scanner"}
    assert found["revision"][1] == f"It is at revision {head_revision()}, which this program needs."
    assert found["identity provider"][1].endswith("usable keys.")

    manifest = backups / "first" / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"taken_at": "2026-01-01T00:00:00.000000Z"}))
    (tmp_path / "taken").write_text("")
    version = a_document_version(a_document("DOC-1"), "1", sha256="1" * 64, state=VersionState.AVAILABLE)
    on(url, lambda database: keep(database, version))
    run(
        url,
        "DROP TABLE trusted_documents; INSERT INTO exchange_rates (currency, day, units_per_euro, "
        "source) VALUES ('USD', '2026-01-05', 1, 'ECB'); UPDATE alembic_version SET version_num = '9999'",
    )
    broken = {
        "database_url": url,
        "file_store": str(tmp_path / "taken"),
        "backup_folder": str(backups),
        "clamd": f"tcp://127.0.0.1:{free_port()}",
        "host": "0.0.0.0",  # noqa: S104 - the warning of it is tested
    }
    code, found = examined(**broken, **provider.settings)
    assert code == 1
    expected = {
        "revision": ("fault", "start the newer program"),
        "schema": ("fault", "is missing. Run coalition migrate"),
        "exchange rates": ("warning", "run coalition load-rates"),
        "search": ("fault", "lacks 2 objects, so no search finds them: run coalition search rebuild."),
        "uploaded files": ("fault", "1 of 1 are missing from"),
        "file store": ("fault", "correct COALITION_FILE_STORE"),
        "scanner": ("fault", "Start clamd, or correct COALITION_CLAMD."),
        "identity provider": ("fault", "Check COALITION_OIDC_JWKS_URL"),
        "backup": ("fault", "run coalition backup once a day."),
        "network": ("warning", "COALITION_PUBLIC_URL"),
    }
    assert {subject: level for subject, (level, _) in found.items() if level != "ok"} == {
        subject: level for subject, (level, _) in expected.items()
    }
    assert [subject for subject, (_, said) in expected.items() if said not in found[subject][1]] == []


def test_without_its_database_only_what_is_elsewhere_is_checked(tmp_path: Path) -> None:
    url = f"postgresql://someone:hunter2@127.0.0.1:{free_port()}/coalition"
    code, found = examined(database_url=url, file_store=str(tmp_path))
    assert (code, len(found)) == (1, 6)
    assert found["database"][0] == "fault"
    assert "start PostgreSQL there, or correct COALITION_DATABASE_URL" in found["database"][1]
    assert "hunter2" not in str(found)


def test_what_does_not_exist_is_a_finding_and_is_not_created(tmp_path: Path) -> None:
    file, store = tmp_path / "absent.db", tmp_path / "files"
    settings = {"database_url": f"sqlite:///{file}", "file_store": str(store)}
    code, found = examined(**settings)
    absent = f"The file {file} does not exist: correct COALITION_DATABASE_URL, or run coalition migrate to create it."
    assert (code, found["database"]) == (1, ("fault", absent))
    assert found["file store"][0] == "warning"
    assert found["file store"][1].startswith(f"The folder {store} does not exist: correct COALITION_FILE_STORE")
    assert (len(found), [*tmp_path.iterdir()]) == (6, [])

    file.touch()
    older = "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0001')"
    for before in ("", older):
        run(settings["database_url"], before)
        code, found = examined(**settings)
        assert (code, len(found), found["database"][0], found["revision"][0]) == (1, 7, "ok", "fault")
        assert found["revision"][1].endswith(": run coalition migrate.")
    assert not store.exists()
