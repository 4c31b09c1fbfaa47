"""Why an object cannot have a status: what the command would say, without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.access.permissions import Action
from resolvers.commands.broken_rules import RuleCheck
from resolvers.commands.visible_rules import as_seen, over_visible_rows
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from enum import Enum

    from resolvers.commands.errors import Violation
    from resolvers.commands.spec import MutationSpec
    from resolvers.commands.unit_of_work import UnitOfWork


def required_action(spec: MutationSpec, row: Any, to: Enum) -> Action:
    """Return the action that a change of the status of an object is."""
    return Action.DECIDE if _reopens(row, to) or to in spec.approval_statuses else Action.TRANSITION


def needs_reason(spec: MutationSpec, row: Any, to: Enum) -> bool:
    """Return whether a change of the status of an object must have a reason."""
    return _reopens(row, to) or not spec.reasoned_statuses.isdisjoint({to, (row.status, to)})


def _reopens(row: Any, to: Enum) -> bool:
    return (row.status, to) in row.reopens


def refusals_of(unit: UnitOfWork, spec: MutationSpec, rows: Sequence[Any]) -> dict[tuple[str, Enum], str | None]:
    """Return why each object cannot have each status that can follow its own; None if it can."""
    asked = [(row, to) for row in rows for to in row.allowed_transitions()]
    found: dict[tuple[str, Enum], str | None] = {
        (row.id, to): unit.denial_reason(required_action(spec, row, to), row) for row, to in asked
    }
    broken = [
        (row, to, violations)
        for row, to in asked
        if found[row.id, to] is None and (violations := _violations(unit, spec, row, to))
    ]
    if broken:
        # All at once: what the viewer does not see is taken out of all loaded objects.
        seen = over_visible_rows(unit, lambda: [_violations(unit, spec, row, to) for row, to, _ in broken])
        for (row, to, violations), left in zip(broken, seen, strict=True):
            found[row.id, to] = " ".join(dict.fromkeys(each.message for each in as_seen(violations, left)))
    return found


def _violations(unit: UnitOfWork, spec: MutationSpec, row: Any, to: Enum) -> list[Violation]:
    """Return the violations of the command that is sent with this status, by the rows that the session has."""
    unit.input = {"id": row.id, "to": to}
    given = [api_name("to")]
    before, row.status = row.status, to
    try:
        # The status is never flushed.
        with unit.session.no_autoflush:
            return RuleCheck(unit, row).after(given, given).violations((*spec.validators, *spec.invariants))
    finally:
        row.status = before


def describe_next(unit: UnitOfWork, spec: MutationSpec, row: Any) -> str:
    """Return which statuses an object can have next, and why it cannot have the others that could follow."""
    refusals = refusals_of(unit, spec, [row])
    names = ", ".join(to.name for (_, to), reason in refusals.items() if reason is None) or "none"
    refused = [f" {to.name} is not allowed now: {reason}" for (_, to), reason in refusals.items() if reason]
    return f"Allowed statuses now: {names}.{''.join(refused)}"
