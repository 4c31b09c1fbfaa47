"""Amendments of orders: numbered entries with the terms before and after.

Revision 0024, after 0023.
"""

import amendments
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import check_money, create_entity, index_each, reference, text
from protection import Protection, protect

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "order_amendments": Protection(
        "EXISTS (SELECT 1 FROM purchase_orders AS purchase_orders_1 WHERE purchase_orders_1.id = "
        "order_amendments.purchase_order_id)",
        visible_keys=True,
    ),
    "order_amendment_lines": Protection(
        "EXISTS (SELECT 1 FROM order_amendments AS order_amendments_1 WHERE order_amendments_1.id = "
        "order_amendment_lines.amendment_id)",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop(quantities.of_lines())
    op.add_column("purchase_orders", sa.Column("amendment_count", sa.Integer(), server_default="0", nullable=False))
    index_each("purchase_orders", "amendment_count")
    _create_amendments()
    _create_lines()
    quantities.create([*amendments.of_lines(), *amendments.of_amendments()])
    protect(PROTECTED)


def _create_amendments() -> None:
    create_entity(
        "order_amendments",
        reference("purchase_order_id", "purchase_orders", "fk_order_amendments_purchase_order_id", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amended_on", sa.Date(), nullable=False),
        sa.Column("reason", text(4000), nullable=False),
        sa.Column("value_before_minor", sa.BigInteger()),
        sa.Column("value_before_currency", text(3)),
        sa.Column("value_after_minor", sa.BigInteger()),
        sa.Column("value_after_currency", text(3)),
        sa.Column("expected_on_before", sa.Date()),
        sa.Column("expected_on_after", sa.Date()),
        sa.CheckConstraint("number > 0", name=op.f("ck_order_amendments_number")),
        check_money("value_before", "ck_order_amendments_value_before"),
        check_money("value_after", "ck_order_amendments_value_after"),
        sa.UniqueConstraint("purchase_order_id", "number", name="uq_order_amendments_purchase_order_id_number"),
    )
    index_each("order_amendments", "amended_on number created_at updated_at")
    op.create_index(
        "ix_order_amendments_purchase_order_id_number", "order_amendments", ["purchase_order_id", "number", "id"]
    )


def _create_lines() -> None:
    create_entity(
        "order_amendment_lines",
        reference("amendment_id", "order_amendments", "fk_order_amendment_lines_amendment_id", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        reference("order_line_id", "order_lines", "fk_order_amendment_lines_order_line_id", nullable=False),
        sa.Column("quantity_before", amendments.QUANTITY),
        sa.Column("quantity_after", amendments.QUANTITY),
        sa.Column("unit_price_before_minor", amendments.QUANTITY),
        sa.Column("unit_price_before_currency", text(3)),
        sa.Column("unit_price_after_minor", amendments.QUANTITY),
        sa.Column("unit_price_after_currency", text(3)),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "quantity_before > 0 AND quantity_after > 0", name=op.f("ck_order_amendment_lines_quantity")
        ),
        sa.CheckConstraint(
            "NOT is_new OR (quantity_before IS NULL AND unit_price_before_minor IS NULL)",
            name=op.f("ck_order_amendment_lines_is_new"),
        ),
        amendments.check_price("unit_price_before"),
        amendments.check_price("unit_price_after"),
        sa.UniqueConstraint(
            "amendment_id", "order_line_id", name="uq_order_amendment_lines_amendment_id_order_line_id"
        ),
    )
    index_each("order_amendment_lines", "ordinal created_at updated_at")
    for name in ("amendment_id", "order_line_id"):
        op.create_index(f"ix_order_amendment_lines_{name}_ordinal", "order_amendment_lines", [name, "ordinal", "id"])


def downgrade() -> None:
    """Take the tables back to the revision before: orders keep their terms, without the history of them."""
    protect(PROTECTED_BEFORE)
    quantities.drop([*amendments.of_lines(), *amendments.of_amendments()])
    op.drop_table("order_amendment_lines")
    op.drop_table("order_amendments")
    op.drop_index("ix_purchase_orders_amendment_count", "purchase_orders")
    op.drop_column("purchase_orders", "amendment_count")
    quantities.create(quantities.of_lines())
