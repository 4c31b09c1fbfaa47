"""The rules that a change breaks: only those that judge what the change touches.

An object that was loaded, or is older than a rule, can break the rule before the change. A change that leaves the
broken part as it is must succeed, or the rest could not be corrected.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from resolvers.audit.recorder import changed_rows, is_changed
from resolvers.audit.snapshots import REDACTED
from resolvers.commands.assignment import input_name_of
from resolvers.commands.errors import INPUT
from resolvers.commands.visible_rules import as_seen, over_visible_rows
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models import Entity
    from resolvers.commands.errors import Violation
    from resolvers.commands.spec import MutationSpec, Rule
    from resolvers.commands.unit_of_work import UnitOfWork


class RuleCheck:
    """Checks the rules of one object, before and after a change of it.

    Attributes:
        sent: The API's names of the fields in the input; None if every broken rule is reported.
        touched: Those of them whose values are others than before.
    """

    def __init__(self, unit: UnitOfWork, row: Entity) -> None:
        self._unit = unit
        self._row = row
        self._standing: frozenset[Any] = frozenset()
        self.sent: frozenset[str] | None = None
        self.touched: Sequence[str] = ()

    @classmethod
    def before(cls, unit: UnitOfWork, spec: MutationSpec, row: Entity) -> RuleCheck:
        """Note which rules an object breaks before a change."""
        check = cls(unit, row)
        with unit.session.no_autoflush:
            found = check.violations((*spec.validators, *spec.invariants))
        check._standing = frozenset((each.rule, each.path) for each in found)
        return check

    def after(self, sent: Iterable[str], touched: Sequence[str]) -> RuleCheck:
        """Take the names of the fields that were sent and touched; return the check itself."""
        self.sent, self.touched = frozenset(sent), touched
        return self

    def broken(self, rules: Sequence[Rule]) -> list[Violation]:
        """Return the violations of rules that judge what the change touches, as the viewer may read them."""
        found = self.violations(rules)
        return as_seen(found, over_visible_rows(self._unit, lambda: self.violations(rules))) if found else found

    def violations(self, rules: Sequence[Rule]) -> list[Violation]:
        """Return the violations of rules that judge what the change touches, by the rows that the session has."""
        found = [violation for rule in rules for violation in rule(self._unit, self._row)]
        if self.sent is None:
            return found
        return [self._placed(each) for each in found if self._is_new(each)]

    def _is_new(self, violation: Violation) -> bool:
        return (violation.rule, violation.path) not in self._standing or _field_of(violation) in self.touched

    def _placed(self, violation: Violation) -> Violation:
        """Return a violation with the path of a field that was sent."""
        field = _field_of(violation)
        if field in {"", "reason", *(self.sent or ())}:
            return violation
        return replace(violation, path=(*INPUT, *self.touched) if len(self.touched) == 1 else INPUT)


def _field_of(violation: Violation) -> str:
    return violation.path[len(INPUT)] if len(violation.path) > len(INPUT) else ""


def touched_fields(unit: UnitOfWork, spec: MutationSpec, row: Entity, given: Mapping[str, Any]) -> list[str]:
    """Return the API's names of the fields in the input whose values in the object are others than before."""
    names = {input_name_of(spec, name): name for name in (*spec.fields, *spec.create_only)}
    links = {input_name: name for name, input_name in spec.many_to_many.items()}
    found = []
    for input_name in given:
        child = spec.children.get(input_name)
        if child:
            is_touched = any(isinstance(each, child.model) for each in changed_rows(unit.session))
        else:
            is_touched = names.get(input_name) in REDACTED or is_changed(
                row, api_name(links.get(input_name, input_name))
            )
        found += [api_name(input_name)] if is_touched else []
    return found
