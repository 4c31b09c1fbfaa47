"""Drafts: objects that only the writers of their group see until they first leave the status DRAFT."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped, declared_attr, mapped_column, validates

from models.base import now
from models.status_transitions import HasStatus
from models.types import UtcDateTime

if TYPE_CHECKING:
    from enum import Enum

DRAFT = "DRAFT"

#: Marks columns that a record must not set, because the server sets them.
SET_BY_SERVER = {"set_by_server": True}


class HasDrafts(HasStatus):
    """An entity that only the writers of its group see until it leaves the status DRAFT.

    An object that ends as a draft stays with these writers in every status.
    """

    @declared_attr
    @classmethod
    def visible_since(cls) -> Mapped[dt.datetime | None]:
        """Return the column; a row inserted with a status that readers see is visible from then on."""
        return mapped_column(
            UtcDateTime,
            default=cls._visible_when_inserted,
            info=SET_BY_SERVER,
            doc="When the object left the status DRAFT. Null for a draft and for an object that ended as a draft: "
            "only the writers of its group see it.",
        )

    @classmethod
    def draft_ends(cls) -> list[str]:
        """Return the names of the final statuses that a draft may be given.

        Such a status alone does not say whether the row was ever shown.
        """
        (draft,) = (status for status in cls.transitions if status.name == DRAFT)
        return [each.name for each in cls.transitions if each in cls.transitions[draft] and cls.is_ended(each)]

    @classmethod
    def is_shown_in(cls, status: str) -> bool:
        """Return whether a status, by its name, says that a row was shown to its readers."""
        return status != DRAFT and status not in cls.draft_ends()

    @property
    def is_unpublished(self) -> bool:
        """Whether only the writers of its group may see the row."""
        name = self.status.name
        return name == DRAFT or (name in self.draft_ends() and self.visible_since is None)

    @classmethod
    def _visible_when_inserted(cls, context: Any) -> dt.datetime | None:
        status = context.get_current_parameters().get("status")
        name = getattr(status, "name", status)
        return now() if name and cls.is_shown_in(name) else None

    @validates("status")
    def _note_when_it_is_shown(self, _name: str, status: Enum) -> Enum:
        if status.name == DRAFT:
            self.visible_since = None
        elif self.visible_since is None and self.is_shown_in(status.name):
            self.visible_since = now()
        return status
