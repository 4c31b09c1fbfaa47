"""Converts integrity errors of the database into violations."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint

from models import Base
from resolvers.commands.command import all_commands
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.visible_rules import HIDDEN
from resolvers.core.naming import api_name, noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.exc import IntegrityError

    from models import Entity
    from resolvers.commands.input_fields import InputField

#: The messages of our triggers, on both engines: the rule, the field (if the rule concerns one), and a sentence.
RULE = re.compile(r"coalition rule ([a-z_]+)(?: at ([A-Za-z]+))?: ([^\n]*)")
UNIQUE_ON_SQLITE = re.compile(r"UNIQUE constraint failed: (.*)")
#: The rules of triggers about rows that the viewer possibly does not see, such as the other allocations of a
#: contribution. The rules of commands judge the same by the visible rows, with figures. So where only the database
#: refuses, hidden rows are the cause.
OF_OTHER_ROWS = frozenset(
    {
        "allocated",
        "allocations_sum",
        "approved_minutes",
        "bought",
        "contribution_currency",
        "endorsed_by",
        "framework_sum",
        "need",
        "needs_open",
        "needs_validated",
        "ordered",
        "orders_sum",
        "part_of",
        "priority_decision",
        "received_sum",
    }
)
NEEDED = Violation(
    INPUT, "needed", "Another object still refers to an object that this change removes. Remove that reference first."
)
CIRCLE = Violation(
    INPUT, "circle", "An object would refer to itself, or two of them to each other. Choose another object."
)
CONTRADICTION = Violation(INPUT, "constraint", "The values contradict each other. Check their combination.")


def violation_of(
    error: IntegrityError,
    model: type[Entity],
    fields: Sequence[InputField] = (),
    values: Mapping[str, Any] = MappingProxyType({}),
) -> Violation:
    """Return the violation for an integrity error of a change.

    Args:
        error: The error of the database.
        model: The type of the object that the command changes.
        fields: The fields of its input.
        values: The values that the caller sent, by the Python names of the fields.
    """
    text = str(error.orig)
    if found := RULE.search(text):
        own = Violation((*INPUT, found[2]) if found[2] else INPUT, found[1], found[3])
        return HIDDEN if own.rule in OF_OTHER_ROWS else own
    if found := UNIQUE_ON_SQLITE.search(text):
        table, *_ = found[1].split(".")
        return _taken(model, table, [column.rpartition(".")[2] for column in found[1].split(", ")], fields, values)
    # With row-level security, PostgreSQL omits the columns but names the constraint.
    constraint = getattr(error.orig and error.orig.__cause__, "constraint_name", None)
    if constraint in _unique_keys():
        return _taken(model, *_unique_keys()[constraint], fields, values)
    return NEEDED if "FOREIGN KEY" in text or constraint in _foreign_keys() else CONTRADICTION


def breaks_a_rule(error: IntegrityError) -> bool:
    """Return whether a trigger refused the change, by a rule that a command can judge with figures."""
    return RULE.search(str(error.orig)) is not None


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


def _taken(
    model: type[Entity], table: str, columns: Sequence[str], fields: Sequence[InputField], values: Mapping[str, Any]
) -> Violation:
    """Return the violation of a unique key, with the field that the caller sent; the database names columns only."""
    if table != model.__tablename__:
        return _taken_in_list(table, columns, fields, values)
    known = {each.name for command in all_commands() if command.model is model for each in command.fields}
    names = [name for name in columns if name in known]
    sent = [name for name in names if name in values][-1:]
    path = (*INPUT, *map(api_name, sent))
    if len(names) == 1:
        return Violation(path, "unique", f"This {api_name(names[0])} is already in use. Choose another value.")
    advice = f"Choose another {api_name(sent[0])}." if sent else "Choose other values."
    return Violation(path, "unique", f"Another {noun(model.__name__)} has {_same(names)}. {advice}")


def _taken_in_list(
    table: str, columns: Sequence[str], fields: Sequence[InputField], values: Mapping[str, Any]
) -> Violation:
    """Return the violation of a unique key of child objects: the database does not say of which one."""
    owned = next((each for each in fields if each.item_fields and _table(each) == table), None)
    known = {each.name for each in owned.item_fields} if owned else set()
    names = [name for name in columns if name in known]
    if owned is None or not names:
        return Violation(INPUT, "unique", f"Another object has {_same(names)}. Choose other values.")
    earlier: set[Any] = set()
    for place, item in enumerate(values.get(owned.name) or ()):
        value = tuple(item.get(name) for name in names)
        if value in earlier:
            path = (*INPUT, owned.api_name, str(place), api_name(names[-1]))
            message = f"An earlier item of {owned.api_name} has {_same(names)}. Send it once."
            return Violation(path, "unique", message)
        earlier |= {value} if None not in value else set()
    message = f"An item of {owned.api_name} has {_same(names)} as another object. Choose another value."
    return Violation((*INPUT, owned.api_name), "unique", message)


def _table(field: InputField) -> Any:
    return getattr(field.target, "__tablename__", None)


def _same(names: Sequence[str]) -> str:
    *first, last = map(api_name, names or ["values"])
    return f"the same {', '.join(first)} and {last}" if first else f"the same {last}"
