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


class Fork(NamedTuple):
    """Where the ways part: `those` is for rows whose `attribute` has the `value`, `others` for all the others."""

    attribute: str
    value: Enum
    those: Enum
    others: Enum


class Staged:
    """Gives an entity with a status its legal changes.

    Attributes:
        transitions: To which statuses each status may change.
        followed: The statuses that follow from other changes and are never asked for.
        forks: Statuses from which some go one way and all others another.
    """

    transitions: ClassVar[Mapping[Any, frozenset[Any]]]
    followed: ClassVar[frozenset[Any]] = frozenset()
    forks: ClassVar[Mapping[Any, Fork]] = {}

    if TYPE_CHECKING:
        status: Mapped[Any]

    @classmethod
    def may_ask_for(cls, status: Enum, *barred: Enum) -> list[Enum]:
        """Give the statuses that may be asked for from `status` but those `barred`, in the order of their enum."""
        legal = cls.transitions[status] - cls.followed - {*barred}
        return [each for each in type(status) if each in legal]

    def may_become(self) -> list[Enum]:
        """Give the statuses that may be asked for of this one as it stands."""
        fork = self.forks.get(self.status)
        if fork is None:
            return self.may_ask_for(self.status)
        return self.may_ask_for(self.status, fork.others if getattr(self, fork.attribute) is fork.value else fork.those)

    @hybrid_property
    def available_transitions(self) -> list[str]:
        """Statuses it may be changed to from here; those that follow by themselves are left out."""
        return [status.name for status in self.may_become()]

    @available_transitions.inplace.expression
    @classmethod
    def _available_transitions(cls) -> Any:
        whens = []
        for status in cls.transitions:
            fork = cls.forks.get(status)
            if fork:
                those = and_(cls.status == status, getattr(cls, fork.attribute) == fork.value)
                whens.append((those, _names(cls.may_ask_for(status, fork.others))))
            whens.append((cls.status == status, _names(cls.may_ask_for(status, *([fork.those] if fork else [])))))
        return json_value(case(*whens))


def _names(statuses: list[Enum]) -> Any:
    return literal(json.dumps([each.name for each in statuses]), String())
