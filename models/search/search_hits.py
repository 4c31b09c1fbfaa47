"""The hits of a search: objects of several types that the viewer sees, the best first.

A hit is not stored. A statement computes it from the search index and the rows that the viewer sees.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, cast, false, inspect, null, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.documents.comment_threads import Comment
from models.documents.document_versions import DocumentVersion
from models.documents.documents import Document
from models.funding.contributions import Contribution
from models.meetings.action_items import ActionItem
from models.meetings.decisions import Decision
from models.meetings.meetings import Meeting
from models.orders.purchase_orders import PurchaseOrder
from models.people.expert_groups import ExpertGroup
from models.people.participants import Participant
from models.planning.capability_needs import CapabilityNeed
from models.procurement.procurements import Procurement
from models.types import CODE, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables

#: The objects that a search finds, by the names of their fields.
FOUND: dict[str, tuple[Any, str]] = {
    "need": (CapabilityNeed, "The capability need, if it was found."),
    "procurement": (Procurement, "The procurement, if it was found."),
    "purchase_order": (PurchaseOrder, "The purchase order, if it was found."),
    "document": (Document, "The document, if it was found."),
    "document_version": (DocumentVersion, "The version of a document, if its file name or notes were found."),
    "contribution": (Contribution, "The contribution, if it was found."),
    "meeting": (Meeting, "The meeting, if it was found."),
    "decision": (Decision, "The decision, if it was found."),
    "action_item": (ActionItem, "The action item, if it was found."),
    "participant": (Participant, "The participant, if it was found."),
    "expert_group": (ExpertGroup, "The expert group, if it was found."),
    "comment": (Comment, "The comment, if it was found."),
}

#: The searched types, by the names of their classes.
SEARCHED: dict[str, Any] = {model.__name__: model for model, _ in FOUND.values()}

#: Its members follow from the declared types, which type checkers cannot know.
_make_enum: Any = Enum
SearchedType = _make_enum(
    "SearchedType", {name.upper(): doc.partition(",")[0] + "." for name, (_, doc) in FOUND.items()}
)
SearchedType.__doc__ = "The type of an object that a search finds."


class SearchHit(ComputedRows, Uncreated):
    """An object that a search found."""

    __tablename__ = "search_hits"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(
        KEY, primary_key=True, doc="The ID of the hit within its search; `node` finds objects, not hits."
    )
    kind: Mapped[Any] = mapped_column(enum_column(SearchedType, "kind"), doc="The type of the object.")
    rank: Mapped[int] = mapped_column(
        Integer, doc="How well the object matches; the smaller, the better. Compare it only within one search."
    )
    reference: Mapped[str | None] = mapped_column(
        CODE, doc="The reference, number or code of the object; null if it has none."
    )
    title: Mapped[str | None] = mapped_column(LINE, doc="The title, in parts; null if it has none.")
    snippet: Mapped[str | None] = mapped_column(
        PARAGRAPH, doc="A passage of the other texts with the words that were found, in parts; null if there are none."
    )
    #: What was searched for: the parts of `title` and `snippet` are marked by it.
    query: Mapped[str] = mapped_column(LINE)
    group_id: Mapped[str | None] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return a SELECT of no rows: a hit exists only within its search (`resolvers/search/search_hits.py`)."""
        del tables, parent
        return select(*(cast(null(), each.type).label(each.key) for each in inspect(cls).columns)).where(false())


#: The group that owns the object, and the object itself, by the attributes with their keys.
_JOINED = {"group": ("group_id", ExpertGroup, "The expert group that owns the object; null if the leads own it.")}
_JOINED |= {name: ("id", model, doc) for name, (model, doc) in FOUND.items()}

for _name, (_key, _model, _doc) in _JOINED.items():
    _joined = foreign(getattr(SearchHit, _key)) == _model.id
    inspect(SearchHit).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
