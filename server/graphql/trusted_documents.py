"""Looks up the trusted documents that requests name, and caches them for a few seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resolvers.core.cache_bounds import TRUSTED_DOCUMENTS
from resolvers.core.errors import RequestError
from resolvers.core.ttl_cache import TTL_SECONDS, TTLCache
from resolvers.trusted_documents import digest_in, find_document

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from server.graphql.request import GraphQLRequest

#: The whole message, because urql's client compares it: it then sends the text too.
UNKNOWN_TO_APOLLO = "PersistedQueryNotFound"
UNKNOWN = "No trusted document has this ID: have it loaded, or send its text as query if the server accepts that."
MALFORMED = "No trusted document has this ID: it must be sha256: and 64 hexadecimal digits in lower case."
TRUSTED_ONLY = "This server accepts trusted documents only: send the documentId of a loaded document."


class UnknownDocumentError(RequestError):
    """The document of a request is not trusted, whether the request has its ID or its text."""

    # Apollo's code; its clients react by sending the text too.
    code = "PERSISTED_QUERY_NOT_FOUND"


class TrustedDocuments:
    """Finds the text of the document that a request names."""

    def __init__(self, *, only: bool) -> None:
        """Accept `only` trusted documents, or other texts too."""
        self._only = only
        self._recent: TTLCache[str] = TTLCache(TTL_SECONDS, TRUSTED_DOCUMENTS)

    async def resolve(self, graphql_request: GraphQLRequest, database: Database) -> GraphQLRequest:
        """Return the request with the text of its document.

        Raises UnknownDocumentError if the document is not trusted; without a document ID, only if all others are
        rejected.
        """
        if graphql_request.document_id is None:
            if self._only:
                raise UnknownDocumentError(TRUSTED_ONLY)
            return graphql_request
        if graphql_request.query and not self._only:
            # The hash of the text is already checked. Sending a text does not make it trusted.
            return graphql_request
        digest = digest_in(graphql_request.document_id)
        if digest is None:
            raise UnknownDocumentError(MALFORMED)
        text = await self._recent.get(digest, lambda: find_document(database, digest))
        if text is None:
            raise UnknownDocumentError(self._unknown(graphql_request))
        return replace(graphql_request, query=text)

    def _unknown(self, graphql_request: GraphQLRequest) -> str:
        if self._only and graphql_request.query:
            return TRUSTED_ONLY
        return UNKNOWN_TO_APOLLO if graphql_request.is_apollo else UNKNOWN
