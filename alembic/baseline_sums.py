"""Triggers that hold the sums of money and of quantities.

Allocations never exceed their contribution. Orders never exceed the allocations of their procurement. Received
quantities never exceed the ordered ones. The value of a binding order equals the sum of its lines. Each trigger allows
changes that do not increase a violation, because the public record has orders whose funding was not published.

SQLite has one writer at a time. On PostgreSQL a trigger locks the row that guards the sum before it adds up,
in the order in which commands lock them.
"""

from alembic import op
from baseline_parts import on_postgresql

ALLOCATED = "allocations_sum at amount", "Not that much of the contribution is left."
CURRENCY = "contribution_currency at amount", "It has allocations in this currency: its currency cannot change."
ORDERED = "orders_sum", "Its orders would exceed the money allocated to the procurement in their currency."
VALUE = "order_value", "The value of an order is the sum of its lines: quantity times unit price."
RECEIVED = "received_sum", "More would be received than was ordered."

#: What breaks a rule, as SQL over the new and the old row: the same on both engines.
OVER_CONTRIBUTION = """EXISTS (
  SELECT 1 FROM contributions WHERE id = new.contribution_id AND amount_minor <
    (SELECT sum(amount_minor) FROM allocations WHERE contribution_id = new.contribution_id)
)"""
UNDER_ALLOCATIONS = """new.amount_minor <
  (SELECT sum(amount_minor) FROM allocations WHERE contribution_id = new.id)"""
IN_OTHER_CURRENCY = "EXISTS (SELECT 1 FROM allocations WHERE contribution_id = old.id)"
ORDERS = """(SELECT sum(value_minor) FROM purchase_orders
    WHERE procurement_id = {procurement} AND value_currency = {currency} AND status <> 'DRAFT')"""
SET_ASIDE = """coalesce((SELECT sum(amount_minor) FROM allocations
    WHERE procurement_id = {procurement} AND amount_currency = {currency}), 0)"""
EXCEED = f"{ORDERS} > {SET_ASIDE}"
BINDS_MORE = """(old.status = 'DRAFT' OR old.procurement_id <> new.procurement_id
  OR old.value_currency IS NULL OR old.value_currency <> new.value_currency OR old.value_minor < new.value_minor)"""
OVER_ALLOCATIONS = f"""new.status <> 'DRAFT' AND new.value_minor > 0
  AND EXISTS (SELECT 1 FROM allocations WHERE procurement_id = new.procurement_id)
  AND {EXCEED.format(procurement="new.procurement_id", currency="new.value_currency")}"""
NO_LONGER_SET_ASIDE = EXCEED.format(procurement="old.procurement_id", currency="old.amount_currency")
#: The sum of an order's lines; null unless each has a quantity and a price, all in one currency.
SUM_OF_LINES = """(SELECT CASE WHEN count(*) = count(quantity) AND count(*) = count(unit_price_minor)
      AND count(DISTINCT unit_price_currency) = 1 THEN sum(CAST(quantity AS numeric) * unit_price_minor) END
    FROM order_lines WHERE purchase_order_id = {order})"""
CURRENCY_OF_LINES = "(SELECT min(unit_price_currency) FROM order_lines WHERE purchase_order_id = {order})"
ARRIVED = "('RECEIVED', 'ACCEPTED', 'PARTIALLY_ACCEPTED', 'REJECTED')"
RECEIVED_OF = f"""(SELECT sum(line.quantity) FROM delivery_lines AS line
    JOIN deliveries AS delivery ON delivery.id = line.delivery_id AND delivery.status IN {ARRIVED}
    WHERE line.order_line_id = {{line}})"""
OVER_ORDERED = f"""EXISTS (
  SELECT 1 FROM order_lines AS ordered WHERE ordered.id = new.order_line_id
    AND EXISTS (SELECT 1 FROM deliveries WHERE id = new.delivery_id AND status IN {ARRIVED})
    AND ordered.quantity < {RECEIVED_OF.format(line="ordered.id")}
)"""
ARRIVES_OVER_ORDERED = f"""EXISTS (
  SELECT 1 FROM order_lines AS ordered
    WHERE ordered.id IN (SELECT order_line_id FROM delivery_lines WHERE delivery_id = new.id)
    AND ordered.quantity < {RECEIVED_OF.format(line="ordered.id")}
)"""
UNDER_RECEIVED = f"new.quantity < {RECEIVED_OF.format(line='new.id')}"

#: What PostgreSQL locks first: the rows that guard a sum, against other writers of the same sum.
HOLD = "PERFORM 1 FROM {table} WHERE id IN ({keys}) ORDER BY id FOR NO KEY UPDATE;"
HOLD_CONTRIBUTION = HOLD.format(table="contributions", keys="new.contribution_id")
HOLD_PROCUREMENT = HOLD.format(table="procurements", keys="{row}.procurement_id")
HOLD_ORDERS = HOLD.format(
    table="purchase_orders",
    keys="SELECT ordered.purchase_order_id FROM order_lines AS ordered WHERE ordered.id {which}",
)


def create_triggers() -> None:
    """Create a trigger for each sum."""
    for trigger in triggers():
        if on_postgresql():
            _create_on_postgresql(trigger)
        else:
            _create_on_sqlite(trigger)


def drop_functions() -> None:
    """Drop the triggers' functions, once their tables are dropped."""
    for name, *_ in triggers() if on_postgresql() else ():
        op.execute(f"DROP FUNCTION {name}()")


#: A trigger: its name, event and table; the condition under which it runs; on PostgreSQL, the lock it takes first; what
#: breaks the rule; and the rule with its message.
Trigger = tuple[str, str, str, str, str, str, tuple[str, str]]


def triggers() -> list[Trigger]:
    """Return every trigger."""
    return [*of_contributions(), *of_orders(), *of_lines(), *of_deliveries()]


def of_contributions() -> list[Trigger]:
    """Return the triggers that check the sum of a contribution's allocations."""
    more = "new.amount_minor > old.amount_minor OR new.contribution_id <> old.contribution_id"
    changed = "AFTER UPDATE OF amount_minor, contribution_id"
    over = HOLD_CONTRIBUTION, OVER_CONTRIBUTION, ALLOCATED
    less = "new.amount_minor < old.amount_minor"
    lowered = "AFTER UPDATE OF amount_minor"
    # Before the foreign key refuses it with a message that does not help.
    other = "new.amount_currency IS NULL OR new.amount_currency <> old.amount_currency"
    exchanged = "BEFORE UPDATE OF amount_currency"
    return [
        ("allocations_sum_new", "AFTER INSERT", "allocations", "", *over),
        ("allocations_sum_more", changed, "allocations", more, *over),
        ("allocations_sum_less", lowered, "contributions", less, "", UNDER_ALLOCATIONS, ALLOCATED),
        ("contribution_currency", exchanged, "contributions", other, "", IN_OTHER_CURRENCY, CURRENCY),
    ]


def of_orders() -> list[Trigger]:
    """Return the triggers that check the sum of a procurement's orders."""
    changed = "AFTER UPDATE OF status, value_minor, value_currency, procurement_id"
    over = HOLD_PROCUREMENT.format(row="new"), OVER_ALLOCATIONS, ORDERED
    less = """new.amount_minor < old.amount_minor OR new.amount_currency <> old.amount_currency
      OR new.procurement_id <> old.procurement_id"""
    lowered = "AFTER UPDATE OF amount_minor, amount_currency, procurement_id"
    under = HOLD_PROCUREMENT.format(row="old"), NO_LONGER_SET_ASIDE, ORDERED
    return [
        ("orders_sum_new", "AFTER INSERT", "purchase_orders", "", *over),
        ("orders_sum_more", changed, "purchase_orders", BINDS_MORE, *over),
        ("orders_sum_less", lowered, "allocations", less, *under),
        ("orders_sum_gone", "AFTER DELETE", "allocations", "", *under),
    ]


def of_lines() -> list[Trigger]:
    """Return the triggers that check that an order that binds is worth the sum of its lines."""
    typed = "AFTER UPDATE OF status, value_minor, value_currency"
    changed = "AFTER UPDATE OF quantity, unit_price_minor, unit_price_currency, purchase_order_id"
    return [
        ("order_value_typed", typed, "purchase_orders", "", "", differs("new.id", "<>"), VALUE),
        # Where lines are added one by one, the last completes the sum.
        ("order_value_line_new", "AFTER INSERT", "order_lines", "", "", differs("new.purchase_order_id", "<"), VALUE),
        ("order_value_line", changed, "order_lines", "", "", differs("new.purchase_order_id", "<>"), VALUE),
        ("order_value_line_gone", "AFTER DELETE", "order_lines", "", "", differs("old.purchase_order_id", "<>"), VALUE),
    ]


def differs(order: str, how: str) -> str:
    """Return the condition that an order binds and has another value than its lines, or `how` another."""
    total, currency = SUM_OF_LINES.format(order=order), CURRENCY_OF_LINES.format(order=order)
    # Where lines are added one by one, one without a price may be among the last: then the value is rightly unknown.
    unknown = "" if how == "<" else "value_minor IS NULL OR "
    return f"""EXISTS (SELECT 1 FROM purchase_orders WHERE id = {order} AND status <> 'DRAFT'
      AND {total} IS NOT NULL
      AND ({unknown}value_minor {how} {total} OR value_currency <> {currency}))"""


def of_deliveries() -> list[Trigger]:
    """Return the triggers that check that no more is received than was ordered."""
    changed = "AFTER UPDATE OF quantity, order_line_id, delivery_id"
    over = HOLD_ORDERS.format(which="= new.order_line_id"), OVER_ORDERED, RECEIVED
    arrives = f"old.status NOT IN {ARRIVED} AND new.status IN {ARRIVED}"
    hold_all = HOLD_ORDERS.format(which="IN (SELECT order_line_id FROM delivery_lines WHERE delivery_id = new.id)")
    hold_own = HOLD_ORDERS.format(which="= new.id")
    stage, less = "AFTER UPDATE OF status", "AFTER UPDATE OF quantity"
    return [
        ("received_sum_new", "AFTER INSERT", "delivery_lines", "", *over),
        ("received_sum_line", changed, "delivery_lines", "", *over),
        ("received_sum_arrived", stage, "deliveries", arrives, hold_all, ARRIVES_OVER_ORDERED, RECEIVED),
        ("received_sum_ordered", less, "order_lines", "", hold_own, UNDER_RECEIVED, RECEIVED),
    ]


def says(rule: tuple[str, str]) -> str:
    """Return the message of a trigger."""
    return f"coalition rule {rule[0]}: {rule[1]}"


def _create_on_sqlite(trigger: Trigger) -> None:
    """Add a trigger to SQLite."""
    name, event, table, condition, _, broken, rule = trigger
    when = f"WHEN ({condition})" if condition else ""
    op.execute(
        f"CREATE TRIGGER {name} {event} ON {table} {when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{says(rule)}') WHERE {broken}; END"
    )


def _create_on_postgresql(trigger: Trigger) -> None:
    """Add a trigger to PostgreSQL, and the function it runs."""
    name, event, table, condition, hold, broken, rule = trigger
    when = f"WHEN ({condition})" if condition else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n{hold}\nIF {broken} THEN\n"
        f"  RAISE EXCEPTION '{says(rule)}' USING ERRCODE = 'integrity_constraint_violation';\n"
        f"END IF;\nRETURN {'old' if 'DELETE' in event else 'new'}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()")
