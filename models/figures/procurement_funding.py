"""The money of a procurement: firm, pledged and missing, in the currency of its estimated value; and shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, func, literal, type_coerce

from models.derived.rows import total
from models.derived.shares import share_sql
from models.derived.values import computed, figures
from models.figures.attribution import divided
from models.figures.estimates import currency_of, if_estimated
from models.funding.contribution_status import FIRM_STATUSES, ContributionStatus

if TYPE_CHECKING:
    from models.derived.rows import Figures, RowAlias


class HasProcurementFunding:
    """A procurement with the money that is allocated to it. Amounts in other currencies are never added."""

    funded_amount_currency = currency_of("estimated_value")
    pledged_amount_currency = currency_of("estimated_value")
    unmet_amount_currency = currency_of("estimated_value")

    @figures
    @staticmethod
    def given_money(procurement: RowAlias) -> Figures:
        """The allocations in the currency of the estimated value: firm money and pledges."""
        allocation = procurement.related("allocations")
        status = allocation.join("contribution").status
        same = allocation.amount_currency == procurement.estimated_value_currency
        return allocation.figures(
            firm=total(allocation.amount_minor, and_(same, status.in_(FIRM_STATUSES))),
            pledged=total(allocation.amount_minor, and_(same, status == ContributionStatus.PLEDGED)),
        )

    @computed("int | None")
    @staticmethod
    def funded_amount_minor(procurement: RowAlias) -> Any:
        """Sum of the firm allocations (COMMITTED or DISBURSED), in the currency of the estimated value."""
        return if_estimated(procurement.estimated_value_minor, procurement.given_money.firm)

    @computed("int | None")
    @staticmethod
    def pledged_amount_minor(procurement: RowAlias) -> Any:
        """Sum of the allocations of PLEDGED contributions; not part of `fundedAmount`."""
        return if_estimated(procurement.estimated_value_minor, procurement.given_money.pledged)

    @computed("int | None")
    @staticmethod
    def unmet_amount_minor(procurement: RowAlias) -> Any:
        """Estimated value that is not funded, at least 0; null if the value is unknown."""
        left = procurement.estimated_value_minor - procurement.funded_amount_minor
        return type_coerce(case((left < 0, literal(0)), else_=left), BigInteger)

    @computed("int | None")
    @staticmethod
    def funded_share(procurement: RowAlias) -> Any:
        """Share of the estimated value that is funded, from 0 to 1; null if the value is unknown or 0."""
        return share_sql(procurement.funded_amount_minor, procurement.estimated_value_minor)

    @computed("list[Money]")
    @staticmethod
    def shared_funds(procurement: RowAlias) -> Any:
        """Firm money that is for none of its needs in particular, for each currency; never divided among them."""
        allocation = procurement.related("allocations")
        # Joined once more: its figures are computed for each currency of its allocations.
        bought = allocation.join("procurement")
        is_firm = allocation.join("contribution").status.in_(FIRM_STATUSES)
        need = bought.related("needs")
        needs = func.max(need.figures(found=func.count()).found)
        shared = divided(bought, allocation, None).shared
        groups = allocation.groups(
            bought.id,
            allocation.amount_currency,
            where=is_firm,
            currency=allocation.amount_currency,
            shared=case((needs == 1, literal(0)), else_=shared),
        )
        return allocation.amounts_of(groups, groups.c.shared, groups.c.currency, groups.c.shared != 0)
