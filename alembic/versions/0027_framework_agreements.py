"""Framework agreements of procurements: their ceiling, their period, and the procurements that call off.

Revision 0027, after 0026.
"""

import procurement_copies
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import check_money, index_each, one_of, reference, text
from baseline_sums import Trigger
from sqlalchemy.schema import SchemaItem

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

COLUMNS = (
    "framework_id",
    "framework_ends_on",
    "framework_starts_on",
    "ceiling_currency",
    "ceiling_minor",
    "has_framework_agreement",
)
CHECKS = tuple(
    f"ck_procurements_{name}" for name in ("ceiling", "framework_agreement", "framework_period", "framework")
)
AGREEMENT = (
    "has_framework_agreement OR (ceiling_minor IS NULL AND framework_starts_on IS NULL AND framework_ends_on IS NULL)"
)

SAID = "framework_sum", "The orders would exceed the ceiling of the framework agreement."
#: The framework agreements whose orders exceed the ceiling.
EXCEED = """EXISTS (SELECT 1 FROM procurements AS agreed WHERE agreed.id IN ({keys}) AND agreed.ceiling_minor <
  (SELECT sum(called.owed_minor) FROM purchase_orders AS called
    JOIN procurements AS bought ON bought.id = called.procurement_id
    WHERE (bought.id = agreed.id OR bought.framework_id = agreed.id)
      AND called.owed_currency = agreed.ceiling_currency))"""
OF_ORDER = "SELECT coalesce(framework_id, id) FROM procurements WHERE id = new.procurement_id"
OF_PROCUREMENT = "new.id, new.framework_id"
HOLD = "PERFORM 1 FROM procurements WHERE id IN ({keys}) ORDER BY id FOR NO KEY UPDATE;"
MORE = """new.owed_minor > coalesce(old.owed_minor, 0) OR new.procurement_id <> old.procurement_id
  OR old.owed_currency IS NULL OR new.owed_currency <> old.owed_currency"""
BINDS = "AFTER UPDATE OF status, value_minor, value_currency, settled_minor, procurement_id"
OVER = HOLD.format(keys=OF_ORDER), EXCEED.format(keys=OF_ORDER), SAID
CHANGED = "AFTER UPDATE OF ceiling_minor, ceiling_currency, framework_id"
OTHER = """(new.ceiling_minor IS NOT NULL AND (old.ceiling_minor IS NULL OR new.ceiling_minor < old.ceiling_minor
  OR new.ceiling_currency <> old.ceiling_currency))
  OR (new.framework_id IS NOT NULL AND (old.framework_id IS NULL OR new.framework_id <> old.framework_id))"""
UNDER = HOLD.format(keys=OF_PROCUREMENT), EXCEED.format(keys=OF_PROCUREMENT), SAID
TRIGGERS: list[Trigger] = [
    ("framework_sum_new", "AFTER INSERT", "purchase_orders", "new.owed_minor > 0", *OVER),
    ("framework_sum_more", BINDS, "purchase_orders", MORE, *OVER),
    ("framework_sum_less", CHANGED, "procurements", OTHER, *UNDER),
]
#: The triggers of revision 0021 that mention procurements, without which SQLite cannot copy the table.
NAMES = "new.priority_decision_id IS NOT NULL"
ADOPTED = (
    "PERFORM 1 FROM decisions WHERE id = new.priority_decision_id FOR SHARE;",
    "EXISTS (SELECT 1 FROM decisions WHERE id = new.priority_decision_id AND outcome <> 'ADOPTED')",
    ("priority_decision at priorityDecisionId", "Only a decision that is ADOPTED sets the priority of a procurement."),
)
STAYS = (
    "EXISTS (SELECT 1 FROM procurements WHERE priority_decision_id = new.id)",
    ("priority_decision", "The decision sets the priority of a procurement. Change that priority first."),
)
OF_PRIORITIES: list[Trigger] = [
    ("priority_decision_new", "AFTER INSERT", "procurements", NAMES, *ADOPTED),
    ("priority_decision_named", "AFTER UPDATE OF priority_decision_id", "procurements", NAMES, *ADOPTED),
    ("priority_decision_outcome", "AFTER UPDATE OF outcome", "decisions", "new.outcome <> 'ADOPTED'", "", *STAYS),
]
INDEXES = "decided_priority priority_decision_id+reference"


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop(OF_PRIORITIES)
    procurement_copies.add(_parts(), before=_of_priorities(), indexes=INDEXES)
    index_each("procurements", "has_framework_agreement framework_starts_on framework_ends_on")
    op.create_index("ix_procurements_ceiling", "procurements", ["ceiling_currency", "ceiling_minor", "id"])
    op.create_index("ix_procurements_framework_id_reference", "procurements", ["framework_id", "reference", "id"])
    quantities.create([*OF_PRIORITIES, *TRIGGERS])


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop([*OF_PRIORITIES, *TRIGGERS])
    for name in ("framework_id_reference", "ceiling", *COLUMNS[1:3], COLUMNS[-1]):
        op.drop_index(f"ix_procurements_{name}", "procurements")
    procurement_copies.remove(COLUMNS, CHECKS, [*_of_priorities(), *_parts()], indexes=INDEXES)
    quantities.create(OF_PRIORITIES)


def _of_priorities() -> list[SchemaItem]:
    return [
        one_of("decided_priority", "ck_procurements_decided_priority", "CRITICAL HIGH MEDIUM LOW"),
        reference("priority_decision_id", "decisions", "fk_procurements_priority_decision_id"),
        sa.CheckConstraint(
            "(decided_priority IS NULL) = (priority_decision_id IS NULL)",
            name=op.f("ck_procurements_priority_is_decided"),
        ),
    ]


def _parts() -> list[SchemaItem]:
    """Return the columns and the checks that procurements get."""
    return [
        sa.Column("has_framework_agreement", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("ceiling_minor", sa.BigInteger()),
        sa.Column("ceiling_currency", text(3)),
        sa.Column("framework_starts_on", sa.Date()),
        sa.Column("framework_ends_on", sa.Date()),
        reference("framework_id", "procurements", "fk_procurements_framework_id"),
        check_money("ceiling", CHECKS[0]),
        sa.CheckConstraint(AGREEMENT, name=op.f(CHECKS[1])),
        sa.CheckConstraint("framework_ends_on >= framework_starts_on", name=op.f(CHECKS[2])),
        sa.CheckConstraint("framework_id IS NULL OR NOT has_framework_agreement", name=op.f(CHECKS[3])),
    ]
