"""The data model: SQLAlchemy entities, enums, status transitions and derived values.

The nouns are in packages by subject, the same on every floor. Each noun has one file
with its entities: columns, relations, checks, unique keys and indexes. The database
stores the name of an enum member; its value is its description. A table of legal status
changes follows each status enum. A derived value is written twice in one place: as
Python over loaded objects and as a SQL expression, so that queries can select, filter
and sort by it. A value computed from the row's own columns is a hybrid property; a
value computed from other tables is `derived` (`docs/decisions/derived-values.md`).

Shared modules: `base` (keys, timestamps, versions, index helpers), `types` (column
types that store and sort the same on both engines), `money` (integer minor units),
`precision` (precision of dates and figures),
`sql_functions` (functions with a different SQL on each engine), and the packages
`derived` (how values over other tables are declared), `figures` (planning figures),
`clash_kinds`, `order_amounts` and `code_lists`.

This package must not use GraphQL or HTTP, and its rules do not depend on the viewer.

The `doc` of a column or relation and the docstring of an entity, enum or derived value
are descriptions in the API. Write them for users of the API.

To add a noun, see `docs/guides/adding-a-noun.md`; export it here and list it in `NOUNS`.
"""

from models.administration.accounts import Account, ApiToken, BrowserSession, Scope
from models.administration.audit_events import AuditAction, AuditEvent
from models.administration.changes import Change, ChangeKind
from models.administration.idempotency import IdempotencyKey
from models.administration.personal_values import ERASED, PersonalValues, PersonKey
from models.administration.trusted_documents import TrustedDocument
from models.base import Base, Entity, HasId
from models.clash_kinds.declaration import ClashSeverity
from models.documents.comment_threads import Comment, CommentThread
from models.documents.document_links import DocumentLink, OcdsDocumentType
from models.documents.document_versions import DocumentVersion, VersionState
from models.documents.documents import Document, DocumentStatus, DocumentType
from models.documents.review_requests import ReviewRequest, ReviewResult, ReviewStatus
from models.funding.allocations import Allocation
from models.funding.contribution_status import ContributionKind, ContributionStatus, StatementKind
from models.funding.contributions import Contribution, ContributionDonor
from models.funding.disbursements import ContributionTranche, Disbursement
from models.funding.exchange_rates import ExchangeRate
from models.funding.ledger_entries import LedgerEntry
from models.funding.ledger_totals import LedgerStage, LedgerTotal
from models.markings import ClassifiedError, HasMarking, Marking, classified_label
from models.meetings.action_items import ActionItem, ActionItemStatus, ActionItemTarget
from models.meetings.attendees import Attendee
from models.meetings.decisions import (
    Decision,
    DecisionKind,
    DecisionMethod,
    DecisionOutcome,
    DecisionTarget,
    Vote,
    VoteChoice,
)
from models.meetings.meetings import AgendaItem, Attendance, Meeting, MeetingBody, MeetingStatus
from models.meetings.minutes import Minutes
from models.orders.deliveries import Delivery, DeliveryStatus
from models.orders.delivery_lines import DeliveryLine
from models.orders.delivery_returns import DeliveryReturn
from models.orders.order_amendments import OrderAmendment, OrderAmendmentLine
from models.orders.order_lines import OrderLine, OrderLineKind
from models.orders.purchase_orders import PurchaseOrder, PurchaseOrderStatus
from models.people.contacts import Contact
from models.people.delegates import Delegate
from models.people.deputies import Deputy
from models.people.expert_groups import ExpertGroup, ExpertGroupStatus, GroupMembership, GroupRole, ThemeStatus
from models.people.participants import CoalitionMembership, CoalitionRole, FormerName, Participant, ParticipantKind
from models.planning.capability_needs import CapabilityArea, CapabilityNeed, NeedStatus, Priority
from models.planning.clashes import Clash
from models.planning.coverages import Coverage, CoverageScope
from models.planning.explanations import ExplanationRow
from models.planning.milestones import Milestone, MilestoneStatus
from models.planning.roadmap_changes import RoadmapChange, RoadmapChangeKind
from models.planning.roadmaps import Roadmap, RoadmapLine, RoadmapStatus
from models.planning.timeline_events import TimelineEvent, TimelineEventKind
from models.planning.year_gaps import YearGap, YearGapKind
from models.precision import Confidence, DatePrecision, Qualifier
from models.procurement.awards import Award, AwardStatus
from models.procurement.procurement_items import ClassificationScheme, ProcurementItem
from models.procurement.procurements import Procurement, ProcurementCategory, ProcurementMethod, ProcurementStatus
from models.procurement.suppliers import Supplier
from models.search.search_entries import SearchEntry
from models.search.search_hits import SearchedType, SearchHit
from models.sources.loaded_rows import LoadedRow
from models.sources.published_figures import Measure, PublishedFigure
from models.sources.sources import Source, sources_of
from models.status_transitions import HasStatus
from models.sums import SumExclusion

#: The nouns, in the order of the contract. Each has a module of this name in models, resolvers and schema, and its
#: tests in tests/nouns.
NOUNS = (
    "people.participants",
    "people.delegates",
    "people.expert_groups",
    "people.contacts",
    "people.deputies",
    "documents.documents",
    "documents.document_versions",
    "documents.document_links",
    "documents.review_requests",
    "planning.capability_needs",
    "planning.roadmaps",
    "planning.milestones",
    "funding.contributions",
    "procurement.suppliers",
    "procurement.procurements",
    "procurement.procurement_items",
    "procurement.awards",
    "orders.purchase_orders",
    "orders.order_lines",
    "orders.order_amendments",
    "orders.deliveries",
    "orders.delivery_lines",
    "orders.delivery_returns",
    "meetings.meetings",
    "meetings.attendees",
    "meetings.minutes",
    "meetings.decisions",
    "meetings.action_items",
    "documents.comment_threads",
    "administration.audit_events",
    "administration.changes",
    "sources.published_figures",
    "administration.accounts",
    "funding.allocations",
    "funding.disbursements",
    "planning.clashes",
    "planning.year_gaps",
    "planning.explanations",
    "planning.coverages",
    "planning.timeline_events",
    "planning.roadmap_changes",
    "funding.ledger_entries",
    "funding.ledger_totals",
    "search.search_hits",
)

__all__ = [
    "ERASED",
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
    "Change",
    "ChangeKind",
    "Clash",
    "ClashSeverity",
    "ClassificationScheme",
    "ClassifiedError",
    "CoalitionMembership",
    "CoalitionRole",
    "Comment",
    "CommentThread",
    "Confidence",
    "Contact",
    "Contribution",
    "ContributionDonor",
    "ContributionKind",
    "ContributionStatus",
    "ContributionTranche",
    "Coverage",
    "CoverageScope",
    "DatePrecision",
    "Decision",
    "DecisionKind",
    "DecisionMethod",
    "DecisionOutcome",
    "DecisionTarget",
    "Delegate",
    "Delivery",
    "DeliveryLine",
    "DeliveryReturn",
    "DeliveryStatus",
    "Deputy",
    "Disbursement",
    "Document",
    "DocumentLink",
    "DocumentStatus",
    "DocumentType",
    "DocumentVersion",
    "Entity",
    "ExchangeRate",
    "ExpertGroup",
    "ExpertGroupStatus",
    "ExplanationRow",
    "FormerName",
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
    "Milestone",
    "MilestoneStatus",
    "Minutes",
    "NeedStatus",
    "OcdsDocumentType",
    "OrderAmendment",
    "OrderAmendmentLine",
    "OrderLine",
    "OrderLineKind",
    "Participant",
    "ParticipantKind",
    "PersonKey",
    "PersonalValues",
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
    "SearchEntry",
    "SearchHit",
    "SearchedType",
    "Source",
    "StatementKind",
    "SumExclusion",
    "Supplier",
    "ThemeStatus",
    "TimelineEvent",
    "TimelineEventKind",
    "TrustedDocument",
    "VersionState",
    "Vote",
    "VoteChoice",
    "YearGap",
    "YearGapKind",
    "classified_label",
    "sources_of",
]
