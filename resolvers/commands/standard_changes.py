"""The three changes that every writable type has: it is made, its fields are changed, its status is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Marking, Staged
from models.base import now
from resolvers.access.permissions import Action, owning_group
from resolvers.audit.recorder import differs
from resolvers.commands.assignment import fill, input_name_of
from resolvers.commands.errors import INPUT, ConflictError, ForbiddenError, ValidationError, Violation
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from enum import Enum

    from models import Entity
    from resolvers.commands.spec import Rule, Writing
    from resolvers.commands.unit_of_work import Unit

#: How far each marking lets something be passed on, the farthest first.
WIDEST_FIRST = list(Marking)

#: Relations by which an object is shown to more people.
SHARING = frozenset({"shared_with", "recipients"})


def create(unit: Unit, writing: Writing, values: Mapping[str, Any]) -> Entity:
    """Make an object. Raises RefusalError."""
    row = writing.model(id=unit.new_key)
    if isinstance(row, Staged):
        # The database would give it too late: the checks ask for it before anything is written.
        columns: Any = inspect(writing.model).columns
        row.status = columns["status"].default.arg
    fill(unit, writing, row, values)
    unit.session.add(row)
    _lock(unit, writing, row)
    unit.require(Action.CREATE, row)
    if getattr(row, "shared_with", None):
        unit.require(Action.SHARE, row)
    settle(unit, writing, row)
    return row


def update(unit: Unit, writing: Writing, values: Mapping[str, Any]) -> Entity:
    """Change the fields of an object that are given. Raises RefusalError."""
    row: Entity = find_held(unit, writing, values)
    given = {name: value for name, value in values.items() if name not in {"id", "expected_version", "reason"}}
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    _refuse_ended(row)
    _refuse_sealed(writing, row, given)
    marking, owner = getattr(row, "marking", None), owning_group(row)
    # To take an object into a group of one's own gives no right to what its group has to decide.
    before = {action: unit.why_not(action, row) for action in (Action.SHARE, Action.MARK_LOWER)}
    fill(unit, writing, row, given)
    _lock(unit, writing, row)
    unit.require(Action.UPDATE, row)
    asked = set(_asked_by(writing, given, row, marking))
    for action in asked:
        unit.require(action, row)
    if owning_group(row) != owner:
        # Another group is shown it, for good.
        asked.add(Action.SHARE)
    if reason := next((before[action] for action in asked if before[action]), None):
        raise ForbiddenError(reason)
    if Action.MARK_LOWER in asked:
        _require_reason(unit, "its marking is lowered")
    # A change of what it owns is a change of it, too; what asks for what is there already changes nothing.
    if differs(unit.session):
        row.updated_at = now()
    settle(unit, writing, row)
    return row


def _asked_by(writing: Writing, given: Mapping[str, Any], row: Entity, was: Marking | None) -> Iterator[Action]:
    """Give what an update does beyond changing fields, `was` being the marking from before."""
    if SHARING & {name for name, input_name in writing.links.items() if input_name in given}:
        yield Action.SHARE
    if was and WIDEST_FIRST.index(getattr(row, "marking")) < WIDEST_FIRST.index(was):  # noqa: B009 - not all are marked
        yield Action.MARK_LOWER


def transition(unit: Unit, writing: Writing, values: Mapping[str, Any]) -> Entity:
    """Change the status of an object. Raises RefusalError."""
    row = find_held(unit, writing, values)
    to: Enum = values["to"]
    unit.require(Action.DECIDE if to in writing.decided else Action.TRANSITION, row)
    check_version(row, values["expected_version"])
    may_become = row.may_become()
    if to not in may_become:
        names = ", ".join(status.name for status in may_become) or "none"
        if to in row.followed:
            message = f"{to.name} follows from other changes and is not asked for; from here one may ask for: {names}."
        else:
            message = f"From {row.status.name} it cannot become {to.name}; from here one may ask for: {names}."
        code = "transition"
        raise ValidationError.at(code, message, "to")
    row.status = to
    settle(unit, writing, row)
    changed: Entity = row
    return changed


def settle(unit: Unit, writing: Writing, row: Entity) -> None:
    """Hold an object to its rules, and let follow what follows from it. Raises RefusalError."""
    _hold(unit, writing.checks, row)
    for step in writing.ahead:
        step(unit, row)
    unit.session.flush()
    _hold(unit, writing.rules, row)
    for consequence in writing.consequences:
        consequence(unit, row)
    unit.session.flush()
    if not unit.sees(row):
        message = "After this you would not see it yourself: choose another marking or group, or name yourself."
        code = "visible"
        raise ValidationError.at(code, message)


def _hold(unit: Unit, rules: Sequence[Rule], row: Entity) -> None:
    broken = [violation for rule in rules for violation in rule(unit, row)]
    if broken:
        raise ValidationError(broken)


def advance(row: Staged, to: Enum) -> bool:
    """Move an object's status to one that follows from other changes, through legal steps that follow as well.

    Gives whether it stands there now; where no such steps lead there it stays as it is.
    """
    reached: list[Any] = [row.status]
    for status in reached:
        reached += [each for each in row.transitions[status] if each in row.followed and each not in reached]
    if to in reached:
        row.status = to
    return row.status is to


def find_held(unit: Unit, writing: Writing, values: Mapping[str, Any]) -> Any:
    """Give the object that an input names by its `id`, held with what guards it. Raises NotFoundError."""
    row = unit.find(writing.model, values["id"])
    _lock(unit, writing, row)
    return row


def _lock(unit: Unit, writing: Writing, row: Entity) -> None:
    found: list[Any] = [row]
    for guard in writing.guards:
        if not isinstance(guard, str):
            found += guard(unit, row)
            continue
        reached: list[Any] = [row]
        for name in guard.split("."):
            reached = [target for each in reached for target in _targets(each, name)]
        found += reached
    unit.lock(*{each for each in found if each is not None and inspect(each).persistent})


def _targets(row: Entity, relation: str) -> list[Any]:
    target = getattr(row, relation)
    return [] if target is None else list(target) if isinstance(target, list) else [target]


def check_version(row: Entity, expected: int) -> None:
    """Go on only where an object stands as whoever changes it read it. Raises ConflictError."""
    if row.version != expected:
        message = f"It was changed since you read it: it is at version {row.version} now. Read it again, then decide."
        raise ConflictError(
            message, (*INPUT, "expectedVersion"), current=(type(row).__name__, row.id), current_version=row.version
        )


def _refuse_ended(row: Entity) -> None:
    if isinstance(row, Staged) and not row.transitions[row.status]:
        message = f"It is {row.status.name} and no longer changes."
        code = "ended"
        raise ValidationError.at(code, message, "id")


def _refuse_sealed(writing: Writing, row: Entity, given: Mapping[str, Any]) -> None:
    status = getattr(row, "status", None)
    names = {input_name_of(writing, name) for name in writing.sealed.get(status, ())} if status else set()
    message = f"It is {status.name}: this no longer changes." if status else ""
    broken = [Violation((*INPUT, api_name(name)), "sealed", message) for name in given if name in names]
    if broken:
        raise ValidationError(broken)


def _require_reason(unit: Unit, why: str) -> None:
    if not unit.reason:
        code, message = "reason", f"Say why {why}."
        raise ValidationError.at(code, message, "reason")
