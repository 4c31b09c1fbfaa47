"""Logging: one line per event on standard error."""

from __future__ import annotations

import logging
import re

QUIET = ("uvicorn", "alembic", "aiosqlite", "asyncio", "resolvers.database.unavailable.WatchedPool")
# These say what they send and get, which holds codes, tokens and cookies.
SECRETIVE = ("authlib", "httpcore2", "httpx2", "joserfc")

#: The paths that are logged as they are, and those of which only the shape is.
PATHS = frozenset({"/graphql", "/livez", "/readyz", "/auth/login", "/auth/callback", "/auth/logout"})
SHAPES = (
    (re.compile(r"/documents/[^/]+/versions/[^/]+"), "/documents/…/versions/…"),
    (re.compile(r"/graphiql/.*"), "/graphiql/…"),
)


def configure_logging(level: str) -> None:
    """Send every record of at least `level` (debug, info, warning or error) to standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=level.upper(), force=True)
    for name in QUIET:
        # These report each step they take; that helps only someone who is looking for a fault.
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    for name in SECRETIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_with_logged_path)
    # It would log every typing error of a client as a fault of ours, with its traceback.
    logging.getLogger("strawberry.execution").disabled = True


def logged_path(address: str) -> str:
    """Give what is logged of the address that a client requests.

    The query is cut off: it may hold a code, or whatever is asked of the API. Of the path only what is ours is there,
    as people put tokens there by mistake.
    """
    path = address.partition("?")[0]
    known = next((shown for shape, shown in SHAPES if shape.fullmatch(path)), None)
    return known or (path if path in PATHS else "/…")


def _with_logged_path(record: logging.LogRecord) -> bool:
    """Replace the address in uvicorn's record of a request, whose arguments are client, method, address and others."""
    if isinstance(record.args, tuple):
        client, method, address, *others = record.args
        record.args = (client, method, logged_path(str(address)), *others)
    return True
