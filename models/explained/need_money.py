"""The rows of the money of a need, in the currency of its estimated cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, or_

from models.derived.rows import total
from models.explained.declaration import (
    Figure,
    LeftOutReason,
    Part,
    Source,
    added,
    not_below_zero,
    not_stated,
    subtracted,
)
from models.explained.need_quantities import not_in_force
from models.figures.attribution import divided, firm_allocations, has_other_needs
from models.figures.coverage import counts_towards
from models.funding.contribution_status import FIRM_STATUSES, ContributionStatus
from models.orders.deliveries import COUNTED_STATUSES
from models.orders.order_counts import counted
from models.planning.capability_needs import CapabilityNeed

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


def estimated(need: QueriedRow) -> Part:
    """The estimated cost of the need."""
    unknown = (need.estimated_cost_minor.is_(None), LeftOutReason.AMOUNT_UNKNOWN)
    minor, currency = need.estimated_cost_minor, need.estimated_cost_currency
    return Part("need", need, minor=minor, currency=currency, left_out=(unknown,))


def planned(need: QueriedRow) -> Part:
    """The amount of a line of the roadmap in force."""
    line = need.join("roadmap_lines")
    return _money(
        "roadmap_line",
        line,
        (line.planned_amount_minor, line.planned_amount_currency),
        need,
        not_in_force(line, need),
    )


def allocated(need: QueriedRow) -> Part:
    """Firm money that is allocated for the need alone."""
    return _allocated(need, FIRM_STATUSES, LeftOutReason.NOT_FIRM)


def pledged(need: QueriedRow) -> Part:
    """Pledged money that is allocated for the need alone."""
    return _allocated(need, (ContributionStatus.PLEDGED,), LeftOutReason.NOT_PLEDGED)


def bought(need: QueriedRow) -> Part:
    """What the order lines for the need cost beyond the firm money that names it, of a procurement with other needs."""
    procurement = need.join("procurements")
    allocation, is_firm = firm_allocations(procurement)
    currency = allocation.amount_currency
    named = total(allocation.amount_minor, allocation.need_id == need.id)
    return Part(
        "procurement",
        procurement,
        minor=divided(procurement, allocation, need).attributed - named,
        currency=currency,
        left_out=((currency != need.estimated_cost_currency, LeftOutReason.OTHER_CURRENCY),),
        where=and_(is_firm, has_other_needs(procurement, need)),
        by=(need.id, procurement.id, currency),
    )


def ordered(need: QueriedRow) -> Part:
    """The cost of a line of a placed order."""
    line = need.join("order_lines")
    count = counted(line, line.join("purchase_order"))
    return _money(
        "order_line",
        line,
        # A line that is left out shows what it says, as if all of it came.
        (case((and_(count.binds, count.costs), count.amount), else_=line.amount_minor), count.currency),
        need,
        (~count.binds, LeftOutReason.ORDER_NOT_PLACED),
        (~count.costs, LeftOutReason.NOT_IN_COST),
        (~counts_towards(line, need), LeftOutReason.OTHER_UNIT),
    )


def given_in_kind(need: QueriedRow) -> Part:
    """The value of an accepted delivery without an order that is for the need alone."""
    line = need.join("delivery_lines")
    delivery = line.join("delivery")
    earlier, other = delivery.related("lines"), delivery.related("lines")
    # Each delivery is one row: that of its first line for the need.
    is_later = earlier.exists(where=and_(earlier.need_id == need.id, earlier.ordinal < line.ordinal))
    is_elsewhere = other.exists(where=or_(other.need_id.is_(None), other.need_id != need.id))
    return _money(
        "delivery",
        delivery,
        (delivery.value_minor, delivery.value_currency),
        need,
        (delivery.purchase_order_id.is_not(None), LeftOutReason.ORDERED),
        (delivery.status.not_in(COUNTED_STATUSES), LeftOutReason.NOT_ACCEPTED),
        (is_elsewhere, LeftOutReason.FOR_ANOTHER_NEED),
        where=~is_later,
    )


def _allocated(need: QueriedRow, statuses: tuple[ContributionStatus, ...], reason: LeftOutReason) -> Part:
    procurement = need.join("procurements")
    allocation = procurement.join("allocations")
    is_shared = has_other_needs(procurement, need)
    names_another = allocation.related("need").exists(where=allocation.need_id != need.id)
    return _money(
        "allocation",
        allocation,
        (allocation.amount_minor, allocation.amount_currency),
        need,
        (allocation.join("contribution").status.not_in(statuses), reason),
        (and_(is_shared, names_another), LeftOutReason.FOR_ANOTHER_NEED),
        (and_(is_shared, func.coalesce(allocation.need_id != need.id, literal(value=True))), LeftOutReason.SHARED),
    )


def _money(
    object_: str,
    row: QueriedRow,
    money: tuple[Any, Any],
    need: QueriedRow,
    *left_out: tuple[Any, LeftOutReason],
    where: Any = None,
) -> Part:
    minor, currency = money
    last = (
        (minor.is_(None), LeftOutReason.AMOUNT_UNKNOWN),
        (currency != need.estimated_cost_currency, LeftOutReason.OTHER_CURRENCY),
    )
    return Part(object_, row, minor=minor, currency=currency, left_out=(*left_out, *last), where=where)


def _unmet(need: QueriedRow) -> Any:
    return need.estimated_cost_minor - need.funded_amount_minor


def _unmet_after_in_kind(need: QueriedRow) -> Any:
    return _unmet(need) - need.in_kind_amount_minor


def _figure(name: str, *sources: Source) -> Figure:
    return Figure(CapabilityNeed, name, sources, not_stated("estimated_cost_minor"))


FUNDED = (allocated, bought)
CURRENCY = "estimated_cost_currency"
FIGURES = (
    _figure("estimated_cost", added(estimated)),
    _figure("planned_amount", added(planned)),
    _figure("pledged_amount", added(pledged)),
    _figure("funded_amount", *map(added, FUNDED)),
    _figure("ordered_amount", added(ordered)),
    _figure("in_kind_amount", added(given_in_kind)),
    _figure("unmet_amount", added(estimated), *map(subtracted, FUNDED), not_below_zero("need", _unmet, CURRENCY)),
    _figure(
        "unmet_amount_after_in_kind",
        added(estimated),
        *map(subtracted, (*FUNDED, given_in_kind)),
        not_below_zero("need", _unmet_after_in_kind, CURRENCY),
    ),
)
