"""Returns of accepted goods, replacements on the same order line, and units beyond the order as a gift.

Revision 0019, after 0018.
"""

import baseline_sums
import delivery_sums
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import create_entity, index_each, on_postgresql, reference, text
from protection import Protection, protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "delivery_returns": Protection(
        "EXISTS (SELECT 1 FROM delivery_lines AS delivery_lines_1 WHERE delivery_lines_1.id = "
        "delivery_returns.delivery_line_id)",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop(baseline_sums.of_deliveries())
    if on_postgresql():
        for column in delivery_sums.added():
            op.add_column("delivery_lines", column)
        op.create_foreign_key(
            "fk_delivery_lines_replaces_id", "delivery_lines", "delivery_lines", ["replaces_id"], ["id"],
            ondelete="RESTRICT",
        )  # fmt: skip
        for check in delivery_sums.checks():
            op.create_check_constraint(op.f(str(check.name)), "delivery_lines", check.sqltext)
    else:
        delivery_sums.rebuild_lines(*delivery_sums.added(), delivery_sums.replaced_line(), *delivery_sums.checks())
    index_each("delivery_lines", "returned gift")
    op.create_index("ix_delivery_lines_replaces_id_ordinal", "delivery_lines", ["replaces_id", "ordinal", "id"])
    _create_returns()
    quantities.create([*delivery_sums.of_deliveries(), *delivery_sums.of_returns()])
    protect(PROTECTED)


def _create_returns() -> None:
    create_entity(
        "delivery_returns",
        reference("delivery_line_id", "delivery_lines", "fk_delivery_returns_delivery_line_id", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", delivery_sums.QUANTITY, nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("reason", text(4000), nullable=False),
        sa.Column("corrects", sa.Integer()),
        sa.CheckConstraint("number > 0", name=op.f("ck_delivery_returns_number")),
        sa.CheckConstraint(
            "quantity > 0 OR (quantity < 0 AND corrects IS NOT NULL)", name=op.f("ck_delivery_returns_quantity")
        ),
        sa.CheckConstraint("corrects < number", name=op.f("ck_delivery_returns_corrects")),
        sa.UniqueConstraint("delivery_line_id", "number", name="uq_delivery_returns_delivery_line_id_number"),
    )
    index_each("delivery_returns", "returned_on number quantity created_at updated_at")
    op.create_index(
        "ix_delivery_returns_delivery_line_id_number", "delivery_returns", ["delivery_line_id", "number", "id"]
    )


def downgrade() -> None:
    """Take the tables back to the revision before: gifts beyond an order are no longer lines of the order."""
    protect(PROTECTED_BEFORE)
    quantities.drop([*delivery_sums.of_deliveries(), *delivery_sums.of_returns()])
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    op.execute("UPDATE delivery_lines SET order_line_id = NULL WHERE gift OR replaces_id IS NOT NULL")
    if on_postgresql():
        op.execute("RESET ROLE")
    op.drop_table("delivery_returns")
    for name in ("ix_delivery_lines_replaces_id_ordinal", "ix_delivery_lines_gift", "ix_delivery_lines_returned"):
        op.drop_index(name, "delivery_lines")
    if on_postgresql():
        for name in ("replaces_id", "gift", "returned"):
            op.drop_column("delivery_lines", name)
    else:
        delivery_sums.rebuild_lines()
    quantities.create(baseline_sums.of_deliveries())
