"""Converts integrity errors of the database into violations."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint

from models import Base
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import mutation_specs
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.exc import IntegrityError

    from models import Entity

#: The messages of our triggers, on both engines: the rule, the field (if the rule concerns one), and a sentence.
RULE = re.compile(r"coalition rule ([a-z_]+)(?: at ([A-Za-z]+))?: ([^\n]*)")
UNIQUE_ON_SQLITE = re.compile(r"UNIQUE constraint failed: (.*)")
NEEDED = Violation(
    INPUT, "needed", "Another object still refers to an object that this change removes. Remove that reference first."
)
CIRCLE = Violation(
    INPUT, "circle", "An object would refer to itself, or two of them to each other. Choose another object."
)
CONTRADICTION = Violation(INPUT, "constraint", "The values contradict each other. Check their combination.")


def violation_of(error: IntegrityError, model: type[Entity]) -> Violation:
    """Return the violation for an integrity error of a change of `model`, with API field names if they are known."""
    text = str(error.orig)
    if found := RULE.search(text):
        return Violation((*INPUT, found[2]) if found[2] else INPUT, found[1], found[3])
    if found := UNIQUE_ON_SQLITE.search(text):
        table, *_ = found[1].split(".")
        return _taken(model, table, [column.rpartition(".")[2] for column in found[1].split(", ")])
    # With row-level security, PostgreSQL omits the columns but names the constraint.
    constraint = getattr(error.orig and error.orig.__cause__, "constraint_name", None)
    if constraint in _unique_keys():
        return _taken(model, *_unique_keys()[constraint])
    return NEEDED if "FOREIGN KEY" in text or constraint in _foreign_keys() else CONTRADICTION


@cache
def _unique_keys() -> dict[str, tuple[str, list[str]]]:
    """Return the table and the columns of each unique index or constraint."""
    found = {}
    for table in Base.metadata.sorted_tables:
        rules: list[Any] = [*table.indexes, *(each for each in table.constraints if isinstance(each, UniqueConstraint))]
        for rule in rules:
            found[str(rule.name)] = table.name, [column.name for column in rule.columns]
    return found


@cache
def _foreign_keys() -> frozenset[str]:
    rules = [rule for table in Base.metadata.sorted_tables for rule in table.constraints]
    return frozenset(str(rule.name) for rule in rules if isinstance(rule, ForeignKeyConstraint))


def _taken(model: type[Entity], table: str, columns: Sequence[str]) -> Violation:
    names = [api_name(column) for column in columns]
    message = f"This {' and '.join(names)} is already in use. Choose another value."
    if table != model.__tablename__:
        # The unique key is on a child object; the database does not say on which one.
        owns = next((each.children for each in mutation_specs() if each.model is model), {})
        path = [api_name(name) for name, owned in owns.items() if owned.model.__tablename__ == table]
        return Violation((*INPUT, *path), "unique", message)
    return Violation((*INPUT, names[0]) if len(names) == 1 else INPUT, "unique", message)
