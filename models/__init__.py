"""The tables: what the coalition keeps, and the rules that hold whoever is asking.

Here live the SQLAlchemy entities, one file for each noun, with their columns,
relations, checks, unique keys and indexes; the enums, whose members' values are
their descriptions and whose names are what is stored; the legal status changes,
one table beside each enum; and every derived value, written twice in one place:
as Python over loaded objects and as a SQL expression, so that it can be selected,
filtered and sorted by. What is computed from the row's own columns is a hybrid
property; what is computed from other tables is `derived` (`docs/derived-values.md`).

Shared by all: `base` (keys, times, versions, index helpers), `types` (columns that
hold and sort the same on both engines), `money` (integer minor units), `precision`
(how exactly a date or figure is known), `sources` (where a fact comes from),
`sql_functions` (SQL the engines spell differently) and the package `derived`.

What may not live here: GraphQL, HTTP, and any thought of who is asking.

The words of a column's or relation's `doc`, of an entity's and enum's docstring and
of a derived value's docstring are the descriptions in the API: they are written for
those who read it there.

To add a noun, see `docs/adding-a-noun.md`; here it is exported and named in `NOUNS`.
"""

from models.accounts import Account, ApiToken, BrowserSession, Scope
from models.allocations import Allocation
from models.audit_events import AuditAction, AuditEvent
from models.base import Base, Entity, HasId
from models.capability_needs import CapabilityArea, CapabilityNeed, NeedStatus, Priority
from models.contributions import Contribution, ContributionDonor, ContributionKind, ContributionStatus, StatementKind
from models.deliveries import Delivery, DeliveryLine, DeliveryStatus
from models.documents import Document, DocumentStatus, DocumentType, DocumentVersion, VersionState
from models.expert_groups import ExpertGroup, ExpertGroupStatus, GroupMembership, GroupRole, ThemeStatus
from models.idempotency import IdempotencyKey
from models.markings import ClassifiedError, HasMarking, Marking, classified_label
from models.meetings import (
    AgendaItem,
    Attendance,
    Decision,
    DecisionKind,
    DecisionTarget,
    Meeting,
    MeetingBody,
    Vote,
    VoteChoice,
)
from models.participants import CoalitionMembership, CoalitionRole, Participant, ParticipantKind
from models.precision import Confidence, DatePrecision, Qualifier
from models.procurements import Procurement, ProcurementCategory, ProcurementMethod, ProcurementStatus
from models.published_figures import Measure, PublishedFigure
from models.purchase_orders import OrderLine, PurchaseOrder, PurchaseOrderStatus
from models.roadmaps import Roadmap, RoadmapLine, RoadmapStatus
from models.sources import Source, sources_of
from models.status_transitions import HasStatus
from models.trusted_documents import TrustedDocument

#: The nouns, in the order in which the contract lists them: each has a file of its name on every floor.
NOUNS = (
    "participants",
    "expert_groups",
    "documents",
    "capability_needs",
    "roadmaps",
    "contributions",
    "procurements",
    "purchase_orders",
    "deliveries",
    "meetings",
    "audit_events",
    "published_figures",
    "accounts",
    "allocations",
)

__all__ = [
    "NOUNS",
    "Account",
    "AgendaItem",
    "Allocation",
    "ApiToken",
    "Attendance",
    "AuditAction",
    "AuditEvent",
    "Base",
    "BrowserSession",
    "CapabilityArea",
    "CapabilityNeed",
    "ClassifiedError",
    "CoalitionMembership",
    "CoalitionRole",
    "Confidence",
    "Contribution",
    "ContributionDonor",
    "ContributionKind",
    "ContributionStatus",
    "DatePrecision",
    "Decision",
    "DecisionKind",
    "DecisionTarget",
    "Delivery",
    "DeliveryLine",
    "DeliveryStatus",
    "Document",
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
    "Marking",
    "Measure",
    "Meeting",
    "MeetingBody",
    "NeedStatus",
    "OrderLine",
    "Participant",
    "ParticipantKind",
    "Priority",
    "Procurement",
    "ProcurementCategory",
    "ProcurementMethod",
    "ProcurementStatus",
    "PublishedFigure",
    "PurchaseOrder",
    "PurchaseOrderStatus",
    "Qualifier",
    "Roadmap",
    "RoadmapLine",
    "RoadmapStatus",
    "Scope",
    "Source",
    "StatementKind",
    "ThemeStatus",
    "TrustedDocument",
    "VersionState",
    "Vote",
    "VoteChoice",
    "classified_label",
    "sources_of",
]
