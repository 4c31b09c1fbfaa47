"""Lists of a new object that can be omitted, and that have at least one item if they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.commands.errors import INPUT, Violation
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.spec import Rule
    from resolvers.commands.unit_of_work import UnitOfWork


def lists_are_not_empty(*names: str) -> Rule:
    """Return the rule that the lists `names` of the input of a new object are omitted, or have an item."""

    def rule(unit: UnitOfWork, _row: Any) -> Iterator[Violation]:
        for name in names if "id" not in unit.input else ():
            if name in unit.input and not unit.input[name]:
                message = f"The list is empty. Send at least one item, or omit {api_name(name)}."
                yield Violation((*INPUT, api_name(name)), "empty", message)

    return rule
