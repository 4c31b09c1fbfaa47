"""Fields of a search hit whose text is returned in parts, with the words that were found marked.

The statement returns the text and the search in place of such a field. The parts are put there afterwards, for the
objects of one page. A query without such a field does not pass through this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import case

from models import SearchHit
from resolvers.core.json_places import places
from resolvers.core.naming import attribute_name
from resolvers.search_index.marked_texts import marked, passage
from resolvers.sql.json_expressions import JsonObject, literal_text

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The attributes that are marked, with the function that returns their parts.
MARKED_FIELDS = {"title": marked, "snippet": passage}

#: The member of an object in the JSON of a statement that marks the place of a marked field. No field has this name.
PLACE = "$marked"


class MarkedField(NamedTuple):
    """A selected field that is marked: its attribute, and the response key and the name of each field of a part."""

    name: str
    parts: tuple[tuple[str, str], ...]

    def value(self, text: str, query: str) -> list[dict[str, Any]]:
        """Return the value of the field as JSON."""
        return [
            {
                key: "TextPart" if name == "__typename" else getattr(part, attribute_name(name))
                for key, name in self.parts
            }
            for part in MARKED_FIELDS[self.name](text, query)
        ]


def is_marked(model: type[Any], name: str) -> bool:
    """Return whether the attribute `name` of a model is marked."""
    return model is SearchHit and name in MARKED_FIELDS


def place_of(number: int, alias: Any, name: str) -> Any:
    """Return the JSON that marks the place of the marked field with this number; null if there is no text."""
    text = getattr(alias, name)
    pairs = [(PLACE, literal_text(str(number))), ("text", text), ("query", alias.query)]
    return case((text.is_not(None), JsonObject(pairs)))


def with_marked_texts(text: str, fields: Sequence[MarkedField]) -> str:
    """Return the JSON of a response with the parts of its marked fields."""
    data = orjson.loads(text)
    for holder, at in places(data, PLACE):
        found = holder[at]
        holder[at] = fields[int(found[PLACE])].value(found["text"], found["query"])
    return orjson.dumps(data).decode()
