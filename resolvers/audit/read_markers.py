"""Marks TLP:RED documents in the JSON of a response, so that the read can be recorded in the audit log.

The database returns a response as one text that is not parsed. So the JSON object of a document has one more member,
with a name that no field can have. Its value is the key of a TLP:RED document, and null for other documents. The server
removes the member before it sends the response.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import case, inspect

from models import Document, Marking
from resolvers.sql.json_expressions import JsonObject, literal_text

#: A GraphQL alias cannot start with `$`.
READ_MARKER = "$read"
#: An empty marker in the JSON text, after other members, as each engine writes it. It cannot occur inside a JSON
#: string, where quotation marks are escaped.
NOTHING = (f', "{READ_MARKER}" : null', f',"{READ_MARKER}":null')
IN_TEXT = f'"{READ_MARKER}"'


def is_audited(alias: Any) -> bool:
    """Return whether reads of the entity of an alias are recorded if it is TLP:RED."""
    return inspect(alias).mapper.class_ is Document


def with_marker(alias: Any, pairs: list[tuple[str, Any]]) -> JsonObject:
    """Return the JSON object with these members, at least one, followed by the marker."""
    red = alias.marking == literal_text(Marking.RED.name)
    return JsonObject([*pairs, (READ_MARKER, case((red, alias.id)))])


def strip_markers(text: str) -> tuple[str, list[str]]:
    """Return the JSON text without markers, and the keys of the TLP:RED documents in it."""
    for nothing in NOTHING:
        text = text.replace(nothing, "")
    if IN_TEXT not in text:
        return text, []
    data, keys = _unmarked(text)
    return orjson.dumps(data).decode(), keys


def _unmarked(text: str) -> tuple[Any, list[str]]:
    data = orjson.loads(text)
    keys: dict[str, None] = {}
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if READ_MARKER in value:
                keys[value.pop(READ_MARKER)] = None
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return data, list(keys)
