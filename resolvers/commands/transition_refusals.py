"""Why an object cannot have a status: what the command would say, without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from resolvers.access.permissions import Action
from resolvers.commands.broken_rules import RuleCheck
from resolvers.commands.errors import INPUT
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


def why_reasoned(unit: UnitOfWork, spec: MutationSpec, row: Any, to: Enum) -> str | None:
    """Return why a change of the status of an object must have a reason; None if it need not have one."""
    if _reopens(row, to) or not spec.reasoned_statuses.isdisjoint({to, (row.status, to)}):
        return f"it becomes {to.name}"
    return next((why for each in spec.reasoned_when if (why := each(unit, row, to))), None)


def _reopens(row: Any, to: Enum) -> bool:
    return (row.status, to) in row.reopens


class Judgement(NamedTuple):
    """Whether a request of a status succeeds.

    Attributes:
        refusal: Why it is refused; None if it succeeds, once it sends `needs_fields` and a reason.
        needs_fields: The API's names of the fields that it must send, besides the status and a reason.
    """

    refusal: str | None
    needs_fields: tuple[str, ...] = ()


def judgements_of(unit: UnitOfWork, spec: MutationSpec, rows: Sequence[Any]) -> dict[tuple[str, Enum], Judgement]:
    """Return the judgement of each status that can follow the one of each object."""
    asked = [(row, to) for row in rows for to in row.allowed_transitions()]
    found = {(row.id, to): Judgement(unit.denial_reason(required_action(spec, row, to), row)) for row, to in asked}
    broken = [
        (row, to, violations)
        for row, to in asked
        if found[row.id, to].refusal is None and (violations := _violations(unit, spec, row, to))
    ]
    if broken:
        # All at once: what the viewer does not see is taken out of all loaded objects.
        seen = over_visible_rows(unit, lambda: [_violations(unit, spec, row, to) for row, to, _ in broken])
        for (row, to, violations), left in zip(broken, seen, strict=True):
            found[row.id, to] = _judgement(spec, as_seen(violations, left))
    return found


def _judgement(spec: MutationSpec, violations: Sequence[Violation]) -> Judgement:
    """Return the judgement of the violations of a request that sends only the status."""
    fields = {*map(api_name, spec.transition_fields)}
    missing = [each.path[len(INPUT)] for each in violations if {*each.path[len(INPUT) :]} & fields]
    others = [each.message for each in violations if not {*each.path[len(INPUT) :]} & fields]
    return Judgement(" ".join(dict.fromkeys(others)) or None, tuple(dict.fromkeys(missing)))


def _violations(unit: UnitOfWork, spec: MutationSpec, row: Any, to: Enum) -> list[Violation]:
    """Return the violations of the command that is sent with this status, by the rows that the session has."""
    unit.input = {"id": row.id, "to": to}
    to_name, *fields = map(api_name, ("to", *spec.transition_fields))
    before, row.status = row.status, to
    try:
        # The status is never flushed.
        with unit.session.no_autoflush:
            return (
                RuleCheck(unit, row)
                .after([to_name, *fields], [to_name])
                .violations((*spec.validators, *spec.invariants))
            )
    finally:
        row.status = before


def describe_next(unit: UnitOfWork, spec: MutationSpec, row: Any) -> str:
    """Return which statuses an object can have next, and why it cannot have the others that could follow."""
    judged = [(to.name, *each) for (_, to), each in judgements_of(unit, spec, [row]).items()]
    allowed = [f"{to} (send {' and '.join(needs)})" if needs else to for to, reason, needs in judged if not reason]
    refused = [f" {to} is not allowed now: {reason}" for to, reason, _ in judged if reason]
    return f"Allowed statuses now: {', '.join(allowed) or 'none'}.{''.join(refused)}"
