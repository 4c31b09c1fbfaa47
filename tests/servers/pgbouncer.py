"""A real PgBouncer in transaction mode before a database of the tests, reached over a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from tests.servers.postgres import unprivileged_user

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 6432
STARTS_WITHIN_SECONDS = 10
#: Debian keeps it where only root looks.
PLACES = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
SETTINGS = """
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
pool_mode = transaction
auth_type = any
listen_port = {listen}
unix_socket_dir = {folder}
default_pool_size = {sessions}
max_client_conn = 200
{more}
"""


class PgBouncerError(RuntimeError):
    """PgBouncer cannot be found or does not start; the message says what to do."""


@contextmanager
def pooling(url: str, sessions: int, more: str = "") -> Iterator[str]:
    """Yield the address of the database at `url` through a pooler that opens up to `sessions` connections.

    `more` has further lines of its configuration. Raises PgBouncerError if PgBouncer is missing or does not start.
    """
    program = shutil.which("pgbouncer", path=PLACES)
    if program is None:
        message = "These tests need PgBouncer: install your system's package, on Debian `apt-get install pgbouncer`."
        raise PgBouncerError(message)
    user = unprivileged_user() if os.geteuid() == 0 else None
    parsed = make_url(url)
    folder = Path(tempfile.mkdtemp(prefix="coalition-pooler-"))
    place = {"host": parsed.query["host"], "port": parsed.query["port"]}
    settings = folder / "pgbouncer.ini"
    settings.write_text(SETTINGS.format(**place, listen=PORT, folder=folder, sessions=sessions, more=more))
    if user:
        shutil.chown(folder, user)
    group = pwd.getpwnam(user).pw_gid if user else None
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, settings], stdout=log, stderr=log, user=user, group=group, extra_groups=[] if user else None
        )
    try:
        _wait(process, folder)
        yield f"postgresql://postgres@/{parsed.database}?host={folder}&port={PORT}"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(str(folder / f".s.PGSQL.{PORT}")) == 0:
                return
        time.sleep(0.02)
    message = f"PgBouncer did not start:\n{(folder / 'log').read_text()}"
    raise PgBouncerError(message)
