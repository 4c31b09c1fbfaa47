"""Files of JSON that an operator hands over: read strictly, and refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from resolvers.core.json_objects import RepeatedKeyError, unique_keys

if TYPE_CHECKING:
    from pathlib import Path


def read_json(path: Path, fault: type[ValueError]) -> object:
    """Give the value in the file at `path`.

    Raises `fault`, whose one line names the file and the place, where it cannot be read, is not UTF-8, is not JSON,
    or has a key twice in one object.
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
        message = f"{path}: nested too deep to be read"
    except RepeatedKeyError as error:
        message = f"{path}: {show(error.key)} stands twice in one object, with {show(error.value)} as the second"
    except ValueError as error:
        message = f"{path}: {error}"
    raise fault(message)


def _parse(text: str) -> object:
    return json.loads(text, object_pairs_hook=unique_keys, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


#: How much of a bad value a message shows.
MAX_SHOWN = 60


def show(value: object) -> str:
    """Give a value of a file as JSON for a message: one line, not long, and fit to print."""
    text = json.dumps(value, ensure_ascii=False)
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
