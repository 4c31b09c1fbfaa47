"""Allocations: money from a contribution, set aside for a procurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import money_checks
from models.sources import Sourced
from models.types import CURRENCY, KEY

if TYPE_CHECKING:
    from models.contributions import Contribution
    from models.procurements import Procurement


class Allocation(Sourced, Entity):
    """Money from a contribution, set aside for a procurement, in the currency of the contribution."""

    __tablename__ = "allocations"
    natural_key = ("contribution", "procurement")
    owned_through = "procurement"

    contribution_id: Mapped[str] = mapped_column(KEY, reference_to("contributions"))
    procurement_id: Mapped[str] = mapped_column(KEY, reference_to("procurements"))
    amount_minor: Mapped[int] = mapped_column(BigInteger, doc="The amount set aside.")
    amount_currency: Mapped[str] = mapped_column(CURRENCY)

    contribution: Mapped[Contribution] = relationship(
        back_populates="allocations", foreign_keys=[contribution_id], doc="The contribution that provides the money."
    )
    procurement: Mapped[Procurement] = relationship(
        back_populates="allocations", doc="The procurement that receives the money."
    )

    __table_args__ = (
        *money_checks("amount"),
        UniqueConstraint("contribution_id", "procurement_id"),
        ForeignKeyConstraint(
            ["contribution_id", "amount_currency"], ["contributions.id", "contributions.amount_currency"]
        ),
        *sort_indexes("amount_currency+amount_minor", "created_at", "updated_at"),
        *sort_indexes("created_at", within="contribution_id"),
        *sort_indexes("created_at", within="procurement_id"),
    )
