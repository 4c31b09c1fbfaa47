"""VAT rates of order lines, and of their amendments.

Revision 0025, after 0024.
"""

from alembic import op
from baseline_parts import index_each, on_postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

#: The columns that hold a rate in thousandths of a percent.
RATES = (
    ("order_lines", "vat_rate"),
    ("order_amendment_lines", "vat_rate_before"),
    ("order_amendment_lines", "vat_rate_after"),
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table, name in RATES:
        # A column that comes with its check, which SQLite cannot add by itself.
        check = f"CONSTRAINT ck_{table}_{name} CHECK ({name} BETWEEN 0 AND 100000)"
        # On a line of its own: SQLAlchemy reads the column before it, which is computed, up to the end of its line.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name}\n{'BIGINT' if on_postgresql() else 'INTEGER'} {check}")
    index_each("order_lines", "vat_rate")


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_index("ix_order_lines_vat_rate", "order_lines")
    for table, name in reversed(RATES):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
