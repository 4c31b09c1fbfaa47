"""What revision 0024 makes: triggers that compare an order with its lines, except while it is being amended.

A landed migration calls it, so this file never changes either.
"""

import baseline_sums
import quantities
import sqlalchemy as sa
from alembic import op

QUANTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NUMBERED = "amendment_number", "The number of an amendment exceeds the number of amendments of its order."
NEVER = "amendment_stays", "An amendment never changes: enter a later one."

#: An order is being amended from the moment that it counts an amendment until that amendment is there: in between, its
#: value and its lines are written one after the other.
IS_WHOLE = """amendment_count <= (SELECT count(*) FROM order_amendments WHERE purchase_order_id = {order})"""
UNCOUNTED = """new.number > (SELECT amendment_count FROM purchase_orders WHERE id = new.purchase_order_id)"""


def of_lines() -> list[baseline_sums.Trigger]:
    """Return the triggers that check that an order that binds is worth the sum of its lines."""
    return [
        (name, event, table, when, hold, _whole(broken, table, name), rule)
        for name, event, table, when, hold, broken, rule in quantities.of_lines()
    ]


def _whole(broken: str, table: str, name: str) -> str:
    row = "old" if name.endswith("_gone") else "new"
    key = f"{row}.id" if table == "purchase_orders" else f"{row}.purchase_order_id"
    whole = IS_WHOLE.format(order=key)
    return f"{broken} AND EXISTS (SELECT 1 FROM purchase_orders WHERE id = {key} AND {whole})"  # noqa: S608 - ours


def of_amendments() -> list[baseline_sums.Trigger]:
    """Return the triggers that check an order at the end of its amendment, and that never let an amendment change."""
    differs = quantities.differs("new.purchase_order_id", "<>")
    return [
        ("order_amendments_value", "AFTER INSERT", "order_amendments", "", "", differs, baseline_sums.VALUE),
        ("order_amendments_number", "AFTER INSERT", "order_amendments", "", "", UNCOUNTED, NUMBERED),
        ("order_amendments_stay", "BEFORE UPDATE", "order_amendments", "", "", "new.id = old.id", NEVER),
        ("order_amendments_last", "BEFORE DELETE", "order_amendments", "", "", "old.id = old.id", NEVER),
        ("amendment_lines_stay", "BEFORE UPDATE", "order_amendment_lines", "", "", "new.id = old.id", NEVER),
        ("amendment_lines_last", "BEFORE DELETE", "order_amendment_lines", "", "", "old.id = old.id", NEVER),
    ]


def check_price(name: str) -> sa.CheckConstraint:
    """Return the check of a unit price of a changed line."""
    minor, currency = f"{name}_minor", f"{name}_currency"
    return sa.CheckConstraint(
        f"({minor} IS NULL AND {currency} IS NULL) OR ({minor} IS NOT NULL AND {currency} IS NOT NULL "
        f"AND {minor} BETWEEN 0 AND 1000000000000000000 AND length({currency}) = 3)",
        name=op.f(f"ck_order_amendment_lines_{name}"),
    )
