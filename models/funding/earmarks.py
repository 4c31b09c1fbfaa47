"""Earmarks: the areas, groups and needs for which the donors give a contribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, declared_attr, relationship

from models.base import link_table

if TYPE_CHECKING:
    from models.people.expert_groups import ExpertGroup
    from models.planning.capability_needs import CapabilityArea, CapabilityNeed
    from models.procurement.procurements import Procurement

earmarked_areas = link_table(
    "contribution_earmarked_areas", "contribution_id=contributions", "area_id=capability_areas"
)
earmarked_groups = link_table(
    "contribution_earmarked_groups", "contribution_id=contributions", "group_id=expert_groups"
)
earmarked_needs = link_table(
    "contribution_earmarked_needs", "contribution_id=contributions", "need_id=capability_needs"
)


class HasEarmarks:
    """Mixin for contributions: what their money is earmarked for; without earmarks it can serve every need."""

    @declared_attr
    @classmethod
    def earmarked_areas(cls) -> Mapped[list[CapabilityArea]]:
        """Return the relation to the areas."""
        return relationship(
            secondary=earmarked_areas,
            back_populates="earmarked_contributions",
            doc="The capability areas for which the donors give it.",
        )

    @declared_attr
    @classmethod
    def earmarked_groups(cls) -> Mapped[list[ExpertGroup]]:
        """Return the relation to the groups."""
        return relationship(
            secondary=earmarked_groups,
            back_populates="earmarked_contributions",
            doc="The expert groups for whose work the donors give it.",
        )

    @declared_attr
    @classmethod
    def earmarked_needs(cls) -> Mapped[list[CapabilityNeed]]:
        """Return the relation to the needs."""
        return relationship(
            secondary=earmarked_needs,
            back_populates="earmarked_contributions",
            doc="The capability needs for which the donors give it.",
        )

    def is_earmarked(self) -> bool:
        """Return whether the money is for some areas, groups or needs only."""
        return bool(self.earmarked_areas or self.earmarked_groups or self.earmarked_needs)

    def admits(self, bought: Procurement, need: CapabilityNeed | None) -> bool:
        """Return whether the earmark admits an allocation.

        It admits all if there is none, and a procurement of an earmarked group. Otherwise a need must be earmarked, or
        be of an earmarked area or group.

        Args:
            bought: The procurement.
            need: The need of the procurement that the allocation names; None if it is for all of them.
        """
        groups = {each.id for each in self.earmarked_groups}
        return (
            not self.is_earmarked()
            or bought.group_id in groups
            or any(
                each in self.earmarked_needs or each.area in self.earmarked_areas or each.group_id in groups
                for each in ([need] if need else bought.needs)
            )
        )
