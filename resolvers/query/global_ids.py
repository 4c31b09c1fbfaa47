"""Global ids of the API: a type name and a key, opaque to clients."""

from __future__ import annotations

import re

from resolvers.core.errors import BadUserInputError
from resolvers.query.spec import is_queryable

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parse_global_id(value: str, place: str) -> tuple[str, str]:
    """Return the type name and the key of an id. Raises BadUserInputError, with `place`, if the id is invalid."""
    type_name, _, key = value.partition(":")
    if not is_queryable(type_name) or not UUID.fullmatch(key):
        message = f"{place} is not an id of this API. Send the id exactly as you received it."
        raise BadUserInputError(message)
    return type_name, key


def key_from_global_id(value: str, place: str, type_name: str) -> str:
    """Return the key of an id of the given type. Raises BadUserInputError, with `place`, for another type."""
    found, key = parse_global_id(value, place)
    if found != type_name:
        message = f"{place} is an id of type {found}. Send an id of type {type_name}."
        raise BadUserInputError(message)
    return key
