"""Parses JSON strictly by the standard.

The parser rejects invalid JSON: NaN, bytes that are not UTF-8, half a surrogate pair, a number
beyond a float, a thousand brackets. This module adds the limits and the clearer messages that the parser lacks.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus

import orjson

from resolvers.core.json_objects import RepeatedKeyError, unique_keys
from resolvers.core.limits import MAX_JSON_VALUES
from resolvers.core.text import HALF_PAIR
from server.http.errors import abort

STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')


def parse_json(text: bytes, name: str, max_depth: int) -> object:
    """Return the value of one strict JSON text, nested at most `max_depth` levels.

    `name` is the parameter that contains the text, empty for the body of a request.
    Raises HttpError (400) with the error and its place.
    """
    what = name or "The request body"
    if not text.strip():
        abort(HTTPStatus.BAD_REQUEST, f"{what} is empty; it must be a JSON object.")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        _refuse_half_pair(text, name)
        place = f"line {error.lineno} column {error.colno}"
        abort(HTTPStatus.BAD_REQUEST, f"{what} is not valid JSON: {error.msg}, {place}.")
    depth, members, values = _measure(value)
    if depth > max_depth:
        abort(HTTPStatus.BAD_REQUEST, f"{what} is nested {depth} levels deep; at most {max_depth} are allowed.")
    if values > MAX_JSON_VALUES:
        abort(HTTPStatus.BAD_REQUEST, f"{what} contains {values} values; at most {MAX_JSON_VALUES} are allowed.")
    # Each colon outside a string belongs to one member: if the value has fewer members, a key is repeated.
    if STRING.sub(b"", text).count(b":") != members:
        _refuse_repeated_key(text, what)
    return value


def _measure(value: object) -> tuple[int, int, int]:
    """Return the depth of `value`, the number of members of all its objects, and the number of its values."""
    depth = members = values = 0
    level = [value]
    while True:
        below: list[object] = []
        for current in level:
            if isinstance(current, dict):
                members += len(current)
                below.extend(current.values())
            elif isinstance(current, list):
                below.extend(current)
        if not below:
            return depth, members, values
        values += len(below)
        depth += 1
        level = below


def _refuse_repeated_key(text: bytes, what: str) -> None:
    """Report the first key that occurs twice in one object. Raises HttpError (400) if there is one."""
    try:
        json.loads(text, object_pairs_hook=unique_keys)
    except RepeatedKeyError as error:
        abort(HTTPStatus.BAD_REQUEST, f"{what} has the key {error.key!r} twice in one object.")


def _refuse_half_pair(text: bytes, name: str) -> None:
    """Report the path of half a surrogate pair; the parser reports only its line and column.

    Raises HttpError (400) if there is one.
    """
    try:
        pending = [(name, json.loads(text))]
    except (ValueError, RecursionError):
        return
    while pending:
        path, value = pending.pop()
        if isinstance(value, str) and HALF_PAIR.search(value):
            # The value of a variable is an input of the operation; anywhere else, the request itself is malformed.
            code = "BAD_USER_INPUT" if path.startswith("variables.") else "BAD_REQUEST"
            message = f"{path or 'The request body'} contains half of a surrogate pair, which is not valid text."
            abort(HTTPStatus.BAD_REQUEST, message, code=code)
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending.extend((f"{path}.{key}" if path else str(key), child) for key, child in members)
