"""Purchase orders in the contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import models
from models import DatePrecision, PurchaseOrderStatus, Qualifier, SumExclusion
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.builder.money import Money
from schema.builder.scalars import CurrencyCode
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.document_links import DocumentLink
    from schema.meetings.action_items import ActionItem
    from schema.orders.deliveries import Delivery
    from schema.orders.order_amendments import OrderAmendment
    from schema.orders.order_lines import OrderLine
    from schema.planning.clashes import Clash
    from schema.procurement.awards import Award
    from schema.procurement.procurements import Procurement
    from schema.procurement.suppliers import Supplier
    from schema.sources.sources import Source


@entity_type(models.PurchaseOrder, root="purchase_orders", description="The purchase orders to suppliers.")
class PurchaseOrder(Entity):
    """A purchase order."""

    number: str
    title: str | None
    procurement: Procurement
    award: Award | None
    supplier: Supplier | None
    status: PurchaseOrderStatus
    available_transitions: list[PurchaseOrderStatus]
    transitions: Transitions
    visible_since: dt.datetime | None
    ordered_on: dt.date | None
    ordered_on_precision: DatePrecision | None
    expected_on: dt.date | None
    value: Money | None
    value_qualifier: Qualifier
    vat: Money | None
    original_value: Money | None
    counts_in_sums: bool
    left_out_of_sums: SumExclusion | None
    owed: Money | None
    settled: Money | None
    bound: Money | None
    funded_in: CurrencyCode | None
    exchange_rate: Decimal | None
    exchange_rate_on: dt.date | None
    exchange_rate_source: str | None
    ended_on: dt.date | None
    end_reason: str | None
    delivered_share: Decimal | None
    note: str | None
    lines: Connection[OrderLine]
    amendment_count: int
    amendments: Connection[OrderAmendment]
    deliveries: Connection[Delivery]
    action_items: Connection[ActionItem]
    document_links: Connection[DocumentLink]
    clashes: Connection[Clash]
    sources: list[Source]
