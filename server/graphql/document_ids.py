"""Reads the ID of a trusted document in a request: `documentId`, or Apollo's `extensions.persistedQuery`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NoReturn

from resolvers.trusted_documents import digest_in, digest_of
from server.http.errors import abort

PERSISTED_QUERY = "extensions.persistedQuery"


def document_id_of(values: dict[str, Any]) -> str | None:
    """Return the ID of the document that a request names; None if it names none.

    Raises HttpError (400) if the ID is not a string; with the code BAD_USER_INPUT if the request names two documents,
    or has a query with another hash.
    """
    ids = [
        _checked(name, given, values.get("query"))
        for name, given in (
            ("documentId", values.get("documentId")),
            (f"{PERSISTED_QUERY}.sha256Hash", _apollo_hash(values.get("extensions"))),
        )
        if given is not None
    ]
    if len({digest_in(given) or given for given in ids}) > 1:
        _contradict(f"documentId and {PERSISTED_QUERY}.sha256Hash name different documents: send only one of them.")
    return ids[0] if ids else None


def is_apollo(values: dict[str, Any]) -> bool:
    """Return whether a valid request has the ID of its document in Apollo's extension."""
    return _apollo_hash(values.get("extensions")) is not None


def _checked(name: str, given: object, query: object) -> str:
    if not isinstance(given, str):
        abort(HTTPStatus.BAD_REQUEST, f"{name} must be a string: sha256: and 64 hexadecimal digits in lower case.")
    if isinstance(query, str) and digest_in(given) != digest_of(query):
        _contradict(f"{name} is not the SHA-256 of query: omit one of them, or send the hash of this query.")
    return given


def _apollo_hash(extensions: Any) -> object:
    named = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("sha256Hash") is None:
        abort(HTTPStatus.BAD_REQUEST, f"{PERSISTED_QUERY} must be an object with version and sha256Hash.")
    version = named.get("version")
    if type(version) is int and version != 1:
        # The message that clients of Apollo and urql know: they send the text instead.
        abort(HTTPStatus.BAD_REQUEST, "PersistedQueryNotSupported", code="PERSISTED_QUERY_NOT_SUPPORTED")
    if version != 1:
        abort(HTTPStatus.BAD_REQUEST, f"{PERSISTED_QUERY}.version must be 1, the only supported version.")
    return named["sha256Hash"]


def _contradict(message: str) -> NoReturn:
    abort(HTTPStatus.BAD_REQUEST, message, code="BAD_USER_INPUT")
