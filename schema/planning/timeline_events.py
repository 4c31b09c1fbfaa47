"""The timeline in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import models
from models import DatePrecision, TimelineEventKind
from schema.builder.entity_types import Node, entity_type
from schema.builder.money import Money

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.funding.disbursements import Disbursement
    from schema.meetings.decisions import Decision
    from schema.meetings.meetings import Meeting
    from schema.orders.deliveries import Delivery
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.sources.sources import Source


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.TimelineEvent


@entity_type(
    _MODEL,
    root="timeline",
    description="""The events of the coalition in the order of time: who joined, met, decided, pledged, committed, paid,
    ordered and delivered, with the sources. Events without a date are last.""",
)
class TimelineEvent(Node):
    """An event of the timeline."""

    kind: TimelineEventKind
    happened_on: dt.date | None
    happened_on_precision: DatePrecision | None
    happened_by: dt.date | None
    amount: Money | None
    participant: Participant | None
    group: ExpertGroup | None
    meeting: Meeting | None
    decision: Decision | None
    contribution: Contribution | None
    disbursement: Disbursement | None
    purchase_order: PurchaseOrder | None
    delivery: Delivery | None
    sources: list[Source]
