"""Links of documents: the objects that a document is about, one in each row."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.meetings.targets import target_constraints
from models.types import KEY, enum_column

if TYPE_CHECKING:
    from models.documents.documents import Document
    from models.funding.contributions import Contribution
    from models.meetings.decisions import Decision
    from models.meetings.meetings import AgendaItem
    from models.orders.deliveries import Delivery
    from models.orders.purchase_orders import PurchaseOrder
    from models.planning.capability_needs import CapabilityNeed
    from models.planning.roadmaps import Roadmap
    from models.procurement.procurements import Procurement

#: The relations of a link; exactly one of them is set.
LINKED = (
    "need",
    "procurement",
    "purchase_order",
    "delivery",
    "roadmap",
    "contribution",
    "decision",
    "agenda_item",
)


@unique
class OcdsDocumentType(Enum):
    """A type of document in the codelist `documentType` of OCDS 1.1; OCDS writes `TENDER_NOTICE` as `tenderNotice`."""

    PLANNED_PROCUREMENT_NOTICE = "Notice of planned procurement."
    TENDER_NOTICE = "Tender notice."
    AWARD_NOTICE = "Award notice."
    CONTRACT_NOTICE = "Contract notice."
    COMPLETION_CERTIFICATE = "Completion certificate."
    PROCUREMENT_PLAN = "Procurement plan."
    BIDDING_DOCUMENTS = "Bidding documents."
    TECHNICAL_SPECIFICATIONS = "Technical specifications."
    EVALUATION_CRITERIA = "Evaluation criteria."
    EVALUATION_REPORTS = "Evaluation report."
    CONTRACT_DRAFT = "Contract draft."
    CONTRACT_SIGNED = "Signed contract."
    CONTRACT_ARRANGEMENTS = "Arrangements for ending contract."
    CONTRACT_SCHEDULE = "Contract schedules."
    PHYSICAL_PROGRESS_REPORT = "Physical progress reports."
    FINANCIAL_PROGRESS_REPORT = "Financial progress reports."
    FINAL_AUDIT = "Final audit."
    HEARING_NOTICE = "Public hearing notice."
    MARKET_STUDIES = "Market studies."
    ELIGIBILITY_CRITERIA = "Eligibility criteria."
    CLARIFICATIONS = "Clarifications to bidders questions."
    SHORTLISTED_FIRMS = "Shortlisted firms."
    ENVIRONMENTAL_IMPACT = "Environmental impact."
    ASSET_AND_LIABILITY_ASSESSMENT = "Assessment of government's assets and liabilities."
    RISK_PROVISIONS = "Provisions for management of risks and liabilities."
    WINNING_BID = "Winning bid."
    COMPLAINTS = "Complaints and decisions."
    CONTRACT_ANNEXE = "Annexes to the contract."
    CONTRACT_GUARANTEES = "Guarantees."
    SUB_CONTRACT = "Subcontracts."
    NEEDS_ASSESSMENT = "Needs assessment."
    FEASIBILITY_STUDY = "Feasibility study."
    PROJECT_PLAN = "Project plan."
    BILL_OF_QUANTITY = "Bill of quantity."
    BIDDERS = "Information on bidders."
    CONFLICT_OF_INTEREST = "Conflict of interest."
    DEBARMENTS = "Debarments."
    ILLUSTRATION = "Illustrations."
    SUBMISSION_DOCUMENTS = "Bid submission documents."
    CONTRACT_SUMMARY = "Contract summary."
    CANCELLATION_DETAILS = "Cancellation details."


class DocumentLink(Entity):
    """An object that a document is about; exactly one of the references is set."""

    __tablename__ = "document_links"
    natural_key = ("document", "ordinal")
    parent_relation = "document"
    exactly_one_of = LINKED

    document_id: Mapped[str] = mapped_column(KEY, reference_to("documents", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the links of the document, from 1.")
    ocds_type: Mapped[OcdsDocumentType | None] = mapped_column(
        enum_column(OcdsDocumentType, "ocds_type"),
        doc="The role of the document for the object, as a document type of OCDS; null if no type of OCDS fits.",
    )
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))
    procurement_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"))
    purchase_order_id: Mapped[str | None] = mapped_column(KEY, reference_to("purchase_orders"))
    delivery_id: Mapped[str | None] = mapped_column(KEY, reference_to("deliveries"))
    roadmap_id: Mapped[str | None] = mapped_column(KEY, reference_to("roadmaps"))
    contribution_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))
    decision_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"))
    agenda_item_id: Mapped[str | None] = mapped_column(KEY, reference_to("agenda_items"))

    document: Mapped[Document] = relationship(back_populates="links", doc="The document.")
    need: Mapped[CapabilityNeed | None] = relationship(doc="The capability need, if the document is about it.")
    procurement: Mapped[Procurement | None] = relationship(doc="The procurement, if the document is about it.")
    purchase_order: Mapped[PurchaseOrder | None] = relationship(doc="The purchase order, if the document is about it.")
    delivery: Mapped[Delivery | None] = relationship(doc="The delivery, if the document is about it.")
    roadmap: Mapped[Roadmap | None] = relationship(doc="The roadmap, if the document is about it.")
    contribution: Mapped[Contribution | None] = relationship(doc="The contribution, if the document is about it.")
    decision: Mapped[Decision | None] = relationship(
        back_populates="document_links", doc="The decision, if the document is about it."
    )
    agenda_item: Mapped[AgendaItem | None] = relationship(
        back_populates="document_links", doc="The agenda item that the document was prepared for, if it is for one."
    )

    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        *target_constraints("document", LINKED),
        *sort_indexes("ordinal", "ocds_type", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="document_id"),
    )


def document_links_of() -> Any:
    """Return the relation from an object to the links of documents about it."""
    return relationship("DocumentLink", viewonly=True, doc="The links of the documents about this object.")
