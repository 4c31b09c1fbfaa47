"""Exchange rates of orders, and of their amendments: an order in another currency than the money that it binds.

Revision 0030, after 0029.
"""

import order_exchange
import quantities
from alembic import op
from baseline_parts import on_postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

WHEN = ("before", "after")


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop([*order_exchange.of_owed(), *order_exchange.mentioned()])
    order_exchange.add()
    op.create_index("ix_purchase_orders_funded_in", "purchase_orders", ["funded_in", "id"])
    op.create_index("ix_purchase_orders_bound", "purchase_orders", ["bound_currency", "bound_minor", "id"])
    quantities.create([*order_exchange.of_orders(), *order_exchange.mentioned()])
    kind = "BIGINT" if on_postgresql() else "INTEGER"
    words = ' COLLATE "C"' if on_postgresql() else ""
    for when in WHEN:
        name = f"exchange_rate_{when}"
        check = f"CONSTRAINT ck_order_amendments_{name} CHECK ({name} BETWEEN 1 AND {order_exchange.MOST})"
        op.execute(f"ALTER TABLE order_amendments ADD COLUMN {name} {kind} {check}")
        op.execute(f"ALTER TABLE order_amendments ADD COLUMN exchange_rate_on_{when} DATE")
        op.execute(f"ALTER TABLE order_amendments ADD COLUMN exchange_rate_source_{when} VARCHAR(300){words}")


def downgrade() -> None:
    """Take the tables back to the revision before."""
    for when in WHEN:
        for name in ("exchange_rate_source", "exchange_rate_on", "exchange_rate"):
            op.execute(f"ALTER TABLE order_amendments DROP COLUMN {name}_{when}")
    quantities.drop([*order_exchange.of_orders(), *order_exchange.mentioned()])
    for name in ("bound", "funded_in"):
        op.drop_index(f"ix_purchase_orders_{name}", "purchase_orders")
    order_exchange.remove()
    quantities.create([*order_exchange.of_owed(), *order_exchange.mentioned()])
