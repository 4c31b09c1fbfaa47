"""Assigns the values of an input to an object: its fields, its references and its child objects."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import inspect

from models.sources.sources import Sourced
from resolvers.commands.errors import INPUT, ConflictError, ValidationError, Violation
from resolvers.commands.removals import still_referred_to
from resolvers.commands.source_assignment import assign_sources
from resolvers.commands.visible_rules import HIDDEN
from resolvers.core.attributes import Kind, attribute
from resolvers.core.naming import api_name
from resolvers.core.ordinals import moved_aside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Entity
    from resolvers.commands.spec import ChildSpec, InputSpec
    from resolvers.commands.unit_of_work import UnitOfWork

#: The characters of generated names, without letters that look like digits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NAME_LENGTH = 8
#: What an item of a list says about the object that it is, not about its values.
OF_THE_ITEM = {"id", "expected_version"}


def assign_input(unit: UnitOfWork, spec: InputSpec, row: Entity, values: Mapping[str, Any], *path: str) -> None:
    """Assign the given values to an object.

    Raises:
        ValidationError: a reference names an object that does not exist or that the viewer may not see, or it would
            replace a reference to such an object.
    """
    for name in spec.auto_named:
        if name not in values and inspect(row).transient:
            setattr(row, name, new_name(spec.name_prefix))
    # Children come first: they are flushed on the way, and the row itself is to be written only once.
    for name, owned in spec.children.items():
        if name in values:
            _replace_children(unit, owned, row, values[name], (*path, name))
    _assign_fields(unit, spec, row, values, path)
    if isinstance(row, Sourced) and "sources" in values:
        _check_reason_of_sources(unit, row, values["sources"])
        assign_sources(row, values["sources"])
    for fill_in in spec.filled_in:
        fill_in(row)


def _check_reason_of_sources(unit: UnitOfWork, row: Sourced, items: Sequence[Mapping[str, Any]]) -> None:
    """Check that a reason is given where a fact loses its last source. Raises ValidationError."""
    if inspect(row).persistent and row.sources and not items and not unit.reason:
        message = f"It loses all its sources ({len(row.sources)}): give the reason, or send sources that support it."
        code = "reason"
        raise ValidationError.at(code, message, code)


def _assign_fields(
    unit: UnitOfWork, spec: InputSpec, row: Entity, values: Mapping[str, Any], path: Sequence[str]
) -> None:
    broken: list[Violation] = []
    values = {**values, **_chosen_ids(spec, values)}
    chosen = tuple(relation for one_of in spec.one_of.values() for relation in one_of.relations)
    for names, put in (((*spec.create_only, *spec.fields, *chosen), _set), (tuple(spec.many_to_many), _set_links)):
        for name in names:
            input_name = input_name_of(spec, name)
            if input_name not in values:
                continue
            try:
                put(unit, row, name, values[input_name], (*path, *_input_path(spec, name)))
            except ValidationError as error:
                broken += error.violations
    if broken:
        raise ValidationError(broken)


def new_name(prefix: str) -> str:
    """Return a random name for an object; a sequence number would disclose how many hidden objects exist."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(NAME_LENGTH))}"


def input_name_of(spec: InputSpec, name: str) -> str:
    """Return the name of the input field for an attribute."""
    if name in spec.many_to_many:
        return spec.many_to_many[name]
    if name in spec.one_of:
        return name
    return f"{name}_id" if attribute(spec.model, name).kind is Kind.REFERENCE else name


def _chosen_ids(spec: InputSpec, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the ids of the relations of each given `one_of`: that of the chosen relation, and null for the others."""
    return {
        f"{relation}_id": values[name].get(one_of.id_of(name, relation))
        for name, one_of in spec.one_of.items()
        if name in values
        for relation in one_of.relations
    }


def _input_path(spec: InputSpec, name: str) -> Sequence[str]:
    """Return the path of the input that holds an attribute."""
    for choice, one_of in spec.one_of.items():
        if name in one_of.relations:
            return choice, one_of.id_of(choice, name)
    return (input_name_of(spec, name),)


def _set(unit: UnitOfWork, row: Entity, name: str, value: Any, path: Sequence[str]) -> None:
    described = attribute(type(row), name)
    if described.kind is Kind.MONEY:
        minor, currency = value or (None, None)
        setattr(row, f"{name}_minor", minor)
        setattr(row, f"{name}_currency", currency)
    elif described.kind is Kind.REFERENCE:
        if _is_hidden(unit, row, name, value):
            if value is None:
                # As the viewer sees it, there is no reference; it stays.
                return
            raise ValidationError.at(HIDDEN.rule, HIDDEN.message, *map(api_name, path))
        target: Any = described.target
        setattr(row, name, unit.resolve_reference(target, value, path) if value else None)
        # The permission check reads the foreign key before the flush sets it.
        setattr(row, f"{name}_id", value)
    else:
        setattr(row, name, value)


def _is_hidden(unit: UnitOfWork, row: Entity, name: str, value: str | None) -> bool:
    """Return whether a reference would replace one to an object that the viewer does not see."""
    if not inspect(row).persistent or getattr(row, f"{name}_id") in {None, value}:
        return False
    return not unit.sees(getattr(row, name))


def _set_links(unit: UnitOfWork, row: Entity, name: str, keys: Sequence[str], path: Sequence[str]) -> None:
    target: Any = attribute(type(row), name).target
    # The viewer cannot remove links to objects that the viewer may not see.
    kept = unit.not_visible(getattr(row, name)) if inspect(row).persistent else []
    setattr(row, name, [*unit.resolve_references(target, keys, path), *kept])


def _replace_children(
    unit: UnitOfWork, owned: ChildSpec, owner: Entity, items: Sequence[Mapping[str, Any]], path: Sequence[str]
) -> None:
    """Replace the child objects of an owner by the given items.

    An item with the id of an existing child updates that child; an item without id creates one; every other child that
    the viewer sees is deleted, if it may be. Children that the viewer does not see stay.

    Raises:
        ValidationError: with the violations of all items.
        ConflictError: the version of an existing child is not the expected one.
    """
    there = list(getattr(owner, path[-1])) if inspect(owner).persistent else []
    hidden = unit.not_visible(there)
    rows = _match_children(owned, {row.id: row for row in there if row not in hidden}, items, path)
    _check_removals(unit, owned, [row for row in there if row not in hidden and row not in rows], path)
    kept = [row for row in rows if inspect(row).persistent]
    # Delete and move children before new ones are inserted: SQLAlchemy would insert first and break unique keys.
    setattr(owner, path[-1], [*kept, *hidden])
    if len(kept) + len(hidden) < len(there):
        unit.write_ahead()
    if hasattr(owned.model, "ordinal"):
        places = _places(rows, hidden)
        _move_aside(unit, [row for row, place in places if inspect(row).persistent and row.ordinal != place])
        for row, place in places:
            row.ordinal = place
    filled = [
        _ChildAssignment(row, item, (*path, str(place)))
        for place, (row, item) in enumerate(zip(rows, items, strict=True))
    ]
    broken = [each for one in filled if one.row in kept for each in _violations_of(unit, owned, owner, one)]
    if kept and not broken:
        unit.write_ahead()
    broken += [each for one in filled if one.row not in kept for each in _violations_of(unit, owned, owner, one)]
    if broken:
        raise ValidationError(broken)
    setattr(owner, path[-1], [*rows, *hidden])


def _check_removals(unit: UnitOfWork, owned: ChildSpec, rows: Sequence[Any], path: Sequence[str]) -> None:
    """Check that the children left out of a list may be deleted, and that a reason is given. Raises ValidationError."""
    if faults := [message for row in rows if (message := owned.stays(row))]:
        raise ValidationError([Violation((*INPUT, *map(api_name, path)), "stays", each) for each in faults])
    if referred := [*still_referred_to(unit, owned, rows, path)] if rows else []:
        raise ValidationError(referred)
    if rows and not unit.reason:
        names = api_name(path[-1])
        message = f"The list leaves out {len(rows)} of the {names}: give the reason, or send them back with their ids."
        code = "reason"
        raise ValidationError.at(code, message, code)


def _places(rows: Sequence[Any], hidden: Sequence[Any]) -> list[tuple[Any, int]]:
    """Return every row of a list with its ordinal: rows sent back in their order keep theirs, new ones come last.

    If the order is another, or a new row comes between, the list is numbered from 1. Rows that the viewer does not see
    do not change the numbers of the others: each keeps its ordinal, or moves to the end if another row has it.
    """
    known = [row.ordinal for row in rows if inspect(row).persistent]
    if all(inspect(row).persistent for row in rows[: len(known)]) and known == sorted(known):
        last = known[-1] if known else 0
        places = [*known, *range(last + 1, last + 1 + len(rows) - len(known))]
    else:
        places = list(range(1, len(rows) + 1))
    behind = max([*places, *(row.ordinal for row in hidden)], default=0)
    for row in hidden:
        place = row.ordinal
        if place in places:
            behind += 1
            place = behind
        places.append(place)
    return list(zip([*rows, *hidden], places, strict=True))


class _ChildAssignment(NamedTuple):
    """A child object, its values, and their path in the input."""

    row: Any
    item: Mapping[str, Any]
    path: tuple[str, ...]


def _violations_of(unit: UnitOfWork, owned: ChildSpec, owner: Entity, one: _ChildAssignment) -> Sequence[Violation]:
    """Assign the values of a child object and return its violations."""
    try:
        assign_input(unit, owned, one.row, {name: one.item[name] for name in one.item.keys() - OF_THE_ITEM}, *one.path)
    except ValidationError as error:
        return error.violations
    return [*owned.checked(owner, one.row, (*INPUT, *map(api_name, one.path)))]


def _match_children(
    owned: ChildSpec, known: Mapping[str, Any], items: Sequence[Mapping[str, Any]], path: Sequence[str]
) -> list[Any]:
    """Return the object for each item: the existing child with the item's id, or a new one.

    The version of the owner does not rise with a change of a child that some of its readers do not see. So those who
    see the child can expect a version of the child itself.
    """
    rows = []
    for place, item in enumerate(items):
        row = known.get(item["id"]) if item.get("id") else owned.model()
        if row is None:
            message = "No item of this list has this id. Omit the id to create a new item."
            code = "reference"
            raise ValidationError.at(code, message, *path, str(place), "id")
        expected, at = item.get("expected_version"), (*map(api_name, path), str(place), "expectedVersion")
        if expected is not None and not item.get("id"):
            code, message = "new_item", "A new item has no version. Omit expectedVersion, or send the id of an item."
            raise ValidationError.at(code, message, *at)
        if expected is not None and row.version != expected:
            raise ConflictError.of(row, "item", *at)
        rows.append(row)
    return rows


def _move_aside(unit: UnitOfWork, rows: Sequence[Any]) -> None:
    """Move rows to temporary ordinals, so that their final ordinals are free."""
    for row in rows:
        row.ordinal = moved_aside(row.ordinal)
    if rows:
        unit.write_ahead()
