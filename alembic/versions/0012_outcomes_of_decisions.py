"""Outcomes and methods of decisions, and decisions that revoke earlier ones.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, index_each, on_postgresql, one_of, text
from meeting_rules import create_triggers, drop_triggers

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    # SQLite copies the table, and the triggers name it.
    drop_triggers()
    with op.batch_alter_table("decisions", copy_from=None if on_postgresql() else _decisions()) as decisions:
        decisions.add_column(
            one_of("outcome", "ck_decisions_outcome", "ADOPTED DEFERRED REJECTED", nullable=False, default="ADOPTED")
        )
        decisions.add_column(one_of("method", "ck_decisions_method", "CONSENSUS VOTE"))
        decisions.add_column(sa.Column("revokes_id", KEY))
        decisions.create_foreign_key(
            "fk_decisions_revokes_id", "decisions", ["revokes_id"], ["id"], ondelete="RESTRICT"
        )
        decisions.create_unique_constraint("uq_decisions_revokes_id", ["revokes_id"])
        decisions.create_check_constraint(op.f("ck_decisions_revokes"), "revokes_id IS NULL OR outcome = 'ADOPTED'")
    index_each("decisions", "method outcome")
    create_triggers()


def downgrade() -> None:
    """Take the tables back to the revision before."""
    drop_triggers()
    for name in ("method", "outcome"):
        op.drop_index(f"ix_decisions_{name}", "decisions")
    with op.batch_alter_table("decisions") as decisions:
        decisions.drop_constraint(op.f("ck_decisions_revokes"), type_="check")
        decisions.drop_constraint("uq_decisions_revokes_id", type_="unique")
        decisions.drop_constraint("fk_decisions_revokes_id", type_="foreignkey")
        for name in ("method", "outcome"):
            decisions.drop_constraint(op.f(f"ck_decisions_{name}"), type_="check")
        for name in ("revokes_id", "method", "outcome"):
            decisions.drop_column(name)
    create_triggers()


def _decisions() -> sa.Table:
    """Return the table as it was before this revision, which SQLite copies."""
    table = sa.Table(
        "decisions",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", text(40), nullable=False),
        sa.Column("meeting_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        one_of(
            "kind",
            "ck_decisions_kind",
            "ORGANISATION AGREEMENT MEMBERSHIP ROADMAP PROCUREMENT FUNDING OTHER",
            nullable=False,
        ),
        sa.Column("text", text(4000), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_decisions_meeting_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("reference", name="uq_decisions_reference"),
        sa.UniqueConstraint("meeting_id", "ordinal", name="uq_decisions_meeting_id_ordinal"),
    )
    for name in ("created_at", "kind", "ordinal", "reference", "updated_at"):
        sa.Index(f"ix_decisions_{name}", table.c[name], table.c.id)
    sa.Index("ix_decisions_meeting_id_ordinal", table.c.meeting_id, table.c.ordinal, table.c.id)
    return table
