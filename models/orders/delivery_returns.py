"""Returns of accepted goods: numbered entries that never change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.types import KEY, PARAGRAPH, Quantity

if TYPE_CHECKING:
    from models.orders.delivery_lines import DeliveryLine


class DeliveryReturn(Entity):
    """A return of accepted units, or the correction of an earlier one: a numbered entry that never changes."""

    __tablename__ = "delivery_returns"
    natural_key = ("delivery_line", "number")
    parent_relation = "delivery_line"

    delivery_line_id: Mapped[str] = mapped_column(KEY, reference_to("delivery_lines"))
    number: Mapped[int] = mapped_column(doc="The number of the entry within the delivery line, from 1.")
    quantity: Mapped[Decimal] = mapped_column(
        Quantity, doc="The number of returned units; negative if an earlier entry had too many."
    )
    returned_on: Mapped[dt.date] = mapped_column(doc="The day of the return.")
    reason: Mapped[str] = mapped_column(PARAGRAPH, doc="The reason for the return, or for the correction.")
    corrects: Mapped[int | None] = mapped_column(doc="The number of the earlier entry that it corrects.")

    delivery_line: Mapped[DeliveryLine] = relationship(back_populates="returns", doc="The delivery line.")

    __table_args__ = (
        UniqueConstraint("delivery_line_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("quantity > 0 OR (quantity < 0 AND corrects IS NOT NULL)", name="quantity"),
        CheckConstraint("corrects < number", name="corrects"),
        *sort_indexes("returned_on", "number", "quantity", "created_at", "updated_at"),
        *sort_indexes("number", within="delivery_line_id"),
    )
