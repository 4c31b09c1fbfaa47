"""Sets the statuses that follow from facts, after every command that changes facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.status_facts import RULES, status_from_facts

if TYPE_CHECKING:
    from models import Entity
    from resolvers.commands.unit_of_work import UnitOfWork


def follow_facts(unit: UnitOfWork, row: Entity) -> None:
    """Set the statuses of the written object and of all locked objects from the facts, in both directions.

    A command locks every object whose status its change can affect (`lock_also`).
    """
    unit.session.flush()
    there: set[Any] = {row, *unit.locked}
    for kind, (_, lists) in RULES.items():
        of_kind: list[Any] = [each for each in there if isinstance(each, kind)]
        for each in sorted(of_kind, key=lambda other: str(other.id)):
            # They were possibly loaded before the change.
            unit.session.expire(each, lists)
            status = status_from_facts(each)
            if each.status is not status:
                each.status = status
