"""Allocations outside of what the donors earmarked the money for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.funding.allocations import Allocation

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.HIGH, Allocation, resolution="Reallocate the money to a need within the earmark, or ask the donor."
)
def earmark_missed(allocation: QueriedRow) -> Any:
    """The contribution is earmarked for an area, group or need, and no need of the procurement is within it."""
    given, bought = allocation.join("contribution"), allocation.join("procurement")
    areas, groups, needs = (given.related(f"earmarked_{name}") for name in ("areas", "groups", "needs"))
    need = bought.related("needs")
    within = or_(
        _named(given, "earmarked_needs", need.id),
        _named(given, "earmarked_areas", need.area_id),
        _named(given, "earmarked_groups", need.group_id),
    )
    # Not the key alone: a need that is hidden from the viewer must change nothing.
    meant = or_(~allocation.related("need").exists(), allocation.need_id == need.id)
    return and_(
        allocation.amount_minor > 0,
        or_(areas.exists(), groups.exists(), needs.exists()),
        ~_named(given, "earmarked_groups", bought.group_id),
        ~need.exists(where=and_(meant, within)),
    )


def _named(given: QueriedRow, relation: str, key: Any) -> Any:
    target = given.related(relation)
    return target.exists(where=target.id == key)
