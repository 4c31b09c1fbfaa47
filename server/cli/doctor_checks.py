"""The checks of `coalition doctor`: each returns what it found, and what to do about it."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from enum import Enum, unique
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import make_url

from resolvers.audit.log_size import read_log_size
from resolvers.backup.newest import newest_backup
from resolvers.database.database import Database
from resolvers.database.unavailable import DatabaseFullError, DatabaseReadOnlyError
from resolvers.files.clamav import ClamdScanner, ScannerError
from resolvers.files.cleanup import count_missing
from resolvers.files.open_store import open_store
from resolvers.files.probe import check_scanner, check_store
from resolvers.files.store import S3, StoreError
from resolvers.record.exchange_rates import newest_rates
from resolvers.search_index.entries import missing_entries
from server.cli.faults import explain_database, explain_file_store
from server.config.settings import sqlite_file
from server.config.urls import is_loopback
from server.startup.fingerprints import schema_fault
from server.startup.migrations import is_before_head, revision_fault, roles_missing_at
from server.startup.serve import PLAIN_HTTP

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.config.settings import Settings


#: How long one check may take.
TIMEOUT_SECONDS = 30
MIN_FREE_BYTES = 1024**3
MAX_CLOCK_SECONDS = 5
#: A backup is taken once a day; rates are published on working days, and Easter has four others.
MAX_BACKUP_AGE, MAX_RATES_AGE = dt.timedelta(days=2), dt.timedelta(days=6)


@unique
class Level(Enum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


if TYPE_CHECKING:
    Check = Callable[[Settings, Database], Awaitable[tuple[Level, str]]]


class Finding(NamedTuple):
    """The result of one check: its subject, how bad it is, and a sentence about it."""

    subject: str
    level: Level
    message: str


async def examine(settings: Settings) -> list[Finding]:
    """Run every check; those of the contents of the database only if it can be reached."""
    database = Database(settings.database_url, pooled=settings.pgbouncer)
    try:
        found = [await _run("database", _reach, settings, database)]
        reached = found[0].level is Level.OK
        for subject, check in (await _checks_of(database) if reached else {}).items():
            found.append(await _run(subject, check, settings, database))
        for subject, check in ELSEWHERE.items():
            found.append(await _run(subject, check, settings, database))
    finally:
        await database.close()
    return found


async def _run(subject: str, check: Check, settings: Settings, database: Database) -> Finding:
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return Finding(subject, *await check(settings, database))
    except TimeoutError:
        return Finding(subject, Level.FAULT, f"There was no result within {TIMEOUT_SECONDS} seconds.")
    except Exception as error:  # noqa: BLE001 - the other checks go on
        message = explain_database(error, settings.database_url)
        return Finding(subject, Level.FAULT, message or f"The check failed: {type(error).__name__}.")


async def _checks_of(database: Database) -> dict[str, Check]:
    """Return the checks of the contents. Before pending migrations, they could miss tables and give wrong advice."""
    return {"revision": _revision} if is_before_head(await database.revision()) else IN_THE_DATABASE


async def _reach(settings: Settings, database: Database) -> tuple[Level, str]:
    file = sqlite_file(settings.database_url)
    # A connection would create the file.
    if file and not file.exists():
        return (
            Level.FAULT,
            f"The file {file} does not exist: correct COALITION_DATABASE_URL, or run coalition migrate to create it.",
        )
    await database.revision()
    return Level.OK, f"It can be reached ({database.dialect.name})."


async def _revision(_settings: Settings, database: Database) -> tuple[Level, str]:
    found = await database.revision()
    fault = revision_fault(found)
    return (Level.FAULT, fault) if fault else (Level.OK, f"It is at revision {found}, which this program needs.")


async def _schema(_settings: Settings, database: Database) -> tuple[Level, str]:
    fault = await schema_fault(database)
    if fault:
        return Level.FAULT, f"{fault} Run coalition migrate, which names all of it."
    return Level.OK, "Tables, constraints and triggers are what the migrations make."


async def _roles(_settings: Settings, database: Database) -> tuple[Level, str]:
    missing = await roles_missing_at(database)
    return (Level.FAULT, missing) if missing else (Level.OK, "The login has the roles that the server needs.")


async def _writes(settings: Settings, database: Database) -> tuple[Level, str]:
    try:
        await database.check_writable()
    except DatabaseReadOnlyError:
        return Level.FAULT, "It accepts no changes: it is a standby or read-only. Name the primary."
    except DatabaseFullError:
        return Level.FAULT, "Its disk is full: free some space."
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return _space(url.database, "It can be changed")
    return Level.OK, "It can be changed."


async def _clock(_settings: Settings, database: Database) -> tuple[Level, str]:
    here, there = dt.datetime.now(dt.UTC), await database.clock()
    last = (await read_log_size(database)).last_at
    if abs((there - here).total_seconds()) > MAX_CLOCK_SECONDS:
        return Level.FAULT, f"It shows {here:%H:%M:%S}, the database's shows {there:%H:%M:%S} (UTC): synchronise both."
    if last and (last - here).total_seconds() > MAX_CLOCK_SECONDS:
        return (
            Level.FAULT,
            f"The last event of the audit log is of {last:%Y-%m-%d %H:%M}, later than now: set the clock.",
        )
    return Level.OK, "It agrees with the database and with the audit log."


async def _audit_log(_settings: Settings, database: Database) -> tuple[Level, str]:
    size = await read_log_size(database)
    since = f" since {size.first_at:%Y-%m-%d}" if size.first_at else ""
    return Level.OK, f"It has {size.events} events{since}. Verify it with coalition audit verify --head FILE."


async def _rates(_settings: Settings, database: Database) -> tuple[Level, str]:
    day = await newest_rates(database)
    if day is None:
        return Level.OK, "None are loaded, so no sums are converted."
    age = dt.datetime.now(dt.UTC).date() - day
    if age > MAX_RATES_AGE:
        return Level.WARNING, f"The newest are of {day}, {age.days} days old: run coalition load-rates with a new file."
    return Level.OK, f"The newest are of {day}."


async def _search(_settings: Settings, database: Database) -> tuple[Level, str]:
    missing = await missing_entries(database)
    if missing:
        return Level.FAULT, f"The index lacks {missing} objects, so no search finds them: run coalition search rebuild."
    return Level.OK, "The index has all searched objects."


async def _uploaded_files(settings: Settings, database: Database) -> tuple[Level, str]:
    try:
        missing, expected = await count_missing(database, open_store(settings.file_store))
    except (StoreError, OSError) as error:
        return Level.FAULT, explain_file_store(error)
    if missing:
        advice = "correct COALITION_FILE_STORE, mount the store, or restore a backup. coalition backup names them."
        return Level.FAULT, f"{missing} of {expected} are missing from {settings.file_store}: {advice}"
    return Level.OK, f"All {expected} are in the file store." if expected else "There are none."


async def _file_store(settings: Settings, _database: Database) -> tuple[Level, str]:
    # The check would create the folder.
    if not settings.file_store.startswith(S3) and not await asyncio.to_thread(Path(settings.file_store).exists):
        advice = "correct COALITION_FILE_STORE, or start the server, which creates it."
        return Level.WARNING, f"The folder {settings.file_store} does not exist: {advice}"
    try:
        await check_store(open_store(settings.file_store))
    except (StoreError, OSError) as error:
        return Level.FAULT, explain_file_store(error)
    if settings.file_store.startswith(S3):
        return Level.OK, "A file can be stored and deleted."
    return _space(settings.file_store, "A file can be stored and deleted")


async def _scanner(settings: Settings, _database: Database) -> tuple[Level, str]:
    if settings.clamd is None:
        return Level.WARNING, "Files are not scanned for malware: set COALITION_CLAMD to the address of clamd."
    try:
        await check_scanner(ClamdScanner(settings.clamd))
    except ScannerError as error:
        return Level.FAULT, f"Uploads stay in quarantine: {error}. Start clamd, or correct COALITION_CLAMD."
    return Level.OK, "It scans files."


async def _provider(settings: Settings, _database: Database) -> tuple[Level, str]:
    if settings.oidc_jwks_url is None:
        return Level.OK, "None is set: only API tokens sign in."
    # Imported here because the verification of signatures takes a tenth of a second to import.
    from server.auth.jwks import ProviderError, read_keys  # noqa: PLC0415

    try:
        keys = await read_keys(settings.oidc_jwks_url)
    except ProviderError as error:
        return Level.FAULT, f"Its tokens are refused: {error}. Check COALITION_OIDC_JWKS_URL and the network."
    if not keys:
        return Level.FAULT, f"{settings.oidc_jwks_url} has no usable key: RS256 from 2048 bits, ES256 or Ed25519."
    return Level.OK, f"It has {len(keys)} usable keys."


async def _backup(settings: Settings, _database: Database) -> tuple[Level, str]:
    if settings.backup_folder is None:
        return Level.WARNING, "Its age is unknown: set COALITION_BACKUP_FOLDER to the folder with the backups."
    try:
        taken_at = await asyncio.to_thread(newest_backup, Path(settings.backup_folder))
    except OSError as error:
        return Level.FAULT, f"{settings.backup_folder} cannot be read: {error.strerror}."
    if taken_at is None:
        return Level.FAULT, f"{settings.backup_folder} has none: run coalition backup once a day."
    age = dt.datetime.now(dt.UTC) - taken_at
    if age > MAX_BACKUP_AGE:
        return (
            Level.FAULT,
            f"The newest is {age.days} days old, of {taken_at:%Y-%m-%d}: run coalition backup once a day.",
        )
    return Level.OK, f"The newest is of {taken_at:%Y-%m-%d %H:%M} UTC."


async def _network(settings: Settings, _database: Database) -> tuple[Level, str]:
    if not is_loopback(settings.host) and not (settings.public_url or "").startswith("https://"):
        message = PLAIN_HTTP % settings.host
        return Level.WARNING, f"{message[0].upper()}{message[1:]}."
    return Level.OK, "The server listens on this machine only, or has HTTPS in front."


def _space(place: str, done: str) -> tuple[Level, str]:
    """Return the finding about the free space at an existing file or folder."""
    folder = Path(place).resolve()
    free = shutil.disk_usage(folder).free
    left = f"{free / 1024**3:.1f} GiB are free on the disk of {folder}"
    return (Level.WARNING, f"{done}, but only {left}.") if free < MIN_FREE_BYTES else (Level.OK, f"{done}; {left}.")


IN_THE_DATABASE: dict[str, Check] = {
    "revision": _revision,
    "schema": _schema,
    "roles": _roles,
    "writes": _writes,
    "clock": _clock,
    "audit log": _audit_log,
    "exchange rates": _rates,
    "search": _search,
    "uploaded files": _uploaded_files,
}
ELSEWHERE: dict[str, Check] = {
    "file store": _file_store,
    "scanner": _scanner,
    "identity provider": _provider,
    "backup": _backup,
    "network": _network,
}
