"""Logging: one line per event on standard error."""

from __future__ import annotations

import logging

QUIET = ("uvicorn", "alembic", "aiosqlite", "asyncio")
# These say what they send and get, which holds codes, tokens and cookies.
SECRETIVE = ("authlib", "httpcore2", "httpx2", "joserfc")


def configure_logging(level: str) -> None:
    """Send every record of at least `level` (debug, info, warning or error) to standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=level.upper(), force=True)
    for name in QUIET:
        # These report each step they take; that helps only someone who is looking for a fault.
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    for name in SECRETIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_without_query)
    # It would log every typing error of a client as a fault of ours, with its traceback.
    logging.getLogger("strawberry.execution").disabled = True


def _without_query(record: logging.LogRecord) -> bool:
    """Cut the query off the address a client asked for: it may hold a code, or whatever is asked of the API."""
    if isinstance(record.args, tuple):
        record.args = tuple(part.partition("?")[0] if isinstance(part, str) else part for part in record.args)
    return True
