"""Values unique among the visible: addresses of documents, OCIDs, and numbers of Steering Group meetings.

The database no longer holds them unique, because its refusal told that a hidden row has the value.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    MARKINGS,
    MOMENT,
    PRECISIONS,
    QUALIFIERS,
    check_money,
    on_postgresql,
    one_of,
    reference,
    text,
)
from table_copies import entity_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STEERING_GROUP = sa.text("body = 'STEERING_GROUP'")


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.drop_index("uq_meetings_steering_group_number", "meetings")
    if on_postgresql():
        op.drop_constraint("uq_documents_url", "documents")
        op.drop_constraint("uq_procurements_ocid", "procurements")
    else:
        # SQLite drops no constraint: it copies the table, for which Alembic must know it where it only prints SQL.
        for table, constraint in ((_documents(), "uq_documents_url"), (_procurements(), "uq_procurements_ocid")):
            with op.batch_alter_table(table.name, copy_from=table) as copied:
                copied.drop_constraint(constraint, type_="unique")
    op.create_index("ix_documents_url", "documents", ["url", "id"])
    op.create_index("ix_procurements_ocid", "procurements", ["ocid", "id"])


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_index("ix_procurements_ocid", "procurements")
    op.drop_index("ix_documents_url", "documents")
    with op.batch_alter_table("procurements") as procurements:
        procurements.create_unique_constraint("uq_procurements_ocid", ["ocid"])
    with op.batch_alter_table("documents") as documents:
        documents.create_unique_constraint("uq_documents_url", ["url"])
    op.create_index(
        "uq_meetings_steering_group_number",
        "meetings",
        ["number"],
        unique=True,
        sqlite_where=STEERING_GROUP,
        postgresql_where=STEERING_GROUP,
    )


def _documents() -> sa.Table:
    return entity_table(
        "documents",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.Column("description", text(4000)),
        one_of(
            "document_type",
            "ck_documents_document_type",
            "PRESS_RELEASE NEWS_REPORT AGREEMENT MINUTES REPORT SPECIFICATION PRESENTATION OTHER",
            nullable=False,
        ),
        one_of("marking", "ck_documents_marking", MARKINGS, nullable=False),
        one_of(
            "status", "ck_documents_status", "DRAFT UNDER_REVIEW FINAL RELEASED SUPERSEDED WITHDRAWN", nullable=False
        ),
        sa.Column("language", text(2)),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("issue_date", sa.Date()),
        one_of("issue_date_precision", "ck_documents_issue_date_precision", PRECISIONS),
        sa.Column("expires_on", sa.Date()),
        sa.Column("url", text(2000)),
        sa.Column("publisher", text(300)),
        reference("group_id", "expert_groups", "fk_documents_group_id"),
        reference("superseded_by_id", "documents", "fk_documents_superseded_by_id"),
        sa.CheckConstraint("expires_on >= issue_date", name=op.f("ck_documents_expires_on")),
        sa.CheckConstraint("length(language) = 2", name=op.f("ck_documents_language")),
        sa.UniqueConstraint("reference", name="uq_documents_reference"),
        sa.UniqueConstraint("url", name="uq_documents_url"),
        sa.Column("visible_since", MOMENT),
        indexes="created_at document_type expires_on issue_date language marking publisher reference status title "
        "updated_at group_id+reference superseded_by_id",
    )


def _procurements() -> sa.Table:
    return entity_table(
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
        indexes="approved_on category cpv_code created_at marking method planned_year reference status title "
        "updated_at estimated_value_currency+estimated_value_minor group_id+reference lead_participant_id+reference "
        "procuring_entity_id+reference",
    )
