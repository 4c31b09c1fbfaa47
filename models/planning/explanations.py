"""Explanations: why a figure is what it is, from the rows that it adds up to the rows that it leaves out.

Its rows are not stored. A statement computes it from the rows that the viewer sees, by the figures that are
declared in `models/explained`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.explained.declaration import LeftOutReason
from models.explained.rows import explained_rows
from models.funding.allocations import Allocation
from models.funding.contributions import Contribution
from models.funding.disbursements import Disbursement
from models.orders.deliveries import Delivery
from models.orders.delivery_lines import DeliveryLine
from models.orders.order_lines import OrderLine
from models.orders.purchase_orders import PurchaseOrder
from models.planning.capability_needs import CapabilityNeed
from models.planning.roadmaps import RoadmapLine
from models.procurement.procurements import Procurement
from models.types import CURRENCY, KEY, LINE, Quantity, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


class ExplanationRow(ComputedRows, Uncreated):
    """A row that a figure adds up, or leaves out with a reason."""

    __tablename__ = "explanation_rows"
    natural_key = ("id",)
    is_node = False

    id: Mapped[str] = mapped_column(KEY, primary_key=True)
    counts: Mapped[bool] = mapped_column(doc="Whether the figure includes the row.")
    reason: Mapped[LeftOutReason | None] = mapped_column(
        enum_column(LeftOutReason, "reason"), doc="Why the figure leaves the row out; null if it includes the row."
    )
    message: Mapped[str] = mapped_column(LINE, doc="What the row adds, or why it is left out, in one sentence.")
    rank: Mapped[int] = mapped_column(doc="The place in the explanation: the rows that count come first.")
    quantity: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The units that it adds, or would add; negative if they are subtracted. Null for an amount."
    )
    amount_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The money that it adds, or would add; negative if it is subtracted. Null for a quantity."
    )
    amount_currency: Mapped[str | None] = mapped_column(CURRENCY)
    counted_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The money that counts; null if it is left out.")
    counted_currency: Mapped[str | None] = mapped_column(CURRENCY)
    subject_id: Mapped[str] = mapped_column(KEY)
    object_id: Mapped[str] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: Any) -> SelectBase:
        """Return the SELECT of the rows of one figure, which is the `parent`."""
        return explained_rows(tables, parent)


#: The objects that a row can be, by their names.
ROW_OBJECTS: dict[str, tuple[Any, str]] = {
    "need": (CapabilityNeed, "The capability need itself."),
    "contribution": (Contribution, "The contribution itself."),
    "procurement": (Procurement, "The procurement."),
    "allocation": (Allocation, "The allocation."),
    "disbursement": (Disbursement, "The payment."),
    "roadmap_line": (RoadmapLine, "The roadmap line."),
    "purchase_order": (PurchaseOrder, "The purchase order."),
    "order_line": (OrderLine, "The order line."),
    "delivery": (Delivery, "The delivery."),
    "delivery_line": (DeliveryLine, "The delivery line."),
}

for _name, (_model, _doc) in ROW_OBJECTS.items():
    _joined = foreign(ExplanationRow.object_id) == _model.id
    inspect(ExplanationRow).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
