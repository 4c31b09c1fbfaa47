"""Status transitions: the legal changes, and the changes that clients may request."""

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
    """Mixin for entities with a status and legal transitions.

    Attributes:
        transitions: The legal next statuses of each status.
        automatic_statuses: The statuses that only the system sets; clients cannot request them.
        reopens: The pairs of statuses whose transition reopens an ended object; it requires a reason and the permission
            to decide.
    """

    transitions: ClassVar[Mapping[Any, frozenset[Any]]]
    automatic_statuses: ClassVar[frozenset[Any]] = frozenset()
    reopens: ClassVar[frozenset[tuple[Any, Any]]] = frozenset()

    if TYPE_CHECKING:
        status: Mapped[Any]

    @classmethod
    def is_ended(cls, status: Enum) -> bool:
        """Return whether an object with this status can no longer change, unless it is reopened."""
        return all((status, to) in cls.reopens for to in cls.transitions[status])

    @classmethod
    def requestable_from(cls, status: Enum, *barred: Enum) -> list[Enum]:
        """Return the statuses that clients may request from `status`, except `barred`, in the order of the enum."""
        legal = cls.transitions[status] - cls.automatic_statuses - {*barred}
        return [each for each in type(status) if each in legal]

    def allowed_transitions(self) -> list[Enum]:
        """Return the statuses that clients may request for this row.

        Override this method and its SQL form `transition_cases` if the result depends on more than the status.
        """
        return self.requestable_from(self.status)

    @classmethod
    def transition_cases(cls) -> list[tuple[ColumnElement[bool], list[Enum]]]:
        """Return pairs of a SQL condition and the statuses that clients may request; the first match applies."""
        return cases_by_status(cls)

    @hybrid_property
    def available_transitions(self) -> list[str]:
        """Statuses that a client may request next; statuses that the system sets are not included."""
        return [status.name for status in self.allowed_transitions()]

    @available_transitions.inplace.expression
    @classmethod
    def _available_transitions(cls) -> Any:
        return json_value(case(*((condition, _names(statuses)) for condition, statuses in cls.transition_cases())))


def cases_by_status(entity: type[HasStatus]) -> list[tuple[ColumnElement[bool], list[Enum]]]:
    """Return for each status a SQL condition and the statuses that clients may request from it."""
    return [(entity.status == status, entity.requestable_from(status)) for status in entity.transitions]


def _names(statuses: list[Enum]) -> Any:
    return literal(json.dumps([each.name for each in statuses]), String())
