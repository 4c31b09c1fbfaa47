"""Capability needs, roadmaps, and the targets of decisions."""

import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    MARKINGS,
    PRECISIONS,
    check_money,
    create_entity,
    create_link,
    create_sources,
    index_each,
    one_of,
    reference,
    text,
)


def create_tables() -> None:
    """Create the tables, each after those it refers to."""
    _create_needs()
    _create_roadmaps()


def _create_needs() -> None:
    """Create the tables of capability areas and needs."""
    create_entity(
        "capability_areas",
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(300), nullable=False),
        sa.Column("description", text(4000)),
        sa.Column("named_on", sa.Date()),
        one_of("named_on_precision", "ck_capability_areas_named_on_precision", PRECISIONS),
        sa.UniqueConstraint("code", name="uq_capability_areas_code"),
    )
    index_each("capability_areas", "code created_at name named_on updated_at")

    create_sources("capability_areas")

    create_entity(
        "capability_needs",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.Column("gap_statement", text(4000)),
        one_of(
            "status",
            "ck_capability_needs_status",
            "DRAFT SUBMITTED VALIDATED PLANNED IN_PROCUREMENT PARTIALLY_MET MET REJECTED WITHDRAWN",
            nullable=False,
        ),
        one_of("priority", "ck_capability_needs_priority", "CRITICAL HIGH MEDIUM LOW"),
        sa.Column(
            "priority_rank",
            sa.Integer(),
            sa.Computed(
                "CASE priority WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 END",
                persisted=True,
            ),
        ),
        sa.Column("quantity", sa.Integer()),
        sa.Column("unit", text(40)),
        sa.Column("cpv_code", text(10)),
        sa.Column("estimated_cost_minor", sa.BigInteger()),
        sa.Column("estimated_cost_currency", text(3)),
        sa.Column("needed_by", sa.Date()),
        reference("area_id", "capability_areas", "fk_capability_needs_area_id", nullable=False),
        reference("group_id", "expert_groups", "fk_capability_needs_group_id"),
        reference("requested_by_id", "participants", "fk_capability_needs_requested_by_id"),
        one_of("marking", "ck_capability_needs_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_capability_needs_cpv_code")),
        check_money("estimated_cost", "ck_capability_needs_estimated_cost"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_capability_needs_quantity")),
        sa.UniqueConstraint("reference", name="uq_capability_needs_reference"),
    )
    index_each(
        "capability_needs",
        "cpv_code created_at marking needed_by priority priority_rank quantity reference status title updated_at",
    )
    op.create_index("ix_capability_needs_area_id_reference", "capability_needs", ["area_id", "reference", "id"])
    op.create_index(
        "ix_capability_needs_estimated_cost",
        "capability_needs",
        ["estimated_cost_currency", "estimated_cost_minor", "id"],
    )
    op.create_index("ix_capability_needs_group_id_reference", "capability_needs", ["group_id", "reference", "id"])
    op.create_index(
        "ix_capability_needs_requested_by_id_reference", "capability_needs", ["requested_by_id", "reference", "id"]
    )

    create_sources("capability_needs")

    create_link("capability_need_recipients", "capability_need_id", "capability_needs", "account_id", "accounts")


def _create_roadmaps() -> None:
    """Create the tables of roadmaps."""
    create_entity(
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
    )
    index_each("roadmaps", "created_at first_year last_year marking reference status title updated_at")
    op.create_index("ix_roadmaps_endorsed_by_id", "roadmaps", ["endorsed_by_id"])
    op.create_index(
        "uq_roadmaps_endorsed",
        "roadmaps",
        ["status"],
        unique=True,
        sqlite_where=sa.text("status = 'ENDORSED'"),
        postgresql_where=sa.text("status = 'ENDORSED'"),
    )

    create_sources("roadmaps")

    create_link("roadmap_recipients", "roadmap_id", "roadmaps", "account_id", "accounts")

    create_entity(
        "roadmap_lines",
        reference("roadmap_id", "roadmaps", "fk_roadmap_lines_roadmap_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer()),
        sa.Column("planned_amount_minor", sa.BigInteger()),
        sa.Column("planned_amount_currency", text(3)),
        reference("need_id", "capability_needs", "fk_roadmap_lines_need_id", nullable=False),
        check_money("planned_amount", "ck_roadmap_lines_planned_amount"),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_roadmap_lines_quarter")),
        sa.CheckConstraint("year BETWEEN 2023 AND 2100", name=op.f("ck_roadmap_lines_year")),
        sa.UniqueConstraint("roadmap_id", "ordinal", name="uq_roadmap_lines_roadmap_id_ordinal"),
    )
    index_each("roadmap_lines", "created_at ordinal quarter updated_at year")
    op.create_index("ix_roadmap_lines_need_id_year", "roadmap_lines", ["need_id", "year", "id"])
    op.create_index(
        "ix_roadmap_lines_planned_amount", "roadmap_lines", ["planned_amount_currency", "planned_amount_minor", "id"]
    )
    op.create_index("ix_roadmap_lines_roadmap_id_ordinal", "roadmap_lines", ["roadmap_id", "ordinal", "id"])
