"""What revision 0033 makes of the lines of orders: an amendment cancels a line, which is then of 0 units.

A landed migration calls it, so this file never changes either.
"""

from collections.abc import Sequence

import amendments
import baseline_sums
import delivery_sums
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, index_each, on_postgresql, reference, text
from rebuild import rebuild
from sqlalchemy.schema import SchemaItem

QUANTITIES = ("quantity_before", "quantity_after")
RATES = ("vat_rate_before", "vat_rate_after")

ALL_KNOWN = "count(*) = count(amount_minor)"
ALL_KNOWN_OR_CANCELLED = "count(*) = count(CASE WHEN quantity = 0 THEN 0 ELSE amount_minor END)"

NOT_AMENDED = """EXISTS (SELECT 1 FROM purchase_orders WHERE id = new.purchase_order_id AND amendment_count = 0)"""
CANCELLED = "cancelled_line at quantity", "Only an amendment cancels a line of an order, with a quantity of 0."
OF_CANCELLED: list[baseline_sums.Trigger] = [
    ("cancelled_line_new", "AFTER INSERT", "order_lines", "new.quantity = 0", "", NOT_AMENDED, CANCELLED),
    ("cancelled_line", "AFTER UPDATE OF quantity", "order_lines", "new.quantity = 0", "", NOT_AMENDED, CANCELLED),
]

#: The orders whose lines are for needs of their procurement: those that have not ended.
GOES_ON = "status NOT IN ('CLOSED', 'TERMINATED', 'CANCELLED')"
NOT_ITS_NEED = f"""EXISTS (SELECT 1 FROM order_lines AS line JOIN purchase_orders AS ordered
    ON ordered.id = line.purchase_order_id AND ordered.{GOES_ON}
  WHERE line.{{which}} AND line.need_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM procurement_needs AS bought
    WHERE bought.procurement_id = ordered.procurement_id AND bought.need_id = line.need_id))"""  # noqa: S608 - ours
ITS_NEED = "need at needId", "The need of an order line is not one of the needs of the procurement."
ORDERED = "ordered at needIds", "An order that has not ended has a line for this need."
HOLD_BOUGHT = """PERFORM 1 FROM procurements WHERE id =
    (SELECT procurement_id FROM purchase_orders WHERE id = new.purchase_order_id) FOR SHARE;"""
OF_LINE = HOLD_BOUGHT, NOT_ITS_NEED.format(which="id = new.id"), ITS_NEED
REOPENED = f"old.{GOES_ON.replace(' NOT', '')} AND new.{GOES_ON}"
HOLD_PROCUREMENT = "PERFORM 1 FROM procurements WHERE id = {row}.procurement_id FOR {how};"
IS_ORDERED = f"""EXISTS (SELECT 1 FROM order_lines AS line JOIN purchase_orders AS ordered
    ON ordered.id = line.purchase_order_id AND ordered.{GOES_ON}
  WHERE ordered.procurement_id = old.procurement_id AND line.need_id = old.need_id)"""  # noqa: S608 - ours
LINK_NEEDS = f"""INSERT INTO procurement_needs (procurement_id, need_id)
  SELECT DISTINCT ordered.procurement_id, line.need_id FROM order_lines AS line
    JOIN purchase_orders AS ordered ON ordered.id = line.purchase_order_id AND ordered.{GOES_ON}
  WHERE line.need_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM procurement_needs AS bought
    WHERE bought.procurement_id = ordered.procurement_id AND bought.need_id = line.need_id)"""  # noqa: S608 - ours
#: A ceiling is raised, not removed, while orders are called off; nor does it get another currency than theirs.
HAD_A_CEILING = """old.ceiling_minor IS NOT NULL
  AND (new.ceiling_minor IS NULL OR new.ceiling_currency <> old.ceiling_currency)"""
CALLED_OFF = """EXISTS (SELECT 1 FROM purchase_orders AS called
    JOIN procurements AS bought ON bought.id = called.procurement_id
  WHERE (bought.id = new.id OR bought.framework_id = new.id) AND called.owed_minor > 0
    AND (new.ceiling_minor IS NULL OR called.owed_currency <> new.ceiling_currency))"""
CEILING = "framework_sum at ceiling", "Orders are called off below this ceiling, so it stays."
OF_CEILINGS: list[baseline_sums.Trigger] = [
    (
        "framework_ceiling", "AFTER UPDATE OF ceiling_minor, ceiling_currency", "procurements", HAD_A_CEILING, "",
        CALLED_OFF, CEILING,
    )
]  # fmt: skip
#: Orders of the public record have no supplier if no source names one: what is loaded is not placed here.
IS_PLACED = "new.status = 'PLACED' AND old.status = 'DRAFT'"
LOSES_ITS_SUPPLIER = "old.supplier_id IS NOT NULL AND new.supplier_id IS NULL"
BINDS = "new.status NOT IN ('DRAFT', 'CANCELLED')"
HAS_NO_SUPPLIER = "supplier at supplierId", "A placed order has a supplier."
OF_SUPPLIERS: list[baseline_sums.Trigger] = [
    (
        "supplier_placed", "AFTER UPDATE OF status", "purchase_orders", IS_PLACED, "", "new.supplier_id IS NULL",
        HAS_NO_SUPPLIER,
    ),
    (
        "supplier_stays", "AFTER UPDATE OF supplier_id", "purchase_orders", LOSES_ITS_SUPPLIER, "", BINDS,
        HAS_NO_SUPPLIER,
    ),
]  # fmt: skip
OF_NEEDS: list[baseline_sums.Trigger] = [
    ("line_need_new", "AFTER INSERT", "order_lines", "new.need_id IS NOT NULL", *OF_LINE),
    ("line_need", "AFTER UPDATE OF need_id, purchase_order_id", "order_lines", "new.need_id IS NOT NULL", *OF_LINE),
    (
        "line_need_reopened", "AFTER UPDATE OF status", "purchase_orders", REOPENED,
        HOLD_PROCUREMENT.format(row="new", how="SHARE"), NOT_ITS_NEED.format(which="purchase_order_id = new.id"),
        ITS_NEED,
    ),
    (
        "line_need_gone", "AFTER DELETE", "procurement_needs", "",
        HOLD_PROCUREMENT.format(row="old", how="NO KEY UPDATE"), IS_ORDERED, ORDERED,
    ),
]  # fmt: skip


def add() -> None:
    """Let lines be of 0 units."""
    quantities.drop(_of_values())
    _link_needs()
    _change(least=0)
    quantities.create([*_with_cancelled_lines(_of_values()), *OF_CANCELLED, *OF_NEEDS, *OF_CEILINGS, *OF_SUPPLIERS])


def remove() -> None:
    """Take that back: the quantity of a cancelled line is unknown then."""
    quantities.drop([*OF_SUPPLIERS, *OF_CEILINGS, *OF_NEEDS, *OF_CANCELLED, *_with_cancelled_lines(_of_values())])
    _change(least=1)
    quantities.create(_of_values())


def _link_needs() -> None:
    """Make the needs of the lines of orders that have not ended needs of their procurements."""
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    op.execute(LINK_NEEDS)
    if on_postgresql():
        op.execute("RESET ROLE")


def _of_values() -> list[baseline_sums.Trigger]:
    """Return the triggers that compare the value of an order with its lines."""
    entered = [each for each in amendments.of_amendments() if each[0] == "order_amendments_value"]
    return [*amendments.of_lines(), *entered]


def _with_cancelled_lines(triggers: Sequence[baseline_sums.Trigger]) -> list[baseline_sums.Trigger]:
    """Return triggers that know the sum of the lines also if a cancelled line has no price."""
    return [
        (name, event, table, when, hold, broken.replace(ALL_KNOWN, ALL_KNOWN_OR_CANCELLED), rule)
        for name, event, table, when, hold, broken, rule in triggers
    ]


def _of_entries() -> list[baseline_sums.Trigger]:
    """Return the triggers that never let a line of an amendment change."""
    return [each for each in amendments.of_amendments() if each[2] == "order_amendment_lines"]


def _of_order_lines() -> list[baseline_sums.Trigger]:
    """Return the other triggers of order lines, which SQLite loses with the old table."""
    script = op.get_context().script
    codes: list[baseline_sums.Trigger] = script.get_revision("0028").module.triggers() if script else []
    return [each for each in (*delivery_sums.of_deliveries(), *codes) if each[2] == "order_lines"]


def _change(least: int) -> None:
    if on_postgresql():
        quantities.drop(_of_entries())
        _change_on_postgresql(least)
        quantities.create(_of_entries())
        return
    # Without this, SQLite would not rename a table that triggers of other tables mention.
    op.execute("PRAGMA legacy_alter_table=ON")
    _rebuild_lines(least)
    _rebuild_entries(least)
    op.execute("PRAGMA legacy_alter_table=OFF")
    quantities.create([*_of_order_lines(), *_of_entries()])


def _fits(least: int) -> str:
    fits = "unit_price_minor / 10000 <= 1000000000000000000 / nullif(quantity, 0)"
    return f"quantity <= 100000000000000 AND (quantity = 0 OR {fits})" if least == 0 else quantities.FITS


def _amounts(least: int) -> list[sa.Column[object]]:
    """Return the columns that the database computes."""
    amount = quantities.AMOUNT.replace(quantities.FITS, _fits(least))
    return [
        sa.Column("amount_minor", sa.BigInteger(), sa.Computed(amount, persisted=True)),
        sa.Column("amount_currency", text(3), sa.Computed(quantities.AMOUNT_CURRENCY, persisted=True)),
    ]


def _checks(least: int) -> dict[str, dict[str, str]]:
    """Return the checks of each table that say how small a quantity is."""
    more = ">= 0" if least == 0 else "> 0"
    return {
        "order_lines": {"quantity": f"quantity {more}", "amount_fits": _fits(least)},
        "order_amendment_lines": {"quantity": " AND ".join(f"{name} {more}" for name in QUANTITIES)},
    }


def _change_on_postgresql(least: int) -> None:
    checks = _checks(least)
    for table, names in checks.items():
        for name in names:
            op.drop_constraint(f"ck_{table}_{name}", table)
    for column in ("amount_minor", "amount_currency"):
        op.drop_column("order_lines", column)
    if least:
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
        for table, columns in (("order_lines", ("quantity",)), ("order_amendment_lines", QUANTITIES)):
            for column in columns:
                op.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = 0")  # noqa: S608 - ours
        op.execute("RESET ROLE")
    for amount in _amounts(least):
        op.add_column("order_lines", amount)
    op.create_index("ix_order_lines_amount", "order_lines", ["amount_currency", "amount_minor", "id"])
    for table, names in checks.items():
        for name, says in names.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, says)


def _copied(table: str, quantity: Sequence[str], least: int, *parts: SchemaItem) -> None:
    """Copy a table on SQLite; a quantity that is too small becomes unknown."""
    columns: list[SchemaItem] = [
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *parts,
    ]
    own = [each.name for each in columns if isinstance(each, sa.Column) and each.computed is None]
    copied = {name: f"nullif({name}, 0)" if least and name in quantity else name for name in own}
    checks = [sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}")) for name, says in _checks(least)[table].items()]
    rebuild(table, *columns, *checks, sa.PrimaryKeyConstraint("id", name=f"pk_{table}"), copied=copied)


def _rate(table: str, name: str) -> sa.Column[int]:
    check = sa.CheckConstraint(f"{name} BETWEEN 0 AND 100000", name=op.f(f"ck_{table}_{name}"))
    return sa.Column(name, sa.Integer(), check)


def _rebuild_lines(least: int) -> None:
    _copied(
        "order_lines",
        ("quantity",),
        least,
        reference(
            "purchase_order_id", "purchase_orders", "fk_order_lines_purchase_order_id", ondelete="CASCADE",
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("cpv_code", text(10)),
        sa.Column("quantity", sa.Integer()),
        sa.Column("unit", text(40)),
        sa.Column("unit_price_minor", sa.Integer()),
        sa.Column("unit_price_currency", text(3)),
        reference("need_id", "capability_needs", "fk_order_lines_need_id"),
        quantities.kind_of_line(),
        *_amounts(least),
        _rate("order_lines", "vat_rate"),
        quantities.check_price(10**18),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_order_lines_cpv_code")),
        sa.UniqueConstraint("id", "need_id", name="uq_order_lines_id_need_id"),
        sa.UniqueConstraint("purchase_order_id", "ordinal", name="uq_order_lines_purchase_order_id_ordinal"),
    )  # fmt: skip
    index_each("order_lines", "cpv_code created_at description ordinal quantity updated_at kind vat_rate")
    for name in ("need_id", "purchase_order_id"):
        op.create_index(f"ix_order_lines_{name}_ordinal", "order_lines", [name, "ordinal", "id"])
    for name in ("unit_price", "amount"):
        op.create_index(f"ix_order_lines_{name}", "order_lines", [f"{name}_currency", f"{name}_minor", "id"])


def _rebuild_entries(least: int) -> None:
    table = "order_amendment_lines"
    prices = [
        column
        for name in ("unit_price_before", "unit_price_after")
        for column in (sa.Column(f"{name}_minor", sa.Integer()), sa.Column(f"{name}_currency", text(3)))
    ]
    _copied(
        table,
        QUANTITIES,
        least,
        reference("amendment_id", "order_amendments", f"fk_{table}_amendment_id", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        reference("order_line_id", "order_lines", f"fk_{table}_order_line_id", nullable=False),
        *(sa.Column(name, sa.Integer()) for name in QUANTITIES),
        *prices,
        sa.Column("is_new", sa.Boolean(), nullable=False),
        *(_rate(table, name) for name in RATES),
        sa.CheckConstraint(
            "NOT is_new OR (quantity_before IS NULL AND unit_price_before_minor IS NULL)",
            name=op.f(f"ck_{table}_is_new"),
        ),
        amendments.check_price("unit_price_before"),
        amendments.check_price("unit_price_after"),
        sa.UniqueConstraint("amendment_id", "order_line_id", name=f"uq_{table}_amendment_id_order_line_id"),
    )
    index_each(table, "ordinal created_at updated_at")
    for name in ("amendment_id", "order_line_id"):
        op.create_index(f"ix_{table}_{name}_ordinal", table, [name, "ordinal", "id"])
