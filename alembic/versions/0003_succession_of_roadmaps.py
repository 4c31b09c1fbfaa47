"""Succession of roadmaps: each names the one it supersedes, and one is in force in each line of succession.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MARKINGS, on_postgresql, one_of, reference, text
from table_copies import entity_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOT_DRAFT = sa.text("status <> 'DRAFT'")
ENDORSED = sa.text("status = 'ENDORSED'")


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.drop_index("uq_roadmaps_endorsed", "roadmaps")
    copied = None if on_postgresql() else _roadmaps()
    with op.batch_alter_table("roadmaps", copy_from=copied) as roadmaps:
        roadmaps.add_column(sa.Column("supersedes_id", KEY))
        roadmaps.create_foreign_key(
            "fk_roadmaps_supersedes_id", "roadmaps", ["supersedes_id"], ["id"], ondelete="RESTRICT"
        )
    op.create_index("ix_roadmaps_supersedes_id", "roadmaps", ["supersedes_id"])
    op.create_index(
        "uq_roadmaps_successor",
        "roadmaps",
        ["supersedes_id"],
        unique=True,
        sqlite_where=NOT_DRAFT,
        postgresql_where=NOT_DRAFT,
    )


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_index("uq_roadmaps_successor", "roadmaps")
    op.drop_index("ix_roadmaps_supersedes_id", "roadmaps")
    with op.batch_alter_table("roadmaps") as roadmaps:
        roadmaps.drop_constraint("fk_roadmaps_supersedes_id", type_="foreignkey")
        roadmaps.drop_column("supersedes_id")
    op.create_index(
        "uq_roadmaps_endorsed",
        "roadmaps",
        ["status"],
        unique=True,
        sqlite_where=ENDORSED,
        postgresql_where=ENDORSED,
    )


def _roadmaps() -> sa.Table:
    return entity_table(
        "roadmaps",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.Column("horizon", text(300), nullable=False),
        sa.Column("first_year", sa.Integer()),
        sa.Column("last_year", sa.Integer()),
        one_of("status", "ck_roadmaps_status", "DRAFT ENDORSED SUPERSEDED", nullable=False),
        sa.Column("note", text(4000)),
        reference("endorsed_by_id", "decisions", "fk_roadmaps_endorsed_by_id"),
        one_of("marking", "ck_roadmaps_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.CheckConstraint("last_year >= first_year", name=op.f("ck_roadmaps_horizon")),
        sa.UniqueConstraint("reference", name="uq_roadmaps_reference"),
        indexes="created_at first_year last_year marking reference status title updated_at endorsed_by_id",
    )
