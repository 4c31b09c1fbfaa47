"""Framework agreements of procurements, and the procurements that call off from them (OCDS `frameworkAgreement`)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, case, false
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import reference_to, sort_indexes
from models.derived.values import derived
from models.money import money_checks
from models.types import CURRENCY, KEY

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.orders.purchase_orders import PurchaseOrder
    from models.procurement.procurements import Procurement


class HasFramework:
    """Mixin for procurements: their framework agreement, or the one from which they call off."""

    has_framework_agreement: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        doc="Whether the procurement makes a framework agreement (OCDS `techniques.hasFrameworkAgreement`). The "
        "suppliers of its awards that are ACTIVE are its parties.",
    )
    ceiling_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The highest amount of all call-offs from the framework agreement; null if there is none."
    )
    ceiling_currency: Mapped[str | None] = mapped_column(CURRENCY)
    framework_starts_on: Mapped[dt.date | None] = mapped_column(
        doc="The first day on which orders can be placed under the framework agreement."
    )
    framework_ends_on: Mapped[dt.date | None] = mapped_column(
        doc="The last day on which orders can be placed under the framework agreement."
    )
    framework_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"))

    if TYPE_CHECKING:
        purchase_orders: Mapped[list[PurchaseOrder]]

    @declared_attr
    @classmethod
    def framework(cls) -> Mapped[Procurement | None]:
        """Return the relation to the procurement with the framework agreement."""
        return relationship(
            "Procurement",
            remote_side="Procurement.id",
            back_populates="call_offs",
            doc="The procurement from whose framework agreement this one calls off.",
        )

    @declared_attr
    @classmethod
    def call_offs(cls) -> Mapped[list[Procurement]]:
        """Return the relation to the procurements that call off."""
        return relationship(
            "Procurement", back_populates="framework", doc="The procurements that call off from the agreement."
        )

    def orders_called_off(self) -> list[PurchaseOrder]:
        """Return the orders under the framework agreement: its own, and those of the procurements that call off."""
        return [*self.purchase_orders, *(order for each in self.call_offs for order in each.purchase_orders)]

    @hybrid_property
    def called_off_currency(self) -> str | None:
        """Currency of the called-off amount; the same as the ceiling's."""
        return self.ceiling_currency

    @hybrid_property
    def remaining_currency(self) -> str | None:
        """Currency of the remaining amount; the same as the ceiling's."""
        return self.ceiling_currency

    @derived
    def called_off_minor(self) -> int | None:
        """Amount that orders bind under the framework agreement, in its currency; null if it has no ceiling."""
        if self.ceiling_minor is None:
            return None
        orders = self.orders_called_off()
        return sum(each.owed_minor or 0 for each in orders if each.value_currency == self.ceiling_currency)

    @called_off_minor.expression
    @staticmethod
    def _called_off_minor(procurement: RowAlias) -> Any:
        own, other = procurement.related("purchase_orders"), procurement.related("call_offs").join("purchase_orders")
        sums = (
            each.sum(each.owed_minor, where=each.value_currency == procurement.ceiling_currency)
            for each in (own, other)
        )
        return case((procurement.ceiling_minor.is_not(None), next(sums) + next(sums)))

    @derived
    def remaining_minor(self) -> int | None:
        """Amount that can still be called off; null if the framework agreement has no ceiling."""
        called_off = self.called_off_minor
        return None if self.ceiling_minor is None or called_off is None else self.ceiling_minor - called_off

    @remaining_minor.expression
    @staticmethod
    def _remaining_minor(procurement: RowAlias) -> Any:
        return procurement.ceiling_minor - procurement.called_off_minor


AGREEMENT = (
    "has_framework_agreement OR (ceiling_minor IS NULL AND framework_starts_on IS NULL AND framework_ends_on IS NULL)"
)

#: What the table of procurements adds for framework agreements.
FRAMEWORK_ARGUMENTS = (
    *money_checks("ceiling"),
    CheckConstraint(AGREEMENT, name="framework_agreement"),
    CheckConstraint("framework_ends_on >= framework_starts_on", name="framework_period"),
    CheckConstraint("framework_id IS NULL OR NOT has_framework_agreement", name="framework"),
    *sort_indexes("has_framework_agreement", "ceiling_currency+ceiling_minor"),
    *sort_indexes("framework_starts_on", "framework_ends_on"),
    *sort_indexes("reference", within="framework_id"),
)
