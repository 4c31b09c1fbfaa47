"""Settings: what is taken, and the one line that answers anything else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from server.settings import SettingsError, load_settings, make_database_folder

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"  # noqa: S105  # it stands for one, to see that none leaks


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set none of the variables but those of the test."""
    for name in [name for name in os.environ if name.startswith("COALITION_")]:
        monkeypatch.delenv(name)


def test_without_any_variable_the_settings_are_those_of_one_machine() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///var/coalition.db"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)


def test_each_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COALITION_PORT", "8080")
    monkeypatch.setenv("COALITION_DATABASE_URL", "postgresql://someone@localhost/coalition")
    settings = load_settings()
    assert (settings.port, settings.database_url) == (8080, "postgresql://someone@localhost/coalition")


def test_an_option_comes_before_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COALITION_PORT", "8080")
    assert load_settings(port="9090").port == 9090
    assert load_settings(port=None).port == 8080


def test_a_worker_process_reads_the_same_settings_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(port=8080, workers=3, host="::1", log_level="debug")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("port", "80a", "COALITION_PORT must be a port number up to 65535 (0 takes a free one); '80a' is not."),
        ("port", "65536", "COALITION_PORT must be a port number up to 65535 (0 takes a free one); '65536' is not."),
        ("port", "-1", "COALITION_PORT must be a port number up to 65535 (0 takes a free one); '-1' is not."),
        ("workers", "0", "COALITION_WORKERS must be a number of processes from 1 to 64; '0' is not."),
        ("log_level", "loud", "COALITION_LOG_LEVEL must be debug, info, warning or error; 'loud' is not."),
        ("max_body_bytes", "", "COALITION_MAX_BODY_BYTES must be a number of bytes from 1024 to 16777216; '' is not."),
        ("max_json_depth", "1", "COALITION_MAX_JSON_DEPTH must be a depth from 8 to 512; '1' is not."),
    ],
)
def test_a_bad_value_is_answered_with_one_line_that_says_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    line: str,
) -> None:
    monkeypatch.setenv(f"COALITION_{name.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.1", "::ffff:127.0.0.1"])  # noqa: S104
def test_the_server_listens_on_this_machine_only_and_says_why(host: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(host=host)
    assert str(caught.value).startswith("COALITION_HOST must be 127.0.0.1, ::1 or localhost: until accounts exist")


@pytest.mark.parametrize(("host", "address"), [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "::1")])
def test_every_name_of_this_machine_is_taken(host: str, address: str) -> None:
    assert load_settings(host=host).host == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "var/coalition.db",
        f"mysql://someone:{SECRET}@localhost/coalition",
        f"postgres://someone:{SECRET}@localhost/coalition",
        f"postgresql://someone:{SECRET}@localhost:port/coalition",
        f"postgresql:someone:{SECRET}",
    ],
)
def test_a_bad_database_address_is_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(database_url=url)
    assert str(caught.value) == (
        "COALITION_DATABASE_URL must be sqlite:///path/to/file.db or postgresql://user:password@host/database; "
        "its value is not."
    )


def test_a_password_is_not_shown_with_the_settings() -> None:
    assert SECRET not in repr(load_settings(database_url=f"postgresql://someone:{SECRET}@localhost/coalition"))


def test_the_folder_of_a_database_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_database_folder("sqlite:///var/deeper/coalition.db")
    assert [path.name for path in tmp_path.rglob("*")] == ["var", "deeper"]


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:memory?uri=true", "postgresql://a/b/c"]
)
def test_no_folder_is_made_for_a_database_without_a_file(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    make_database_folder(url)
    assert list(tmp_path.iterdir()) == []
