"""What the database says when it refuses a change because of a rule that it holds itself."""

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

#: What triggers of ours say, in both engines: the rule, the field it is about where that is one, and a sentence.
RULE = re.compile(r"coalition rule ([a-z_]+)(?: at ([A-Za-z]+))?: ([^\n]*)")
UNIQUE_ON_SQLITE = re.compile(r"UNIQUE constraint failed: (.*)")
NEEDED = Violation(INPUT, "needed", "Something that is to go, or to change, is still needed by others.")
CONTRADICTION = Violation(INPUT, "constraint", "The values do not go together: mend what contradicts itself.")


def violation_of(error: IntegrityError, model: type[Entity]) -> Violation:
    """Give the rule that the database held against a change of a `model`, in the words of the contract if known."""
    text = str(error.orig)
    if found := RULE.search(text):
        return Violation((*INPUT, found[2]) if found[2] else INPUT, found[1], found[3])
    if found := UNIQUE_ON_SQLITE.search(text):
        table, *_ = found[1].split(".")
        return _taken(model, table, [column.rpartition(".")[2] for column in found[1].split(", ")])
    # PostgreSQL tells no columns where row-level policies are on, but it names the constraint.
    constraint = getattr(error.orig and error.orig.__cause__, "constraint_name", None)
    if constraint in _unique_keys():
        return _taken(model, *_unique_keys()[constraint])
    return NEEDED if "FOREIGN KEY" in text or constraint in _foreign_keys() else CONTRADICTION


@cache
def _unique_keys() -> dict[str, tuple[str, list[str]]]:
    """Give the table and the columns of each unique index or constraint."""
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
    message = f"Another one has this {' and '.join(names)} already."
    if table != model.__tablename__:
        # In what belongs to the object; in which of them the database does not say.
        owns = next((each.children for each in mutation_specs() if each.model is model), {})
        path = [api_name(name) for name, owned in owns.items() if owned.model.__tablename__ == table]
        return Violation((*INPUT, *path), "unique", message)
    return Violation((*INPUT, names[0]) if len(names) == 1 else INPUT, "unique", message)
