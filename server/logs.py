"""Logging: one line per event on standard error."""

from __future__ import annotations

import logging

QUIET = ("uvicorn", "alembic", "aiosqlite", "asyncio")


def configure_logging(level: str) -> None:
    """Send every record of at least `level` (debug, info, warning or error) to standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=level.upper(), force=True)
    for name in QUIET:
        # These report each step they take; that helps only someone who is looking for a fault.
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    # It would log every typing error of a client as a fault of ours, with its traceback.
    logging.getLogger("strawberry.execution").disabled = True
