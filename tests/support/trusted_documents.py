"""Trusted documents for tests: two that are loaded, and the forms in which a request names one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from resolvers.trusted_documents import Trusted, digest_of, store_documents
from tests.support.transport_schema import GRAPHQL

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from resolvers.database.database import Database

GROUPS = "query Groups($n: Int = 2) { expertGroups(first: $n) { totalCount nodes { code } } }"
ID, OTHER = digest_of(GROUPS), digest_of("{ __typename }")
NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"


def apollo(digest: object, version: object = 1) -> dict[str, Any]:
    """Return the extension that Apollo's clients send beside a text, or in its place."""
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": digest}}}


FORMS: dict[str, dict[str, Any]] = {
    "a prefixed id": {"documentId": f"sha256:{ID}"},
    "a bare id": {"documentId": ID},
    "Apollo's extension": apollo(ID),
    "an id and no text": {"documentId": ID, "query": None},
    "an id and its text": {"documentId": ID, "query": GROUPS},
    "Apollo's extension and its text": {**apollo(ID), "query": GROUPS},
    "the same id twice": {**apollo(ID), "documentId": f"sha256:{ID}"},
}


async def trust(database: Database, *texts: str) -> None:
    """Store documents of these texts."""
    await store_documents(database, [Trusted(text, ()) for text in texts])


def get(client: TestClient, accept: str = GRAPHQL, **parameters: Any) -> Response:
    """Send a GET request with its parameters in the address; return the response."""
    sent = {
        name: given if isinstance(given, str) else json.dumps(given)
        for name, given in parameters.items()
        if given is not None
    }
    return client.get("/graphql", params=sent, headers={"accept": accept})
