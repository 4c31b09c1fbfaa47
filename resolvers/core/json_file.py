"""Reads an operator's JSON files strictly. Each error is a message of one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from resolvers.core.json_objects import RepeatedKeyError, unique_keys

if TYPE_CHECKING:
    from pathlib import Path


def read_json(path: Path, fault: type[ValueError]) -> object:
    """Return the JSON value in the file at `path`.

    Raises `fault` if the file cannot be read, is not UTF-8, is not JSON, or has a key twice in one object. The message
    is one line and names the file and the place.
    """
    try:
        return _parse(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        message = f"{path}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
    except RecursionError:
        message = f"{path}: nested too deeply to be read"
    except RepeatedKeyError as error:
        message = f"{path}: {show(error.key)} occurs twice in one object, the second time with {show(error.value)}"
    except ValueError as error:
        message = f"{path}: {error}"
    raise fault(message)


def _parse(text: str) -> object:
    return json.loads(text, object_pairs_hook=unique_keys, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


#: The maximum length of a quoted value in a message.
MAX_SHOWN = 60


def show(value: object) -> str:
    """Return a JSON value for a message: one line of printable characters, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
