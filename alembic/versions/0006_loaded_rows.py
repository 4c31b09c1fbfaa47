"""Loaded rows: what loads of records wrote.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from protection import Protection, protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "loaded_rows": Protection("false"),
}
PROTECTED_BEFORE: dict[str, Protection | None] = {
    "loaded_rows": None,
}


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "loaded_rows",
        sa.Column("row_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column(
            "table_name",
            sa.String(length=63).with_variant(sa.String(length=63, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_loaded_rows"),
    )
    op.create_index("ix_loaded_rows_table_name", "loaded_rows", ["table_name"])
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    op.drop_index("ix_loaded_rows_table_name", "loaded_rows")
    op.drop_table("loaded_rows")
