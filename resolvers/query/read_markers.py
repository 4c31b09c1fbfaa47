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
from resolvers.sql.json_expressions import JsonObject, constant

#: No alias of GraphQL begins so.
MARK = "$read"
#: How a mark stands in the text of an answer, behind other members, where it says nothing: as either engine writes it.
#: Within a text each quotation mark has a backslash before it.
NOTHING = (f', "{MARK}" : null', f',"{MARK}":null')
IN_TEXT = f'"{MARK}"'


def is_watched(alias: Any) -> bool:
    """Tell whether reads of what an alias stands for are recorded where it is TLP:RED."""
    return inspect(alias).mapper.class_ is Document


def marked(alias: Any, pairs: list[tuple[str, Any]]) -> JsonObject:
    """Give the JSON object of these members, which are not none, with the mark behind them."""
    red = alias.marking == constant(Marking.RED.name)
    return JsonObject([*pairs, (MARK, case((red, alias.id)))])


def without_marks(text: str) -> tuple[str, list[str]]:
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
            if MARK in value:
                keys[value.pop(MARK)] = None
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return data, list(keys)
