"""The standard changes of every writable type: create, update and transition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import inspect

from models import HasStatus
from resolvers.access.ownership import owning_group
from resolvers.access.permissions import Action
from resolvers.audit.recorder import touch_owner
from resolvers.commands.assignment import assign_input, input_name_of
from resolvers.commands.broken_rules import RuleCheck, touched_fields
from resolvers.commands.errors import INPUT, ConflictError, ForbiddenError, ValidationError, Violation
from resolvers.commands.following import follow_facts
from resolvers.commands.marking_changes import (
    check_sharing,
    drop_sharing,
    missing_reason,
    only_raises_marking,
    require_reason,
    required_actions,
    shares_of,
)
from resolvers.commands.rules.currencies import currencies_in_use
from resolvers.commands.spec import InputSpec
from resolvers.commands.transition_refusals import describe_next, required_action, why_reasoned
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from enum import Enum

    from models import Entity, ExpertGroup
    from resolvers.commands.spec import MutationSpec, Rule
    from resolvers.commands.unit_of_work import UnitOfWork


def create(unit: UnitOfWork, spec: MutationSpec, values: Mapping[str, Any]) -> Entity:
    """Create an object. Raises CommandError."""
    row = spec.model(id=unit.new_key)
    columns: Any = inspect(spec.model).columns
    for name in {"status", "marking"} & {*columns.keys()}:
        # The database would set the default too late: the rules read both before the flush.
        setattr(row, name, columns[name].default.arg)
    assign_input(unit, spec, row, values)
    for step in spec.completed_by:
        step(unit, row)
    unit.session.add(row)
    _lock(unit, spec, row)
    _check_owner(unit, spec, row)
    unit.require(Action.CREATE, row)
    if shares_of(row):
        unit.require(Action.SHARE, row)
    check_sharing(row, values)
    validate_and_flush(unit, spec, row)
    return row


def update(unit: UnitOfWork, spec: MutationSpec, values: Mapping[str, Any]) -> Entity:
    """Change the given fields of an object. Raises CommandError."""
    row: Entity = find_and_lock(unit, spec, values)
    given = {name: value for name, value in values.items() if name not in {"id", "expected_version", "reason"}}
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    only_raised = only_raises_marking(row, given)
    rules, status = RuleCheck.before(unit, spec, row), getattr(row, "status", None)
    if not only_raised:
        _check_not_final(row)
        _check_locked_children(spec, status, given)
    before = Before.of(unit, row)
    assign_input(unit, spec, row, given)
    _lock(unit, spec, row)
    _check_owner(unit, spec, row)
    _check_permissions(unit, spec, row, given, before)
    check_sharing(row, given)
    drop_sharing(unit, row, before.marking, given, before.shares)
    # A change of a child object also changes its owner, unless some readers of the owner do not see it.
    touch_owner(row, unit.session)
    if only_raised:
        # Raising a marking must always work: other rules about the object are not checked.
        _flush_visible(unit, row)
        return row
    touched = touched_fields(unit, spec, row, given)
    changed = [name for name in given if api_name(name) in touched]
    _check_locked_fields(spec, status, changed)
    _check_reasoned_fields(unit, spec, status, changed)
    validate_and_flush(unit, spec, row, rules.after(map(api_name, given), touched))
    return row


def _check_owner(unit: UnitOfWork, spec: MutationSpec, row: Entity) -> None:
    if broken := [violation for rule in spec.owner_rules for violation in rule(unit, row)]:
        raise ValidationError(broken)


class Before(NamedTuple):
    """The state of an object before a change.

    Permissions of its first group are evaluated here: moving an object to another group must not grant them.
    """

    marking: Any
    shares: list[ExpertGroup]
    owner: str
    denials: dict[Action, str | None]

    @classmethod
    def of(cls, unit: UnitOfWork, row: Entity) -> Before:
        """Return the present state of an object."""
        denials = {action: unit.denial_reason(action, row) for action in (Action.SHARE, Action.MARK_LOWER)}
        return cls(getattr(row, "marking", None), shares_of(row), owning_group(row), denials)


def _check_permissions(
    unit: UnitOfWork, spec: MutationSpec, row: Entity, given: Mapping[str, Any], before: Before
) -> None:
    moved = owning_group(row) != before.owner
    if not moved:
        unit.require(Action.UPDATE, row)
    asked = set(required_actions(spec, given, row, before.marking))
    if moved:
        # Who may share the object may hand it over, also to a group in which they cannot write: its writers can give
        # it back. So no account needs permissions in both groups.
        asked.add(Action.SHARE)
    else:
        for action in asked:
            unit.require(action, row)
    if reason := next((before.denials[action] for action in asked if before.denials[action]), None):
        raise ForbiddenError(reason)
    if Action.MARK_LOWER in asked:
        require_reason(unit, "the marking is lowered")


def transition(unit: UnitOfWork, spec: MutationSpec, values: Mapping[str, Any]) -> Entity:
    """Change the status of an object. Raises CommandError."""
    row = find_and_lock(unit, spec, values)
    to: Enum = values["to"]
    unit.require(required_action(spec, row, to), row)
    check_version(row, values["expected_version"])
    if to not in row.allowed_transitions():
        if to in row.automatic_statuses:
            message = f"{to.name} is set automatically and cannot be requested."
        else:
            message = f"The status cannot change from {row.status.name} to {to.name}."
        code = "transition"
        raise ValidationError.at(code, f"{message} {describe_next(unit, spec, row)}", "to")
    why = why_reasoned(unit, spec, row, to)
    names = ("to", *spec.transition_fields)
    # A status says something about the whole object, so every rule counts, also one that was broken before. A field
    # that is missing is named as one that was sent.
    rules = RuleCheck(unit, row).after(map(api_name, names), [api_name(name) for name in names if name in values])
    row.status = to
    assign_input(unit, InputSpec(spec.model, spec.transition_fields, filled_in=spec.filled_in), row, values)
    if why and not unit.reason:
        # With all that is missing besides, so that one more request is enough.
        raise ValidationError([missing_reason(why), *rules.broken(spec.validators)])
    validate_and_flush(unit, spec, row, rules)
    changed: Entity = row
    return changed


def validate_and_flush(unit: UnitOfWork, spec: MutationSpec, row: Entity, rules: RuleCheck | None = None) -> None:
    """Check the rules of an object, flush it and apply its consequences. Raises CommandError.

    `rules` knows which rules the object broke before the change; without it, every broken rule rejects the change.
    """
    rules = rules or RuleCheck(unit, row)
    _check_rules(rules, (*spec.validators, currencies_in_use(spec)))
    for step in spec.before_flush:
        step(unit, row)
    unit.session.flush()
    _check_rules(rules, spec.invariants)
    for consequence in spec.after_flush:
        consequence(unit, row)
    follow_facts(unit, row)
    _flush_visible(unit, row)


def _flush_visible(unit: UnitOfWork, row: Entity) -> None:
    unit.session.flush()
    if not unit.sees(row):
        message = "You would no longer see this object. Choose another marking or group, or add yourself as recipient."
        code = "visible"
        raise ValidationError.at(code, message)


def _check_rules(check: RuleCheck, rules: Sequence[Rule]) -> None:
    broken = check.broken(rules)
    if broken:
        raise ValidationError(broken)


def find_and_lock(unit: UnitOfWork, spec: MutationSpec, values: Mapping[str, Any]) -> Any:
    """Return the object with the `id` of the input, locked with its `lock_also` rows. Raises NotFoundError."""
    row = unit.find(spec.model, values["id"])
    _lock(unit, spec, row)
    return row


def _lock(unit: UnitOfWork, spec: MutationSpec, row: Entity) -> None:
    found: list[Any] = [row]
    for guard in spec.lock_also:
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
    """Check that an object has the expected version. Raises ConflictError."""
    if row.version != expected:
        raise ConflictError.of(row, "object", "expectedVersion")


def _check_not_final(row: Entity) -> None:
    if isinstance(row, HasStatus) and row.is_ended(row.status):
        advice = " Reopen it first." if row.transitions[row.status] else ""
        message = f"The status is {row.status.name}, so the object can no longer change.{advice}"
        code = "ended"
        raise ValidationError.at(code, message, "id")


def _locked_inputs(spec: MutationSpec, status: Enum | None) -> set[str]:
    return {input_name_of(spec, name) for name in spec.locked_fields.get(status, ())} if status else set()


def _check_locked_children(spec: MutationSpec, status: Enum | None, given: Mapping[str, Any]) -> None:
    """Raise ValidationError for locked children, before they are written."""
    if _locked_inputs(spec, status) & spec.children.keys() & given.keys():
        _check_locked_fields(spec, status, [*given])


def _check_reasoned_fields(unit: UnitOfWork, spec: MutationSpec, status: Enum | None, names: Sequence[str]) -> None:
    reasoned = {input_name_of(spec, name) for name in spec.reasoned_fields.get(status, ())} if status else set()
    if status and (found := [api_name(name) for name in names if name in reasoned]):
        require_reason(
            unit, f"{' and '.join(found)} {'change' if found[1:] else 'changes'} although it is {status.name}"
        )


def _check_locked_fields(spec: MutationSpec, status: Enum | None, names: Sequence[str]) -> None:
    locked = _locked_inputs(spec, status)
    message = f"The status is {status.name}, so this field can no longer change. Omit it." if status else ""
    broken = [Violation((*INPUT, api_name(name)), "sealed", message) for name in names if name in locked]
    if broken:
        raise ValidationError(broken)
