"""Procurements, with the terms of the Open Contracting Data Standard (OCDS) 1.1."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, and_, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, now, reference_to, sort_indexes
from models.derived.values import derived
from models.documents.comment_threads import comment_threads_of
from models.documents.document_links import document_links_of
from models.figures.procurement_funding import HasProcurementFunding
from models.funding.allocations import Allocation
from models.markings import HasMarking
from models.meetings.targets import action_items_of
from models.money import Money, money_checks, sums_by_currency
from models.orders.purchase_orders import BINDING_STATUSES, OPEN_STATUSES, PurchaseOrder
from models.precision import DatePrecision, Qualifier
from models.procurement.framework_agreements import FRAMEWORK_ARGUMENTS, HasFramework
from models.procurement.procurement_priority import PRIORITY_ARGUMENTS, HasPriority
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.status_transitions import HasStatus
from models.sums import Summed
from models.types import CODE, CPV, CURRENCY, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.documents.comment_threads import CommentThread
    from models.documents.document_links import DocumentLink
    from models.meetings.action_items import ActionItem
    from models.people.expert_groups import ExpertGroup
    from models.people.participants import Participant
    from models.planning.capability_needs import CapabilityNeed
    from models.procurement.awards import Award
    from models.procurement.procurement_items import ProcurementItem


@unique
class ProcurementMethod(Enum):
    """The method of selecting suppliers (OCDS `procurementMethod`)."""

    OPEN = "All interested suppliers may submit a tender."
    SELECTIVE = "Qualified suppliers are invited."
    LIMITED = "A few suppliers are contacted."
    DIRECT = "One supplier is contacted, without a tender."


@unique
class ProcurementCategory(Enum):
    """The main category of a procurement (OCDS `mainProcurementCategory`)."""

    GOODS = "Goods, including licences."
    SERVICES = "Services."
    WORKS = "Works."


@unique
class ProcurementStatus(Enum):
    """The status of a procurement."""

    PLANNING = "In preparation."
    APPROVED = "Approved, not yet started."
    TENDERING = "Open to tenders."
    AWARDED = "A supplier is selected."
    ORDERED = "Ordered."
    DELIVERING = "Partly delivered."
    COMPLETED = "Closed: each order is delivered or has ended."
    UNSUCCESSFUL = "The tender ended without a supplier."
    CANCELLED = "Cancelled before an order."


#: DIRECT procurements change from APPROVED to AWARDED; all others go through TENDERING.
PROCUREMENT_TRANSITIONS = {
    ProcurementStatus.PLANNING: frozenset({ProcurementStatus.APPROVED, ProcurementStatus.CANCELLED}),
    ProcurementStatus.APPROVED: frozenset(
        {ProcurementStatus.TENDERING, ProcurementStatus.AWARDED, ProcurementStatus.CANCELLED}
    ),
    ProcurementStatus.TENDERING: frozenset(
        {ProcurementStatus.AWARDED, ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.CANCELLED}
    ),
    ProcurementStatus.AWARDED: frozenset({ProcurementStatus.ORDERED, ProcurementStatus.CANCELLED}),
    ProcurementStatus.ORDERED: frozenset({ProcurementStatus.DELIVERING, ProcurementStatus.COMPLETED}),
    ProcurementStatus.DELIVERING: frozenset({ProcurementStatus.COMPLETED}),
    ProcurementStatus.COMPLETED: frozenset[ProcurementStatus](),
    ProcurementStatus.UNSUCCESSFUL: frozenset({ProcurementStatus.PLANNING, ProcurementStatus.TENDERING}),
    ProcurementStatus.CANCELLED: frozenset({ProcurementStatus.PLANNING}),
}

#: The procurements that can still lead to a delivery.
LIVE_STATUSES = tuple(
    status for status in ProcurementStatus if status.name not in {"CANCELLED", "UNSUCCESSFUL", "COMPLETED"}
)

#: The status that cannot follow APPROVED, by whether the method is DIRECT: only DIRECT procurements skip the tender.
_SKIPPED = {True: ProcurementStatus.TENDERING, False: ProcurementStatus.AWARDED}

#: Purchase orders and their deliveries set these.
PROCUREMENT_AUTOMATIC = frozenset({ProcurementStatus.ORDERED, ProcurementStatus.DELIVERING})

procurement_needs = link_table("procurement_needs", "procurement_id=procurements", "need_id=capability_needs")
procurement_funders = link_table("procurement_funders", "procurement_id=procurements", "participant_id=participants")


class Procurement(HasStatus, HasMarking, HasPriority, HasFramework, HasProcurementFunding, Summed, Sourced, Entity):
    """A procurement process, from planning to completion."""

    __tablename__ = "procurements"
    natural_key = ("reference",)
    searched = Searched("reference", "title", ("description", "method_rationale", "ocid"))
    owned_through = "group"
    transitions = PROCUREMENT_TRANSITIONS
    automatic_statuses = PROCUREMENT_AUTOMATIC
    reopens = frozenset(
        {
            (ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.PLANNING),
            (ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.TENDERING),
            (ProcurementStatus.CANCELLED, ProcurementStatus.PLANNING),
        }
    )
    summed_amount = "estimated_value"

    ocid: Mapped[str | None] = mapped_column(CODE, doc="The Open Contracting ID, if there is one.")
    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `PROC-001`.")
    title: Mapped[str] = mapped_column(LINE, doc="The procured goods or services, in one line.")
    description: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Details beyond the title.")
    status: Mapped[ProcurementStatus] = mapped_column(
        enum_column(ProcurementStatus, "status"),
        default=ProcurementStatus.PLANNING,
        doc="The status of the procurement.",
    )
    method: Mapped[ProcurementMethod | None] = mapped_column(
        enum_column(ProcurementMethod, "method"), doc="The method of selecting suppliers."
    )
    category: Mapped[ProcurementCategory | None] = mapped_column(
        enum_column(ProcurementCategory, "category"), doc="The main category."
    )
    cpv_code: Mapped[str | None] = mapped_column(CPV, doc="The code in the Common Procurement Vocabulary (CPV).")
    estimated_value_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The estimated value.")
    estimated_value_currency: Mapped[str | None] = mapped_column(CURRENCY)
    estimated_value_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "estimated_value_qualifier"),
        default=Qualifier.EXACT,
        doc="How the source qualifies the value.",
    )
    planned_year: Mapped[int | None] = mapped_column(doc="The year for which it is planned.")
    approved_on: Mapped[dt.date | None] = mapped_column(doc="The date of approval.")
    approved_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "approved_on_precision"), doc="The precision of `approvedOn`."
    )
    method_rationale: Mapped[str | None] = mapped_column(
        PARAGRAPH, doc="The reason for the method (OCDS `procurementMethodRationale`)."
    )
    tender_starts_on: Mapped[dt.date | None] = mapped_column(doc="The first day on which tenders are accepted.")
    tender_ends_on: Mapped[dt.date | None] = mapped_column(doc="The last day on which tenders are accepted.")
    number_of_tenderers: Mapped[int | None] = mapped_column(
        doc="The number of suppliers that submitted a tender; null if it is not known."
    )
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    procuring_entity_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))
    lead_participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    group: Mapped[ExpertGroup | None] = relationship(
        back_populates="procurements", doc="The expert group that is responsible for the procurement."
    )
    procuring_entity: Mapped[Participant | None] = relationship(
        foreign_keys=[procuring_entity_id], doc="The participant that buys (OCDS `procuringEntity`)."
    )
    lead_participant: Mapped[Participant | None] = relationship(
        back_populates="led_procurements",
        foreign_keys=[lead_participant_id],
        doc="The participant that leads the procurement.",
    )
    needs: Mapped[list[CapabilityNeed]] = relationship(
        secondary=procurement_needs,
        back_populates="procurements",
        doc="The capability needs that the procurement is intended to meet.",
    )
    items: Mapped[list[ProcurementItem]] = relationship(
        back_populates="procurement", cascade="all, delete-orphan", doc="The items that the procurement is to buy."
    )
    awards: Mapped[list[Award]] = relationship(
        back_populates="procurement", doc="The awards of the procurement to suppliers."
    )
    funders: Mapped[list[Participant]] = relationship(
        secondary=procurement_funders, doc="The participants that reportedly pay, if the amounts are not published."
    )
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="procurement", doc="The allocations of money to the procurement."
    )
    purchase_orders: Mapped[list[PurchaseOrder]] = relationship(
        back_populates="procurement", doc="The purchase orders of the procurement."
    )

    def allowed_transitions(self) -> list[Enum]:
        """Return the statuses that clients may request; from APPROVED they depend on the method."""
        if self.status is not ProcurementStatus.APPROVED:
            return super().allowed_transitions()
        return self.requestable_from(self.status, _SKIPPED[self.method is ProcurementMethod.DIRECT])

    action_items: Mapped[list[ActionItem]] = action_items_of()
    document_links: Mapped[list[DocumentLink]] = document_links_of()
    comment_threads: Mapped[list[CommentThread]] = comment_threads_of("procurement")

    def _sums_of_orders(self, amount: str) -> list[Money]:
        orders = [order for order in self.purchase_orders if order.status in BINDING_STATUSES]
        sums = ((getattr(order, f"{amount}_minor"), getattr(order, f"{amount}_currency")) for order in orders)
        return sums_by_currency(Money(minor, currency or "") for minor, currency in sums if minor is not None)

    @derived
    def ordered_value(self) -> list[Money]:
        """Sum of the values of the purchase orders, except drafts and cancelled orders, for each currency.

        An order that ended early counts with its whole value; `owedValue` has what it owes.
        """
        return self._sums_of_orders("value")

    @ordered_value.expression
    @staticmethod
    def _ordered_value(procurement: RowAlias) -> Any:
        order = procurement.related("purchase_orders")
        return order.amounts("value", where=order.status.in_(BINDING_STATUSES))

    @derived
    def owed_value(self) -> list[Money]:
        """Sum of the amounts that the purchase orders owe, for each currency of the orders."""
        return self._sums_of_orders("owed")

    @owed_value.expression
    @staticmethod
    def _owed_value(procurement: RowAlias) -> Any:
        order = procurement.related("purchase_orders")
        return order.amounts("owed", where=order.status.in_(BINDING_STATUSES))

    @derived
    def bound_funds(self) -> list[Money]:
        """Sum of the money that placed orders bind, also where less is allocated, for each currency of the money."""
        return self._sums_of_orders("bound")

    @bound_funds.expression
    @staticmethod
    def _bound_funds(procurement: RowAlias) -> Any:
        order = procurement.related("purchase_orders")
        return order.amounts("bound", where=order.status.in_(BINDING_STATUSES))

    @derived
    def allocated_funds(self) -> list[Money]:
        """Sum of the allocations, for each currency."""
        return sums_by_currency(Money(item.amount_minor, item.amount_currency) for item in self.allocations)

    @allocated_funds.expression
    @staticmethod
    def _allocated_funds(procurement: RowAlias) -> Any:
        return procurement.related("allocations").amounts("amount")

    @derived
    def is_overdue(self) -> bool:
        """Whether an open purchase order has an expected date before today (UTC)."""
        today = now().date()
        return any(
            order.status in OPEN_STATUSES and order.expected_on is not None and order.expected_on < today
            for order in self.purchase_orders
        )

    @is_overdue.expression
    @staticmethod
    def _is_overdue(procurement: RowAlias) -> Any:
        order = procurement.related("purchase_orders")
        return order.exists(where=and_(order.status.in_(OPEN_STATUSES), order.expected_on < func.current_date()))

    __table_args__ = (
        *money_checks("estimated_value"),
        *PRIORITY_ARGUMENTS,
        *FRAMEWORK_ARGUMENTS,
        CheckConstraint("length(cpv_code) = 10", name="cpv_code"),
        CheckConstraint("planned_year BETWEEN 2023 AND 2100", name="planned_year"),
        *sort_indexes(
            "reference", "title", "status", "marking", "method", "category", "cpv_code", "planned_year", "approved_on"
        ),
        CheckConstraint("tender_ends_on >= tender_starts_on", name="tender_period"),
        CheckConstraint("number_of_tenderers >= 0", name="number_of_tenderers"),
        *sort_indexes("ocid", "tender_starts_on", "tender_ends_on", "number_of_tenderers"),
        *sort_indexes("estimated_value_currency+estimated_value_minor", "created_at", "updated_at"),
        *sort_indexes("reference", within="group_id"),
        *sort_indexes("reference", within="procuring_entity_id"),
        *sort_indexes("reference", within="lead_participant_id"),
    )
