"""Runs the server: opens the socket, configures uvicorn, and starts and stops the processes."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from server.http.uvicorn_protocol import BoundedHttpProtocol

if TYPE_CHECKING:
    from server.config.settings import Settings

BACKLOG = 2048
GRACE_SECONDS = 10
HANGUP = "With one worker, SIGHUP has no effect: restart the server to read the settings again."

logger = logging.getLogger(__name__)


class AddressError(OSError):
    """The server cannot listen on the configured address; the message says what to do."""


def open_socket(host: str, port: int) -> socket.socket:
    """Listen on `host` and `port`; connections queue until the application has started.

    Raises AddressError if the port is in use or the system does not permit it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without IPPROTO_TCP, asyncio leaves Nagle's algorithm on, and small responses wait for the client's delayed ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressError(_explain(error, host, port)) from None
    return listener


def address(listener: socket.socket) -> str:
    """Return the address to open in a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/graphql" if ":" in host else f"http://{host}:{port}/graphql"


def prepare(settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration; it loads the application, unless worker processes load it."""
    # The application reads the settings from the environment, in this process or in a worker process.
    os.environ.update(settings.environment())
    config = uvicorn.Config(
        "server.app:create_app",
        factory=True,
        workers=settings.workers,
        backlog=BACKLOG,
        http=BoundedHttpProtocol,
        # uvloop where it is installed, otherwise asyncio.
        loop="auto",
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=settings.log_level == "debug",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    if settings.workers == 1:
        _outlive_hangup()
        config.load()
    return config


def run(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve on `listener` until a signal stops the server."""
    with contextlib.suppress(KeyboardInterrupt):
        if config.workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()


def _outlive_hangup() -> None:
    """Log a SIGHUP, which would stop a single process; with several workers, uvicorn restarts them."""
    # Windows has no SIGHUP.
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: logger.warning(HANGUP))


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop the program that uses it, or choose another with --port."
    if error.errno == errno.EACCES:
        return f"This system user may not open port {port} of {host}: choose one above 1023 with --port."
    return f"The server cannot listen on port {port} of {host}: {error.strerror}."
