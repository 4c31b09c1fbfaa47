"""Attribution: which part of a procurement's firm money is for which of its needs.

Firm money is allocated from COMMITTED or DISBURSED contributions. If a procurement has one need, all of it is for that
need. Otherwise it is for the need that the allocation names. The lines of binding orders say what each need costs
beyond that, provided that the firm money covers all binding orders. The rest is shared by the needs. It is never
divided, because a division would invent figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, and_, case, func, literal, type_coerce

from models.derived.rows import total
from models.figures.coverage import counts_towards
from models.funding.contribution_status import FIRM_STATUSES
from models.order_amounts.exchange import converted_down
from models.orders.order_counts import counted
from models.orders.purchase_orders import BINDING_STATUSES

if TYPE_CHECKING:
    from sqlalchemy import Subquery

    from models.derived.rows import QueriedRow, RowAlias


class Attribution(NamedTuple):
    """The firm money of procurements in one currency each, as a subquery, and a query that reads it.

    Attributes:
        query: The query whose `figures_of` reads the groups.
        groups: One row for each procurement and currency: `currency`, `attributed` to the need, and `shared`.
    """

    query: QueriedRow
    groups: Subquery


def attribution(need: RowAlias) -> Attribution:
    """Return the firm money of the procurements of a need."""
    procurement = need.related("procurements")
    allocation, is_firm = firm_allocations(procurement)
    parts = divided(procurement, allocation, need)
    is_alone = ~has_other_needs(procurement, need)
    groups = procurement.groups(
        procurement.id,
        allocation.amount_currency,
        where=is_firm,
        currency=allocation.amount_currency,
        attributed=case((is_alone, parts.firm), else_=parts.attributed),
        shared=case((is_alone, literal(0)), else_=parts.shared),
    )
    return Attribution(procurement, groups)


def firm_allocations(procurement: QueriedRow) -> tuple[QueriedRow, Any]:
    """Join the allocations of a procurement to its query; return them, and the condition that they are firm money."""
    allocation = procurement.join("allocations")
    return allocation, allocation.join("contribution").status.in_(FIRM_STATUSES)


class Division(NamedTuple):
    """How the firm money of a procurement with several needs is divided, as aggregates over its firm allocations.

    Attributes:
        firm: All of it.
        attributed: The part that is for one need.
        shared: The part that is for none of the needs in particular.
    """

    firm: Any
    attributed: Any
    shared: Any


def divided(procurement: QueriedRow, allocation: QueriedRow, need: RowAlias | None) -> Division:
    """Return how the firm money of a procurement is divided, in the currency of a group of its allocations.

    Args:
        procurement: The query with the procurement.
        allocation: Its allocations, which are grouped by procurement and currency.
        need: One of its needs; without it, nothing is attributed.
    """
    amount, currency = allocation.amount_minor, allocation.amount_currency
    firm, free = func.sum(amount), total(amount, ~allocation.related("need").exists())
    # The aggregates of one value are that value: it is the same for all allocations of a group.
    other = procurement.related("needs")
    of_orders = func.max(other.sum(_cost_beyond_named(procurement, other, currency)))
    is_known = and_(func.max(_orders(procurement, currency)) <= firm, of_orders <= free)
    shared = case((is_known, free - of_orders), else_=free)
    if need is None:
        return Division(firm, literal(0), shared)
    named, own = total(amount, allocation.need_id == need.id), func.max(_cost_beyond_named(procurement, need, currency))
    return Division(firm, case((is_known, named + own), else_=named), shared)


def has_other_needs(procurement: RowAlias, need: RowAlias) -> Any:
    """Return the condition that a procurement of a need is for other needs as well."""
    other = procurement.related("needs")
    return other.exists(where=other.id != need.id)


def _orders(procurement: RowAlias, currency: Any) -> Any:
    """Return what the binding orders of a procurement owe that money in one currency pays, in that currency."""
    order = procurement.related("purchase_orders")
    binding = and_(order.status.in_(BINDING_STATUSES), order.bound_currency == currency)
    return order.filtered_sum(_in_money(order, order.owed_minor, order.owed_currency), binding)


def _in_money(order: RowAlias, amount: Any, currency: Any) -> Any:
    """Return an amount of an order in the currency of the money that pays for it, rounded down."""
    return converted_down(amount, order.exchange_rate, currency, order.funded_in)


def _cost_beyond_named(procurement: RowAlias, need: RowAlias, currency: Any) -> Any:
    """Return what the lines of binding orders for a need cost, less the firm money that names the need; at least 0."""
    order = procurement.related("purchase_orders")
    line = order.join("lines")
    count = counted(line, order)
    paid = func.coalesce(order.funded_in, count.currency) == currency
    binding = and_(count.binds, count.costs, paid, counts_towards(line, need))
    cost = order.filtered_sum(_in_money(order, count.amount, count.currency), binding, where=line.need_id == need.id)
    allocation = procurement.related("allocations")
    is_firm = allocation.join("contribution").status.in_(FIRM_STATUSES)
    same = and_(is_firm, allocation.amount_currency == currency)
    named = allocation.filtered_sum(allocation.amount_minor, same, where=allocation.need_id == need.id)
    left = cost - named
    return type_coerce(case((left < 0, literal(0)), else_=left), BigInteger)
