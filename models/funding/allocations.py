"""Allocations: money from a contribution, set aside for a procurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import money_checks
from models.sources.sources import Sourced
from models.types import CURRENCY, KEY

if TYPE_CHECKING:
    from models.funding.contributions import Contribution
    from models.planning.capability_needs import CapabilityNeed
    from models.procurement.procurements import Procurement

FUNDED_NEED = "CASE WHEN amount_minor > 0 THEN need_id END"


def _unique(*columns: str, where: str) -> Index:
    return Index(None, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class Allocation(Sourced, Entity):
    """Money from a contribution, set aside for a procurement or one need of it, in the currency of the contribution."""

    __tablename__ = "allocations"
    natural_key = ("contribution", "procurement")
    owned_through = "procurement"

    contribution_id: Mapped[str] = mapped_column(KEY, reference_to("contributions"))
    procurement_id: Mapped[str] = mapped_column(KEY, reference_to("procurements"))
    amount_minor: Mapped[int] = mapped_column(BigInteger, doc="The amount set aside.")
    amount_currency: Mapped[str] = mapped_column(CURRENCY)
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))
    #: The part that a command moves to another need of the procurement: it backs orders until it has arrived.
    in_transit: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: The need while there is money for it: an allocation of 0 does not keep it among the needs of the procurement.
    funded_need_id: Mapped[str | None] = mapped_column(KEY, Computed(FUNDED_NEED, persisted=True))

    contribution: Mapped[Contribution] = relationship(
        back_populates="allocations", foreign_keys=[contribution_id], doc="The contribution that provides the money."
    )
    procurement: Mapped[Procurement] = relationship(
        back_populates="allocations", doc="The procurement that receives the money."
    )
    need: Mapped[CapabilityNeed | None] = relationship(
        back_populates="allocations",
        foreign_keys=[need_id],
        doc="The need of the procurement that the money is for; null if it is for all of them.",
    )

    __table_args__ = (
        *money_checks("amount"),
        CheckConstraint("in_transit >= 0", name="in_transit"),
        # One row for each need of the procurement, and one for the money that names none.
        _unique("contribution_id", "procurement_id", where="need_id IS NULL"),
        _unique("contribution_id", "procurement_id", "need_id", where="need_id IS NOT NULL"),
        # Deferred, because the links of a procurement to its needs are written last.
        ForeignKeyConstraint(
            ["procurement_id", "funded_need_id"],
            ["procurement_needs.procurement_id", "procurement_needs.need_id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        ForeignKeyConstraint(
            ["contribution_id", "amount_currency"], ["contributions.id", "contributions.amount_currency"]
        ),
        *sort_indexes("amount_currency+amount_minor", "created_at", "updated_at"),
        *sort_indexes("created_at", within="contribution_id"),
        *sort_indexes("created_at", within="procurement_id"),
        *sort_indexes("created_at", within="need_id"),
    )
