"""Logging: one line per event on standard error."""

from __future__ import annotations

import logging
import re

QUIET = ("uvicorn", "alembic", "aiosqlite", "asyncio", "resolvers.database.unavailable.WatchedPool")
# These log their requests and responses, which contain codes, tokens and cookies.
SECRETIVE = ("authlib", "httpcore2", "httpx2", "joserfc")

#: The paths that are logged unchanged, and those that are logged as a pattern.
PATHS = frozenset({"/graphql", "/livez", "/readyz", "/auth/login", "/auth/callback", "/auth/logout"})
SHAPES = (
    (re.compile(r"/documents/[^/]+/versions/[^/]+"), "/documents/…/versions/…"),
    (re.compile(r"/graphiql/.*"), "/graphiql/…"),
)


def configure_logging(level: str) -> None:
    """Send every record of at least `level` (debug, info, warning or error) to standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=level.upper(), force=True)
    for name in QUIET:
        # These log each step that they take, which helps only with debugging.
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    for name in SECRETIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_with_logged_path)
    # It would log each client's invalid query as an error of the server, with its traceback.
    logging.getLogger("strawberry.execution").disabled = True


def logged_path(address: str) -> str:
    """Return the form in which the log shows the address that a client requests.

    The log omits the query string, which can contain a code or a GraphQL query, and unknown paths, because people put
    tokens there by mistake.
    """
    path = address.partition("?")[0]
    known = next((shown for shape, shown in SHAPES if shape.fullmatch(path)), None)
    return known or (path if path in PATHS else "/…")


def _with_logged_path(record: logging.LogRecord) -> bool:
    """Replace the address in uvicorn's access record, whose arguments are client, method, address and others."""
    if isinstance(record.args, tuple):
        client, method, address, *others = record.args
        record.args = (client, method, logged_path(str(address)), *others)
    return True
