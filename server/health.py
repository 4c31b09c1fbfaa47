"""Liveness, readiness and version, for the programs that start and monitor the process."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
from starlette.responses import JSONResponse, Response

from resolvers.database.unavailable import DatabaseFullError, DatabaseReadOnlyError
from server.http.drain import DRAIN
from server.startup.migrations import VERSION, head_revision, revision_fault

if TYPE_CHECKING:
    from starlette.requests import Request

    from resolvers.database.database import Database
    from server.startup.fingerprints import SchemaCheck

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5
NO_STORE = {"Cache-Control": "no-store"}


async def livez(_request: Request) -> Response:
    """Return 200 as long as the process can respond."""
    return JSONResponse({"status": "alive"}, headers=NO_STORE)


async def version(_request: Request) -> Response:
    """Return the version of the program, and the revision of the database that it needs."""
    return JSONResponse({"version": VERSION, "revision": head_revision()}, headers=NO_STORE)


async def readyz(request: Request) -> Response:
    """Return 200 if the database is reachable, is what the migrations make, and is writable; otherwise 503."""
    if DRAIN.has_begun:
        return _not_ready("drain", "This server is about to end: send requests to another one.")
    try:
        with anyio.fail_after(TIMEOUT_SECONDS):
            return await _readiness(request.state.database, request.state.schema_check)
    except DatabaseReadOnlyError:
        return _not_ready("writes", "The database accepts no changes: it is a standby or read-only.")
    except DatabaseFullError:
        return _not_ready("writes", "The disk of the database is full: free some space.")
    except Exception as error:  # noqa: BLE001  # every driver raises its own types, all with this meaning
        # Only the type: the message can contain the address and the user.
        logger.warning("the database cannot be reached: %s", type(error).__name__)
        return _not_ready("database", "The database cannot be reached: check COALITION_DATABASE_URL.")


async def _readiness(database: Database, schema: SchemaCheck) -> Response:
    if fault := revision_fault(await database.revision()):
        return _not_ready("migrations", fault)
    if fault := await schema.fault():
        return _not_ready("schema", f"{fault} Run coalition migrate, which names all of it.")
    await database.check_writable()
    return JSONResponse({"status": "ready"}, headers=NO_STORE)


def _not_ready(check: str, detail: str) -> Response:
    content = {"status": "not ready", "failed": check, "detail": detail}
    return JSONResponse(content, HTTPStatus.SERVICE_UNAVAILABLE, NO_STORE)
