"""A real clamd on this machine with a single signature, our own: the usual ones come over the network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Debian keeps it where only root looks.
PLACES = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
INFECTED = b"what the scanner of the tests takes for malicious"
SIGNATURE = "Coalition.Test"
MAX_BYTES = 2 * 1024 * 1024
STARTS_WITHIN_SECONDS = 30


class Clamd(NamedTuple):
    """The addresses of one clamd."""

    tcp: str
    unix: str


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving() -> Iterator[Clamd]:
    """Yield a clamd for as long as the block lasts. Raises AssertionError if none can be started."""
    program = shutil.which("clamd", path=PLACES)
    assert program, "clamd is not installed: install Debian's clamav-daemon"
    # Not pytest's folder: a socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:
        folder, port = Path(name), free_port()
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"{SIGNATURE}:0:*:{INFECTED.hex()}\n")
        settings = folder / "clamd.conf"
        settings.write_text(
            f"Foreground yes\nDatabaseDirectory {signatures}\nLocalSocket {folder}/socket\n"
            f"TCPAddr 127.0.0.1\nTCPSocket {port}\nStreamMaxLength {MAX_BYTES}\n"
        )
        settings.chmod(0o644)
        command = [program, f"--config-file={settings}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                _wait(process, port)
                yield Clamd(f"tcp://127.0.0.1:{port}", f"unix:{folder}/socket")
            finally:
                process.terminate()
                process.wait()


def _wait(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"clamd did not start: {process.communicate()}"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = "clamd did not begin to listen"
    raise AssertionError(message)
