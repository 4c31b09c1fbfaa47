"""Links of documents in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import OcdsDocumentType
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.documents import Document
    from schema.funding.contributions import Contribution
    from schema.meetings.decisions import Decision
    from schema.meetings.meetings import AgendaItem
    from schema.orders.deliveries import Delivery
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.roadmaps import Roadmap
    from schema.procurement.procurements import Procurement


@entity_type(models.DocumentLink)
class DocumentLink(Entity):
    """A link of a document."""

    document: Document
    ordinal: int
    ocds_type: OcdsDocumentType | None
    need: CapabilityNeed | None
    procurement: Procurement | None
    purchase_order: PurchaseOrder | None
    delivery: Delivery | None
    roadmap: Roadmap | None
    contribution: Contribution | None
    decision: Decision | None
    agenda_item: AgendaItem | None
