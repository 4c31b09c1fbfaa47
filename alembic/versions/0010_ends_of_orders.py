"""Ends of orders: cancelled, terminated, closed short, and what an order owes then.

Revision 0010, after 0009.
"""

import baseline_sums
import order_ends
import quantities
from alembic import op
from baseline_parts import on_postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop([*baseline_sums.of_orders(), *quantities.of_lines()])
    if on_postgresql():
        _replace_statuses(order_ends.STATUSES)
        for column in order_ends.added():
            op.add_column("purchase_orders", column)
        for check in order_ends.checks():
            op.create_check_constraint(op.f(str(check.name)), "purchase_orders", check.sqltext)
    else:
        order_ends.rebuild_orders(order_ends.STATUSES, *order_ends.added(), *order_ends.checks())
    order_ends.index_added()
    quantities.create([*order_ends.of_orders(), *quantities.of_lines()])


def downgrade() -> None:
    """Take the tables back to the revision before: an order that was ended early is a draft, or closed."""
    quantities.drop([*order_ends.of_orders(), *quantities.of_lines()])
    op.drop_index("ix_purchase_orders_owed", "purchase_orders")
    op.drop_index("ix_purchase_orders_ended_on", "purchase_orders")
    if on_postgresql():
        for check in order_ends.checks():
            op.drop_constraint(op.f(str(check.name)), "purchase_orders")
        for column in reversed(order_ends.added()):
            op.drop_column("purchase_orders", column.name)
    else:
        op.execute("UPDATE purchase_orders SET ended_on = NULL WHERE status = 'CANCELLED'")
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    op.execute("UPDATE purchase_orders SET status = 'DRAFT' WHERE status = 'CANCELLED'")
    op.execute("UPDATE purchase_orders SET status = 'CLOSED' WHERE status = 'TERMINATED'")
    if on_postgresql():
        op.execute("RESET ROLE")
        _replace_statuses(order_ends.BEFORE)
    else:
        order_ends.rebuild_orders(order_ends.BEFORE)
    quantities.create([*baseline_sums.of_orders(), *quantities.of_lines()])


def _replace_statuses(statuses: str) -> None:
    name, members = op.f("ck_purchase_orders_status"), ", ".join(f"'{each}'" for each in statuses.split())
    op.drop_constraint(name, "purchase_orders")
    op.create_check_constraint(name, "purchase_orders", f"status IN ({members})")
