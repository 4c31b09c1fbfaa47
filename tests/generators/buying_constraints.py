"""How random suppliers and purchases from them obey the constraints of their tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import models
from models import ClassificationScheme, DecisionOutcome, PurchaseOrderStatus
from models.order_amounts.bound_money import EXCHANGE
from models.order_amounts.line_amounts import amount_fits
from models.orders.order_lines import amount_of
from models.orders.purchase_orders import ENDED_STATUSES, NOT_BINDING
from tests.generators.values import CPV_CODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]

#: The largest value that random rates convert into an amount that can be stored.
MOST_CONVERTED = 10**11

#: Where suppliers have their seats.
COUNTRIES = (None, "DE", "EE", "UA")


def supplier(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Keep an identifier and its scheme together; return whether the row can join the others."""
    row["country_code"] = values.choice(COUNTRIES)
    if row["identifier"] is None or row["identifier_scheme"] is None:
        row |= {"identifier": None, "identifier_scheme": None}
    return True


def item(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Keep a classification and its scheme together; return whether the row can join the others."""
    if row["classification_scheme"] is None or row["classification_code"] is None:
        row |= {"classification_scheme": None, "classification_code": None}
    if row["classification_scheme"] is ClassificationScheme.CPV:
        row["classification_code"] = values.choice(CPV_CODES)
    return True


def procurement(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Keep a decided priority and its decision together; return whether the row can join the others."""
    decision = next((other for other in rows[models.Decision] if other["id"] == row["priority_decision_id"]), None)
    if decision is None or decision["outcome"] is not DecisionOutcome.ADOPTED or not row["decided_priority"]:
        row |= {"decided_priority": None, "priority_decision_id": None}
    if row["has_framework_agreement"]:
        # High enough for all random orders: their sum is checked when an order is written, in whatever order.
        row |= {"framework_id": None, "ceiling_minor": None if row["ceiling_minor"] is None else 10**14}
    else:
        row |= dict.fromkeys(("ceiling_minor", "ceiling_currency", "framework_starts_on", "framework_ends_on"))
    return True


def order(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Keep what an order owes within its allocations, and its end with its status; return whether it can join."""
    award = next((other for other in rows[models.Award] if other["id"] == row["award_id"]), None)
    if award and award["procurement_id"] != row["procurement_id"]:
        row["award_id"] = None
    set_aside = [other for other in rows[models.Allocation] if other["procurement_id"] == row["procurement_id"]]
    binds = row["status"] not in NOT_BINDING
    bought = next(other for other in rows[models.Procurement] if other["id"] == row["procurement_id"])
    if row["value_minor"] and (bought["has_framework_agreement"] or bought["framework_id"]):
        # A hundred such orders are below the ceiling.
        row["value_minor"] = min(row["value_minor"], 10**12)
    row |= {"settled_minor": None, "settled_currency": None, "amendment_count": int(values.chance(0.6))}
    if row["status"] not in ENDED_STATUSES:
        row["ended_on"] = None
    if set_aside and row["value_minor"] and binds:
        left = _sum_of(set_aside, "amount", row["value_currency"])
        bound = [
            other
            for other in rows[models.PurchaseOrder]
            if other["procurement_id"] == row["procurement_id"] and other["status"] not in NOT_BINDING
        ]
        row["value_minor"] = max(min(row["value_minor"], left - _sum_of(bound, "value", row["value_currency"])), 0)
    states = all(row[name] is not None for name in EXCHANGE) and row["funded_in"] != row["value_currency"]
    # Small enough for the converted amount; where money is set aside, the sums above are in one currency.
    if set_aside or not states or (row["value_minor"] or 0) > MOST_CONVERTED:
        row |= dict.fromkeys(EXCHANGE)
    if row["status"] is PurchaseOrderStatus.TERMINATED and row["value_minor"] is not None:
        row |= {"settled_minor": row["value_minor"] // 2, "settled_currency": row["value_currency"]}
    return True


def _sum_of(rows: Sequence[Row], amount: str, currency: str) -> int:
    return sum(row[f"{amount}_minor"] or 0 for row in rows if row[f"{amount}_currency"] == currency)


def order_line(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Keep the sum of the lines within the value of their order; return whether the row can join the others."""
    order = next(other for other in rows[models.PurchaseOrder] if other["id"] == row["purchase_order_id"])
    lines = [other for other in rows[models.OrderLine] if other["purchase_order_id"] == order["id"]]
    if order["amendment_count"] and values.chance(0.2):
        row["quantity"] = Decimal(0)
    if not amount_fits(row["quantity"], row["unit_price_minor"]):
        row |= {"unit_price_minor": None, "unit_price_currency": None}
    # In whatever order they come, for a backup brings them in another.
    known = [line for line in (*lines, row) if line["quantity"] and line["unit_price_currency"]]
    if order["status"] is PurchaseOrderStatus.DRAFT:
        return True
    amounts = [amount_of(line["kind"], line["quantity"], line["unit_price_minor"]) for line in known]
    total = sum(amounts)
    currencies = {order["value_currency"], *(line["unit_price_currency"] for line in known)}
    # The value of an order is compared with its lines when its amendment comes, be it before or after them.
    amended = order["amendment_count"] > 0
    if amended or total > (order["value_minor"] or 0) or len(currencies) > 1 or min(amounts, default=0) < 0:
        row |= {"unit_price_minor": None, "unit_price_currency": None}
    return True


def amendment(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Number an amendment; return whether its order counts one, and has none."""
    row["number"] = 1
    order = next(other for other in rows[models.PurchaseOrder] if other["id"] == row["purchase_order_id"])
    taken = any(other["purchase_order_id"] == order["id"] for other in rows[models.OrderAmendment])
    return bool(order["amendment_count"]) and not taken


def amended_line(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Clear what a new line was before; return whether a line of the amended order is left, and take the first."""
    if row["is_new"]:
        row |= {"quantity_before": None, "unit_price_before_minor": None, "unit_price_before_currency": None}
    amended = next(other for other in rows[models.OrderAmendment] if other["id"] == row["amendment_id"])
    lines = [each["id"] for each in rows[models.OrderLine] if each["purchase_order_id"] == amended["purchase_order_id"]]
    taken = {each["order_line_id"] for each in rows[models.OrderAmendmentLine]}
    row["order_line_id"] = next((each for each in lines if each not in taken), row["order_line_id"])
    return not taken.issuperset(lines)
