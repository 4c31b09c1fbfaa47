"""What revision 0007 makes: the tables of order lines, and the triggers that compare an order with its lines."""

import baseline_sums
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, index_each, on_postgresql, one_of, reference, text
from rebuild import rebuild

KINDS = "GOODS SERVICE FREIGHT DISCOUNT CREDIT"
FITS = "quantity <= 100000000000000 AND unit_price_minor / 10000 <= 1000000000000000000 / nullif(quantity, 0)"
PART = "(unit_price_minor - unit_price_minor / 10000 * 10000)"
FINE = f"(quantity * {PART})"
WHOLE = f"(quantity * (unit_price_minor / 10000) + {FINE} / 10000)"
REST = f"(({WHOLE} - {WHOLE} / 1000 * 1000) * 10000 + {FINE} - {FINE} / 10000 * 10000)"
ODD = f"{WHOLE} / 1000 - {WHOLE} / 2000 * 2 = 1"
UP = f"CASE WHEN {REST} > 5000000 OR ({REST} = 5000000 AND {ODD}) THEN 1 ELSE 0 END"
ROUNDED = f"{WHOLE} / 1000 + {UP}"
AMOUNT = f"CASE WHEN {FITS} THEN ({ROUNDED}) * CASE WHEN kind IN ('DISCOUNT', 'CREDIT') THEN -1 ELSE 1 END END"
AMOUNT_CURRENCY = "CASE WHEN quantity IS NOT NULL THEN unit_price_currency END"

#: The sum of an order's lines; null unless each has an amount, all in one currency.
SUM_OF_LINES = """(SELECT CASE WHEN count(*) = count(amount_minor) AND count(DISTINCT amount_currency) = 1
      THEN sum(amount_minor) END FROM order_lines WHERE purchase_order_id = {order})"""
CURRENCY_OF_LINES = "(SELECT min(amount_currency) FROM order_lines WHERE purchase_order_id = {order})"
DIFFERS = """EXISTS (SELECT 1 FROM purchase_orders WHERE id = {order} AND status <> 'DRAFT'
      AND {total} IS NOT NULL AND ({other}))"""


def check_price(most: int) -> sa.CheckConstraint:
    """Return the check of the unit price of order lines, up to `most`."""
    return sa.CheckConstraint(
        "(unit_price_minor IS NULL AND unit_price_currency IS NULL) OR (unit_price_minor IS NOT NULL "
        f"AND unit_price_currency IS NOT NULL AND unit_price_minor BETWEEN 0 AND {most} "
        "AND length(unit_price_currency) = 3)",
        name=op.f("ck_order_lines_unit_price"),
    )


def amounts() -> list[sa.Column[object]]:
    """Return the columns that the database computes."""
    return [
        sa.Column("amount_minor", sa.BigInteger(), sa.Computed(AMOUNT, persisted=True)),
        sa.Column("amount_currency", text(3), sa.Computed(AMOUNT_CURRENCY, persisted=True)),
    ]


def rebuild_lines(*more: sa.schema.SchemaItem, price_type: sa.types.TypeEngine[int], copied: dict[str, str]) -> None:
    """Copy the table of order lines on SQLite, with `more` columns and checks."""
    names = "id created_at updated_at version purchase_order_id ordinal description cpv_code unit unit_price_currency"
    rebuild(
        "order_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        reference(
            "purchase_order_id", "purchase_orders", "fk_order_lines_purchase_order_id", ondelete="CASCADE",
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("cpv_code", text(10)),
        sa.Column("quantity", sa.Integer()),
        sa.Column("unit", text(40)),
        sa.Column("unit_price_minor", price_type),
        sa.Column("unit_price_currency", text(3)),
        reference("need_id", "capability_needs", "fk_order_lines_need_id"),
        *more,
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_order_lines_cpv_code")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity")),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
        sa.UniqueConstraint("id", "need_id", name="uq_order_lines_id_need_id"),
        sa.UniqueConstraint("purchase_order_id", "ordinal", name="uq_order_lines_purchase_order_id_ordinal"),
        copied={**{name: name for name in names.split()}, "need_id": "need_id", **copied},
    )  # fmt: skip
    index_each("order_lines", "cpv_code created_at description ordinal quantity updated_at")
    op.create_index("ix_order_lines_need_id_ordinal", "order_lines", ["need_id", "ordinal", "id"])
    op.create_index("ix_order_lines_purchase_order_id_ordinal", "order_lines", ["purchase_order_id", "ordinal", "id"])
    op.create_index("ix_order_lines_unit_price", "order_lines", ["unit_price_currency", "unit_price_minor", "id"])


def kind_of_line() -> sa.Column[str]:
    """Return the column of the kind of a line."""
    return one_of("kind", "ck_order_lines_kind", KINDS, nullable=False, default="GOODS")


def check_fits() -> sa.CheckConstraint:
    """Return the check that the amount of a line can be computed in 64 bits."""
    return sa.CheckConstraint(FITS, name=op.f("ck_order_lines_amount_fits"))


def of_lines() -> list[baseline_sums.Trigger]:
    """Return the triggers that check that an order that binds is worth the sum of its lines."""
    typed = "AFTER UPDATE OF status, value_minor, value_currency"
    changed = "AFTER UPDATE OF kind, quantity, unit_price_minor, unit_price_currency, purchase_order_id"
    new, gone = (differs(f"{row}.purchase_order_id", "<>") for row in ("new", "old"))
    said = baseline_sums.VALUE
    return [
        ("order_value_typed", typed, "purchase_orders", "", "", differs("new.id", "<>"), said),
        # Where lines are added one by one, the last completes the sum.
        ("order_value_line_new", "AFTER INSERT", "order_lines", "", "", differs("new.purchase_order_id", "<"), said),
        ("order_value_line", changed, "order_lines", "", "", new, said),
        ("order_value_line_gone", "AFTER DELETE", "order_lines", "", "", gone, said),
    ]


def differs(order: str, how: str) -> str:
    """Return the condition that an order binds and has another value than its lines, or `how` another."""
    total, currency = SUM_OF_LINES.format(order=order), CURRENCY_OF_LINES.format(order=order)
    unknown = "" if how == "<" else "value_minor IS NULL OR "
    other = f"{unknown}value_minor {how} {total} OR value_currency <> {currency}"
    return DIFFERS.format(order=order, total=total, other=other)


def drop(triggers: list[baseline_sums.Trigger]) -> None:
    """Drop triggers, and on PostgreSQL their functions."""
    for name, _, table, *_ in triggers:
        op.execute(f"DROP TRIGGER {name} ON {table}" if on_postgresql() else f"DROP TRIGGER {name}")
        if on_postgresql():
            op.execute(f"DROP FUNCTION {name}()")


def create(triggers: list[baseline_sums.Trigger]) -> None:
    """Create triggers."""
    for trigger in triggers:
        if on_postgresql():
            baseline_sums._create_on_postgresql(trigger)  # noqa: SLF001 - a sealed file
        else:
            baseline_sums._create_on_sqlite(trigger)  # noqa: SLF001
