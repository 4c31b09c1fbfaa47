"""Suppliers are rows: a purchase order refers to one instead of having its name as a text.

A name that an order has is not turned into a supplier, because the order may be seen by others than a supplier with a
marking of its own: it goes to the note of the order.

Revision 0015, after 0014.
"""

import order_ends
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    KEY,
    MARKINGS,
    PRECISIONS,
    QUALIFIERS,
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
from protection import Protection, protect
from table_copies import entity_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "suppliers": Protection(
        "suppliers.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', true), "
        "''), ',')::text[])::text[]) OR suppliers.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "coalesce(suppliers.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "suppliers.marking = 'RED' AND (EXISTS (SELECT 1 FROM supplier_recipients AS supplier_recipients_1 "
        "WHERE supplier_recipients_1.supplier_id = suppliers.id AND supplier_recipients_1.account_id = "
        "(SELECT nullif(current_setting('coalition.account', true), '')::uuid)))",
        visible_keys=True,
    ),
    "supplier_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "suppliers_sources": Protection(
        "(EXISTS (SELECT 1 FROM suppliers WHERE suppliers.id = suppliers_sources.owner_id))"
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)

#: The triggers that mention orders, without which SQLite cannot copy the table.
TRIGGERS = [*order_ends.of_orders(), *quantities.of_lines()]
INDEXES = (
    "created_at expected_on number ordered_on status title updated_at ended_on value_currency+value_minor "
    "procurement_id+number"
)
TO_NOTE = (
    "UPDATE purchase_orders SET note = substr('Supplier: ' || supplier || '.' || coalesce(' ' || note, ''), 1, 4000), "
    "version = version + 1 WHERE supplier IS NOT NULL"
)
TO_TEXT = (
    "UPDATE purchase_orders SET supplier = (SELECT name FROM suppliers WHERE suppliers.id = supplier_id) "
    "WHERE supplier_id IS NOT NULL"
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    create_entity(
        "suppliers",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("name", text(300), nullable=False),
        sa.Column("identifier_scheme", text(40)),
        sa.Column("identifier", text(40)),
        sa.Column("country_code", text(2)),
        reference("group_id", "expert_groups", "fk_suppliers_group_id"),
        one_of("marking", "ck_suppliers_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.CheckConstraint("(identifier IS NULL) = (identifier_scheme IS NULL)", name=op.f("ck_suppliers_identifier")),
        sa.UniqueConstraint("reference", name="uq_suppliers_reference"),
    )
    index_each("suppliers", "reference name identifier identifier_scheme country_code marking created_at updated_at")
    op.create_index("ix_suppliers_group_id_reference", "suppliers", ["group_id", "reference", "id"])
    create_sources("suppliers")
    create_link("supplier_recipients", "supplier_id", "suppliers", "account_id", "accounts")
    protect(PROTECTED)
    quantities.drop(TRIGGERS)
    _run(TO_NOTE)
    op.drop_index("ix_purchase_orders_supplier", "purchase_orders")
    if on_postgresql():
        op.drop_column("purchase_orders", "supplier")
        op.add_column("purchase_orders", sa.Column("supplier_id", KEY))
        op.create_foreign_key(
            "fk_purchase_orders_supplier_id",
            "purchase_orders",
            "suppliers",
            ["supplier_id"],
            ["id"],
            ondelete="RESTRICT",
        )
    else:
        _copy(drops="supplier", adds=reference("supplier_id", "suppliers", "fk_purchase_orders_supplier_id"))
    op.create_index("ix_purchase_orders_supplier_id_number", "purchase_orders", ["supplier_id", "number", "id"])
    quantities.create(TRIGGERS)


def downgrade() -> None:
    """Take the tables back to the revision before: an order has the name of its supplier."""
    quantities.drop(TRIGGERS)
    op.drop_index("ix_purchase_orders_supplier_id_number", "purchase_orders")
    op.add_column("purchase_orders", sa.Column("supplier", text(300)))
    _run(TO_TEXT)
    if on_postgresql():
        op.drop_column("purchase_orders", "supplier_id")
    else:
        _copy(drops="supplier_id", adds=None, keeps=sa.Column("supplier", text(300)))
    index_each("purchase_orders", "supplier")
    quantities.create(TRIGGERS)
    protect(PROTECTED_BEFORE)
    for table in ("suppliers_sources", "supplier_recipients", "suppliers"):
        op.drop_table(table)


def _run(statement: str) -> None:
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    op.execute(statement)
    if on_postgresql():
        op.execute("RESET ROLE")


def _copy(drops: str, adds: sa.Column[str] | None, keeps: sa.Column[str] | None = None) -> None:
    """Copy the table of orders on SQLite without a column, and with another one."""
    before = [column for column in (sa.Column(drops, text(300)), keeps) if column is not None]
    with op.batch_alter_table("purchase_orders", copy_from=_orders(*before)) as orders:
        orders.drop_column(drops)
        if adds is not None:
            orders.add_column(adds)
        for column in order_ends.added():
            if column.computed is not None:
                orders.add_column(column)
    op.create_index("ix_purchase_orders_owed", "purchase_orders", ["owed_currency", "owed_minor", "id"])


def _orders(*more: sa.Column[str]) -> sa.Table:
    """Return the table of orders, which SQLite copies, with `more` columns; those that it computes are added again."""
    return entity_table(
        "purchase_orders",
        sa.Column("number", text(40), nullable=False),
        sa.Column("title", text(300)),
        one_of("status", "ck_purchase_orders_status", order_ends.STATUSES, nullable=False),
        sa.Column("ordered_on", sa.Date()),
        one_of("ordered_on_precision", "ck_purchase_orders_ordered_on_precision", PRECISIONS),
        sa.Column("expected_on", sa.Date()),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_purchase_orders_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("note", text(4000)),
        reference("procurement_id", "procurements", "fk_purchase_orders_procurement_id", nullable=False),
        sa.Column("visible_since", sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")),
        *more,
        *(column for column in order_ends.added() if column.computed is None),
        *order_ends.checks(),
        sa.CheckConstraint("expected_on >= ordered_on", name=op.f("ck_purchase_orders_expected_on")),
        check_money("value", "ck_purchase_orders_value"),
        sa.UniqueConstraint("number", name="uq_purchase_orders_number"),
        indexes=INDEXES,
    )
