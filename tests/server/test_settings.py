"""Settings: the accepted values, and the one line of error for every other value."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from server.config.settings import DemoPersona, SettingsError, load_settings, make_database_folder

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"  # noqa: S105  # it stands for one, to see that none leaks


OIDC = {
    "oidc_issuer": "https://id.example.org/realm",
    "oidc_audience": "coalition",
    "oidc_jwks_url": "https://id.example.org/keys",
    "oidc_client_id": "browser",
    "oidc_client_secret": SECRET,
}


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the machine's variables, so that only those of the test are set."""
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
    settings = load_settings(port=8080, workers=3, host="::1", log_level="debug", **OIDC).model_copy(
        update={"demo_personas": (DemoPersona(title="Chair of EG1", token=SECRET),), "anonymous_reads": True}
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("port", "80a", "COALITION_PORT must be a port number up to 65535 (0 selects a free port); '80a' is not."),
        ("port", "65536", "COALITION_PORT must be a port number up to 65535 (0 selects a free port); '65536' is not."),
        ("port", "-1", "COALITION_PORT must be a port number up to 65535 (0 selects a free port); '-1' is not."),
        ("workers", "0", "COALITION_WORKERS must be a number of processes from 1 to 64; '0' is not."),
        ("log_level", "loud", "COALITION_LOG_LEVEL must be debug, info, warning or error; 'loud' is not."),
        ("max_body_bytes", "", "COALITION_MAX_BODY_BYTES must be a number of bytes from 1024 to 16777216; '' is not."),
        (
            "file_store",
            "",
            "COALITION_FILE_STORE must be a folder, or s3://bucket/prefix for an S3-compatible bucket; '' is not.",
        ),
        (
            "file_store",
            "s3:///x",
            (
                "COALITION_FILE_STORE must be a folder, or s3://bucket/prefix for an S3-compatible bucket; "
                "'s3:///x' is not."
            ),
        ),
        (
            "file_store",
            "gs://x",
            (
                "COALITION_FILE_STORE must be a folder, or s3://bucket/prefix for an S3-compatible bucket; "
                "'gs://x' is not."
            ),
        ),
        (
            "clamd",
            "127.0.0.1:3310",
            "COALITION_CLAMD must be tcp://host:port or unix:/path, where clamd listens; '127.0.0.1:3310' is not.",
        ),
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


@pytest.mark.parametrize("host", ["example.org", "", "127.1", "0"])
def test_a_host_that_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(host=host)
    assert str(caught.value) == f"COALITION_HOST must be an IP address of this machine, or localhost; {host!r} is not."


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "::1"), ("0.0.0.0", "0.0.0.0"), ("::", "::")],  # noqa: S104
)
def test_every_address_of_this_machine_is_taken(host: str, address: str) -> None:
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oidc_issuer", f"https://someone:{SECRET}@id.example.org"),
        ("oidc_jwks_url", f"https://{SECRET}@id.example.org/keys"),
        ("public_url", f"https://someone:{SECRET}@it.example.org"),
        ("file_store", f"s3://someone:{SECRET}@bucket/prefix"),
        ("file_store", f"https://someone:{SECRET}@bucket/prefix"),
        ("clamd", f"tcp://someone:{SECRET}@localhost:3310"),
        ("host", f"someone:{SECRET}@localhost"),
    ],
)
def test_an_address_with_a_password_is_refused_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{name: value})
    assert str(caught.value).startswith(f"COALITION_{name.upper()} must be ")
    assert str(caught.value).endswith("; its value is not.")


def test_a_password_is_not_shown_with_the_settings() -> None:
    settings = load_settings(database_url=f"postgresql://someone:{SECRET}@localhost/coalition", **OIDC)
    personas = settings.model_copy(update={"demo_personas": (DemoPersona(title="Chair of EG1", token=SECRET),)})
    assert SECRET not in f"{settings!r} {settings} {personas!r} {personas}"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("oidc_issuer", "COALITION_OIDC_AUDIENCE"),
        ("oidc_audience", "COALITION_OIDC_ISSUER"),
        ("oidc_jwks_url", "COALITION_OIDC_ISSUER"),
        ("oidc_client_id", "COALITION_OIDC_ISSUER"),
        ("oidc_client_secret", "COALITION_OIDC_CLIENT_ID"),
    ],
)
def test_half_an_identity_provider_is_refused_naming_what_is_missing(given: str, missing: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{given: OIDC[given]})
    assert str(caught.value) == f"COALITION_{given.upper()} is set, so {missing} must be set too."


@pytest.mark.parametrize(
    "address",
    [
        "id.example.org",
        "http://id.example.org/keys",
        "http://127.0.0.1.example.org/keys",
        "ftp://id.example.org/keys",
        "https://someone:password@id.example.org/keys",
        "https://id.example.org/keys?a=b",
        "https://id.example.org/keys#a",
        "https://id.example.org:port/keys",
        "https:///keys",
        "https://id.example.org/ keys",
        "",
    ],
)
def test_keys_come_over_https_or_from_this_machine_only(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{**OIDC, "oidc_jwks_url": address})
    assert str(caught.value).startswith("COALITION_OIDC_JWKS_URL must be an address that starts with https://")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://it.example.org", "https://it.example.org"),
        ("https://IT.example.org:443/", "https://it.example.org"),
        ("https://it.example.org:8443", "https://it.example.org:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://IT.example.org:443/Coalition/v1/", "https://it.example.org/Coalition/v1"),
    ],
)
def test_the_public_address_is_kept_as_browsers_name_an_origin(given: str, origin: str) -> None:
    assert load_settings(public_url=given).public_url == origin


@pytest.mark.parametrize("path", ["/graphql", "/documents/it", "/a//b", "/../a", "/a%2Fb", "/a;b", "/a?b"])
def test_a_public_address_with_an_ambiguous_path_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match="COALITION_PUBLIC_URL must be"):
        load_settings(public_url=f"https://it.example.org{path}")


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
