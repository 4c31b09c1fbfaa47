"""Copies the table of purchase orders on SQLite, which cannot change the columns and constraints of a table.

A landed migration calls it, so this file never changes either.
"""

from collections.abc import Sequence

import order_ends
import sqlalchemy as sa
from alembic import op
from baseline_parts import MOMENT, PRECISIONS, QUALIFIERS, check_money, one_of, reference, text
from sqlalchemy.schema import SchemaItem
from table_copies import entity_table

INDEXES = (
    "created_at expected_on number ordered_on status title updated_at ended_on value_currency+value_minor "
    "procurement_id+number"
)


def copy(
    parts: Sequence[SchemaItem],
    *,
    drops: str = "",
    adds: Sequence[SchemaItem] = (),
    indexes: str = "",
) -> None:
    """Copy the table on SQLite. Drop the triggers that mention orders before.

    Args:
        parts: The columns and constraints that the table has beside those of revision 0010.
        drops: The name of a column to drop.
        adds: Columns, and foreign keys of several columns, to add.
        indexes: The indexes beside those of revision 0010: the columns of each, joined by `+`.
    """
    with op.batch_alter_table("purchase_orders", copy_from=_orders(parts, indexes)) as orders:
        if drops:
            orders.drop_column(drops)
        for each in adds:
            if isinstance(each, sa.Column):
                orders.add_column(each)
            elif isinstance(each, sa.ForeignKeyConstraint):
                target = each.elements[0].target_fullname.split(".")[0]
                names = [element.target_fullname.split(".")[1] for element in each.elements]
                orders.create_foreign_key(str(each.name), target, [*each.column_keys], names)
        for column in order_ends.added():
            if column.computed is not None:
                orders.add_column(column)
    op.create_index("ix_purchase_orders_owed", "purchase_orders", ["owed_currency", "owed_minor", "id"])


def _orders(parts: Sequence[SchemaItem], indexes: str) -> sa.Table:
    """Return the table without the columns that it computes, which are added again."""
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
        sa.Column("visible_since", MOMENT),
        *parts,
        *(column for column in order_ends.added() if column.computed is None),
        *order_ends.checks(),
        sa.CheckConstraint("expected_on >= ordered_on", name=op.f("ck_purchase_orders_expected_on")),
        check_money("value", "ck_purchase_orders_value"),
        sa.UniqueConstraint("number", name="uq_purchase_orders_number"),
        indexes=f"{INDEXES} {indexes}",
    )
