"""Targets: the objects that a decision or an action item refers to, one object in each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import reference_to
from models.types import KEY

if TYPE_CHECKING:
    from models.documents.documents import Document
    from models.funding.contributions import Contribution
    from models.orders.purchase_orders import PurchaseOrder
    from models.people.expert_groups import ExpertGroup
    from models.people.participants import Participant
    from models.planning.capability_needs import CapabilityNeed
    from models.planning.roadmaps import Roadmap
    from models.procurement.procurements import Procurement

#: The relations of a row of targets; exactly one of them is set.
TARGETS = (
    "need",
    "contribution",
    "document",
    "purchase_order",
    "procurement",
    "roadmap",
    "expert_group",
    "participant",
)

#: The relations of a piece of work to its owner; at most one of them is set.
OWNERS = ("owner_participant", "owner_group", "owner_account")


class HasTarget:
    """Mixin for a row that names one target of its owner."""

    exactly_one_of: ClassVar[tuple[str, ...]] = TARGETS

    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))
    contribution_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))
    document_id: Mapped[str | None] = mapped_column(KEY, reference_to("documents"))
    purchase_order_id: Mapped[str | None] = mapped_column(KEY, reference_to("purchase_orders"))
    procurement_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"))
    roadmap_id: Mapped[str | None] = mapped_column(KEY, reference_to("roadmaps"))
    expert_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    @declared_attr
    @classmethod
    def need(cls) -> Mapped[CapabilityNeed | None]:
        """Return the relation to a capability need."""
        return relationship("CapabilityNeed", doc="The capability need, if it is the target.")

    @declared_attr
    @classmethod
    def contribution(cls) -> Mapped[Contribution | None]:
        """Return the relation to a contribution."""
        return relationship("Contribution", doc="The contribution, if it is the target.")

    @declared_attr
    @classmethod
    def document(cls) -> Mapped[Document | None]:
        """Return the relation to a document."""
        return relationship("Document", doc="The document, if it is the target.")

    @declared_attr
    @classmethod
    def purchase_order(cls) -> Mapped[PurchaseOrder | None]:
        """Return the relation to a purchase order."""
        return relationship("PurchaseOrder", doc="The purchase order, if it is the target.")

    @declared_attr
    @classmethod
    def procurement(cls) -> Mapped[Procurement | None]:
        """Return the relation to a procurement."""
        return relationship("Procurement", doc="The procurement, if it is the target.")

    @declared_attr
    @classmethod
    def roadmap(cls) -> Mapped[Roadmap | None]:
        """Return the relation to a roadmap."""
        return relationship("Roadmap", doc="The roadmap, if it is the target.")

    @declared_attr
    @classmethod
    def expert_group(cls) -> Mapped[ExpertGroup | None]:
        """Return the relation to an expert group."""
        return relationship("ExpertGroup", doc="The expert group, if it is the target.")

    @declared_attr
    @classmethod
    def participant(cls) -> Mapped[Participant | None]:
        """Return the relation to a participant."""
        return relationship("Participant", doc="The participant, if it is the target.")


def exactly_one(*relations: str) -> str:
    """Return the SQL condition that exactly one of some relations is set."""
    return " + ".join(f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END" for name in relations) + " = 1"


def target_constraints(owner: str, relations: tuple[str, ...] = TARGETS) -> list[CheckConstraint | UniqueConstraint]:
    """Return the constraints on targets: each row has one, and no two rows of an owner have the same."""
    once = [UniqueConstraint(f"{name}_id", f"{owner}_id") for name in relations]
    return [CheckConstraint(exactly_one(*relations), name="one_target"), *once]


def action_items_of() -> Any:
    """Return the relation from an object to the action items that refer to it."""
    return relationship(
        "ActionItem", secondary="action_item_targets", viewonly=True, doc="The action items that refer to this object."
    )
