"""Ids in the API: the name of a type and a key, to be sent back as they are."""

from __future__ import annotations

import re

from resolvers.core.errors import BadUserInputError
from resolvers.query.spec import is_queryable

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parse_global_id(value: str, place: str) -> tuple[str, str]:
    """Give the type and the key of an id. Raises BadUserInputError, naming `place`, for what is none."""
    type_name, _, key = value.partition(":")
    if not is_queryable(type_name) or not UUID.fullmatch(key):
        message = f"{place} is not an id of this API: send one back as you got it."
        raise BadUserInputError(message)
    return type_name, key


def key_from_global_id(value: str, place: str, type_name: str) -> str:
    """Give the key of an id of one type. Raises BadUserInputError, naming `place`, for another type's."""
    found, key = parse_global_id(value, place)
    if found != type_name:
        message = f"{place} is the id of a {found}; the id of a {type_name} belongs here."
        raise BadUserInputError(message)
    return key
