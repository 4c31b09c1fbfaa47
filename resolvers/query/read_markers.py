"""Marks what is TLP:RED in the answers of the plan, so that whoever read it can be recorded.

An answer comes out of the database as one text, in which nobody looks for rows. The object of a document therefore
has one member more, by a name that no field can have: its key where it is TLP:RED, else null. It is taken out before
the answer is given.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import case, inspect

from models import Document, Marking
from resolvers.sql.json_expressions import JsonObject, literal_text

#: No alias of GraphQL begins so.
READ_MARKER = "$read"
#: How a mark stands in the text of an answer, behind other members, where it says nothing: as either engine writes it.
#: Within a text each quotation mark has a backslash before it.
NOTHING = (f', "{READ_MARKER}" : null', f',"{READ_MARKER}":null')
IN_TEXT = f'"{READ_MARKER}"'


def is_audited(alias: Any) -> bool:
    """Tell whether reads of what an alias stands for are recorded where it is TLP:RED."""
    return inspect(alias).mapper.class_ is Document


def with_marker(alias: Any, pairs: list[tuple[str, Any]]) -> JsonObject:
    """Give the JSON object of these members, which are not none, with the mark behind them."""
    red = alias.marking == literal_text(Marking.RED.name)
    return JsonObject([*pairs, (READ_MARKER, case((red, alias.id)))])


def strip_markers(text: str) -> tuple[str, list[str]]:
    """Give the text of an answer without its marks, and the keys of the documents that were TLP:RED."""
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
