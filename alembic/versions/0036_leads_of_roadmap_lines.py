"""Leads and quantities of roadmap lines: the participant that leads, and the units that it plans.

Revision 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, check_money, reference, text
from table_copies import entity_table

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = "roadmap_lines"
QUANTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEAD = "fk_roadmap_lines_lead_participant_id"
COLUMNS = ("quantity", "unit", "lead_participant_id")
INDEXES = {"quantity": ["quantity", "id"], "lead_participant_id_year": ["lead_participant_id", "year", "id"]}


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table(TABLE, copy_from=_lines()) as lines:
        for column in _added():
            lines.add_column(column)
        lines.create_check_constraint(op.f("ck_roadmap_lines_quantity"), "quantity > 0")
        lines.create_foreign_key(op.f(LEAD), "participants", ["lead_participant_id"], ["id"], ondelete="RESTRICT")
    for name, columns in INDEXES.items():
        op.create_index(f"ix_{TABLE}_{name}", TABLE, columns)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    for name in INDEXES:
        op.drop_index(f"ix_{TABLE}_{name}", TABLE)
    lead = sa.ForeignKeyConstraint(["lead_participant_id"], ["participants.id"], name=LEAD, ondelete="RESTRICT")
    added = (*_added(), sa.CheckConstraint("quantity > 0", name="ck_roadmap_lines_quantity"), lead)
    with op.batch_alter_table(TABLE, copy_from=_lines(*added)) as lines:
        lines.drop_constraint(op.f("ck_roadmap_lines_quantity"), type_="check")
        lines.drop_constraint(op.f(LEAD), type_="foreignkey")
        for column in COLUMNS:
            lines.drop_column(column)


def _added() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("quantity", QUANTITY),
        sa.Column("unit", text(40)),
        sa.Column("lead_participant_id", KEY),
    )


def _lines(*added: sa.schema.SchemaItem) -> sa.Table:
    return entity_table(
        TABLE,
        reference("roadmap_id", "roadmaps", "fk_roadmap_lines_roadmap_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer()),
        sa.Column("planned_amount_minor", sa.BigInteger()),
        sa.Column("planned_amount_currency", text(3)),
        reference("need_id", "capability_needs", "fk_roadmap_lines_need_id", nullable=False),
        *added,
        check_money("planned_amount", "ck_roadmap_lines_planned_amount"),
        sa.CheckConstraint("year BETWEEN 2023 AND 2100", name="ck_roadmap_lines_year"),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name="ck_roadmap_lines_quarter"),
        sa.UniqueConstraint("roadmap_id", "ordinal", name="uq_roadmap_lines_roadmap_id_ordinal"),
        indexes="ordinal year quarter created_at updated_at planned_amount_currency+planned_amount_minor "
        "roadmap_id+ordinal need_id+year",
    )
