"""Runs the server: opens the socket, configures uvicorn, and starts and stops the processes."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn

from server.config.urls import is_loopback
from server.http.connections import Connections
from server.http.uvicorn_protocol import BoundedHttpProtocol
from server.monitoring.exporter import report_connections
from server.startup.workers import GRACE_SECONDS, DrainingServer, Workers

try:
    import resource
except ModuleNotFoundError:
    # Windows has no such limits.
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from server.config.settings import Settings

BACKLOG = 2048
HANGUP = "With one worker, SIGHUP has no effect: restart the server to read the settings again."

#: The files of a process that are no connections of clients: those to the database, modules, files of documents.
OTHER_FILES = 100
FEWEST_CONNECTIONS = 10
FEW_FILES = (
    "the system allows too few files: a process takes %s connections instead of %s; raise the limit to %s (ulimit -n)"
)

PLAIN_HTTP = (
    "the server listens on %s without HTTPS, so that others on the network can read tokens: put a proxy with HTTPS "
    "before it, and set COALITION_PUBLIC_URL to its https:// address"
)

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
    if not is_loopback(settings.host) and not (settings.public_url or "").startswith("https://"):
        logger.warning(PLAIN_HTTP, settings.host)
    config = uvicorn.Config(
        "server.app:create_app",
        factory=True,
        workers=settings.workers,
        backlog=BACKLOG,
        http=_protocol(settings),
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


def _protocol(settings: Settings) -> Any:
    """Return what makes uvicorn's protocol for a connection, with the limits of each process."""
    most = most_connections(settings)
    report = report_connections if settings.metrics_port else None
    return partial(BoundedHttpProtocol, limits=Connections(most, settings.max_header_seconds, report))


def most_connections(settings: Settings) -> int:
    """Return how many connections a process may have: those of the settings, or as many as its files allow."""
    if resource is None:
        return settings.max_connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.max_connections + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    most = settings.max_connections if soft == resource.RLIM_INFINITY else max(soft - OTHER_FILES, FEWEST_CONNECTIONS)
    if most < settings.max_connections:
        logger.warning(FEW_FILES, most, settings.max_connections, needed)
    return min(most, settings.max_connections)


def run(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve on `listener` until a signal stops the server."""
    with contextlib.suppress(KeyboardInterrupt):
        if config.workers == 1:
            DrainingServer(config).run(sockets=[listener])
        else:
            Workers(config, listener).run()


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
