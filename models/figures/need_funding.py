"""The money of a need, in the currency of its estimated cost: planned, pledged, funded, ordered, in kind and unmet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, and_, case, func, literal, or_, true, type_coerce

from models.derived.rows import total
from models.derived.shares import share_sql
from models.derived.values import computed, figures
from models.figures.attribution import attribution, has_other_needs
from models.figures.coverage import counts_towards
from models.figures.estimates import currency_of, if_estimated
from models.figures.planned import is_in_force
from models.funding.contribution_status import ContributionStatus
from models.orders.deliveries import COUNTED_STATUSES
from models.orders.order_counts import counted

if TYPE_CHECKING:
    from models.derived.rows import Figures, RowAlias


class HasFunding:
    """A need with the money that covers its estimated cost. Amounts in other currencies are never added to it."""

    planned_amount_currency = currency_of("estimated_cost")
    pledged_amount_currency = currency_of("estimated_cost")
    funded_amount_currency = currency_of("estimated_cost")
    ordered_amount_currency = currency_of("estimated_cost")
    in_kind_amount_currency = currency_of("estimated_cost")
    unmet_amount_currency = currency_of("estimated_cost")
    unmet_amount_after_in_kind_currency = currency_of("estimated_cost")

    @computed("int | None")
    @staticmethod
    def planned_amount_minor(need: RowAlias) -> Any:
        """Sum of the planned amounts in the roadmap in force, in the currency of the estimated cost."""
        line = need.related("roadmap_lines")
        same = line.planned_amount_currency == need.estimated_cost_currency
        return if_estimated(
            need.estimated_cost_minor, line.filtered_sum(line.planned_amount_minor, and_(is_in_force(line, need), same))
        )

    @computed("int | None")
    @staticmethod
    def pledged_amount_minor(need: RowAlias) -> Any:
        """Sum of the allocations of PLEDGED contributions for this need alone; not part of `fundedAmount`.

        They name the need, or their procurement has no other need.
        """
        procurement = need.related("procurements")
        allocation = procurement.join("allocations")
        alone = or_(allocation.need_id == need.id, ~has_other_needs(procurement, need))
        pledged = allocation.join("contribution").status == ContributionStatus.PLEDGED
        same = allocation.amount_currency == need.estimated_cost_currency
        amount = procurement.filtered_sum(allocation.amount_minor, and_(pledged, same, alone))
        return if_estimated(need.estimated_cost_minor, amount)

    @figures
    @staticmethod
    def firm_money(need: RowAlias) -> Figures:
        """The firm money of the need's procurements: attributed in its currency, in others, and shared."""
        found = attribution(need)
        same = found.groups.c.currency == need.estimated_cost_currency
        other = or_(need.estimated_cost_currency.is_(None), found.groups.c.currency != need.estimated_cost_currency)
        return found.query.figures_of(
            found.groups,
            funded=total(found.groups.c.attributed, same),
            other=total(found.groups.c.attributed, other),
            shared=total(found.groups.c.shared),
        )

    @computed("int | None")
    @staticmethod
    def funded_amount_minor(need: RowAlias) -> Any:
        """Sum of the firm money (COMMITTED or DISBURSED) attributed to the need, in the currency of its cost.

        If a procurement has other needs: the allocations that name this need, and the cost of its order lines beyond
        them if the allocations cover all orders.
        """
        return if_estimated(need.estimated_cost_minor, need.firm_money.funded)

    @computed("list[Money]")
    @staticmethod
    def funded_in_other_currencies(need: RowAlias) -> Any:
        """Firm money attributed to the need in other currencies than that of its estimated cost; never subtracted."""
        found = attribution(need)
        other = or_(need.estimated_cost_currency.is_(None), found.groups.c.currency != need.estimated_cost_currency)
        counted = and_(other, found.groups.c.attributed != 0)
        return found.query.amounts_of(found.groups, found.groups.c.attributed, found.groups.c.currency, counted)

    @computed("bool")
    @staticmethod
    def funding_is_lower_bound(need: RowAlias) -> Any:
        """Whether more money can be for the need: in another currency, or shared with other needs."""
        return type_coerce(or_(need.firm_money.other != 0, need.firm_money.shared != 0), Boolean())

    @figures
    @staticmethod
    def order_costs(need: RowAlias) -> Figures:
        """The cost of the lines of binding orders, and the number of lines whose cost is unknown."""
        line = need.related("order_lines")
        count = counted(line, line.join("purchase_order"))
        costs = and_(count.binds, count.costs, counts_towards(line, need))
        same = count.currency == need.estimated_cost_currency
        return line.figures(
            cost=total(count.amount, and_(costs, same)),
            lines=func.count().filter(costs),
            known=func.count(count.amount).filter(and_(costs, same)),
            without_price=func.count().filter(and_(costs, count.amount.is_(None))),
        )

    @computed("int | None")
    @staticmethod
    def ordered_amount_minor(need: RowAlias) -> Any:
        """Cost of the need's lines in placed orders, in the currency of the estimated cost.

        Null if lines are ordered, and the cost of none is known in this currency. The lines of an order that is
        CLOSED or TERMINATED cost what it owes for them.
        """
        found = need.order_costs
        return if_estimated(need.estimated_cost_minor, case((or_(found.known > 0, found.lines == 0), found.cost)))

    @computed("list[Money]")
    @staticmethod
    def ordered_in_other_currencies(need: RowAlias) -> Any:
        """Cost of the need's lines in placed orders in other currencies than that of its estimated cost.

        It is not in `orderedAmount`.
        """
        line = need.related("order_lines")
        count = counted(line, line.join("purchase_order"))
        other = or_(need.estimated_cost_currency.is_(None), count.currency != need.estimated_cost_currency)
        costs = and_(count.binds, count.costs, counts_towards(line, need), other, count.amount.is_not(None))
        groups = line.groups(count.currency, where=costs, minor=total(count.amount), currency=count.currency)
        return line.amounts_of(groups, groups.c.minor, groups.c.currency, true())

    @computed("int")
    @staticmethod
    def ordered_lines_without_price(need: RowAlias) -> Any:
        """Number of the need's lines in placed orders whose cost is unknown, and so not in `orderedAmount`.

        They have no price, or their order owes less than its accepted units cost, which the lines share.
        """
        return need.order_costs.without_price

    @computed("int | None")
    @staticmethod
    def in_kind_amount_minor(need: RowAlias) -> Any:
        """Sum of the values of accepted deliveries without an order that are for this need alone."""
        line = need.related("delivery_lines")
        delivery = line.join("delivery")
        other = delivery.related("lines")
        # Each delivery counts once: with its first line, if all its lines are for the need.
        is_elsewhere = or_(other.need_id.is_(None), other.need_id != need.id)
        counted = and_(
            delivery.status.in_(COUNTED_STATUSES),
            delivery.purchase_order_id.is_(None),
            delivery.value_currency == need.estimated_cost_currency,
            ~other.exists(where=or_(is_elsewhere, other.ordinal < line.ordinal)),
        )
        return if_estimated(need.estimated_cost_minor, line.filtered_sum(delivery.value_minor, counted))

    @computed("int | None")
    @staticmethod
    def unmet_amount_minor(need: RowAlias) -> Any:
        """Estimated cost that is not funded, at least 0; null if the cost is unknown."""
        return _left(need.estimated_cost_minor - need.funded_amount_minor)

    @computed("int | None")
    @staticmethod
    def unmet_amount_after_in_kind_minor(need: RowAlias) -> Any:
        """Estimated cost that is neither funded nor given in kind, at least 0; null if the cost is unknown."""
        return _left(need.estimated_cost_minor - need.funded_amount_minor - need.in_kind_amount_minor)

    @computed("int | None")
    @staticmethod
    def funded_share(need: RowAlias) -> Any:
        """Share of the estimated cost that is funded, from 0 to 1; null if the cost is unknown or 0."""
        return share_sql(need.funded_amount_minor, need.estimated_cost_minor)

    @computed("int | None")
    @staticmethod
    def covered_share(need: RowAlias) -> Any:
        """Share of the estimated cost that is funded or given in kind, from 0 to 1; null as `fundedShare` is."""
        return share_sql(need.funded_amount_minor + need.in_kind_amount_minor, need.estimated_cost_minor)


def _left(amount: Any) -> Any:
    return type_coerce(case((amount < 0, literal(0)), else_=amount), BigInteger)
