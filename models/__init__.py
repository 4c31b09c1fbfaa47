"""The data model: SQLAlchemy entities, enums, status transitions and derived values.

Each noun has one file with its entities: columns, relations, checks, unique keys and
indexes. The database stores the name of an enum member; its value is its description.
A table of legal status changes follows each status enum. A derived value is written
twice in one place: as Python over loaded objects and as a SQL expression, so that
queries can select, filter and sort by it. A value computed from the row's own columns
is a hybrid property; a value computed from other tables is `derived`
(`docs/decisions/derived-values.md`).

Shared modules: `base` (keys, timestamps, versions, index helpers), `types` (column
types that store and sort the same on both engines), `money` (integer minor units),
`precision` (precision of dates and figures), `sources` (sources of facts),
`sql_functions` (functions with a different SQL on each engine), and the packages
`derived` (how values over other tables are declared) and `planning` (planning figures).

This package must not use GraphQL or HTTP, and its rules do not depend on the viewer.

The `doc` of a column or relation and the docstring of an entity, enum or derived value
are descriptions in the API. Write them for users of the API.

To add a noun, see `docs/guides/adding-a-noun.md`; export it here and list it in `NOUNS`.
"""

from models.accounts import Account, ApiToken, BrowserSession, Scope
from models.action_items import ActionItem, ActionItemStatus, ActionItemTarget
from models.allocations import Allocation
from models.attendees import Attendee
from models.audit_events import AuditAction, AuditEvent
from models.awards import Award, AwardStatus
from models.base import Base, Entity, HasId
from models.capability_needs import CapabilityArea, CapabilityNeed, NeedStatus, Priority
from models.clash_kinds.declaration import ClashSeverity
from models.clashes import Clash
from models.comment_threads import Comment, CommentThread
from models.contribution_status import ContributionKind, ContributionStatus, StatementKind
from models.contributions import Contribution, ContributionDonor
from models.decisions import Decision, DecisionKind, DecisionMethod, DecisionOutcome, DecisionTarget, Vote, VoteChoice
from models.deliveries import Delivery, DeliveryStatus
from models.delivery_lines import DeliveryLine
from models.delivery_returns import DeliveryReturn
from models.disbursements import ContributionTranche, Disbursement
from models.document_links import DocumentLink, OcdsDocumentType
from models.document_versions import DocumentVersion, VersionState
from models.documents import Document, DocumentStatus, DocumentType
from models.expert_groups import ExpertGroup, ExpertGroupStatus, GroupMembership, GroupRole, ThemeStatus
from models.idempotency import IdempotencyKey
from models.ledger_entries import LedgerEntry
from models.ledger_totals import LedgerStage, LedgerTotal
from models.loaded_rows import LoadedRow
from models.markings import ClassifiedError, HasMarking, Marking, classified_label
from models.meetings import AgendaItem, Attendance, Meeting, MeetingBody, MeetingStatus
from models.minutes import Minutes
from models.order_amendments import OrderAmendment, OrderAmendmentLine
from models.order_lines import OrderLine, OrderLineKind
from models.participants import CoalitionMembership, CoalitionRole, Participant, ParticipantKind
from models.precision import Confidence, DatePrecision, Qualifier
from models.procurement_items import ClassificationScheme, ProcurementItem
from models.procurements import Procurement, ProcurementCategory, ProcurementMethod, ProcurementStatus
from models.published_figures import Measure, PublishedFigure
from models.purchase_orders import PurchaseOrder, PurchaseOrderStatus
from models.review_requests import ReviewRequest, ReviewResult, ReviewStatus
from models.roadmap_changes import RoadmapChange, RoadmapChangeKind
from models.roadmaps import Roadmap, RoadmapLine, RoadmapStatus
from models.sources import Source, sources_of
from models.status_transitions import HasStatus
from models.sums import SumExclusion
from models.suppliers import Supplier
from models.trusted_documents import TrustedDocument
from models.year_gaps import YearGap, YearGapKind

#: The nouns, in the order of the contract. Each has a module of this name in models, resolvers and schema.
NOUNS = (
    "participants",
    "expert_groups",
    "documents",
    "document_versions",
    "document_links",
    "review_requests",
    "capability_needs",
    "roadmaps",
    "contributions",
    "suppliers",
    "procurements",
    "procurement_items",
    "awards",
    "purchase_orders",
    "order_lines",
    "order_amendments",
    "deliveries",
    "delivery_lines",
    "delivery_returns",
    "meetings",
    "attendees",
    "minutes",
    "decisions",
    "action_items",
    "comment_threads",
    "audit_events",
    "published_figures",
    "accounts",
    "allocations",
    "disbursements",
    "clashes",
    "year_gaps",
    "roadmap_changes",
    "ledger_entries",
    "ledger_totals",
)

__all__ = [
    "NOUNS",
    "Account",
    "ActionItem",
    "ActionItemStatus",
    "ActionItemTarget",
    "AgendaItem",
    "Allocation",
    "ApiToken",
    "Attendance",
    "Attendee",
    "AuditAction",
    "AuditEvent",
    "Award",
    "AwardStatus",
    "Base",
    "BrowserSession",
    "CapabilityArea",
    "CapabilityNeed",
    "Clash",
    "ClashSeverity",
    "ClassificationScheme",
    "ClassifiedError",
    "CoalitionMembership",
    "CoalitionRole",
    "Comment",
    "CommentThread",
    "Confidence",
    "Contribution",
    "ContributionDonor",
    "ContributionKind",
    "ContributionStatus",
    "ContributionTranche",
    "DatePrecision",
    "Decision",
    "DecisionKind",
    "DecisionMethod",
    "DecisionOutcome",
    "DecisionTarget",
    "Delivery",
    "DeliveryLine",
    "DeliveryReturn",
    "DeliveryStatus",
    "Disbursement",
    "Document",
    "DocumentLink",
    "DocumentStatus",
    "DocumentType",
    "DocumentVersion",
    "Entity",
    "ExpertGroup",
    "ExpertGroupStatus",
    "GroupMembership",
    "GroupRole",
    "HasId",
    "HasMarking",
    "HasStatus",
    "IdempotencyKey",
    "LedgerEntry",
    "LedgerStage",
    "LedgerTotal",
    "LoadedRow",
    "Marking",
    "Measure",
    "Meeting",
    "MeetingBody",
    "MeetingStatus",
    "Minutes",
    "NeedStatus",
    "OcdsDocumentType",
    "OrderAmendment",
    "OrderAmendmentLine",
    "OrderLine",
    "OrderLineKind",
    "Participant",
    "ParticipantKind",
    "Priority",
    "Procurement",
    "ProcurementCategory",
    "ProcurementItem",
    "ProcurementMethod",
    "ProcurementStatus",
    "PublishedFigure",
    "PurchaseOrder",
    "PurchaseOrderStatus",
    "Qualifier",
    "ReviewRequest",
    "ReviewResult",
    "ReviewStatus",
    "Roadmap",
    "RoadmapChange",
    "RoadmapChangeKind",
    "RoadmapLine",
    "RoadmapStatus",
    "Scope",
    "Source",
    "StatementKind",
    "SumExclusion",
    "Supplier",
    "ThemeStatus",
    "TrustedDocument",
    "VersionState",
    "Vote",
    "VoteChoice",
    "YearGap",
    "YearGapKind",
    "classified_label",
    "sources_of",
]
