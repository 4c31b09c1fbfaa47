"""Rules over what the viewer sees: a refusal never says what a hidden object is, or how much it counts.

The rules of commands read all rows, because a sum must hold for all. A rule that is broken is evaluated once
more over the visible rows only. What it says then is the message. If it is not broken then, the hidden rows break it,
and the message is one neutral sentence, the same for every rule and every type.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import inspect

from models import Entity
from resolvers.access.visibility import OPEN, is_part, visibility_parents
from resolvers.commands.errors import INPUT, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from resolvers.commands.unit_of_work import UnitOfWork

Result = TypeVar("Result")

#: What a refusal says if only objects that the viewer does not see refuse the change.
HIDDEN = Violation(
    INPUT,
    "hidden",
    "Objects that you may not see do not allow this change. Ask the chair of its group, or a lead.",
)


def as_seen(found: Sequence[Violation], seen: Sequence[Violation]) -> list[Violation]:
    """Return the violations as the viewer may read them.

    Args:
        found: The violations over all rows.
        seen: The violations over the visible rows.
    """
    known: dict[Any, list[Violation]] = defaultdict(list)
    for each in seen:
        known[each.rule, each.path].append(each)
    said = [each for one in found for each in ([one] if one in seen else known.get((one.rule, one.path), [HIDDEN]))]
    return [*dict.fromkeys(said)]


def over_visible_rows(unit: UnitOfWork, evaluate: Callable[[], Result]) -> Result:
    """Return what `evaluate` returns over the rows that the viewer sees.

    What it loads itself is complete. Then it is called again, without the hidden rows in that.
    """
    session = unit.session
    held: list[Any] = []
    with session.no_autoflush:
        while True:
            # Held, because the session holds its objects weakly.
            held = [*session.identity_map.values(), *session.new]
            before = sum(len(inspect(each).dict) for each in held)
            with _only_visible(unit, held):
                unit.only_visible = True
                try:
                    found = evaluate()
                finally:
                    unit.only_visible = False
            after = sum(len(inspect(each).dict) for each in (*session.identity_map.values(), *session.new))
            if after == before:
                return found


@contextmanager
def _only_visible(unit: UnitOfWork, rows: Sequence[Any]) -> Iterator[None]:
    """Take hidden rows out of the loaded relations of the given rows, until the block ends; nothing counts as changed.

    The values are replaced below SQLAlchemy's instrumentation, which would record a change.
    """
    hidden = _hidden(unit, rows)
    lists: list[tuple[list[Any], list[Any]]] = []
    references: list[tuple[dict[str, Any], dict[str, Any]]] = []
    try:
        for row in (each for each in rows if id(each) not in hidden) if hidden else ():
            values = inspect(row).dict
            for each in _lists(row, values):
                if any(id(target) in hidden for target in each):
                    lists.append((each, [*each]))
                    list.__setitem__(each, slice(None), [target for target in each if id(target) not in hidden])
            if cleared := _cleared(row, values, hidden):
                references.append((values, {name: values[name] for name in cleared}))
                values.update(dict.fromkeys(cleared))
        yield
    finally:
        for each, originals in lists:
            list.__setitem__(each, slice(None), originals)
        for values, cleared_values in references:
            values.update(cleared_values)


def _hidden(unit: UnitOfWork, rows: Sequence[Any]) -> set[int]:
    """Return the identities of the stored rows that the viewer does not see."""
    # Only accounts run commands.
    stored = [row for row in rows if isinstance(row, Entity) and type(row) not in OPEN and inspect(row).persistent]
    known: dict[Any, bool] = {}
    _ask(unit, [row for row in stored if not is_part(type(row))], known)
    # The parts are known by their parents, without a statement, if these are loaded.
    parts = [row for row in stored if is_part(type(row))]
    while deduced := {
        row: hidden for row in parts if row not in known and (hidden := _by_parents(row, known)) is not None
    }:
        known |= deduced
    _ask(unit, [row for row in parts if row not in known], known)
    return {id(row) for row, is_hidden in known.items() if is_hidden}


def _ask(unit: UnitOfWork, rows: Sequence[Any], known: dict[Any, bool]) -> None:
    by_type: dict[type[Any], list[Any]] = defaultdict(list)
    for row in rows:
        by_type[type(row)].append(row)
    for of_type in by_type.values():
        hidden = {*unit.not_visible(of_type)}
        known |= {row: row in hidden for row in of_type}


def _by_parents(row: Any, known: dict[Any, bool]) -> bool | None:
    """Return whether a part is hidden because one of its parents is; None if a parent is not known."""
    mapper, session = inspect(type(row)), inspect(row).session
    found = []
    for name in visibility_parents(type(row)):
        relation = mapper.relationships[name]
        ((local, _),) = relation.local_remote_pairs or []
        key = getattr(row, mapper.get_property_by_column(local).key)
        parent = session.identity_map.get(relation.mapper.identity_key_from_primary_key((key,))) if key else None
        if key:
            found.append(known.get(parent))
    return None if None in found else any(found)


def _lists(row: Any, values: dict[str, Any]) -> list[list[Any]]:
    """Return the loaded lists of a row."""
    return [
        found for relation in inspect(type(row)).relationships if isinstance(found := values.get(relation.key), list)
    ]


def _cleared(row: Any, values: dict[str, Any], hidden: set[int]) -> set[str]:
    """Return the names of the references of a row to hidden rows, and of the columns that hold their keys."""
    mapper = inspect(type(row))
    found: set[str] = set()
    for relation in mapper.relationships:
        if relation.key in values and id(values[relation.key]) in hidden:
            keys = [column for column in relation.local_columns if column.foreign_keys and column.nullable]
            found |= {relation.key, *(mapper.get_property_by_column(column).key for column in keys)}
    return found & {*values}
