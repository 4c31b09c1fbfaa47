"""What revision 0008 makes: the columns of an order's end, and the triggers that add up what orders owe."""

import baseline_sums
import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    KEY,
    MOMENT,
    PRECISIONS,
    QUALIFIERS,
    check_money,
    index_each,
    one_of,
    reference,
    text,
)
from rebuild import rebuild

BEFORE = "DRAFT PLACED CONFIRMED PARTIALLY_DELIVERED DELIVERED CLOSED"
STATUSES = f"{BEFORE} TERMINATED CANCELLED"
OWED = (
    "CASE WHEN status IN ('DRAFT', 'CANCELLED') AND value_minor IS NOT NULL THEN 0 "
    "WHEN settled_minor IS NOT NULL THEN settled_minor ELSE value_minor END"
)
COPIED = (
    "id created_at updated_at version number title supplier status ordered_on ordered_on_precision "
    "expected_on value_minor value_currency value_qualifier note procurement_id visible_since"
)
#: The new checks, by their names.
CHECKS = {
    "settled_at_the_end": "settled_minor IS NULL OR (value_minor IS NOT NULL AND settled_minor <= value_minor "
    "AND settled_currency = value_currency AND status IN ('CLOSED', 'TERMINATED'))",
    "terminated": "status <> 'TERMINATED' OR settled_minor IS NOT NULL OR value_minor IS NULL",
    "ended_on": "ended_on IS NULL OR status IN ('CLOSED', 'TERMINATED', 'CANCELLED')",
}

ORDERS = """(SELECT sum(owed_minor) FROM purchase_orders
    WHERE procurement_id = {procurement} AND owed_currency = {currency})"""
EXCEED = f"{ORDERS} > {baseline_sums.SET_ASIDE}"
OWES_MORE = """(old.procurement_id <> new.procurement_id OR old.owed_currency IS NULL
  OR old.owed_currency <> new.owed_currency OR old.owed_minor < new.owed_minor)"""
IS_FUNDED = "EXISTS (SELECT 1 FROM allocations WHERE procurement_id = new.procurement_id)"
EXCEED_NEW = EXCEED.format(procurement="new.procurement_id", currency="new.owed_currency")
OVER_ALLOCATIONS = f"new.owed_minor > 0 AND {IS_FUNDED} AND {EXCEED_NEW}"
NO_LONGER_SET_ASIDE = EXCEED.format(procurement="old.procurement_id", currency="old.amount_currency")


def of_orders() -> list[baseline_sums.Trigger]:
    """Return the triggers that check what the orders of a procurement owe."""
    changed = "AFTER UPDATE OF status, value_minor, value_currency, settled_minor, procurement_id"
    over = baseline_sums.HOLD_PROCUREMENT.format(row="new"), OVER_ALLOCATIONS, baseline_sums.ORDERED
    less = """new.amount_minor < old.amount_minor OR new.amount_currency <> old.amount_currency
      OR new.procurement_id <> old.procurement_id"""
    lowered = "AFTER UPDATE OF amount_minor, amount_currency, procurement_id"
    under = baseline_sums.HOLD_PROCUREMENT.format(row="old"), NO_LONGER_SET_ASIDE, baseline_sums.ORDERED
    return [
        ("orders_sum_new", "AFTER INSERT", "purchase_orders", "", *over),
        ("orders_sum_more", changed, "purchase_orders", OWES_MORE, *over),
        ("orders_sum_less", lowered, "allocations", less, *under),
        ("orders_sum_gone", "AFTER DELETE", "allocations", "", *under),
    ]


def added() -> list[sa.Column[object]]:
    """Return the new columns, those that the database computes last."""
    return [
        sa.Column("ended_on", sa.Date()),
        sa.Column("end_reason", text(4000)),
        sa.Column("settled_minor", sa.BigInteger()),
        sa.Column("settled_currency", text(3)),
        sa.Column("owed_minor", sa.BigInteger(), sa.Computed(OWED, persisted=True)),
        sa.Column("owed_currency", text(3), sa.Computed("value_currency", persisted=True)),
    ]


def checks() -> list[sa.CheckConstraint]:
    """Return the new checks."""
    named = [sa.CheckConstraint(says, name=op.f(f"ck_purchase_orders_{name}")) for name, says in CHECKS.items()]
    return [*named, check_money("settled", "ck_purchase_orders_settled")]


def index_added() -> None:
    """Create the indexes of the new columns."""
    index_each("purchase_orders", "ended_on")
    op.create_index("ix_purchase_orders_owed", "purchase_orders", ["owed_currency", "owed_minor", "id"])


def rebuild_orders(statuses: str, *more: sa.schema.SchemaItem) -> None:
    """Copy the table of orders on SQLite, with `more` columns and checks."""
    rebuild(
        "purchase_orders",
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", text(40), nullable=False),
        sa.Column("title", text(300)),
        sa.Column("supplier", text(300)),
        one_of("status", "ck_purchase_orders_status", statuses, nullable=False),
        sa.Column("ordered_on", sa.Date()),
        one_of("ordered_on_precision", "ck_purchase_orders_ordered_on_precision", PRECISIONS),
        sa.Column("expected_on", sa.Date()),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_purchase_orders_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("note", text(4000)),
        reference("procurement_id", "procurements", "fk_purchase_orders_procurement_id", nullable=False),
        sa.Column("visible_since", MOMENT),
        *more,
        sa.CheckConstraint("expected_on >= ordered_on", name=op.f("ck_purchase_orders_expected_on")),
        check_money("value", "ck_purchase_orders_value"),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_orders"),
        sa.UniqueConstraint("number", name="uq_purchase_orders_number"),
        copied={name: name for name in COPIED.split()},
    )
    index_each("purchase_orders", "created_at expected_on number ordered_on status supplier title updated_at")
    op.create_index("ix_purchase_orders_procurement_id_number", "purchase_orders", ["procurement_id", "number", "id"])
    op.create_index("ix_purchase_orders_value", "purchase_orders", ["value_currency", "value_minor", "id"])
