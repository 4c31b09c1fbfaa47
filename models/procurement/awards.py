"""Awards: the suppliers that a procurement selects, and for what (OCDS `awards`)."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.money import money_checks
from models.sources.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, CURRENCY, KEY, LINE, enum_column

if TYPE_CHECKING:
    from models.orders.purchase_orders import PurchaseOrder
    from models.procurement.procurement_items import ProcurementItem
    from models.procurement.procurements import Procurement
    from models.procurement.suppliers import Supplier


@unique
class AwardStatus(Enum):
    """The status of an award (OCDS `awardStatus`)."""

    PENDING = "Proposed, not yet in force."
    ACTIVE = "In force: its suppliers can get orders."
    CANCELLED = "Cancelled; its orders stay."
    UNSUCCESSFUL = "Not made: no tender was acceptable."


AWARD_TRANSITIONS = {
    AwardStatus.PENDING: frozenset({AwardStatus.ACTIVE, AwardStatus.CANCELLED, AwardStatus.UNSUCCESSFUL}),
    AwardStatus.ACTIVE: frozenset({AwardStatus.CANCELLED}),
    AwardStatus.CANCELLED: frozenset({AwardStatus.PENDING}),
    AwardStatus.UNSUCCESSFUL: frozenset({AwardStatus.PENDING}),
}

award_suppliers = link_table("award_suppliers", "award_id=awards", "supplier_id=suppliers")
award_items = link_table("award_items", "award_id=awards", "item_id=procurement_items")


class Award(HasStatus, Sourced, Entity):
    """The selection of suppliers for all or some items of a procurement."""

    __tablename__ = "awards"
    natural_key = ("number",)
    owned_through = "procurement"
    transitions = AWARD_TRANSITIONS
    reopens = frozenset({(AwardStatus.CANCELLED, AwardStatus.PENDING), (AwardStatus.UNSUCCESSFUL, AwardStatus.PENDING)})

    number: Mapped[str] = mapped_column(CODE, unique=True, doc="The number of the award.")
    title: Mapped[str | None] = mapped_column(LINE, doc="The awarded goods or services, in one line.")
    status: Mapped[AwardStatus] = mapped_column(
        enum_column(AwardStatus, "status"), default=AwardStatus.PENDING, doc="The status of the award."
    )
    awarded_on: Mapped[dt.date | None] = mapped_column(doc="The date of the award.")
    value_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The value; null if no source states it.")
    value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    procurement_id: Mapped[str] = mapped_column(KEY, reference_to("procurements"))

    procurement: Mapped[Procurement] = relationship(
        back_populates="awards", doc="The procurement that the award belongs to."
    )
    suppliers: Mapped[list[Supplier]] = relationship(
        secondary=award_suppliers, back_populates="awards", doc="The selected suppliers."
    )
    items: Mapped[list[ProcurementItem]] = relationship(
        secondary=award_items,
        back_populates="awards",
        doc="The items of the procurement that are awarded; empty if the award is for all.",
    )
    purchase_orders: Mapped[list[PurchaseOrder]] = relationship(
        back_populates="award",
        foreign_keys="PurchaseOrder.award_id",
        doc="The purchase orders that were placed under the award.",
    )

    __table_args__ = (
        *money_checks("value"),
        # A foreign key of orders refers to both columns, so that their procurements agree.
        UniqueConstraint("id", "procurement_id"),
        *sort_indexes("number", "title", "status", "awarded_on", "value_currency+value_minor"),
        *sort_indexes("created_at", "updated_at"),
        *sort_indexes("number", within="procurement_id"),
    )
