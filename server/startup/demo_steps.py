"""The steps that make the fictional set of the demo, read from `data/demo/`: who sends which mutation, with what input.

A step of a file is a table. `by` names the account: a persona of `resolvers/identity/demo_personas.py` by the first
part of its email address, or the account that an earlier step made. `do` names the mutation, and the other keys are its
input. `as` names the result for later steps; without it, the result has the name of its reference, number or code.
`file` is the text of a file: the step declares its size and hash, and uploads it. `moves` is a list of changes of
status: in each, a name and the statuses one after the other; `reason` belongs to all of them.

Values have short forms, by the type of the input field:

- an id: the name of an earlier result, `name.lines.1` for its first line, or a code of the public record.
- an amount: `1200.00 EUR`.
- a day: `-10d` is ten days before the day of the first start. So the demo has late and planned work on every day.
- a time: `+14d 09:00`.
- a year or quarter: `Q+2` is that of the second quarter after the present one.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLInputObjectType, get_named_type, get_nullable_type, is_list_type

from server.config.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDER = ROOT / "data" / "demo"
DAY = re.compile(r"([+-]\d+)d")
QUARTER = re.compile(r"Q([+-]\d+)")
QUARTERS = 4
MONTHS = 3
#: The keys of a step that are not part of its input.
OWN = frozenset({"by", "do", "as", "file", "moves"})


class DemoError(Exception):
    """The demo cannot be made, started or deleted; the message says what to do."""


@dataclass(frozen=True)
class Step:
    """A mutation of the fictional set.

    Attributes:
        by: The name of the account that sends it.
        do: The name of the mutation; None for changes of status (`moves`).
        given: Its input, in short forms.
        alias: The name of its result; None for that of its reference, number or code.
        file: The text of the file that it uploads.
        moves: Names of objects, each with its statuses one after the other.
    """

    by: str
    do: str | None
    given: Mapping[str, Any]
    alias: str | None = None
    file: str | None = None
    moves: tuple[tuple[str, ...], ...] = ()


def read_steps(folder: Path = FOLDER) -> list[Step]:
    """Return the steps of all files in `folder`, in the order of their names."""
    return [step for file in sorted(folder.glob("*.toml")) for step in _steps_of(file)]


def _steps_of(file: Path) -> Iterator[Step]:
    for table in tomllib.loads(file.read_text(encoding="utf-8"))["step"]:
        given = {name: value for name, value in table.items() if name not in OWN}
        moves = tuple(tuple(move) for move in table.get("moves", ()))
        yield Step(table["by"], table.get("do"), given, table.get("as"), table.get("file"), moves)


@dataclass(frozen=True)
class ShortForms:
    """Writes values out: days from `today`, and names from the ids of `known` results."""

    today: dt.date
    known: Mapping[str, str]

    def written_out(self, kind: Any, value: Any, name: str = "") -> Any:
        """Return the value of an input field of the GraphQL type `kind`; `name` is that of the field."""
        kind = get_nullable_type(kind)
        if is_list_type(kind):
            return [self.written_out(kind.of_type, each, name) for each in value]
        if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
            return {key: self.written_out(kind.fields[key].type, each, key) for key, each in value.items()}
        return self._leaf(get_named_type(kind).name, value, name) if isinstance(value, str) else value

    def _leaf(self, kind: str, value: str, name: str) -> Any:
        if kind == "MoneyInput":
            amount, currency = value.split()
            return {"amount": amount, "currency": currency}
        if kind == "Date":
            return self.day(value).isoformat()
        if kind == "DateTime":
            day, time = value.split()
            return f"{self.day(day)}T{time}:00Z"
        if kind == "ID":
            return self.known[value]
        if kind == "Int" and (found := QUARTER.fullmatch(value)):
            year, quarter = self.year_and_quarter(int(found[1]))
            return quarter if name == "quarter" else year
        return value

    def day(self, text: str) -> dt.date:
        """Return the day that a short form, or an ISO date, means."""
        found = DAY.fullmatch(text)
        return self.today + dt.timedelta(days=int(found[1])) if found else dt.date.fromisoformat(text)

    def year_and_quarter(self, later: int) -> tuple[int, int]:
        """Return the year and the number of the quarter that is `later` quarters after the present one."""
        number = self.today.year * QUARTERS + (self.today.month - 1) // MONTHS + later
        return number // QUARTERS, number % QUARTERS + 1
