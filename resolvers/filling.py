"""Puts the values of an input into an object: its fields, what it refers to, and what belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from resolvers.attributes import Kind, attribute
from resolvers.refusals import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Entity
    from resolvers.refusals import Violation
    from resolvers.unit import Unit
    from resolvers.writing import Owned, Writing

#: Added to the places of objects that are about to get new ones.
ASIDE = 1_000_000


def fill(unit: Unit, writing: Writing | Owned, row: Entity, values: Mapping[str, Any], *path: str) -> None:
    """Put given values into an object. Raises ValidationError for references to what is not there."""
    names = [name for name in (*writing.fixed, *writing.fields) if _input_name(writing, name) in values]
    broken: list[Violation] = []
    for name in names:
        try:
            _set(unit, row, name, values[_input_name(writing, name)], path)
        except ValidationError as error:
            broken += error.violations
    for name, input_name in writing.links.items():
        if input_name in values:
            target: Any = attribute(writing.model, name).target
            try:
                setattr(row, name, unit.refer_all(target, values[input_name], (*path, input_name)))
            except ValidationError as error:
                broken += error.violations
    if broken:
        raise ValidationError(broken)
    for name, owned in writing.owns.items():
        if name in values:
            _fill_owned(unit, owned, row, values[name], (*path, name))


def _input_name(writing: Writing | Owned, name: str) -> str:
    return f"{name}_id" if attribute(writing.model, name).kind is Kind.REFERENCE else name


def _set(unit: Unit, row: Entity, name: str, value: Any, path: Sequence[str]) -> None:
    described = attribute(type(row), name)
    if described.kind is Kind.MONEY:
        minor, currency = value or (None, None)
        setattr(row, f"{name}_minor", minor)
        setattr(row, f"{name}_currency", currency)
    elif described.kind is Kind.REFERENCE:
        target: Any = described.target
        setattr(row, name, unit.refer(target, value, (*path, f"{name}_id")) if value else None)
        # The rights are asked before anything is written.
        setattr(row, f"{name}_id", value)
    else:
        setattr(row, name, value)


def _fill_owned(
    unit: Unit, owned: Owned, owner: Entity, items: Sequence[Mapping[str, Any]], path: Sequence[str]
) -> None:
    """Make the objects that belong to one what is given: those of a known id are kept, others are new, the rest go."""
    there = {each.id: each for each in getattr(owner, path[-1])} if inspect(owner).persistent else {}
    _step_aside(unit, list(there.values()))
    kept = []
    for place, item in enumerate(items, start=1):
        at = (*path, str(place - 1))
        key = item.get("id")
        row: Any = there.get(key) if key else owned.model()
        if row is None:
            code, message = (
                "reference",
                "It belongs to none of those that are there: leave its id out to make a new one.",
            )
            raise ValidationError.at(code, message, *at, "id")
        if hasattr(owned.model, "ordinal"):
            row.ordinal = place
        fill(unit, owned, row, {name: value for name, value in item.items() if name != "id"}, *at)
        kept.append(row)
    setattr(owner, path[-1], kept)


def _step_aside(unit: Unit, rows: Sequence[Any]) -> None:
    """Give rows places that none of them is to have, so that no two meet on the way to their new ones."""
    if rows and hasattr(rows[0], "ordinal"):
        for row in rows:
            row.ordinal += ASIDE
        unit.session.flush()
