"""Changes between two roadmaps.

A change is not stored. A statement computes it from the rows that the viewer sees, by `planning.line_changes`.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.figures.line_changes import line_changes
from models.planning.capability_needs import CapabilityNeed
from models.planning.roadmaps import Roadmap, RoadmapLine
from models.types import KEY, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


@unique
class RoadmapChangeKind(Enum):
    """The kind of a change between two roadmaps."""

    ADDED = "Only the second roadmap has the line."
    REMOVED = "Only the first roadmap has the line."
    MOVED = "Both roadmaps plan the need with the same lead, for another year or quarter. The rest can also differ."
    AMOUNT_CHANGED = "Both roadmaps plan the need for the same time and with the same lead, with another amount."
    QUANTITY_CHANGED = "Both roadmaps plan the need for the same time and with the same lead, with another quantity."


class RoadmapChange(ComputedRows, Uncreated):
    """A line that one roadmap has and another does not have, or has at another time or with another amount."""

    __tablename__ = "roadmap_changes"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID: made of a line and the other roadmap.")
    kind: Mapped[RoadmapChangeKind] = mapped_column(enum_column(RoadmapChangeKind, "kind"), doc="The kind.")
    year: Mapped[int] = mapped_column(doc="The year of the line in the second roadmap, or else in the first.")
    need_id: Mapped[str] = mapped_column(KEY)
    from_id: Mapped[str] = mapped_column(KEY)
    to_id: Mapped[str] = mapped_column(KEY)
    line_before_id: Mapped[str | None] = mapped_column(KEY)
    line_after_id: Mapped[str | None] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the changes."""
        del parent
        return line_changes(tables)


#: The objects of a change, by their names.
CHANGED_OBJECTS: dict[str, tuple[Any, str]] = {
    "need": (CapabilityNeed, "The planned capability need."),
    "line_before": (RoadmapLine, "The line in the first roadmap; null if it was added."),
    "line_after": (RoadmapLine, "The line in the second roadmap; null if it was removed."),
}

for _name, (_model, _doc) in CHANGED_OBJECTS.items():
    _joined = foreign(getattr(RoadmapChange, f"{_name}_id")) == _model.id
    inspect(RoadmapChange).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))

#: The compared roadmaps, by the arguments that name them.
COMPARED: dict[str, tuple[type[Roadmap], str, str]] = {
    "from": (Roadmap, "from_id", "The id or the reference of the first roadmap."),
    "to": (Roadmap, "to_id", "The id or the reference of the second roadmap."),
}
