"""Whether the process lives, and whether it can do its work: for whatever starts and watches it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
from starlette.responses import JSONResponse, Response

from resolvers.database.unavailable import DatabaseFullError, DatabaseReadOnlyError
from server.startup.migrations import head_revision

if TYPE_CHECKING:
    from starlette.requests import Request

    from resolvers.database.database import Database

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5
NO_STORE = {"Cache-Control": "no-store"}


async def livez(_request: Request) -> Response:
    """Answer 200 as long as the process answers at all."""
    return JSONResponse({"status": "alive"}, headers=NO_STORE)


async def readyz(request: Request) -> Response:
    """Answer 200 when the database can be reached, is migrated and takes changes, else 503 with the failed check."""
    try:
        with anyio.fail_after(TIMEOUT_SECONDS):
            return await _readiness(request.state.database)
    except DatabaseReadOnlyError:
        return _not_ready("writes", "The database takes no changes: it is a standby, or read-only.")
    except DatabaseFullError:
        return _not_ready("writes", "The disk of the database is full: make room on it.")
    except Exception as error:  # noqa: BLE001  # every driver has its own, and all of them mean this
        # Only its kind: the message may hold the address and the user.
        logger.warning("the database cannot be reached: %s", type(error).__name__)
        return _not_ready("database", "The database cannot be reached; see COALITION_DATABASE_URL.")


async def _readiness(database: Database) -> Response:
    revision, head = await database.revision(), head_revision()
    if revision != head:
        detail = f"The database stands at revision {revision}, this server needs {head}; run coalition migrate."
        return _not_ready("migrations", detail)
    await database.check_writable()
    return JSONResponse({"status": "ready"}, headers=NO_STORE)


def _not_ready(check: str, detail: str) -> Response:
    content = {"status": "not ready", "failed": check, "detail": detail}
    return JSONResponse(content, HTTPStatus.SERVICE_UNAVAILABLE, NO_STORE)
