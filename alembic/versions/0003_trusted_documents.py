"""Trusted documents: the GraphQL queries of client programs.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As they were at this revision: what is imported may change.
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
DIGEST = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"
TABLE = "trusted_documents"


def upgrade() -> None:
    """Add their table; on PostgreSQL only the operator's role comes near it."""
    op.create_table(
        TABLE,
        sa.Column("sha256", DIGEST, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.PrimaryKeyConstraint("sha256", name=f"pk_{TABLE}"),
    )
    if op.get_context().dialect.name == "postgresql":
        put_behind_the_wall()


def downgrade() -> None:
    """Take the table away again, and its grants and policies with it."""
    op.drop_table(TABLE)


def put_behind_the_wall() -> None:
    """Close the table to those who answer, as the tables of credentials are."""
    # A server may give new tables away by default.
    op.execute(f"REVOKE ALL ON {TABLE} FROM {READER}, {APPLICATION}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE} TO {OPERATOR}")
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY reader_reads ON {TABLE} FOR SELECT TO {READER} USING (true)")
    op.execute(f"CREATE POLICY operator_may ON {TABLE} TO {OPERATOR} USING (true)")
    op.execute(f"CREATE POLICY application_sees ON {TABLE} TO {APPLICATION} USING (false)")
