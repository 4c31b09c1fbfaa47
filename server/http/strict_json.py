"""JSON as the standard has it, and nothing that merely resembles it.

The parser refuses what is not JSON: a byte order mark, NaN, bytes that are not
UTF-8, half a surrogate pair, a number that no float holds, a thousand brackets.
Here stands what it lets through, or says too little about.
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
    """Give the value of one strict JSON text, nested at most `max_depth` levels.

    `name` is the parameter the text was sent as, empty for the body of a request.
    Raises HttpError (400) that names what is wrong, and where.
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
        abort(HTTPStatus.BAD_REQUEST, f"{what} holds {values} values; at most {MAX_JSON_VALUES} are allowed.")
    # Each colon outside a string stands for one member: fewer in the value means that one replaced another.
    if STRING.sub(b"", text).count(b":") != members:
        _refuse_repeated_key(text, what)
    return value


def _measure(value: object) -> tuple[int, int, int]:
    """Give how deep `value` is nested, how many members its objects have in all, and how many values it holds."""
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
    """Name the first key that occurs twice in one object. Raises HttpError (400) where there is one."""
    try:
        json.loads(text, object_pairs_hook=unique_keys)
    except RepeatedKeyError as error:
        abort(HTTPStatus.BAD_REQUEST, f"{what} has the key {error.key!r} twice in one object.")


def _refuse_half_pair(text: bytes, name: str) -> None:
    """Name the place of half a surrogate pair, which the parser counts but cannot name.

    Raises HttpError (400) where there is one.
    """
    try:
        pending = [(name, json.loads(text))]
    except (ValueError, RecursionError):
        return
    while pending:
        path, value = pending.pop()
        if isinstance(value, str) and HALF_PAIR.search(value):
            # The value of a variable is an input of the operation; anywhere else the request itself is broken.
            code = "BAD_USER_INPUT" if path.startswith("variables.") else "BAD_REQUEST"
            message = f"{path or 'The request body'} holds half of a surrogate pair, which is no text."
            abort(HTTPStatus.BAD_REQUEST, message, code=code)
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending.extend((f"{path}.{key}" if path else str(key), child) for key, child in members)
