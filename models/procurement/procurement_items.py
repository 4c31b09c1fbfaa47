"""Procurement items: what a procurement is to buy, before it is ordered (OCDS `tender.items`)."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import MAX_PRICE, money_checks
from models.types import CLASSIFICATION, CURRENCY, KEY, LINE, Quantity, UnitPrice, enum_column
from models.units import HasUnit

if TYPE_CHECKING:
    from models.planning.capability_needs import CapabilityNeed
    from models.procurement.awards import Award
    from models.procurement.procurements import Procurement


@unique
class ClassificationScheme(Enum):
    """The scheme of a classification (OCDS `itemClassificationScheme`)."""

    CPV = "The Common Procurement Vocabulary of the European Union."
    UNSPSC = "The United Nations Standard Products and Services Code."
    OTHER = "Another scheme, such as a NATO stock number."


class ProcurementItem(HasUnit, Entity):
    """An item that a procurement is to buy."""

    __tablename__ = "procurement_items"
    natural_key = ("procurement", "ordinal")
    parent_relation = "procurement"

    procurement_id: Mapped[str] = mapped_column(KEY, reference_to("procurements", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position in the procurement, from 1.")
    description: Mapped[str] = mapped_column(LINE, doc="The goods, services or works.")
    classification_scheme: Mapped[ClassificationScheme | None] = mapped_column(
        enum_column(ClassificationScheme, "classification_scheme"), doc="The scheme of `classificationCode`."
    )
    classification_code: Mapped[str | None] = mapped_column(
        CLASSIFICATION,
        doc="The code in that scheme, such as `32420000-3`. An input can omit the check digit of a CPV code.",
    )
    quantity: Mapped[Decimal | None] = mapped_column(Quantity, doc="The number of units; null if it is not known.")
    estimated_unit_value_minor: Mapped[Decimal | None] = mapped_column(
        UnitPrice, doc="The estimated value of one unit, with up to four decimals more than the currency has."
    )
    estimated_unit_value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))

    procurement: Mapped[Procurement] = relationship(back_populates="items", doc="The procurement.")
    need: Mapped[CapabilityNeed | None] = relationship(doc="The need of the procurement that the item is to meet.")
    awards: Mapped[list[Award]] = relationship(
        secondary="award_items", back_populates="items", doc="The awards that are for this item."
    )

    __table_args__ = (
        *money_checks("estimated_unit_value", most=UnitPrice.units(MAX_PRICE)),
        UniqueConstraint("procurement_id", "ordinal"),
        CheckConstraint("(classification_scheme IS NULL) = (classification_code IS NULL)", name="classification"),
        CheckConstraint("quantity > 0", name="quantity"),
        *sort_indexes("ordinal", "description", "classification_scheme", "classification_code", "quantity"),
        *sort_indexes("estimated_unit_value_currency+estimated_unit_value_minor", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="procurement_id"),
        *sort_indexes("ordinal", within="need_id"),
    )
