"""What revision 0014 makes: the statuses of deliveries that did not arrive, with the day and the reason."""

import baseline_sums
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    KEY,
    MARKINGS,
    MOMENT,
    PRECISIONS,
    QUALIFIERS,
    check_money,
    index_each,
    on_postgresql,
    one_of,
    reference,
    text,
)
from rebuild import rebuild

BEFORE = "SCHEDULED IN_TRANSIT RECEIVED ACCEPTED PARTIALLY_ACCEPTED REJECTED"
STATUSES = f"{BEFORE} CANCELLED LOST"
COPIED = (
    "id created_at updated_at version reference title status recipient planned_on received_on received_on_precision "
    "value_minor value_currency value_qualifier channel note purchase_order_id contribution_id marking"
)
ENDED_ON = "ended_on IS NULL OR status IN ('CANCELLED', 'LOST')"


def upgrade_deliveries() -> None:
    """Add the statuses, the day and the reason."""
    columns = sa.Column("ended_on", sa.Date()), sa.Column("end_reason", text(4000))
    check = sa.CheckConstraint(ENDED_ON, name=op.f("ck_deliveries_ended_on"))
    if on_postgresql():
        _replace_statuses(STATUSES)
        for column in columns:
            op.add_column("deliveries", column)
        op.create_check_constraint(op.f("ck_deliveries_ended_on"), "deliveries", ENDED_ON)
    else:
        _rebuild(STATUSES, *columns, check)
    index_each("deliveries", "ended_on")


def downgrade_deliveries() -> None:
    """Remove the statuses, the day and the reason: a delivery that did not arrive was rejected."""
    op.drop_index("ix_deliveries_ended_on", "deliveries")
    if on_postgresql():
        op.drop_constraint(op.f("ck_deliveries_ended_on"), "deliveries")
        for name in ("end_reason", "ended_on"):
            op.drop_column("deliveries", name)
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    else:
        op.execute("UPDATE deliveries SET ended_on = NULL")
    lost = "SELECT id FROM deliveries WHERE status IN ('CANCELLED', 'LOST')"
    op.execute(f"UPDATE delivery_lines SET order_line_id = NULL WHERE delivery_id IN ({lost})")  # noqa: S608 - ours
    op.execute("UPDATE deliveries SET status = 'REJECTED' WHERE status IN ('CANCELLED', 'LOST')")
    if on_postgresql():
        op.execute("RESET ROLE")
        _replace_statuses(BEFORE)
    else:
        _rebuild(BEFORE)


def _replace_statuses(statuses: str) -> None:
    name, members = op.f("ck_deliveries_status"), ", ".join(f"'{each}'" for each in statuses.split())
    op.drop_constraint(name, "deliveries")
    op.create_check_constraint(name, "deliveries", f"status IN ({members})")


def _rebuild(statuses: str, *more: sa.schema.SchemaItem) -> None:
    """Copy the table of deliveries on SQLite, with `more` columns and checks."""
    quantities.drop(baseline_sums.of_deliveries())
    rebuild(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        one_of("status", "ck_deliveries_status", statuses, nullable=False),
        sa.Column("recipient", text(300)),
        sa.Column("planned_on", sa.Date()),
        sa.Column("received_on", sa.Date()),
        one_of("received_on_precision", "ck_deliveries_received_on_precision", PRECISIONS),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_deliveries_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("channel", text(300)),
        sa.Column("note", text(4000)),
        reference("purchase_order_id", "purchase_orders", "fk_deliveries_purchase_order_id"),
        reference("contribution_id", "contributions", "fk_deliveries_contribution_id"),
        one_of("marking", "ck_deliveries_marking", MARKINGS, nullable=False, default="AMBER"),
        *more,
        sa.CheckConstraint(
            "purchase_order_id IS NULL OR contribution_id IS NULL", name=op.f("ck_deliveries_one_origin")
        ),
        check_money("value", "ck_deliveries_value"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("reference", name="uq_deliveries_reference"),
        copied={name: name for name in COPIED.split()},
    )
    index_each("deliveries", "created_at marking planned_on received_on recipient reference status title updated_at")
    op.create_index("ix_deliveries_contribution_id_reference", "deliveries", ["contribution_id", "reference", "id"])
    op.create_index("ix_deliveries_purchase_order_id_reference", "deliveries", ["purchase_order_id", "reference", "id"])
    op.create_index("ix_deliveries_value", "deliveries", ["value_currency", "value_minor", "id"])
    quantities.create(baseline_sums.of_deliveries())
