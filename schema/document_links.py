"""Links of documents in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import OcdsDocumentType
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.capability_needs import CapabilityNeed
    from schema.contributions import Contribution
    from schema.decisions import Decision
    from schema.deliveries import Delivery
    from schema.documents import Document
    from schema.meetings import AgendaItem
    from schema.procurements import Procurement
    from schema.purchase_orders import PurchaseOrder
    from schema.roadmaps import Roadmap


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
