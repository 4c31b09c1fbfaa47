"""Finds a version as whoever asks would find it in the API: through the read plan and its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from resolvers.files.document_files import FileVersion, version_of
from resolvers.query.global_ids import UUID

if TYPE_CHECKING:
    from strawberry import Schema

    from resolvers.access.context import Context

QUERY = """query ($id: ID!) { node(id: $id) { ... on DocumentVersion {
  id label fileName mediaType byteSize sha256 state document { id reference group { id } }
} } }"""


async def find_version(schema: Schema, context: Context, document: str, version: str) -> FileVersion | None:
    """Give the version with the key `version` of the document with the key `document`; None where none is seen.

    Raises whatever the query fails with, UnreachableError where the database is away.
    """
    if not UUID.fullmatch(document) or not UUID.fullmatch(version):
        return None
    result: Any = await schema.execute(
        QUERY, variable_values={"id": f"DocumentVersion:{version}"}, context_value=context
    )
    if result.errors:
        raise result.errors[0].original_error or result.errors[0]
    found = orjson.loads(orjson.dumps(result.data))["node"]
    if found is None or found["document"]["id"] != f"Document:{document}":
        return None
    return version_of(found)
