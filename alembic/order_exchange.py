"""What revision 0030 makes: exchange rates of orders, the amounts in the currency of the money, and their triggers.

A landed migration calls it, so this file never changes either.
"""

import amendments
import baseline_sums
import order_copies
import order_ends
import sqlalchemy as sa
from alembic import op
from baseline_parts import on_postgresql, reference, text
from sqlalchemy.schema import SchemaItem

#: How many decimals currencies have, unless it is two.
DECIMALS = {
    0: "BEF BIF CLP DJF ESP GNF GRD ISK ITL JPY KMF KRW LUF PTE PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXCHANGE = ("funded_in", "exchange_rate", "exchange_rate_on", "exchange_rate_source")
MOST = 100000000000000
RATE_TYPE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _decimals(currency: str) -> str:
    whens = " ".join(
        f"WHEN {currency} IN ({', '.join(map(repr, codes.split()))}) THEN {decimals}"
        for decimals, codes in DECIMALS.items()
    )
    return f"CASE {whens} ELSE 2 END"


def _factor(powers: str, otherwise: int) -> str:
    return f"CASE {_decimals('{funding}')} - {_decimals('{currency}')} {powers} ELSE {otherwise} END"


_LESS = _factor("WHEN -1 THEN 1000 WHEN -2 THEN 100 WHEN -3 THEN 10 WHEN -4 THEN 1", 10000)
_MORE = _factor("WHEN 1 THEN 10 WHEN 2 THEN 100 WHEN 3 THEN 1000 WHEN 4 THEN 10000", 1)
_FIRST = "({amount} % {rate} * 10000)"
_SECOND = f"({_FIRST} % {{rate}} * {_LESS})"
_THIRD = f"({_SECOND} % {{rate}} * {_MORE})"
_REST = f"({_THIRD} % {{rate}})"
_WHOLE = (
    f"((({{amount}} / {{rate}} * 10000 + {_FIRST} / {{rate}}) * {_LESS} + {_SECOND} / {{rate}}) * {_MORE} "
    f"+ {_THIRD} / {{rate}})"
)
_UP = f"CASE WHEN {_REST} * 2 > {{rate}} OR ({_REST} * 2 = {{rate}} AND {_WHOLE} % 2 = 1) THEN 1 ELSE 0 END"
_FITS = f"{{rate}} BETWEEN 1 AND {MOST} AND {{amount}} / nullif({{rate}}, 0) <= 100000000000 / {_LESS} / {_MORE}"
_RATE = {"rate": "exchange_rate", "currency": "value_currency", "funding": "funded_in"}
_CONVERTED = f"CASE WHEN {_FITS} THEN {_WHOLE} + {_UP} END".format(amount=f"({order_ends.OWED})", **_RATE)
BOUND = f"CASE WHEN exchange_rate IS NULL THEN {order_ends.OWED} ELSE {_CONVERTED} END"

_NONE, _ALL = (" AND ".join(f"{name} IS {null}" for name in EXCHANGE) for null in ("NULL", "NOT NULL"))
#: The checks of what an order states, by their names.
CHECKS = {
    "exchange_rate": f"({_NONE}) OR ({_ALL} AND exchange_rate BETWEEN 1 AND {MOST})",
    "funded_in": "length(funded_in) = 3 AND funded_in <> value_currency",
    "exchange_fits": f"exchange_rate IS NULL OR value_minor IS NULL OR ({_FITS.format(amount='value_minor', **_RATE)})",
}
IN_RANGE = "bound_minor BETWEEN 0 AND 1000000000000000"
CURRENCY = "coalesce(funded_in, value_currency)"

BINDS = """AFTER UPDATE OF status, value_minor, value_currency, settled_minor, procurement_id, funded_in,
  exchange_rate"""
ORDERS = """(SELECT sum(bound_minor) FROM purchase_orders
    WHERE procurement_id = {procurement} AND bound_currency = {currency})"""
EXCEED = f"{ORDERS} > {baseline_sums.SET_ASIDE}"
BINDS_MORE = """(old.procurement_id <> new.procurement_id OR old.bound_currency IS NULL
  OR old.bound_currency <> new.bound_currency OR old.bound_minor IS NULL OR old.bound_minor < new.bound_minor)"""
EXCEED_NEW = EXCEED.format(procurement="new.procurement_id", currency="new.bound_currency")
OVER_ALLOCATIONS = f"new.bound_minor > 0 AND {order_ends.IS_FUNDED} AND {EXCEED_NEW}"
NO_LONGER_SET_ASIDE = EXCEED.format(procurement="old.procurement_id", currency="old.amount_currency")

#: Money on its way between two needs of a procurement still backs its orders, since revision 0029.
LESS = """new.amount_minor + new.in_transit < old.amount_minor + old.in_transit
  OR new.amount_currency <> old.amount_currency OR new.procurement_id <> old.procurement_id"""
LOWERED = "AFTER UPDATE OF amount_minor, amount_currency, procurement_id, in_transit"
HOLD_OLD = baseline_sums.HOLD_PROCUREMENT.format(row="old")
OWED_NO_LONGER, BOUND_NO_LONGER = (
    each.replace("sum(amount_minor)", "sum(amount_minor + in_transit)")
    for each in (order_ends.NO_LONGER_SET_ASIDE, NO_LONGER_SET_ASIDE)
)

#: The triggers of revision 0027 that mention orders.
CEILING = "framework_sum", "The orders would exceed the ceiling of the framework agreement."
#: The framework agreements whose orders exceed the ceiling.
OVER_CEILING = """EXISTS (SELECT 1 FROM procurements AS agreed WHERE agreed.id IN ({keys}) AND agreed.ceiling_minor <
  (SELECT sum(called.owed_minor) FROM purchase_orders AS called
    JOIN procurements AS bought ON bought.id = called.procurement_id
    WHERE (bought.id = agreed.id OR bought.framework_id = agreed.id)
      AND called.owed_currency = agreed.ceiling_currency))"""
OF_ORDER = "SELECT coalesce(framework_id, id) FROM procurements WHERE id = new.procurement_id"
OF_PROCUREMENT = "new.id, new.framework_id"
HOLD = "PERFORM 1 FROM procurements WHERE id IN ({keys}) ORDER BY id FOR NO KEY UPDATE;"
OWES_MORE = """new.owed_minor > coalesce(old.owed_minor, 0) OR new.procurement_id <> old.procurement_id
  OR old.owed_currency IS NULL OR new.owed_currency <> old.owed_currency"""
OWES = "AFTER UPDATE OF status, value_minor, value_currency, settled_minor, procurement_id"
OVER = HOLD.format(keys=OF_ORDER), OVER_CEILING.format(keys=OF_ORDER), CEILING
CHANGED = "AFTER UPDATE OF ceiling_minor, ceiling_currency, framework_id"
OTHER = """(new.ceiling_minor IS NOT NULL AND (old.ceiling_minor IS NULL OR new.ceiling_minor < old.ceiling_minor
  OR new.ceiling_currency <> old.ceiling_currency))
  OR (new.framework_id IS NOT NULL AND (old.framework_id IS NULL OR new.framework_id <> old.framework_id))"""
UNDER = HOLD.format(keys=OF_PROCUREMENT), OVER_CEILING.format(keys=OF_PROCUREMENT), CEILING
OF_FRAMEWORKS: list[baseline_sums.Trigger] = [
    ("framework_sum_new", "AFTER INSERT", "purchase_orders", "new.owed_minor > 0", *OVER),
    ("framework_sum_more", OWES, "purchase_orders", OWES_MORE, *OVER),
    ("framework_sum_less", CHANGED, "procurements", OTHER, *UNDER),
]

#: The triggers of revision 0029 that mention orders.
GIVEN_UP = "('REJECTED', 'WITHDRAWN')"
IDLE = "('PLANNING', 'UNSUCCESSFUL', 'CANCELLED', 'COMPLETED')"
IN_PROGRESS = "('PLACED', 'CONFIRMED', 'PARTIALLY_DELIVERED')"
BUYS = "needs_open at to", "Nothing is bought for a need that is REJECTED or WITHDRAWN."
BOUGHT = "bought at to", "The need is being bought."
HOLD_NEEDS = "PERFORM 1 FROM capability_needs WHERE id IN ({keys}) ORDER BY id FOR SHARE;"
ARE_GIVEN_UP = f"EXISTS (SELECT 1 FROM capability_needs WHERE id IN ({{keys}}) AND status IN {GIVEN_UP})"  # noqa: S608 - ours
OF_LINE = "SELECT need_id FROM order_lines WHERE purchase_order_id = new.id"
IS_BOUGHT = f"""EXISTS (SELECT 1 FROM order_lines JOIN purchase_orders AS ordered
    ON ordered.id = order_lines.purchase_order_id AND ordered.status IN {IN_PROGRESS} WHERE need_id = new.id)
  OR EXISTS (SELECT 1 FROM procurement_needs JOIN procurements AS bought
    ON bought.id = procurement_needs.procurement_id AND bought.status NOT IN {IDLE} WHERE need_id = new.id)"""  # noqa: S608 - ours
PLACED = "new.status = 'PLACED' AND old.status = 'DRAFT'"
DROPPED = f"new.status IN {GIVEN_UP} AND old.status NOT IN {GIVEN_UP}"
OF_LINES = HOLD_NEEDS.format(keys=OF_LINE), ARE_GIVEN_UP.format(keys=OF_LINE), BUYS
OF_NEEDS: list[baseline_sums.Trigger] = [
    ("needs_open_order", "AFTER UPDATE OF status", "purchase_orders", PLACED, *OF_LINES),
    ("needs_open_ordered", "AFTER UPDATE OF status", "capability_needs", DROPPED, "", IS_BOUGHT, BOUGHT),
]

FUTURE = "future at exchangeRateOn", "The day of the exchange rate is in the future."


def of_owed() -> list[baseline_sums.Trigger]:
    """Return the triggers that check what orders owe, as they are before revision 0030."""
    less = "orders_sum_less", LOWERED, "allocations", LESS, HOLD_OLD, OWED_NO_LONGER, baseline_sums.ORDERED
    return [*(each for each in order_ends.of_orders() if each[0] != "orders_sum_less"), less]


def of_orders() -> list[baseline_sums.Trigger]:
    """Return the triggers that check the money that orders bind, and the days of their exchange rates."""
    over = baseline_sums.HOLD_PROCUREMENT.format(row="new"), OVER_ALLOCATIONS, baseline_sums.ORDERED
    future = "new.exchange_rate_on > CURRENT_DATE"
    return [
        ("orders_sum_new", "AFTER INSERT", "purchase_orders", "", *over),
        ("orders_sum_more", BINDS, "purchase_orders", BINDS_MORE, *over),
        ("orders_sum_less", LOWERED, "allocations", LESS, HOLD_OLD, BOUND_NO_LONGER, baseline_sums.ORDERED),
        ("orders_sum_gone", "AFTER DELETE", "allocations", "", HOLD_OLD, NO_LONGER_SET_ASIDE, baseline_sums.ORDERED),
        ("exchange_rate_new", "AFTER INSERT", "purchase_orders", "", "", future, FUTURE),
        ("exchange_rate_day", "AFTER UPDATE OF exchange_rate_on", "purchase_orders", "", "", future, FUTURE),
    ]


def mentioned() -> list[baseline_sums.Trigger]:
    """Return the triggers that mention orders and stay as they are, without which SQLite cannot copy the table."""
    return [*amendments.of_lines(), *amendments.of_amendments(), *OF_FRAMEWORKS, *OF_NEEDS]


def add() -> None:
    """Add the columns and checks to orders."""
    with op.batch_alter_table("purchase_orders", copy_from=_copied([])) as orders:
        for column in (*_stated(), *_kept(), *_computed()):
            orders.add_column(column)
        for check in (*_checks(), _in_range()):
            orders.create_check_constraint(op.f(str(check.name)), check.sqltext)
    if not on_postgresql():
        _index_owed()


def remove() -> None:
    """Drop the columns and checks again."""
    with op.batch_alter_table("purchase_orders", copy_from=_copied([*_stated(), *_checks()])) as orders:
        for check in (*_checks(), *([_in_range()] if on_postgresql() else [])):
            orders.drop_constraint(op.f(str(check.name)), type_="check")
        for column in (*(_computed() if on_postgresql() else []), *_stated()):
            orders.drop_column(column.name)
        for column in _kept():
            orders.add_column(column)
    if not on_postgresql():
        _index_owed()


def _copied(more: list[SchemaItem]) -> sa.Table | None:
    """Return the table that SQLite copies, with `more` parts and without computed columns; None on PostgreSQL."""
    names = ["awards.id", "awards.procurement_id"]
    parts: list[SchemaItem] = [
        reference("supplier_id", "suppliers", "fk_purchase_orders_supplier_id"),
        reference("award_id", "awards", "fk_purchase_orders_award_id"),
        sa.ForeignKeyConstraint(
            ["award_id", "procurement_id"], names, name="fk_purchase_orders_award_id_procurement_id"
        ),
        sa.Column("amendment_count", sa.Integer(), server_default="0", nullable=False),
        *more,
    ]
    indexes = "supplier_id+number award_id+number amendment_count"
    return None if on_postgresql() else order_copies._orders(parts, indexes)  # noqa: SLF001 - a sealed file


def _stated() -> list[sa.Column[object]]:
    return [
        sa.Column("funded_in", text(3)),
        sa.Column("exchange_rate", RATE_TYPE),
        sa.Column("exchange_rate_on", sa.Date()),
        sa.Column("exchange_rate_source", text(300)),
    ]


def _computed() -> list[sa.Column[object]]:
    return [
        sa.Column("bound_minor", sa.BigInteger(), sa.Computed(BOUND, persisted=True)),
        sa.Column("bound_currency", text(3), sa.Computed(CURRENCY, persisted=True)),
    ]


def _kept() -> list[sa.Column[object]]:
    """Return the columns of revision 0010 that SQLite computes, which its copy adds again."""
    return [] if on_postgresql() else [column for column in order_ends.added() if column.computed is not None]


def _checks() -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(says, name=op.f(f"ck_purchase_orders_{name}")) for name, says in CHECKS.items()]


def _in_range() -> sa.CheckConstraint:
    return sa.CheckConstraint(IN_RANGE, name=op.f("ck_purchase_orders_bound"))


def _index_owed() -> None:
    op.create_index("ix_purchase_orders_owed", "purchase_orders", ["owed_currency", "owed_minor", "id"])
