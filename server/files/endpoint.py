"""The files of documents over HTTP: PUT uploads the bytes of a declared version, GET downloads them."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
from starlette.requests import ClientDisconnect, Request

from resolvers.access.context import Context
from resolvers.audit.read_events import record_read
from resolvers.files.clamav import ClamdScanner
from resolvers.files.document_files import DocumentFiles, VersionRemovedError, WithdrawnError, version_of
from resolvers.files.download import CorruptFileError, MissingFileError
from resolvers.files.open_store import open_store
from resolvers.files.store import StoreError, StoreFullError
from resolvers.files.upload import ContentError, WrongLengthError
from resolvers.query.global_ids import UUID
from server.auth.credentials import check_own_page_for_files
from server.files.download import file_response
from server.files.preconditions import check_preconditions
from server.files.upload import check_headers, read_body
from server.graphql.response import RETRY_AFTER, exception_response, http_error_response, json_response
from server.http.client_address import client_of, name_of
from server.http.errors import HttpError, abort, mask
from server.http.media_types import JSON
from server.http.request_ids import request_id, with_request_id
from server.limits.admission import Admission
from server.limits.rate_limits import RateLimiter, RateLimitError, RequestCost
from server.monitoring.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from strawberry import Schema

    from resolvers.database.database import Database
    from resolvers.files.document_files import FileVersion
    from server.config.settings import Settings
    from server.graphql.response import Response
    from server.monitoring.monitor import Monitor

logger = logging.getLogger(__name__)

FILES = "/documents/{document}/versions/{version}"
METHODS = ("GET", "HEAD", "PUT")
KINDS = {"GET": "download", "HEAD": "download", "PUT": "upload"}
#: The cost of a file, in addition to the request's: the same as for one object, or one change, of an operation.
READING, SENDING = 1, 10
#: A version is read as the API reads it, so that the same rows are visible.
QUERY = """query ($id: ID!) { node(id: $id) { ... on DocumentVersion {
  id label fileName mediaType byteSize sha256 state document { id reference status group { id } }
} } }"""


def open_files(database: Database, settings: Settings) -> DocumentFiles:
    """Return the files of the documents in `database`, in the store of the settings."""
    scanner = ClamdScanner(settings.clamd) if settings.clamd else None
    return DocumentFiles(database, open_store(settings.file_store), scanner)


class DocumentFilesEndpoint:
    """The ASGI application at the path of a version; the request's state holds the files."""

    def __init__(self, schema: Schema, settings: Settings, rates: RateLimiter, monitor: Monitor) -> None:
        """Charge the same `rates` as operations; transfers have their own slots, because they take longer."""
        self._schema = schema
        self._settings = settings
        self._rates = rates
        self._monitor = monitor
        self.admission = Admission(settings.max_running, settings.max_waiting, settings.max_running_per_account)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every response, even after a fault, is well-formed."""
        send = with_request_id(send)
        request = Request(scope, receive)
        send = _closing(send) if request.method == "PUT" else send
        exchange = Exchange()
        exchange.kind, exchange.client = KINDS.get(request.method, "other"), client_of(request)
        response: ASGIApp | None
        try:
            response = await self._answer(request, send, exchange)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # the last line of defence: nothing may leak
            response = exception_response(error, JSON)
        if response is not None:
            await response(scope, receive, send)
        self._monitor.end(exchange, getattr(response, "status", HTTPStatus.OK), getattr(response, "codes", ()))

    async def _answer(self, request: Request, send: Send, exchange: Exchange) -> ASGIApp | None:
        """Return the response; None if it is already sent."""
        viewer = await request.state.authenticator.authenticate(request, check_own_page_for_files)
        exchange.account = viewer.account
        if request.method not in METHODS:
            message = f"The method {request.method} is not supported here: send a GET or a PUT."
            abort(HTTPStatus.METHOD_NOT_ALLOWED, message, headers={"Allow": ", ".join(METHODS)})
        name = name_of(viewer, request)
        exchange.cost = cost = RequestCost(self._rates.bucket(name))
        try:
            cost.charge(1 + (SENDING if request.method == "PUT" else READING))
            async with self.admission.slot(name):
                # The lookup of the version is not recorded as a read; the upload or the download is.
                context = Context(request.state.database, viewer, request_id=request_id(), records_reads=False)
                version = await self._find(request, context)
                if request.method == "PUT":
                    return await self._upload(request, version, context)
                return await self._download(request, version, context, send)
        except RateLimitError as refusal:
            limited = HttpError(HTTPStatus.TOO_MANY_REQUESTS, refusal.message, refusal.code, refusal.headers)
            return http_error_response(limited, JSON, cost)
        except HttpError as error:
            return http_error_response(error, JSON, cost)

    async def _find(self, request: Request, context: Context) -> FileVersion:
        document, version = (request.path_params[name] for name in ("document", "version"))
        if not UUID.fullmatch(document) or not UUID.fullmatch(version):
            _abort_not_found()
        variables = {"id": f"DocumentVersion:{version}"}
        result: Any = await self._schema.execute(QUERY, variable_values=variables, context_value=context)
        if result.errors:
            raise result.errors[0].original_error or result.errors[0]
        found = orjson.loads(orjson.dumps(result.data))["node"]
        if found is None or found["document"]["id"] != f"Document:{document}":
            _abort_not_found()
        return version_of(found)

    async def _upload(self, request: Request, version: FileVersion, context: Context) -> Response:
        viewer = context.viewer
        if not version.may_upload(viewer):
            _abort_forbidden()
        if version.is_withdrawn:
            _abort_withdrawn("version")
        if version.is_rejected:
            message = "The file of this version was infected and cannot be sent again: add another version."
            abort(HTTPStatus.CONFLICT, message, code="CONFLICT")
        check_headers(request, version, self._settings)
        check_preconditions(request, version)
        files: DocumentFiles = request.state.files
        try:
            state = await files.receive(version, self._allowed_body(request, version), context.actor())
        except ContentError as error:
            _abort_wrong_content(error, version)
        except VersionRemovedError:
            _abort_not_found()
        except WithdrawnError as error:
            _abort_withdrawn(str(error))
        except StoreFullError:
            message = "The server has no space for this file, so nothing was stored: the operator must free some space."
            abort(HTTPStatus.INSUFFICIENT_STORAGE, message, code="INSUFFICIENT_STORAGE")
        except StoreError as error:
            _abort_unavailable(error)
        if state.name == "REJECTED":
            message = "The scanner found malicious software in this file, so the file was deleted."
            abort(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="INFECTED")
        status = HTTPStatus.OK if version.was_received else HTTPStatus.CREATED
        stored = {"state": state.name, "byteSize": version.content.byte_size, "sha256": version.content.sha256}
        return json_response(status, {"data": stored}, JSON)

    async def _allowed_body(self, request: Request, version: FileVersion) -> AsyncIterator[bytes]:
        """Yield the body in pieces; at its end, check again that the viewer may upload it.

        Raises HttpError: 401 or 403 if the permission was revoked in the meantime, and as `read_body` does.
        """
        async for piece in read_body(request, version, self._settings):
            yield piece
        viewer = await request.state.authenticator.authenticate(request, check_own_page_for_files)
        if not version.may_upload(viewer):
            _abort_forbidden()

    async def _download(self, request: Request, version: FileVersion, context: Context, send: Send) -> ASGIApp | None:
        files: DocumentFiles = request.state.files
        if version.is_quarantined and version.may_upload(context.viewer):
            version = version.in_state(await files.scan(version))
        if version.of_withdrawn and not version.may_upload(context.viewer):
            message = "The document is WITHDRAWN, so its files can no longer be downloaded. Ask the chair of its group."
            abort(HTTPStatus.GONE, message, code="WITHDRAWN")
        if version.is_withdrawn:
            message = "The version is withdrawn: its file is not served. Download the current version, if there is one."
            abort(HTTPStatus.GONE, message, code="WITHDRAWN")
        if version.is_rejected:
            abort(HTTPStatus.GONE, "This file was infected, so it was deleted.", code="INFECTED")
        if not version.is_available:
            waits = "is waiting to be scanned" if version.was_received else "is not uploaded yet"
            message = f"This file {waits}: try again later."
            abort(HTTPStatus.CONFLICT, message, code="NOT_AVAILABLE", headers=RETRY_AFTER)
        check_preconditions(request, version)
        await record_read(context, version.key)
        try:
            return await file_response(request, version, files, send, self._settings.max_body_seconds)
        except MissingFileError as error:
            _abort_missing(version, error)
        except CorruptFileError as error:
            # The client cannot correct this; the log has the details.
            return json_response(HTTPStatus.INTERNAL_SERVER_ERROR, {"errors": [mask(error)]}, JSON)
        except StoreError as error:
            _abort_unavailable(error)


def _closing(send: Send) -> Send:
    """Close the connection after an error: the rest of the body is not read, and must not be parsed as a request."""

    async def send_closing(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return send_closing


def _abort_forbidden() -> NoReturn:
    message = "You may not upload this file: you need write access to the document's group, and a token that may write."
    abort(HTTPStatus.FORBIDDEN, message, code="FORBIDDEN")


def _abort_withdrawn(which: str) -> NoReturn:
    advice = "add another version" if which == "version" else "add the file to another document"
    abort(HTTPStatus.CONFLICT, f"The {which} is WITHDRAWN, so nothing was stored: {advice}.", code="CONFLICT")


def _abort_not_found() -> NoReturn:
    abort(HTTPStatus.NOT_FOUND, "This version does not exist, or you may not see it.", code="NOT_FOUND")


def _abort_wrong_content(error: ContentError, version: FileVersion) -> NoReturn:
    if version.was_received:
        message = "This version already has a different file, which cannot change: add another version."
        abort(HTTPStatus.CONFLICT, message, code="CONFLICT")
    if isinstance(error, WrongLengthError):
        abort(HTTPStatus.BAD_REQUEST, f"{error} Nothing was stored: send the declared file.")
    abort(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error} Nothing was stored.", code="WRONG_HASH")


def _abort_missing(version: FileVersion, error: MissingFileError) -> NoReturn:
    logger.error("version %s cannot be downloaded in request %s: %s", version.key, request_id(), error)
    message = "The file of this version is not in the file store: tell the operator, who can restore it from a backup."
    abort(HTTPStatus.SERVICE_UNAVAILABLE, message, code="SERVICE_UNAVAILABLE", headers=RETRY_AFTER)


def _abort_unavailable(error: StoreError) -> NoReturn:
    mask(error)
    message = "The file store does not respond: try again in a moment."
    abort(HTTPStatus.SERVICE_UNAVAILABLE, message, code="SERVICE_UNAVAILABLE", headers=RETRY_AFTER)
