"""Fields that the rules of commands judge: which statuses an object can get now, and why not.

These rules are Python functions over loaded objects, so no statement can return their result. The statement of a query
returns the key of the object in place of such a field. The values of all such fields of a response are then judged
together and put in their places. A query without such a field does not pass through this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import String, cast

from models import HasStatus
from resolvers.core.json_places import places
from resolvers.core.naming import attribute_name
from resolvers.sql.json_expressions import JsonObject, literal_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement

    from models import Entity
    from resolvers.access.context import Context

    #: Judges the transitions of objects, given as types and keys.
    Judge = Callable[[Context, "Iterable[ObjectKey]"], Awaitable[Mapping["ObjectKey", "Sequence[Transition]"]]]

#: The attributes that are judged, with their descriptions. Every type with a status has them.
JUDGED_FIELDS = {
    "available_transitions": (
        "Statuses that the viewer can request now: those of `transitions` that are allowed. Statuses that the system "
        "sets are not included."
    ),
    "transitions": (
        "Statuses that can follow the present one, whether the viewer can request each of them now, and why not."
    ),
}

#: The member of an object in the JSON of a statement that marks the place of a judged field. No field has this name.
PLACE = "$judged"


class ObjectKey(NamedTuple):
    """An object: its type and its key."""

    model: type[Entity]
    key: str


class Transition(NamedTuple):
    """A status that can follow the present one.

    Attributes:
        to: The name of the status.
        allowed: Whether the viewer can request it now.
        needs_reason: Whether the request must give a reason.
        needs_fields: The names of the other fields that the request must send.
        reason: Why the viewer cannot request it now; None if he can.
    """

    to: str
    allowed: bool
    needs_reason: bool
    needs_fields: list[str]
    reason: str | None


class JudgedField(NamedTuple):
    """A selected field that is judged.

    Attributes:
        model: The type of the object.
        parts: The response key and the name of each selected field of a transition; None for a list of statuses.
        type_name: The name of the type of a transition.
    """

    model: type[Entity]
    parts: tuple[tuple[str, str], ...] | None
    type_name: str

    def value(self, transitions: Sequence[Transition]) -> list[Any]:
        """Return the value of the field as JSON."""
        if self.parts is None:
            return [each.to for each in transitions if each.allowed]
        return [{key: self._part(each, name) for key, name in self.parts} for each in transitions]

    def _part(self, transition: Transition, name: str) -> Any:
        return self.type_name if name == "__typename" else getattr(transition, attribute_name(name))


_judges: list[Judge] = []


def register_judge(judge: Judge) -> None:
    """Register the function that judges transitions. The commands register it: no module here imports them."""
    _judges[:] = [judge]


def is_judged(model: type[Any], name: str) -> bool:
    """Return whether the attribute `name` of a model is judged."""
    return name in JUDGED_FIELDS and issubclass(model, HasStatus)


def place_of(number: int, key: ColumnElement[Any]) -> JsonObject:
    """Return the JSON that marks the place of the judged field with this number, for the object with this key."""
    return JsonObject([(PLACE, literal_text(f"{number}:") + cast(key, String))])


async def with_judged_values(text: str, fields: Sequence[JudgedField], context: Context) -> str:
    """Return the JSON of a response with the values of its judged fields."""
    data = orjson.loads(text)
    found = [(holder, at, *_read(holder[at][PLACE], fields)) for holder, at in places(data, PLACE)]
    if not found:
        return text
    (judge,) = _judges
    judged = await judge(context, dict.fromkeys(ObjectKey(field.model, key) for _, _, field, key in found))
    for holder, at, field, key in found:
        holder[at] = field.value(judged.get(ObjectKey(field.model, key), ()))
    return orjson.dumps(data).decode()


def _read(place: str, fields: Sequence[JudgedField]) -> tuple[JudgedField, str]:
    number, _, key = place.partition(":")
    return fields[int(number)], key
