"""Contributions, procurements, and the money that goes from one to the other."""

import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    MARKINGS,
    PRECISIONS,
    QUALIFIERS,
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
    _create_contributions()
    _create_procurements()
    _create_allocations()
    _create_targets()


def _create_contributions() -> None:
    """Create the tables of contributions."""
    create_entity(
        "contributions",
        sa.Column("reference", text(40), nullable=False),
        one_of("kind", "ck_contributions_kind", "CASH IN_KIND", nullable=False),
        one_of("status", "ck_contributions_status", "PLEDGED COMMITTED DISBURSED CANCELLED", nullable=False),
        one_of("statement_kind", "ck_contributions_statement_kind", "INCREMENT TOTAL_TO_DATE", nullable=False),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("amount_currency", text(3)),
        one_of("amount_qualifier", "ck_contributions_amount_qualifier", QUALIFIERS, nullable=False),
        sa.Column("announced_on", sa.Date()),
        one_of("announced_on_precision", "ck_contributions_announced_on_precision", PRECISIONS),
        sa.Column("earmark", text(4000)),
        sa.Column("note", text(4000)),
        reference("part_of_id", "contributions", "fk_contributions_part_of_id"),
        one_of("marking", "ck_contributions_marking", MARKINGS, nullable=False, default="AMBER"),
        check_money("amount", "ck_contributions_amount"),
        sa.CheckConstraint("part_of_id <> id", name=op.f("ck_contributions_part_of")),
        sa.UniqueConstraint("id", "amount_currency", name="uq_contributions_id_amount_currency"),
        sa.UniqueConstraint("reference", name="uq_contributions_reference"),
    )
    index_each("contributions", "announced_on created_at kind marking reference statement_kind status updated_at")
    op.create_index("ix_contributions_amount", "contributions", ["amount_currency", "amount_minor", "id"])
    op.create_index("ix_contributions_part_of_id_reference", "contributions", ["part_of_id", "reference", "id"])

    create_sources("contributions")

    create_link("contribution_recipients", "contribution_id", "contributions", "account_id", "accounts")

    create_entity(
        "contribution_donors",
        reference(
            "contribution_id",
            "contributions",
            "fk_contribution_donors_contribution_id",
            ondelete="CASCADE",
            nullable=False,
        ),
        reference("participant_id", "participants", "fk_contribution_donors_participant_id", nullable=False),
        sa.Column("share_minor", sa.BigInteger()),
        sa.Column("share_currency", text(3)),
        check_money("share", "ck_contribution_donors_share"),
        sa.UniqueConstraint(
            "contribution_id", "participant_id", name="uq_contribution_donors_contribution_id_participant_id"
        ),
    )
    index_each("contribution_donors", "created_at updated_at")
    op.create_index(
        "ix_contribution_donors_contribution_id_created_at",
        "contribution_donors",
        ["contribution_id", "created_at", "id"],
    )
    op.create_index(
        "ix_contribution_donors_participant_id_created_at",
        "contribution_donors",
        ["participant_id", "created_at", "id"],
    )
    op.create_index("ix_contribution_donors_share", "contribution_donors", ["share_currency", "share_minor", "id"])


def _create_procurements() -> None:
    """Create the tables of procurements."""
    create_entity(
        "procurements",
        sa.Column("ocid", text(40)),
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.Column("description", text(4000)),
        one_of(
            "status",
            "ck_procurements_status",
            "PLANNING APPROVED TENDERING AWARDED ORDERED DELIVERING COMPLETED UNSUCCESSFUL CANCELLED",
            nullable=False,
        ),
        one_of("method", "ck_procurements_method", "OPEN SELECTIVE LIMITED DIRECT"),
        one_of("category", "ck_procurements_category", "GOODS SERVICES WORKS"),
        sa.Column("cpv_code", text(10)),
        sa.Column("estimated_value_minor", sa.BigInteger()),
        sa.Column("estimated_value_currency", text(3)),
        one_of("estimated_value_qualifier", "ck_procurements_estimated_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("planned_year", sa.Integer()),
        sa.Column("approved_on", sa.Date()),
        one_of("approved_on_precision", "ck_procurements_approved_on_precision", PRECISIONS),
        reference("group_id", "expert_groups", "fk_procurements_group_id"),
        reference("procuring_entity_id", "participants", "fk_procurements_procuring_entity_id"),
        reference("lead_participant_id", "participants", "fk_procurements_lead_participant_id"),
        one_of("marking", "ck_procurements_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_procurements_cpv_code")),
        check_money("estimated_value", "ck_procurements_estimated_value"),
        sa.CheckConstraint("planned_year BETWEEN 2023 AND 2100", name=op.f("ck_procurements_planned_year")),
        sa.UniqueConstraint("ocid", name="uq_procurements_ocid"),
        sa.UniqueConstraint("reference", name="uq_procurements_reference"),
    )
    index_each(
        "procurements",
        "approved_on category cpv_code created_at marking method planned_year reference status title updated_at",
    )
    op.create_index(
        "ix_procurements_estimated_value", "procurements", ["estimated_value_currency", "estimated_value_minor", "id"]
    )
    op.create_index("ix_procurements_group_id_reference", "procurements", ["group_id", "reference", "id"])
    op.create_index(
        "ix_procurements_lead_participant_id_reference", "procurements", ["lead_participant_id", "reference", "id"]
    )
    op.create_index(
        "ix_procurements_procuring_entity_id_reference", "procurements", ["procuring_entity_id", "reference", "id"]
    )

    create_sources("procurements")

    create_link("procurement_recipients", "procurement_id", "procurements", "account_id", "accounts")

    create_link("procurement_needs", "procurement_id", "procurements", "need_id", "capability_needs")

    create_link("procurement_funders", "procurement_id", "procurements", "participant_id", "participants")


def _create_allocations() -> None:
    """Create the tables of allocations."""
    create_entity(
        "allocations",
        reference("contribution_id", "contributions", "fk_allocations_contribution_id", nullable=False),
        reference("procurement_id", "procurements", "fk_allocations_procurement_id", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", text(3), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id", "amount_currency"],
            ["contributions.id", "contributions.amount_currency"],
            name="fk_allocations_contribution_id_amount_currency",
            ondelete=None,
        ),
        check_money("amount", "ck_allocations_amount"),
        sa.UniqueConstraint("contribution_id", "procurement_id", name="uq_allocations_contribution_id_procurement_id"),
    )
    index_each("allocations", "created_at updated_at")
    op.create_index("ix_allocations_amount", "allocations", ["amount_currency", "amount_minor", "id"])
    op.create_index("ix_allocations_contribution_id_created_at", "allocations", ["contribution_id", "created_at", "id"])
    op.create_index("ix_allocations_procurement_id_created_at", "allocations", ["procurement_id", "created_at", "id"])

    create_sources("allocations")


def _create_targets() -> None:
    """Create the table of what decisions are about."""
    create_entity(
        "decision_targets",
        reference("decision_id", "decisions", "fk_decision_targets_decision_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        reference("expert_group_id", "expert_groups", "fk_decision_targets_expert_group_id"),
        reference("procurement_id", "procurements", "fk_decision_targets_procurement_id"),
        reference("roadmap_id", "roadmaps", "fk_decision_targets_roadmap_id"),
        reference("participant_id", "participants", "fk_decision_targets_participant_id"),
        sa.CheckConstraint(
            "CASE WHEN expert_group_id IS NULL THEN 0 ELSE 1 END + CASE WHEN procurement_id IS NULL THEN 0 ELSE 1 END "
            "+ CASE WHEN roadmap_id IS NULL THEN 0 ELSE 1 END + CASE WHEN participant_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_decision_targets_one_target"),
        ),
        sa.UniqueConstraint("decision_id", "ordinal", name="uq_decision_targets_decision_id_ordinal"),
    )
    index_each("decision_targets", "created_at ordinal updated_at")
    op.create_index("ix_decision_targets_decision_id_ordinal", "decision_targets", ["decision_id", "ordinal", "id"])
    op.create_index("ix_decision_targets_expert_group_id", "decision_targets", ["expert_group_id"])
    op.create_index("ix_decision_targets_participant_id", "decision_targets", ["participant_id"])
    op.create_index("ix_decision_targets_procurement_id", "decision_targets", ["procurement_id"])
    op.create_index("ix_decision_targets_roadmap_id", "decision_targets", ["roadmap_id"])
