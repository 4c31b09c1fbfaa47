"""Awards with their suppliers and items, and the award of an order.

Revision 0018, after 0017.
"""

import order_copies
import order_ends
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    KEY,
    check_money,
    create_entity,
    create_link,
    create_sources,
    index_each,
    on_postgresql,
    one_of,
    reference,
    text,
)
from baseline_sums import Trigger
from protection import Protection, protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "awards": Protection(
        "EXISTS (SELECT 1 FROM procurements AS procurements_1 WHERE procurements_1.id = awards.procurement_id)",
        visible_keys=True,
    ),
    "award_items": Protection(
        "(EXISTS (SELECT 1 FROM awards WHERE awards.id = award_items.award_id)) AND (EXISTS (SELECT 1 FROM "
        "procurement_items WHERE procurement_items.id = award_items.item_id))"
    ),
    "award_suppliers": Protection(
        "(EXISTS (SELECT 1 FROM awards WHERE awards.id = award_suppliers.award_id)) AND (EXISTS (SELECT 1 "
        "FROM suppliers WHERE suppliers.id = award_suppliers.supplier_id))"
    ),
    "awards_sources": Protection("(EXISTS (SELECT 1 FROM awards WHERE awards.id = awards_sources.owner_id))"),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)

#: The triggers that mention orders, without which SQLite cannot copy the table.
OF_ORDERS = [*order_ends.of_orders(), *quantities.of_lines()]

FOREIGN = """NOT EXISTS (SELECT 1 FROM awards JOIN procurement_items ON procurement_items.id = new.item_id
  AND procurement_items.procurement_id = awards.procurement_id WHERE awards.id = new.award_id)"""
ITEM = "item at itemIds", "An award is for items of its own procurement."
TRIGGERS: list[Trigger] = [("award_items_own", "AFTER INSERT", "award_items", "", "", FOREIGN, ITEM)]


def upgrade() -> None:
    """Bring the tables to this revision."""
    create_entity(
        "awards",
        sa.Column("number", text(40), nullable=False),
        sa.Column("title", text(300)),
        one_of("status", "ck_awards_status", "PENDING ACTIVE CANCELLED UNSUCCESSFUL", nullable=False),
        sa.Column("awarded_on", sa.Date()),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        reference("procurement_id", "procurements", "fk_awards_procurement_id", nullable=False),
        check_money("value", "ck_awards_value"),
        sa.UniqueConstraint("number", name="uq_awards_number"),
        sa.UniqueConstraint("id", "procurement_id", name="uq_awards_id_procurement_id"),
    )
    index_each("awards", "number title status awarded_on created_at updated_at")
    op.create_index("ix_awards_value", "awards", ["value_currency", "value_minor", "id"])
    op.create_index("ix_awards_procurement_id_number", "awards", ["procurement_id", "number", "id"])
    create_sources("awards")
    create_link("award_suppliers", "award_id", "awards", "supplier_id", "suppliers")
    create_link("award_items", "award_id", "awards", "item_id", "procurement_items")
    quantities.drop(OF_ORDERS)
    keys = ["award_id", "procurement_id"], ["id", "procurement_id"]
    both = "fk_purchase_orders_award_id_procurement_id"
    if on_postgresql():
        op.add_column("purchase_orders", sa.Column("award_id", KEY))
        op.create_foreign_key(
            "fk_purchase_orders_award_id", "purchase_orders", "awards", ["award_id"], ["id"], ondelete="RESTRICT"
        )
        op.create_foreign_key(both, "purchase_orders", "awards", *keys)
    else:
        award = reference("award_id", "awards", "fk_purchase_orders_award_id")
        names = [f"awards.{name}" for name in keys[1]]
        added = [award, sa.ForeignKeyConstraint(keys[0], names, name=both)]
        order_copies.copy([_supplier()], adds=added, indexes="supplier_id+number")
    op.create_index("ix_purchase_orders_award_id_number", "purchase_orders", ["award_id", "number", "id"])
    quantities.create([*OF_ORDERS, *TRIGGERS])
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    quantities.drop([*OF_ORDERS, *TRIGGERS])
    op.drop_index("ix_purchase_orders_award_id_number", "purchase_orders")
    if on_postgresql():
        op.drop_column("purchase_orders", "award_id")
    else:
        order_copies.copy([_supplier(), sa.Column("award_id", KEY)], drops="award_id", indexes="supplier_id+number")
    quantities.create(OF_ORDERS)
    for table in ("award_items", "award_suppliers", "awards_sources", "awards"):
        op.drop_table(table)


def _supplier() -> sa.Column[str]:
    return reference("supplier_id", "suppliers", "fk_purchase_orders_supplier_id")
