"""Terms of orders: an amendment cancels a line.

Revision 0033, after 0032.
"""

import order_terms

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    order_terms.add()


def downgrade() -> None:
    """Take the tables back to the revision before."""
    order_terms.remove()
