"""Amendments of purchase orders in the contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import Connection, entity_type
from schema.builder.money import Money
from schema.builder.scalars import Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.orders.order_lines import OrderLine
    from schema.orders.purchase_orders import PurchaseOrder


@entity_type(models.OrderAmendment, root="order_amendments", description="The amendments of purchase orders.")
class OrderAmendment(Entity):
    """An amendment of an order."""

    purchase_order: PurchaseOrder
    number: int
    amended_on: dt.date
    reason: str
    value_before: Money | None
    value_after: Money | None
    expected_on_before: dt.date | None
    expected_on_after: dt.date | None
    exchange_rate_before: Decimal | None
    exchange_rate_after: Decimal | None
    exchange_rate_on_before: dt.date | None
    exchange_rate_on_after: dt.date | None
    exchange_rate_source_before: str | None
    exchange_rate_source_after: str | None
    lines: Connection[OrderAmendmentLine]


@entity_type(models.OrderAmendmentLine)
class OrderAmendmentLine(Entity):
    """An order line before and after an amendment."""

    amendment: OrderAmendment
    ordinal: int
    order_line: OrderLine
    is_new: bool
    quantity_before: Quantity | None
    quantity_after: Quantity | None
    unit_price_before: Money | None
    unit_price_after: Money | None
    vat_rate_before: Quantity | None
    vat_rate_after: Quantity | None
