"""Whether the servers answer the same: their answers without what each says in its own way."""

from __future__ import annotations

import json
from typing import Any

#: The bound of a page is each server's own, and what a request costs is only told by ours.
OWN = frozenset({"endCursor"})


class DifferenceError(RuntimeError):
    """Two servers answer differently, so that their speeds say nothing about each other."""


def content(body: bytes) -> Any:
    """Give the data of an answer in the one form that those of all servers have."""
    return _plain(json.loads(body)["data"])


def compare(work: str, answers: dict[str, Any]) -> None:
    """Raise DifferenceError unless the answers, by their servers, are all the same and hold something."""
    first, *others = answers
    if not _holds_something(answers[first]):
        message = f"{work}: {first} answers with nothing."
        raise DifferenceError(message)
    for other in others:
        if answers[other] != answers[first]:
            message = f"{work}: {first} and {other} differ.\n{_start(answers[first])}\n{_start(answers[other])}"
            raise DifferenceError(message)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    # A table between two others is a row of its own where tables are what is served.
    if value.keys() == {"need"}:
        return _plain(value["need"])
    plain = {name: _plain(part) for name, part in value.items() if name not in OWN}
    for name in [name for name in plain if name.endswith("Minor")]:
        amount, currency = plain.pop(name), plain.pop(f"{name.removesuffix('Minor')}Currency")
        plain[name.removesuffix("Minor")] = f"{int(amount) / 100:.2f} {currency}"
    if isinstance(plain.get("id"), str):
        plain["id"] = plain["id"].rpartition(":")[2]
    return plain


def _holds_something(data: Any) -> bool:
    return all(bool(found) and found.get("nodes") != [] for found in data.values())


def _start(data: Any) -> str:
    return json.dumps(data)[:500]
