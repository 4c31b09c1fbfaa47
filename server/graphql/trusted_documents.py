"""The documents that requests name: looked up once in a worker, and kept for a few seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resolvers.core.cache_bounds import TRUSTED_DOCUMENTS
from resolvers.core.errors import RequestError
from resolvers.core.ttl_cache import TTL_SECONDS, TTLCache
from resolvers.query.trusted_documents import digest_in, find_document

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from server.graphql.request import GraphQLRequest

UNKNOWN = "No trusted document has this ID: have it loaded, or send the text as query, where the server takes one."
MALFORMED = "No trusted document has this ID: it must be sha256: and 64 hexadecimal digits in lower case."
TRUSTED_ONLY = "This server answers trusted documents only: send the documentId of one that was loaded."


class UnknownDocumentError(RequestError):
    """A document that is not trusted, whether it was asked for by its identifier or sent as a text."""

    # Apollo's word for it; its clients send the text as well when they read it.
    code = "PERSISTED_QUERY_NOT_FOUND"


class TrustedDocuments:
    """Finds the text of the document that a request names."""

    def __init__(self, *, only: bool) -> None:
        """Take `only` what is trusted, or texts as well."""
        self._only = only
        self._recent: TTLCache[str] = TTLCache(TTL_SECONDS, TRUSTED_DOCUMENTS)

    async def resolve(self, asked: GraphQLRequest, database: Database) -> GraphQLRequest:
        """Give the request with the text of its document.

        Raises UnknownDocumentError where it names none that is trusted, or none at all where only those are answered.
        """
        if asked.document_id is None:
            if self._only:
                raise UnknownDocumentError(TRUSTED_ONLY)
            return asked
        if asked.query and not self._only:
            # It has that hash, and no client makes it trusted by sending it.
            return asked
        digest = digest_in(asked.document_id)
        if digest is None:
            raise UnknownDocumentError(MALFORMED)
        text = await self._recent.get(digest, lambda: find_document(database, digest))
        if text is None:
            raise UnknownDocumentError(TRUSTED_ONLY if self._only and asked.query else UNKNOWN)
        return replace(asked, query=text)
