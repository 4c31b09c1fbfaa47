"""Clashes: what does not fit together in plans, money, orders and deliveries.

A clash is not stored. A statement computes it from the rows that the viewer sees, by the rules of `clash_kinds`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.clash_kinds.declaration import RULES, ClashSeverity
from models.clash_kinds.rows import clash_rows, kinds
from models.derived.computed_rows import ComputedRows, Uncreated
from models.funding.contributions import Contribution
from models.orders.deliveries import Delivery
from models.orders.purchase_orders import PurchaseOrder
from models.people.expert_groups import ExpertGroup
from models.people.participants import Participant
from models.planning.capability_needs import CapabilityNeed
from models.planning.roadmaps import Roadmap
from models.procurement.procurements import Procurement
from models.types import KEY, LINE, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables

#: Its members follow from the declared rules, which type checkers cannot know.
_make_enum: Any = Enum
ClashKind = _make_enum(
    "ClashKind", {kind: " ".join(rule.meaning for rule in RULES if rule.kind == kind) for kind in kinds()}
)
ClashKind.__doc__ = "The kind of a clash."

#: The objects that a clash can concern, by their names.
OBJECTS: dict[str, tuple[Any, str]] = {
    "need": (CapabilityNeed, "The capability need concerned."),
    "procurement": (Procurement, "The procurement concerned."),
    "purchase_order": (PurchaseOrder, "The purchase order concerned."),
    "delivery": (Delivery, "The delivery concerned."),
    "contribution": (Contribution, "The contribution concerned."),
    "roadmap": (Roadmap, "The roadmap concerned."),
    "group": (ExpertGroup, "The expert group responsible for the object."),
    "lead": (Participant, "The participant that leads the procurement."),
}


class Clash(ComputedRows, Uncreated):
    """Something that does not fit together: in plans, money, orders or deliveries."""

    __tablename__ = "clashes"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID, which stays the same while the clash exists.")
    kind: Mapped[Any] = mapped_column(enum_column(ClashKind, "kind"), doc="The kind.")
    severity: Mapped[ClashSeverity] = mapped_column(enum_column(ClashSeverity, "severity"), doc="How serious it is.")
    severity_rank: Mapped[int] = mapped_column(doc="The severity as a number; 1 is the most serious.")
    message: Mapped[str] = mapped_column(LINE, doc="What clashes, in one sentence.")
    resolution: Mapped[str] = mapped_column(LINE, doc="What resolves it.")
    need_id: Mapped[str | None] = mapped_column(KEY)
    procurement_id: Mapped[str | None] = mapped_column(KEY)
    purchase_order_id: Mapped[str | None] = mapped_column(KEY)
    delivery_id: Mapped[str | None] = mapped_column(KEY)
    contribution_id: Mapped[str | None] = mapped_column(KEY)
    roadmap_id: Mapped[str | None] = mapped_column(KEY)
    group_id: Mapped[str | None] = mapped_column(KEY)
    lead_id: Mapped[str | None] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the clashes."""
        concerned = next((name for name, (model, _) in OBJECTS.items() if model is parent), None)
        return clash_rows(tables, list(OBJECTS), concerned)


for _name, (_model, _doc) in OBJECTS.items():
    _joined = foreign(getattr(Clash, f"{_name}_id")) == _model.id
    inspect(Clash).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
    inspect(_model).add_property(
        "clashes",
        relationship(Clash, primaryjoin=_joined, viewonly=True, uselist=True, doc="The clashes that concern it."),
    )
