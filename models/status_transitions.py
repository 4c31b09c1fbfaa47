"""Status changes: which are legal, and which may be asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import String, case, literal
from sqlalchemy.ext.hybrid import hybrid_property

from models.sql_functions import json_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Mapped


class HasStatus:
    """Gives an entity with a status its legal changes.

    Attributes:
        transitions: To which statuses each status may change.
        automatic_statuses: The statuses that follow from other changes and are never asked for.
    """

    transitions: ClassVar[Mapping[Any, frozenset[Any]]]
    automatic_statuses: ClassVar[frozenset[Any]] = frozenset()

    if TYPE_CHECKING:
        status: Mapped[Any]

    @classmethod
    def requestable_from(cls, status: Enum, *barred: Enum) -> list[Enum]:
        """Give the statuses that may be asked for from `status` but those `barred`, in the order of their enum."""
        legal = cls.transitions[status] - cls.automatic_statuses - {*barred}
        return [each for each in type(status) if each in legal]

    def allowed_transitions(self) -> list[Enum]:
        """Return the statuses that may be requested for this row; where that depends on more than its status, override.

        `transition_cases` says the same in SQL, so override both.
        """
        return self.requestable_from(self.status)

    @classmethod
    def transition_cases(cls) -> list[tuple[ColumnElement[bool], list[Enum]]]:
        """Return conditions on a row, each with the statuses that may be requested where it is the first to hold."""
        return cases_by_status(cls)

    @hybrid_property
    def available_transitions(self) -> list[str]:
        """Statuses it may be changed to from here; those that follow by themselves are left out."""
        return [status.name for status in self.allowed_transitions()]

    @available_transitions.inplace.expression
    @classmethod
    def _available_transitions(cls) -> Any:
        return json_value(case(*((condition, _names(statuses)) for condition, statuses in cls.transition_cases())))


def cases_by_status(entity: type[HasStatus]) -> list[tuple[ColumnElement[bool], list[Enum]]]:
    """Return a condition for each status, with the statuses that may be requested from it."""
    return [(entity.status == status, entity.requestable_from(status)) for status in entity.transitions]


def _names(statuses: list[Enum]) -> Any:
    return literal(json.dumps([each.name for each in statuses]), String())
