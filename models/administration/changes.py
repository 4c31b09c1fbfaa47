"""The feed of changes: the changed objects and fields, in the order of commits."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import HasId, now
from models.types import CODE, KEY, UtcDateTime, enum_column

#: How long a change is kept, in days.
KEPT_DAYS = 400


@unique
class ChangeKind(Enum):
    """The kind of a change."""

    CREATED = "The object was created."
    UPDATED = "Fields of the object were updated, or parts of it were removed."
    TRANSITIONED = "The status of the object was changed, possibly with other fields."


class Change(HasId):
    """A change of an object that the viewer sees now."""

    __tablename__ = "changes"

    #: Later than that of all changes committed before. It is no number: gaps would tell of hidden changes.
    at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=now, doc="When the object was changed, in the order of commits."
    )
    kind: Mapped[ChangeKind] = mapped_column(enum_column(ChangeKind, "kind"), doc="The kind of the change.")
    entity_type: Mapped[str] = mapped_column(CODE)
    entity_key: Mapped[str] = mapped_column(KEY)
    changed_fields: Mapped[Any] = mapped_column(
        JSON,
        doc="""The names of the changed fields, sorted; of a removed part, the list that had it. Empty for a created
        object, and if no field shows the change.""",
    )
    #: The object that a viewer must see as well, because the changed field refers to it; null if all readers see it.
    through_type: Mapped[str | None] = mapped_column(CODE)
    through_key: Mapped[str | None] = mapped_column(KEY)

    __table_args__ = (Index(None, "at", "id"),)
