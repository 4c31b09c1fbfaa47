"""Status transitions: the legal changes, and the changes that clients may request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

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
    def status_type(cls) -> type[Enum]:
        """Return the enum of the statuses."""
        return type(next(iter(cls.transitions)))

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

        Override this method if the result depends on more than the status.
        """
        return self.requestable_from(self.status)
