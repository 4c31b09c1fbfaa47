"""Documents, and meetings with what they decided."""

import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    MARKINGS,
    MOMENT,
    PRECISIONS,
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
    _create_documents()
    _create_meetings()
    _create_decisions()


def _create_documents() -> None:
    """Create the tables of documents and of their versions."""
    create_entity(
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
    )
    index_each(
        "documents",
        "created_at document_type expires_on issue_date language marking publisher reference status title updated_at",
    )
    op.create_index("ix_documents_group_id_reference", "documents", ["group_id", "reference", "id"])
    op.create_index("ix_documents_superseded_by_id", "documents", ["superseded_by_id"])

    create_link("document_shares", "document_id", "documents", "group_id", "expert_groups")

    create_link("document_recipients", "document_id", "documents", "account_id", "accounts")

    create_entity(
        "document_versions",
        reference("document_id", "documents", "fk_document_versions_document_id", ondelete="CASCADE", nullable=False),
        sa.Column("label", text(40), nullable=False),
        sa.Column("notes", text(4000)),
        sa.Column("file_name", text(255)),
        sa.Column("media_type", text(300), nullable=False),
        sa.Column("byte_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", text(64), nullable=False),
        one_of(
            "state",
            "ck_document_versions_state",
            "DECLARED QUARANTINED AVAILABLE REJECTED",
            nullable=False,
            default="DECLARED",
        ),
        sa.Column("upload_until", MOMENT),
        sa.Column("received_at", MOMENT),
        sa.Column("scanned_at", MOMENT),
        reference("uploaded_by_id", "accounts", "fk_document_versions_uploaded_by_id"),
        sa.CheckConstraint("byte_size >= 0", name=op.f("ck_document_versions_byte_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_document_versions_sha256")),
        sa.UniqueConstraint("document_id", "label", name="uq_document_versions_document_id_label"),
    )
    index_each("document_versions", "byte_size created_at label media_type sha256 state updated_at")
    op.create_index(
        "ix_document_versions_document_id_created_at", "document_versions", ["document_id", "created_at", "id"]
    )
    op.create_index("ix_document_versions_uploaded_by_id", "document_versions", ["uploaded_by_id"])


def _create_meetings() -> None:
    """Create the tables of meetings."""
    create_entity(
        "meetings",
        sa.Column("reference", text(40), nullable=False),
        one_of("body", "ck_meetings_body", "STEERING_GROUP EXPERT_GROUP UDCG OTHER", nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("title", text(300), nullable=False),
        sa.Column("held_on", sa.Date()),
        one_of("held_on_precision", "ck_meetings_held_on_precision", PRECISIONS),
        sa.Column("place", text(300)),
        sa.Column("note", text(4000)),
        reference("host_id", "participants", "fk_meetings_host_id"),
        reference("group_id", "expert_groups", "fk_meetings_group_id"),
        one_of("marking", "ck_meetings_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.CheckConstraint(
            "group_id IS NULL OR body = 'EXPERT_GROUP'", name=op.f("ck_meetings_group_of_an_expert_group")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_meetings_number")),
        sa.UniqueConstraint("reference", name="uq_meetings_reference"),
    )
    index_each("meetings", "body created_at held_on marking number place reference title updated_at")
    op.create_index("ix_meetings_group_id_held_on", "meetings", ["group_id", "held_on", "id"])
    op.create_index("ix_meetings_host_id_held_on", "meetings", ["host_id", "held_on", "id"])
    op.create_index(
        "uq_meetings_steering_group_number",
        "meetings",
        ["number"],
        unique=True,
        sqlite_where=sa.text("body = 'STEERING_GROUP'"),
        postgresql_where=sa.text("body = 'STEERING_GROUP'"),
    )

    create_sources("meetings")

    create_link("meeting_recipients", "meeting_id", "meetings", "account_id", "accounts")

    create_link("meeting_documents", "meeting_id", "meetings", "document_id", "documents")

    create_entity(
        "agenda_items",
        reference("meeting_id", "meetings", "fk_agenda_items_meeting_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.UniqueConstraint("meeting_id", "ordinal", name="uq_agenda_items_meeting_id_ordinal"),
    )
    index_each("agenda_items", "created_at ordinal title updated_at")
    op.create_index("ix_agenda_items_meeting_id_ordinal", "agenda_items", ["meeting_id", "ordinal", "id"])

    create_entity(
        "attendances",
        reference("meeting_id", "meetings", "fk_attendances_meeting_id", ondelete="CASCADE", nullable=False),
        reference("participant_id", "participants", "fk_attendances_participant_id", nullable=False),
        one_of("capacity", "ck_attendances_capacity", "LEAD PARTICIPANT OBSERVER ORGANISATION"),
        sa.UniqueConstraint("meeting_id", "participant_id", name="uq_attendances_meeting_id_participant_id"),
    )
    index_each("attendances", "capacity created_at updated_at")
    op.create_index("ix_attendances_meeting_id_created_at", "attendances", ["meeting_id", "created_at", "id"])
    op.create_index("ix_attendances_participant_id_created_at", "attendances", ["participant_id", "created_at", "id"])


def _create_decisions() -> None:
    """Create the tables of decisions and votes."""
    create_entity(
        "decisions",
        sa.Column("reference", text(40), nullable=False),
        reference("meeting_id", "meetings", "fk_decisions_meeting_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        one_of(
            "kind",
            "ck_decisions_kind",
            "ORGANISATION AGREEMENT MEMBERSHIP ROADMAP PROCUREMENT FUNDING OTHER",
            nullable=False,
        ),
        sa.Column("text", text(4000), nullable=False),
        sa.UniqueConstraint("meeting_id", "ordinal", name="uq_decisions_meeting_id_ordinal"),
        sa.UniqueConstraint("reference", name="uq_decisions_reference"),
    )
    index_each("decisions", "created_at kind ordinal reference updated_at")
    op.create_index("ix_decisions_meeting_id_ordinal", "decisions", ["meeting_id", "ordinal", "id"])

    create_sources("decisions")

    create_entity(
        "votes",
        reference("decision_id", "decisions", "fk_votes_decision_id", ondelete="CASCADE", nullable=False),
        reference("participant_id", "participants", "fk_votes_participant_id", nullable=False),
        one_of("choice", "ck_votes_choice", "FOR AGAINST ABSTAIN", nullable=False),
        sa.UniqueConstraint("decision_id", "participant_id", name="uq_votes_decision_id_participant_id"),
    )
    index_each("votes", "choice created_at updated_at")
    op.create_index("ix_votes_decision_id_created_at", "votes", ["decision_id", "created_at", "id"])
    op.create_index("ix_votes_participant_id_created_at", "votes", ["participant_id", "created_at", "id"])
