"""Rules of money that the database holds too: needs that were given up, and money that moves within a procurement.

The tranches of a contribution can change their currency together with it. A decision that is revoked sets no priority.

Revision 0029, after 0028.
"""

import baseline_sums
import order_ends
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import check_money, reference, text
from baseline_sums import Trigger
from table_copies import entity_table

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

GIVEN_UP = "('REJECTED', 'WITHDRAWN')"
IDLE = "('PLANNING', 'UNSUCCESSFUL', 'CANCELLED', 'COMPLETED')"
IN_PROGRESS = "('PLACED', 'CONFIRMED', 'PARTIALLY_DELIVERED')"

FOR_NEED = "needs_open at needId", "No money is allocated for a need that is REJECTED or WITHDRAWN."
BUYS = "needs_open at to", "Nothing is bought for a need that is REJECTED or WITHDRAWN."
FUNDED = "allocated at to", "Money is allocated for this need."
BOUGHT = "bought at to", "The need is being bought."
#: A change of a need's status, and money or an order for the need, wait for each other.
HOLD_NEEDS = "PERFORM 1 FROM capability_needs WHERE id IN ({keys}) ORDER BY id FOR SHARE;"
ARE_GIVEN_UP = f"EXISTS (SELECT 1 FROM capability_needs WHERE id IN ({{keys}}) AND status IN {GIVEN_UP})"
OF_ORDER = "SELECT need_id FROM order_lines WHERE purchase_order_id = new.id"
OF_PROCUREMENT = "SELECT need_id FROM procurement_needs WHERE procurement_id = new.id"
HAS_MONEY = "EXISTS (SELECT 1 FROM allocations WHERE need_id = new.id AND amount_minor > 0)"
IS_BOUGHT = f"""EXISTS (SELECT 1 FROM order_lines JOIN purchase_orders AS ordered
    ON ordered.id = order_lines.purchase_order_id AND ordered.status IN {IN_PROGRESS} WHERE need_id = new.id)
  OR EXISTS (SELECT 1 FROM procurement_needs JOIN procurements AS bought
    ON bought.id = procurement_needs.procurement_id AND bought.status NOT IN {IDLE} WHERE need_id = new.id)"""

#: Money on its way between two needs of a procurement still backs the orders of the procurement.
LESS = """new.amount_minor + new.in_transit < old.amount_minor + old.in_transit
  OR new.amount_currency <> old.amount_currency OR new.procurement_id <> old.procurement_id"""
LOWERED = "AFTER UPDATE OF amount_minor, amount_currency, procurement_id, in_transit"
SET_ASIDE = order_ends.NO_LONGER_SET_ASIDE.replace("sum(amount_minor)", "sum(amount_minor + in_transit)")
HOLD = baseline_sums.HOLD_PROCUREMENT.format(row="old")
CHECK = "CONSTRAINT ck_allocations_in_transit CHECK (in_transit >= 0)"
WITHOUT_TRANSIT = [each for each in order_ends.of_orders() if each[0] == "orders_sum_less"]
WITH_TRANSIT: list[Trigger] = [
    ("orders_sum_less", LOWERED, "allocations", LESS, HOLD, SET_ASIDE, baseline_sums.ORDERED)
]

NAMES = "new.priority_decision_id IS NOT NULL"
HOLD_DECISION = "PERFORM 1 FROM decisions WHERE id = new.priority_decision_id FOR SHARE;"
NOT_IN_FORCE = "EXISTS (SELECT 1 FROM decisions WHERE revokes_id = new.priority_decision_id)"
IN_FORCE = "priority_decision at priorityDecisionId", "A later decision revokes the decision that sets the priority."
PRIORITY = "procurements", NAMES, HOLD_DECISION, NOT_IN_FORCE, IN_FORCE

TRANCHES = "contribution_tranches"
CURRENCY = "fk_contribution_tranches_contribution_id_amount_currency"
#: The triggers of revision 0023 that mention tranches, without which SQLite cannot copy the table.
PAID = "(SELECT sum(amount_minor) FROM disbursements WHERE contribution_id = {row} AND tranche_year = {year})"
COMPLETE = "(SELECT count(*) = max(number) FROM disbursements WHERE contribution_id = new.contribution_id)"
OVER = f"""{COMPLETE} AND EXISTS (SELECT 1 FROM contribution_tranches
  WHERE contribution_id = new.contribution_id AND year = new.tranche_year
    AND amount_minor < {PAID.format(row="new.contribution_id", year="new.tranche_year")})"""
UNDER = f"new.amount_minor < {PAID.format(row='new.contribution_id', year='new.year')}"
HOLD_GIVEN = "PERFORM 1 FROM contributions WHERE id = new.contribution_id FOR NO KEY UPDATE;"
SAID = "The paid sum would exceed the tranche."
NEW = "disbursements", "new.amount_minor > 0", HOLD_GIVEN, OVER, ("tranche_sum at amount", SAID)
REDUCED = TRANCHES, "new.amount_minor < old.amount_minor", HOLD_GIVEN, UNDER, ("tranche_sum at tranches", SAID)
OF_TRANCHES: list[Trigger] = [
    ("tranche_sum_new", "AFTER INSERT", *NEW),
    ("tranche_sum_less", "AFTER UPDATE OF amount_minor", *REDUCED),
]


def upgrade() -> None:
    """Bring the tables to this revision."""
    # With its check, which SQLite cannot add by itself.
    # On a line of its own: SQLAlchemy reads the column before it, which is computed, up to the end of its line.
    op.execute(f"ALTER TABLE allocations ADD COLUMN in_transit\nBIGINT DEFAULT '0' NOT NULL {CHECK}")
    quantities.drop(WITHOUT_TRANSIT)
    quantities.create([*WITH_TRANSIT, *rules()])
    change_the_currency_of_tranches(deferrable=True)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    change_the_currency_of_tranches(deferrable=False)
    quantities.drop([*WITH_TRANSIT, *rules()])
    quantities.create(WITHOUT_TRANSIT)
    op.execute("ALTER TABLE allocations DROP COLUMN in_transit")


def rules() -> list[Trigger]:
    """Return the triggers of needs that were given up, and of decisions that are revoked."""
    more = """new.amount_minor > 0 AND new.need_id IS NOT NULL
      AND (new.amount_minor > old.amount_minor OR old.need_id IS NULL OR new.need_id <> old.need_id)"""
    own, status = "new.need_id", "AFTER UPDATE OF status"
    money = HOLD_NEEDS.format(keys=own), ARE_GIVEN_UP.format(keys=own), FOR_NEED
    dropped = f"new.status IN {GIVEN_UP} AND old.status NOT IN {GIVEN_UP}"
    placed, starts = (
        "new.status = 'PLACED' AND old.status = 'DRAFT'",
        f"new.status NOT IN {IDLE} AND old.status IN {IDLE}",
    )
    order, bought = (
        (HOLD_NEEDS.format(keys=keys), ARE_GIVEN_UP.format(keys=keys), BUYS) for keys in (OF_ORDER, OF_PROCUREMENT)
    )
    return [
        ("needs_open_new", "AFTER INSERT", "allocations", "new.amount_minor > 0", *money),
        ("needs_open_more", "AFTER UPDATE OF amount_minor, need_id", "allocations", more, *money),
        ("needs_open_order", status, "purchase_orders", placed, *order),
        ("needs_open_bought", status, "procurements", starts, *bought),
        ("needs_open_funded", status, "capability_needs", dropped, "", HAS_MONEY, FUNDED),
        ("needs_open_ordered", status, "capability_needs", dropped, "", IS_BOUGHT, BOUGHT),
        # Not of new rows: before this revision the priority stayed, and a backup brings such a procurement back.
        ("priority_revoked", "AFTER UPDATE OF priority_decision_id", *PRIORITY),
    ]


def change_the_currency_of_tranches(*, deferrable: bool) -> None:
    """Make the reference of tranches to the currency of their contribution deferred, or take that back."""
    columns, target = ["contribution_id", "amount_currency"], ["id", "amount_currency"]
    deferred = {"deferrable": True, "initially": "DEFERRED"} if deferrable else {}
    quantities.drop(OF_TRANCHES)
    with op.batch_alter_table(TRANCHES, copy_from=_tranches(deferrable=not deferrable)) as tranches:
        tranches.drop_constraint(op.f(CURRENCY), type_="foreignkey")
        tranches.create_foreign_key(op.f(CURRENCY), "contributions", columns, target, **deferred)  # type: ignore[arg-type]
    quantities.create(OF_TRANCHES)


def _tranches(*, deferrable: bool) -> sa.Table:
    return entity_table(
        TRANCHES,
        reference(
            "contribution_id", "contributions", f"fk_{TRANCHES}_contribution_id", ondelete="CASCADE", nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", text(3), nullable=False),
        check_money("amount", f"ck_{TRANCHES}_amount"),
        sa.ForeignKeyConstraint(
            ["contribution_id", "amount_currency"],
            ["contributions.id", "contributions.amount_currency"],
            name=CURRENCY,
            deferrable=deferrable or None,
            initially="DEFERRED" if deferrable else None,
        ),
        sa.UniqueConstraint("contribution_id", "year", name=f"uq_{TRANCHES}_contribution_id_year"),
        indexes="year created_at updated_at amount_currency+amount_minor contribution_id+year",
    )
