"""Entries that correct earlier ones."""

from __future__ import annotations

from tests.state_machine.model import Row, hold


def correct(entries: list[Row], number: int | None, column: str, amount: int) -> None:
    """Refuse a correction of a correction, and corrections that exceed the entry."""
    if number is not None:
        entry = next(each for each in entries if each["number"] == number)
        rest = entry[column] + sum(each[column] for each in entries if each["corrects"] == number) + amount
        hold(entry["corrects"] is None and rest * entry[column] >= 0)
