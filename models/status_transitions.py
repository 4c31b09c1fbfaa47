"""Status changes: which are legal, and which may be asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sqlalchemy import String, and_, case, literal
from sqlalchemy.ext.hybrid import hybrid_property

from models.sql_functions import json_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    from sqlalchemy.orm import Mapped


class ConditionalTransition(NamedTuple):
    """Where the ways part: `those` is for rows whose `attribute` has the `value`, `others` for all the others."""

    attribute: str
    value: Enum
    those: Enum
    others: Enum


class HasStatus:
    """Gives an entity with a status its legal changes.

    Attributes:
        transitions: To which statuses each status may change.
        automatic_statuses: The statuses that follow from other changes and are never asked for.
        conditional: Statuses from which some go one way and all others another.
    """

    transitions: ClassVar[Mapping[Any, frozenset[Any]]]
    automatic_statuses: ClassVar[frozenset[Any]] = frozenset()
    conditional: ClassVar[Mapping[Any, ConditionalTransition]] = {}

    if TYPE_CHECKING:
        status: Mapped[Any]

    @classmethod
    def requestable_from(cls, status: Enum, *barred: Enum) -> list[Enum]:
        """Give the statuses that may be asked for from `status` but those `barred`, in the order of their enum."""
        legal = cls.transitions[status] - cls.automatic_statuses - {*barred}
        return [each for each in type(status) if each in legal]

    def allowed_transitions(self) -> list[Enum]:
        """Give the statuses that may be asked for of this one as it stands."""
        fork = self.conditional.get(self.status)
        if fork is None:
            return self.requestable_from(self.status)
        return self.requestable_from(
            self.status, fork.others if getattr(self, fork.attribute) is fork.value else fork.those
        )

    @hybrid_property
    def available_transitions(self) -> list[str]:
        """Statuses it may be changed to from here; those that follow by themselves are left out."""
        return [status.name for status in self.allowed_transitions()]

    @available_transitions.inplace.expression
    @classmethod
    def _available_transitions(cls) -> Any:
        whens = []
        for status in cls.transitions:
            fork = cls.conditional.get(status)
            if fork:
                those = and_(cls.status == status, getattr(cls, fork.attribute) == fork.value)
                whens.append((those, _names(cls.requestable_from(status, fork.others))))
            whens.append((cls.status == status, _names(cls.requestable_from(status, *([fork.those] if fork else [])))))
        return json_value(case(*whens))


def _names(statuses: list[Enum]) -> Any:
    return literal(json.dumps([each.name for each in statuses]), String())
