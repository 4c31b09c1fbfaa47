"""Deliveries that are called off or lost, with the day and the reason.

Revision 0017, after 0016.
"""

from delivery_ends import downgrade_deliveries, upgrade_deliveries

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    upgrade_deliveries()


def downgrade() -> None:
    """Take the tables back to the revision before."""
    downgrade_deliveries()
