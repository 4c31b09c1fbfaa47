"""Mergers of expert groups: the group that took over the work of another one.

Revision 0045, after 0044.
"""

import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, one_of, reference, text
from baseline_sums import Trigger
from table_copies import entity_table

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

DISSOLVED = "merged", "Only a DISSOLVED group is merged into another group. Send the merger with mergeExpertGroups."
CIRCLE = "merged_into at intoId", "That group was merged into this one before. Choose another group."
IN_A_CIRCLE = """EXISTS (
    WITH RECURSIVE later(id) AS (
      SELECT new.merged_into_id
      UNION SELECT groups.merged_into_id FROM expert_groups AS groups JOIN later ON later.id = groups.id)
    SELECT 1 FROM later WHERE id = new.id)"""
ACTIVE = "merged_into at intoId", "A group is merged into an ACTIVE group. Choose another group."


#: The key of the group that took over the work.
MERGED = sa.ForeignKeyConstraint(
    ["merged_into_id"], ["expert_groups.id"], name="fk_expert_groups_merged_into_id", ondelete="RESTRICT"
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("expert_groups", copy_from=_groups()) as groups:
        groups.add_column(sa.Column("merged_into_id", KEY))
        groups.create_foreign_key(
            op.f("fk_expert_groups_merged_into_id"), "expert_groups", ["merged_into_id"], ["id"], ondelete="RESTRICT"
        )
    op.create_index("ix_expert_groups_merged_into_id_ordinal", "expert_groups", ["merged_into_id", "ordinal", "id"])
    quantities.create(triggers())


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop(triggers())
    op.drop_index("ix_expert_groups_merged_into_id_ordinal", "expert_groups")
    with op.batch_alter_table("expert_groups", copy_from=_groups(sa.Column("merged_into_id", KEY), MERGED)) as groups:
        groups.drop_constraint(op.f("fk_expert_groups_merged_into_id"), type_="foreignkey")
        groups.drop_column("merged_into_id")


def _groups(*added: sa.schema.SchemaItem) -> sa.Table:
    """Return the table as it was before this revision, which SQLite copies."""
    return entity_table(
        "expert_groups",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(300)),
        sa.Column("theme", text(300)),
        one_of("theme_status", "ck_expert_groups_theme_status", "PUBLISHED PLACEHOLDER", nullable=False),
        sa.Column("mandate", text(4000)),
        one_of("status", "ck_expert_groups_status", "ACTIVE DISSOLVED", nullable=False),
        reference("created_by_id", "decisions", "fk_expert_groups_created_by_id"),
        *added,
        sa.CheckConstraint("ordinal >= 1", name="ck_expert_groups_ordinal"),
        sa.UniqueConstraint("code", name="uq_expert_groups_code"),
        sa.UniqueConstraint("ordinal", name="uq_expert_groups_ordinal"),
        indexes="code created_at name ordinal status theme_status updated_at created_by_id",
    )


def triggers() -> list[Trigger]:
    """Return every trigger."""
    wrong = "new.merged_into_id IS NOT NULL AND (new.status <> 'DISSOLVED' OR new.merged_into_id = new.id)"
    merges = "new.merged_into_id IS NOT NULL AND old.status = 'ACTIVE'"
    hold = "PERFORM 1 FROM expert_groups WHERE id = new.merged_into_id FOR SHARE;"
    ended = "EXISTS (SELECT 1 FROM expert_groups WHERE id = new.merged_into_id AND status <> 'ACTIVE')"
    on_update = "AFTER UPDATE OF status, merged_into_id"
    return [
        ("groups_merged_new", "AFTER INSERT", "expert_groups", "", "", wrong, DISSOLVED),
        ("groups_merged", on_update, "expert_groups", "", "", wrong, DISSOLVED),
        ("groups_merged_into", on_update, "expert_groups", merges, hold, ended, ACTIVE),
        ("groups_circle", "AFTER UPDATE OF merged_into_id", "expert_groups", "", hold, IN_A_CIRCLE, CIRCLE),
    ]
