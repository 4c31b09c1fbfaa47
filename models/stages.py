"""Status changes: which are legal, and which may be asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import String, case, literal
from sqlalchemy.ext.hybrid import hybrid_property

from models.functions import json_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    from sqlalchemy.orm import Mapped


class Staged:
    """Gives an entity with a status its legal changes.

    Attributes:
        transitions: To which statuses each status may change.
        followed: The statuses that follow from other changes and are never asked for.
    """

    transitions: ClassVar[Mapping[Any, frozenset[Any]]]
    followed: ClassVar[frozenset[Any]] = frozenset()

    if TYPE_CHECKING:
        status: Mapped[Any]

    @classmethod
    def may_ask_for(cls, status: Enum) -> list[Enum]:
        """Give the statuses that may be asked for from `status`, in the order of their enum."""
        legal = cls.transitions[status] - cls.followed
        return [each for each in type(status) if each in legal]

    @hybrid_property
    def available_transitions(self) -> list[str]:
        """Statuses it may be changed to from here; those that follow by themselves are left out."""
        return [status.name for status in self.may_ask_for(self.status)]

    @available_transitions.inplace.expression
    @classmethod
    def _available_transitions(cls) -> Any:
        names = {status: [each.name for each in cls.may_ask_for(status)] for status in cls.transitions}
        whens = [(cls.status == status, literal(json.dumps(found), String())) for status, found in names.items()]
        return json_value(case(*whens))
