"""Suppliers: the companies and authorities that deliver what the coalition buys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.markings import HasMarking
from models.sources.sources import Sourced
from models.types import CODE, COUNTRY, KEY, LINE

if TYPE_CHECKING:
    from models.orders.purchase_orders import PurchaseOrder
    from models.people.expert_groups import ExpertGroup
    from models.procurement.awards import Award


class Supplier(HasMarking, Sourced, Entity):
    """A company or authority from which a procurement buys (OCDS party with the role `supplier`)."""

    __tablename__ = "suppliers"
    natural_key = ("reference",)
    owned_through = "group"

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `SUP-001`.")
    name: Mapped[str] = mapped_column(LINE, doc="The legal name.")
    identifier_scheme: Mapped[str | None] = mapped_column(
        CODE, doc="The register that issued the identifier: a code of org-id.guide, such as `EE-RIK`."
    )
    identifier: Mapped[str | None] = mapped_column(CODE, doc="The identifier of the supplier in that register.")
    country_code: Mapped[str | None] = mapped_column(COUNTRY, doc="The country of its seat (ISO 3166-1).")
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))

    group: Mapped[ExpertGroup | None] = relationship(
        doc="The expert group that entered the supplier; without a group, the leads change it."
    )
    purchase_orders: Mapped[list[PurchaseOrder]] = relationship(
        back_populates="supplier", doc="The purchase orders that were placed with the supplier."
    )

    awards: Mapped[list[Award]] = relationship(
        secondary="award_suppliers", back_populates="suppliers", doc="The awards to the supplier."
    )

    __table_args__ = (
        CheckConstraint("(identifier IS NULL) = (identifier_scheme IS NULL)", name="identifier"),
        *sort_indexes("reference", "name", "identifier", "identifier_scheme", "country_code", "marking"),
        *sort_indexes("created_at", "updated_at"),
        *sort_indexes("reference", within="group_id"),
    )
