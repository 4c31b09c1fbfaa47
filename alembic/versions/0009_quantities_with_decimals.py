"""Quantities with decimals, unit prices with four decimals more, and the amount of each order line.

Revision 0009, after 0008.
"""

import baseline_sums
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import check_money, on_postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: The columns that hold thousandths from now on.
QUANTITIES = {
    "capability_needs": ("quantity",),
    "order_lines": ("quantity",),
    "delivery_lines": ("quantity", "accepted", "rejected"),
}
MOST = 10**18


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop([*baseline_sums.of_lines(), *baseline_sums.of_deliveries()])
    if on_postgresql():
        _upgrade_postgresql()
    else:
        for table in ("capability_needs", "delivery_lines"):
            _multiply(table, QUANTITIES[table])
        quantities.rebuild_lines(
            quantities.kind_of_line(),
            *quantities.amounts(),
            quantities.check_fits(),
            quantities.check_price(MOST),
            price_type=sa.Integer(),
            copied={"quantity": "quantity * 1000", "unit_price_minor": "unit_price_minor * 10000"},
        )
    op.create_index("ix_order_lines_amount", "order_lines", ["amount_currency", "amount_minor", "id"])
    op.create_index("ix_order_lines_kind", "order_lines", ["kind", "id"])
    quantities.create([*quantities.of_lines(), *baseline_sums.of_deliveries()])


def downgrade() -> None:
    """Take the tables back to the revision before: decimals are cut off."""
    quantities.drop([*quantities.of_lines(), *baseline_sums.of_deliveries()])
    op.drop_index("ix_order_lines_kind", "order_lines")
    op.drop_index("ix_order_lines_amount", "order_lines")
    if on_postgresql():
        _downgrade_postgresql()
    else:
        for table in ("capability_needs", "delivery_lines"):
            _divide(table, QUANTITIES[table])
        quantities.rebuild_lines(
            check_money("unit_price", "ck_order_lines_unit_price"),
            price_type=sa.BigInteger(),
            copied={"quantity": "quantity / 1000", "unit_price_minor": "unit_price_minor / 10000"},
        )
    quantities.create([*baseline_sums.of_lines(), *baseline_sums.of_deliveries()])


def _multiply(table: str, columns: tuple[str, ...]) -> None:
    op.execute(f"UPDATE {table} SET {', '.join(f'{each} = {each} * 1000' for each in columns)}")


def _divide(table: str, columns: tuple[str, ...]) -> None:
    op.execute(f"UPDATE {table} SET {', '.join(f'{each} = {each} / 1000' for each in columns)}")


def _upgrade_postgresql() -> None:
    for table, columns in QUANTITIES.items():
        for column in columns:
            using = f"{column}::bigint * 1000"
            op.alter_column(table, column, type_=sa.BigInteger(), postgresql_using=using)
    op.drop_constraint("ck_order_lines_unit_price", "order_lines")
    using = "unit_price_minor * 10000"
    op.alter_column("order_lines", "unit_price_minor", type_=sa.BigInteger(), postgresql_using=using)
    op.add_column("order_lines", quantities.kind_of_line())
    for amount in quantities.amounts():
        op.add_column("order_lines", amount)
    for name, check in (("amount_fits", quantities.check_fits()), ("unit_price", quantities.check_price(MOST))):
        op.create_check_constraint(op.f(f"ck_order_lines_{name}"), "order_lines", check.sqltext)


def _downgrade_postgresql() -> None:
    op.drop_constraint("ck_order_lines_amount_fits", "order_lines")
    op.drop_constraint("ck_order_lines_unit_price", "order_lines")
    for column in ("amount_minor", "amount_currency", "kind"):
        op.drop_column("order_lines", column)
    using = "unit_price_minor / 10000"
    op.alter_column("order_lines", "unit_price_minor", type_=sa.BigInteger(), postgresql_using=using)
    check = check_money("unit_price", "ck_order_lines_unit_price")
    op.create_check_constraint(op.f("ck_order_lines_unit_price"), "order_lines", check.sqltext)
    for table, columns in QUANTITIES.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.Integer(), postgresql_using=f"({column} / 1000)::integer")
