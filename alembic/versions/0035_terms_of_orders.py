"""Terms of orders: an amendment cancels a line.

Revision 0035, after 0034.
"""

import order_terms

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    order_terms.add()


def downgrade() -> None:
    """Take the tables back to the revision before."""
    order_terms.remove()
