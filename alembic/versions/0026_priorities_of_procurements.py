"""The priority of a procurement that a decision sets.

Revision 0026, after 0025.
"""

import procurement_copies
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import index_each, one_of, reference
from baseline_sums import Trigger
from sqlalchemy.schema import SchemaItem

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

RULE = "priority_decision at priorityDecisionId", "Only a decision that is ADOPTED sets the priority of a procurement."
NOT_ADOPTED = "EXISTS (SELECT 1 FROM decisions WHERE id = new.priority_decision_id AND outcome <> 'ADOPTED')"
SETS_PRIORITY = "EXISTS (SELECT 1 FROM procurements WHERE priority_decision_id = new.id)"
#: A change of the outcome, and a procurement that names the decision, wait for each other.
HOLD = "PERFORM 1 FROM decisions WHERE id = new.priority_decision_id FOR SHARE;"
STAYS = "priority_decision", "The decision sets the priority of a procurement. Change that priority first."
NAMES = "new.priority_decision_id IS NOT NULL"
TRIGGERS: list[Trigger] = [
    ("priority_decision_new", "AFTER INSERT", "procurements", NAMES, HOLD, NOT_ADOPTED, RULE),
    ("priority_decision_named", "AFTER UPDATE OF priority_decision_id", "procurements", NAMES, HOLD, NOT_ADOPTED, RULE),
    ("priority_decision_outcome", "AFTER UPDATE OF outcome", "decisions", "new.outcome <> 'ADOPTED'", "",
     SETS_PRIORITY, STAYS),
]  # fmt: skip

#: What procurements get.
CHECK = "ck_procurements_priority_is_decided"
COLUMNS = "decided_priority", "priority_decision_id"


def upgrade() -> None:
    """Bring the tables to this revision."""
    procurement_copies.add(parts())
    index_each("procurements", "decided_priority")
    columns = ["priority_decision_id", "reference", "id"]
    op.create_index("ix_procurements_priority_decision_id_reference", "procurements", columns)
    quantities.create(TRIGGERS)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop(TRIGGERS)
    op.drop_index("ix_procurements_priority_decision_id_reference", "procurements")
    op.drop_index("ix_procurements_decided_priority", "procurements")
    procurement_copies.remove(COLUMNS, [CHECK], parts())


def parts() -> list[SchemaItem]:
    """Return the columns and the check that procurements get."""
    return [
        one_of("decided_priority", "ck_procurements_decided_priority", "CRITICAL HIGH MEDIUM LOW"),
        reference("priority_decision_id", "decisions", "fk_procurements_priority_decision_id"),
        sa.CheckConstraint("(decided_priority IS NULL) = (priority_decision_id IS NULL)", name=op.f(CHECK)),
    ]
