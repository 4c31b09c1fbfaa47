"""JSON as the standard has it, and nothing that merely resembles it.

The parser refuses what is not JSON: a byte order mark, NaN, bytes that are not
UTF-8, half a surrogate pair, a number that no float holds, a thousand brackets.
Here stands what it lets through, or says too little about.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from server.http.errors import abort

if TYPE_CHECKING:
    from typing import Any

#: Each is looked at several times on its way to the database, while others wait.
MAX_VALUES = 10_000

STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
HALF_PAIR = re.compile("[\ud800-\udfff]")


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
    if values > MAX_VALUES:
        abort(HTTPStatus.BAD_REQUEST, f"{what} holds {values} values; at most {MAX_VALUES} are allowed.")
    # Each colon outside a string stands for one member: fewer in the value means that one replaced another.
    if STRING.sub(b"", text).count(b":") != members:
        abort(HTTPStatus.BAD_REQUEST, f"{what} has the key {_repeated_key(text)!r} twice in one object.")
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


def _repeated_key(text: bytes) -> str:
    repeated: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        repeated.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)

    json.loads(text, object_pairs_hook=note)
    return repeated[0]


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
