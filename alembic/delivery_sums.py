"""What revision 0015 makes: columns of delivery lines, and triggers that add up accepted and returned quantities."""

import baseline_sums
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, QUALIFIERS, index_each, one_of, reference, text
from rebuild import rebuild

COPIED = (
    "id created_at updated_at version delivery_id ordinal description quantity quantity_qualifier unit accepted "
    "rejected order_line_id need_id"
)

#: Thousandths of a unit.
QUANTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

OPEN = "('SCHEDULED', 'IN_TRANSIT', 'RECEIVED')"
COUNTED = "('ACCEPTED', 'PARTIALLY_ACCEPTED')"

RECEIVED = (
    "received_sum",
    "More than the ordered quantity would be accepted or expected. Reduce the quantity, or enter the rest as a gift.",
)
RETURNED = "returns_sum at quantity", "The returned quantity exceeds the accepted quantity, or is negative."
ADDED_UP = "returned", "The returned quantity of a delivery line is the sum of its returns."
NEVER = "delivery_return_stays", "A return never changes: enter a later one that corrects it."

#: How much of an order line is accepted and not returned, or expected.
USED = f"""(SELECT sum(CASE WHEN delivery.status IN {COUNTED}
      THEN coalesce(line.accepted, line.quantity) - line.returned ELSE line.quantity END)
    FROM delivery_lines AS line JOIN deliveries AS delivery ON delivery.id = line.delivery_id
    WHERE line.order_line_id = {{line}} AND NOT line.gift
      AND (delivery.status IN {OPEN} OR delivery.status IN {COUNTED}))"""  # noqa: S608 - ours
IS_USED = f"(status IN {OPEN} OR status IN {COUNTED})"
OVER_ORDERED = f"""NOT new.gift AND EXISTS (
  SELECT 1 FROM order_lines AS ordered WHERE ordered.id = new.order_line_id
    AND EXISTS (SELECT 1 FROM deliveries WHERE id = new.delivery_id AND {IS_USED})
    AND ordered.quantity < {USED.format(line="ordered.id")}
)"""  # noqa: S608 - ours
STATUS_OVER_ORDERED = f"""EXISTS (
  SELECT 1 FROM order_lines AS ordered
    WHERE ordered.id IN (SELECT order_line_id FROM delivery_lines WHERE delivery_id = new.id AND NOT gift)
    AND ordered.quantity < {USED.format(line="ordered.id")}
)"""  # noqa: S608 - ours
UNDER_USED = f"new.quantity < {USED.format(line='new.id')}"

#: Sums of returns are checked once no number is missing: a restored backup brings the entries in another order.
SUM = "(SELECT coalesce(sum(quantity), 0) FROM delivery_returns WHERE delivery_line_id = {line})"
SUM_OF_ENTRY, SUM_OF_LINE = SUM.format(line="new.delivery_line_id"), SUM.format(line="new.id")
OUT_OF_BOUNDS = f"""(SELECT count(*) = max(number) FROM delivery_returns
    WHERE delivery_line_id = new.delivery_line_id)
  AND ({SUM_OF_ENTRY} < 0 OR {SUM_OF_ENTRY} >
    (SELECT coalesce(accepted, 0) FROM delivery_lines WHERE id = new.delivery_line_id))"""  # noqa: S608 - ours

HOLD_ORDERS = baseline_sums.HOLD_ORDERS
HOLD_DELIVERY = baseline_sums.HOLD.format(
    table="deliveries", keys="SELECT delivery_id FROM delivery_lines WHERE id = new.delivery_line_id"
)
MORE_OF_A_LINE = """coalesce(new.quantity, 0) > coalesce(old.quantity, 0)
  OR coalesce(new.accepted, 0) > coalesce(old.accepted, 0) OR new.returned < old.returned
  OR (old.gift AND NOT new.gift) OR new.delivery_id <> old.delivery_id
  OR (new.order_line_id IS NOT NULL AND (old.order_line_id IS NULL OR old.order_line_id <> new.order_line_id))"""
MORE_OF_A_DELIVERY = f"""(new.status IN {OPEN} AND old.status NOT IN {OPEN})
  OR (new.status IN {COUNTED} AND old.status NOT IN {OPEN} AND old.status NOT IN {COUNTED})"""


def of_deliveries() -> list[baseline_sums.Trigger]:
    """Return the triggers that check that no more is accepted or expected than was ordered."""
    line = "AFTER UPDATE OF quantity, accepted, returned, gift, order_line_id, delivery_id"
    over = HOLD_ORDERS.format(which="= new.order_line_id"), OVER_ORDERED, RECEIVED
    hold_all = HOLD_ORDERS.format(which="IN (SELECT order_line_id FROM delivery_lines WHERE delivery_id = new.id)")
    status, less = "AFTER UPDATE OF status", "AFTER UPDATE OF quantity"
    hold_own = HOLD_ORDERS.format(which="= new.id")
    return [
        ("received_sum_new", "AFTER INSERT", "delivery_lines", "", *over),
        ("received_sum_line", line, "delivery_lines", MORE_OF_A_LINE, *over),
        ("received_sum_status", status, "deliveries", MORE_OF_A_DELIVERY, hold_all, STATUS_OVER_ORDERED, RECEIVED),
        ("received_sum_ordered", less, "order_lines", "", hold_own, UNDER_USED, RECEIVED),
    ]


def of_returns() -> list[baseline_sums.Trigger]:
    """Return the triggers that add up returns, and that never let one change."""
    changed, other = "AFTER UPDATE OF returned", "new.returned <> old.returned"
    return [
        ("delivery_returns_sum", "AFTER INSERT", "delivery_returns", "", HOLD_DELIVERY, OUT_OF_BOUNDS, RETURNED),
        ("delivery_line_returned", changed, "delivery_lines", other, "", f"new.returned <> {SUM_OF_LINE}", ADDED_UP),
        ("delivery_returns_stay", "BEFORE UPDATE", "delivery_returns", "", "", "new.id = old.id", NEVER),
        ("delivery_returns_last", "BEFORE DELETE", "delivery_returns", "", "", "old.id = old.id", NEVER),
    ]


def added() -> list[sa.Column[object]]:
    """Return the new columns."""
    return [
        sa.Column("returned", QUANTITY, server_default="0", nullable=False),
        sa.Column("gift", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("replaces_id", KEY),
    ]


def replaced_line() -> sa.ForeignKeyConstraint:
    """Return the reference of a line to the line that it replaces, on SQLite."""
    return sa.ForeignKeyConstraint(
        ["replaces_id"], ["delivery_lines.id"], name="fk_delivery_lines_replaces_id", ondelete="RESTRICT"
    )


def checks() -> list[sa.CheckConstraint]:
    """Return the new checks."""
    return [
        sa.CheckConstraint("returned BETWEEN 0 AND coalesce(accepted, 0)", name=op.f("ck_delivery_lines_returned")),
        sa.CheckConstraint("replaces_id <> id", name=op.f("ck_delivery_lines_replaces")),
    ]


def rebuild_lines(*more: sa.schema.SchemaItem) -> None:
    """Copy the table of delivery lines on SQLite, with `more` columns and checks."""
    rebuild(
        "delivery_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        reference("delivery_id", "deliveries", "fk_delivery_lines_delivery_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("quantity", sa.Integer()),
        one_of("quantity_qualifier", "ck_delivery_lines_quantity_qualifier", QUALIFIERS, nullable=False),
        sa.Column("unit", text(40)),
        sa.Column("accepted", sa.Integer()),
        sa.Column("rejected", sa.Integer()),
        reference("order_line_id", "order_lines", "fk_delivery_lines_order_line_id"),
        reference("need_id", "capability_needs", "fk_delivery_lines_need_id"),
        *more,
        sa.ForeignKeyConstraint(
            ["order_line_id", "need_id"],
            ["order_lines.id", "order_lines.need_id"],
            name="fk_delivery_lines_order_line_id_need_id",
        ),
        sa.CheckConstraint("(accepted IS NULL) = (rejected IS NULL)", name=op.f("ck_delivery_lines_examined")),
        sa.CheckConstraint("accepted + rejected = quantity", name=op.f("ck_delivery_lines_examined_in_full")),
        sa.CheckConstraint(
            "quantity >= 0 AND accepted >= 0 AND rejected >= 0", name=op.f("ck_delivery_lines_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_lines"),
        sa.UniqueConstraint("delivery_id", "ordinal", name="uq_delivery_lines_delivery_id_ordinal"),
        copied={name: name for name in COPIED.split()},
    )
    index_each("delivery_lines", "accepted created_at description ordinal quantity rejected updated_at")
    for name in ("delivery_id", "need_id", "order_line_id"):
        op.create_index(f"ix_delivery_lines_{name}_ordinal", "delivery_lines", [name, "ordinal", "id"])
