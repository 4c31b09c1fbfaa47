"""The settings: environment variables that start with `COALITION_`, validated before the server starts."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as PydanticSettingsError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from resolvers.core.limits import Limits
from resolvers.database.database import DRIVERS
from resolvers.files.clamav import check_clamd_address
from resolvers.files.store import S3
from server.config.urls import ADDRESS, check_address, check_origins, check_public_url

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the checkout."""

PREFIX = "COALITION_"
_DEFAULTS = Limits()
SECRETS = frozenset({"database_url", "demo_personas", "oidc_client_secret"})
OIDC_NEEDS = {
    "oidc_issuer": ("oidc_audience", "oidc_jwks_url"),
    "oidc_audience": ("oidc_issuer",),
    "oidc_jwks_url": ("oidc_issuer",),
    "oidc_client_id": ("oidc_issuer",),
    "oidc_client_secret": ("oidc_client_id",),
}


class SettingsError(ValueError):
    """A setting has a bad value; the message is one line that names the setting and the allowed values."""


def _check_database_url(url: str) -> str:
    try:
        backend = make_url(url).get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend not in DRIVERS:
        raise ValueError(backend)
    return url


def _check_host(host: str) -> str:
    # A hosts file can map the name localhost to another address.
    return "127.0.0.1" if host == "localhost" else str(ipaddress.ip_address(host))


def _check_files(address: str) -> str:
    bucket = address.removeprefix(S3).partition("/")[0] if address.startswith(S3) else address
    if not bucket or "\0" in address or ("://" in address and not (address.startswith(S3) and "@" not in bucket)):
        raise ValueError(address)
    return address


def _number(default: float, least: float, most: int, counted: str) -> Any:
    return Field(default=default, ge=least, le=most, description=f"a number of {counted} from {least} to {most}")


class DemoPersona(BaseModel):
    """A persona of the demonstration, whose token a visitor can use."""

    model_config = ConfigDict(frozen=True)

    title: str
    token: str = Field(repr=False)


class Settings(BaseSettings):
    """The settings of an operator. Each description states the allowed values; the error for a bad value quotes it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: Annotated[str, AfterValidator(_check_database_url)] = Field(
        default="sqlite:///var/coalition.db",
        repr=False,
        description="sqlite:///path/to/file.db or postgresql://user:password@host/database",
    )
    file_store: Annotated[str, AfterValidator(_check_files)] = Field(
        default="var/files", description="a folder, or s3://bucket/prefix for an S3-compatible bucket"
    )
    clamd: Annotated[str, AfterValidator(check_clamd_address)] | None = Field(
        default=None, description="tcp://host:port or unix:/path, where clamd listens"
    )
    host: Annotated[str, AfterValidator(_check_host)] = Field(
        default="127.0.0.1",
        description="an IP address of this machine, or localhost",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="a port number up to 65535 (0 selects a free port)")
    workers: int = Field(default=1, ge=1, le=64, description="a number of processes from 1 to 64")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="debug, info, warning or error",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="auto (text on a terminal, otherwise JSON), json or text"
    )
    log_requests: Literal["refused", "all"] = Field(
        default="refused", description="refused (log refused and failed requests, and changes) or all"
    )
    metrics_host: Annotated[str, AfterValidator(_check_host)] = Field(
        default="127.0.0.1", description="an IP address of this machine, or localhost"
    )
    metrics_port: int | None = Field(default=None, ge=1, le=65535, description="a port number from 1 to 65535")
    otlp_endpoint: Annotated[str, AfterValidator(check_address)] | None = Field(
        default=None, description=f"{ADDRESS}: a collector of OpenTelemetry traces (OTLP over HTTP)"
    )
    drain_seconds: float = Field(default=0, ge=0, le=300, description="a number of seconds from 0 to 300")
    backup_folder: str | None = Field(
        default=None, min_length=1, description="the folder in which each backup is a folder"
    )
    max_body_bytes: int = Field(
        default=256 * 1024,
        ge=1024,
        le=16 * 1024 * 1024,
        description="a number of bytes from 1024 to 16777216",
    )
    max_json_depth: int = Field(default=64, ge=8, le=512, description="a depth from 8 to 512")

    public_url: Annotated[str, AfterValidator(check_public_url)] | None = Field(
        default=None,
        description=f"{ADDRESS}: the address of this server in browsers, with the path that a proxy puts before "
        "/graphql but without /graphql",
    )
    allowed_origins: Annotated[str, AfterValidator(check_origins)] = Field(
        default="",
        description="origins with a space or a comma between them, such as https://dashboard.example.org: the pages "
        "of other addresses that may send requests with a token",
    )
    anonymous_reads: bool = Field(
        default=False, description="1 (the public may read TLP:CLEAR objects) or 0 (every request needs a credential)"
    )
    row_level_security: bool = Field(
        default=False, description="1 (on PostgreSQL, queries also use row-level security) or 0 (only the query plan)"
    )
    pgbouncer: bool = Field(
        default=False, description="1 (the address is a pooler in transaction mode) or 0 (the database itself)"
    )
    trusted_documents_only: bool = Field(
        default=False, description="1 (accept only trusted documents) or 0 (accept every document within the limits)"
    )
    oidc_issuer: Annotated[str, AfterValidator(check_address)] | None = Field(
        default=None, description=f"{ADDRESS}: the identity provider's issuer, exactly as in its tokens"
    )
    oidc_audience: str | None = Field(
        default=None, min_length=1, max_length=255, description="the audience of access tokens, 1 to 255 characters"
    )
    oidc_jwks_url: Annotated[str, AfterValidator(check_address)] | None = Field(
        default=None, description=f"{ADDRESS}: the identity provider's JWKS (public keys)"
    )
    oidc_client_id: str | None = Field(
        default=None, min_length=1, max_length=255, description="this server's client ID, 1 to 255 characters"
    )
    oidc_client_secret: str | None = Field(
        default=None, min_length=1, repr=False, description="the secret of that client, not empty"
    )
    demo_personas: tuple[DemoPersona, ...] = Field(default=(), repr=False, description="set by coalition serve --demo")

    # docs/decisions/limits.md explains these numbers. The limits of one operation:
    max_characters: int = _number(_DEFAULTS.characters, 100, 1_000_000, "characters of a document")
    max_tokens: int = _number(_DEFAULTS.tokens, 100, 20_000, "tokens of a document")
    max_depth: int = _number(_DEFAULTS.depth, 3, 20, "levels of fields")
    max_fields: int = _number(_DEFAULTS.fields, 10, 2_000, "fields")
    max_aliases: int = _number(_DEFAULTS.aliases, 0, 2_000, "aliases")
    max_directives: int = _number(_DEFAULTS.directives, 0, 2_000, "directives")
    max_root_fields: int = _number(_DEFAULTS.root_fields, 1, 500, "fields at the root of a query")
    max_root_mutations: int = _number(_DEFAULTS.root_mutations, 1, 100, "changes in a mutation")
    max_nodes: int = _number(_DEFAULTS.nodes, 100, 1_000_000, "objects in a response")
    max_conditions: int = _number(_DEFAULTS.conditions, 10, 2_000, "conditions and orderBy entries")
    max_introspection_fields: int = _number(_DEFAULTS.introspection_fields, 0, 2_000, "fields of introspection")
    max_introspection_lists: int = _number(_DEFAULTS.introspection_lists, 1, 5, "lists of members inside each other")
    max_introspection_values: int = _number(_DEFAULTS.introspection_values, 0, 10_000_000, "values of introspection")
    # The limits of an account and of a worker:
    max_cost: int = _number(100_000, 100, 1_000_000_000, "objects that an account may read at once")
    cost_per_second: int = _number(5_000, 1, 1_000_000_000, "objects that an account may read in a second")
    max_running_per_account: int = _number(10, 1, 1_000, "operations that an account may run at once")
    max_running: int = _number(12, 1, 1_000, "operations that run at once in a worker")
    max_waiting: int = _number(100, 0, 10_000, "operations that may wait in a worker")
    max_seconds: float = _number(10, 0.1, 600, "seconds that an operation may take")
    max_connections: int = _number(1_000, 10, 100_000, "connections of a worker")
    max_header_seconds: float = _number(10, 0.1, 600, "seconds that the head of a request may take to arrive")
    max_file_bytes: int = _number(100 * 1024 * 1024, 1024, 5 * 1024**3, "bytes of a file")
    max_body_seconds: float = _number(10, 0.1, 600, "seconds that a body may take to arrive")

    @property
    def path_prefix(self) -> str:
        """The path before all paths of this server in `public_url`, such as `/coalition`; empty without one."""
        return urlsplit(self.public_url or "").path

    def limits(self) -> Limits:
        """Return the limits of one operation."""
        return Limits(**{field.name: getattr(self, f"max_{field.name}") for field in fields(Limits)})

    def environment(self) -> dict[str, str]:
        """Return the settings as environment variables, from which a worker process reads them."""
        values = {name: value for name, value in self.model_dump(mode="json").items() if value is not None}
        return {
            f"{PREFIX}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }


def load_settings(**overrides: str | int | None) -> Settings:
    """Read the settings from the environment; `overrides` that are not None take precedence.

    Raises SettingsError for the first bad value.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None
    except PydanticSettingsError as error:
        # Its message contains the name of the setting, but no value.
        raise SettingsError(str(error)) from None
    if settings.otlp_endpoint and find_spec("opentelemetry") is None:
        message = f"{PREFIX}OTLP_ENDPOINT needs other packages: install them with uv sync --extra tracing."
        raise SettingsError(message)
    for name, needed in OIDC_NEEDS.items():
        for other in needed:
            if getattr(settings, name) is not None and getattr(settings, other) is None:
                message = f"{PREFIX}{name.upper()} is set, so {PREFIX}{other.upper()} must be set too."
                raise SettingsError(message)
    return settings


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    allowed = Settings.model_fields[name].description
    # Never repeat a secret, nor an address that can contain a password.
    given = "its value" if name in SECRETS or "@" in str(first["input"]) else repr(first["input"])
    return f"{PREFIX}{name.upper()} must be {allowed}; {given} is not."


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database; None for another database, one in memory, or a URI."""
    parsed = make_url(url)
    file = parsed.database
    named = parsed.get_backend_name() == "sqlite" and file and file != ":memory:" and not file.startswith("file:")
    return Path(file) if named and file else None


def make_database_folder(url: str) -> None:
    """Create the folder of an SQLite file, so that a first start needs no preparation.

    Raises SettingsError if the folder cannot be created.
    """
    file = sqlite_file(url)
    if file:
        folder = file.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = (
                f"The folder {folder} of the database file cannot be created ({error.strerror}): create it and allow "
                f"this system user to write to it, or correct {PREFIX}DATABASE_URL."
            )
            raise SettingsError(message) from error
