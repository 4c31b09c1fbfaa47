"""The public record: every table of the first release.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The types, and below them the parts that tables share, as they were at this revision: what is imported may change.
KEY = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
PRECISIONS = "DAY WEEK MONTH YEAR REPORTED_BY"
QUALIFIERS = "EXACT ABOUT NEARLY OVER UP_TO"


def text(length: int) -> sa.String:
    """Give a text type that sorts by code point on both engines."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def one_of(column: str, constraint: str, members: str, *, nullable: bool = True) -> sa.Column[str]:
    """Give a column that holds one of `members`, which spaces separate, checked by `constraint`."""
    kind = sa.Enum(*members.split(), name=op.f(constraint), native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=nullable)


def check_money(name: str, constraint: str) -> sa.CheckConstraint:
    """Check the amount `name`: both columns or neither, not negative, a code of three letters."""
    minor, currency = f"{name}_minor", f"{name}_currency"
    return sa.CheckConstraint(
        f"({minor} IS NULL AND {currency} IS NULL) OR ({minor} IS NOT NULL AND {currency} IS NOT NULL "
        f"AND {minor} BETWEEN 0 AND 1000000000000000 AND length({currency}) = 3)",
        name=op.f(constraint),
    )


def reference(  # noqa: PLR0913 - it names everything a foreign key has
    column: str,
    table: str,
    constraint: str,
    *,
    ondelete: str = "RESTRICT",
    nullable: bool = True,
    use_alter: bool = False,
) -> sa.Column[str]:
    """Give a column that holds the key of a row of `table`."""
    key = sa.ForeignKey(f"{table}.id", name=constraint, ondelete=ondelete, use_alter=use_alter)
    return sa.Column(column, KEY, key, nullable=nullable)


def index_each(table: str, columns: str) -> None:
    """Create an index for each of `columns`, which spaces separate, closed by the key that breaks ties."""
    for column in columns.split():
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])


def create_entity(table: str, *parts: SchemaItem) -> None:
    """Create a table of rows that have a key, times and a version."""
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def create_sources(owner: str) -> None:
    """Create the table of the sources that the rows of `owner` have."""
    table = f"{owner}_sources"
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        reference("owner_id", owner, f"fk_{table}_owner_id", ondelete="CASCADE", nullable=False),
        sa.Column("url", text(2000), nullable=False),
        sa.Column("publisher", text(300)),
        sa.Column("published_on", sa.Date()),
        one_of("confidence", f"ck_{table}_confidence", "HIGH MEDIUM LOW"),
        sa.Column("note", text(4000)),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("owner_id", "url", name=f"uq_{table}_owner_id_url"),
    )
    op.create_index(f"ix_{table}_owner_id_ordinal", table, ["owner_id", "ordinal"])


def upgrade() -> None:
    """Create every table."""
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
        sa.UniqueConstraint("id", "amount_currency", name="uq_contributions_id_amount_currency"),
        sa.UniqueConstraint("reference", name="uq_contributions_reference"),
        check_money("amount", "ck_contributions_amount"),
        sa.CheckConstraint("part_of_id <> id", name=op.f("ck_contributions_part_of")),
    )
    index_each("contributions", "announced_on created_at kind reference statement_kind status updated_at")
    op.create_index("ix_contributions_amount", "contributions", ["amount_currency", "amount_minor", "id"])
    op.create_index("ix_contributions_part_of_id_reference", "contributions", ["part_of_id", "reference", "id"])

    create_entity(
        "expert_groups",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(300)),
        sa.Column("theme", text(300)),
        one_of("theme_status", "ck_expert_groups_theme_status", "PUBLISHED PLACEHOLDER", nullable=False),
        sa.Column("mandate", text(4000)),
        one_of("status", "ck_expert_groups_status", "ACTIVE DISSOLVED", nullable=False),
        reference("created_by_id", "decisions", "fk_expert_groups_created_by_id", use_alter=True),
        sa.UniqueConstraint("code", name="uq_expert_groups_code"),
        sa.UniqueConstraint("ordinal", name="uq_expert_groups_ordinal"),
        sa.CheckConstraint("ordinal >= 1", name=op.f("ck_expert_groups_ordinal")),
    )
    index_each("expert_groups", "code created_at name ordinal status theme_status updated_at")
    op.create_index("ix_expert_groups_created_by_id", "expert_groups", ["created_by_id"])

    create_entity(
        "participants",
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(300), nullable=False),
        one_of("kind", "ck_participants_kind", "STATE ORGANISATION AGENCY", nullable=False),
        sa.Column("country_code", text(2)),
        sa.Column("beneficiary", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("code", name="uq_participants_code"),
        sa.UniqueConstraint("country_code", name="uq_participants_country_code"),
        sa.CheckConstraint(
            "country_code IS NULL OR kind = 'STATE'", name=op.f("ck_participants_country_code_of_a_state")
        ),
    )
    index_each("participants", "beneficiary code country_code created_at kind name updated_at")

    create_entity(
        "accounts",
        sa.Column("display_name", text(300), nullable=False),
        sa.Column("email", text(300), nullable=False),
        reference("participant_id", "participants", "fk_accounts_participant_id", nullable=False),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
    )
    index_each("accounts", "created_at display_name updated_at")
    op.create_index("ix_accounts_participant_id_display_name", "accounts", ["participant_id", "display_name", "id"])

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
        sa.UniqueConstraint("reference", name="uq_capability_needs_reference"),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_capability_needs_cpv_code")),
        check_money("estimated_cost", "ck_capability_needs_estimated_cost"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_capability_needs_quantity")),
    )
    index_each(
        "capability_needs",
        "cpv_code created_at needed_by priority priority_rank quantity reference status title updated_at",
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

    create_entity(
        "coalition_memberships",
        reference(
            "participant_id",
            "participants",
            "fk_coalition_memberships_participant_id",
            ondelete="CASCADE",
            nullable=False,
        ),
        one_of("role", "ck_coalition_memberships_role", "LEAD PARTICIPANT OBSERVER ORGANISATION", nullable=False),
        sa.Column("instrument", text(300)),
        sa.Column("valid_from", sa.Date()),
        one_of("valid_from_precision", "ck_coalition_memberships_valid_from_precision", PRECISIONS),
        sa.Column("valid_to", sa.Date()),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_coalition_memberships_period")),
    )
    index_each("coalition_memberships", "created_at role updated_at valid_from valid_to")
    op.create_index(
        "ix_coalition_memberships_participant_id_valid_from",
        "coalition_memberships",
        ["participant_id", "valid_from", "id"],
    )
    op.create_index(
        "uq_coalition_memberships_current",
        "coalition_memberships",
        ["participant_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )

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
        sa.UniqueConstraint(
            "contribution_id", "participant_id", name="uq_contribution_donors_contribution_id_participant_id"
        ),
        check_money("share", "ck_contribution_donors_share"),
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

    create_sources("contributions")

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
        one_of("marking", "ck_documents_marking", "CLEAR GREEN AMBER AMBER_STRICT RED", nullable=False),
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
        sa.UniqueConstraint("reference", name="uq_documents_reference"),
        sa.UniqueConstraint("url", name="uq_documents_url"),
        sa.CheckConstraint("expires_on >= issue_date", name=op.f("ck_documents_expires_on")),
        sa.CheckConstraint("length(language) = 2", name=op.f("ck_documents_language")),
    )
    index_each(
        "documents",
        "created_at document_type expires_on issue_date language marking publisher reference status title updated_at",
    )
    op.create_index("ix_documents_group_id_reference", "documents", ["group_id", "reference", "id"])
    op.create_index("ix_documents_superseded_by_id", "documents", ["superseded_by_id"])

    create_sources("expert_groups")

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
        sa.UniqueConstraint("reference", name="uq_meetings_reference"),
        sa.CheckConstraint(
            "group_id IS NULL OR body = 'EXPERT_GROUP'", name=op.f("ck_meetings_group_of_an_expert_group")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_meetings_number")),
    )
    index_each("meetings", "body created_at held_on number place reference title updated_at")
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

    create_sources("participants")

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
        sa.UniqueConstraint("ocid", name="uq_procurements_ocid"),
        sa.UniqueConstraint("reference", name="uq_procurements_reference"),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_procurements_cpv_code")),
        check_money("estimated_value", "ck_procurements_estimated_value"),
        sa.CheckConstraint("planned_year BETWEEN 2023 AND 2100", name=op.f("ck_procurements_planned_year")),
    )
    index_each(
        "procurements", "approved_on category cpv_code created_at method planned_year reference status title updated_at"
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
        sa.UniqueConstraint("contribution_id", "procurement_id", name="uq_allocations_contribution_id_procurement_id"),
        check_money("amount", "ck_allocations_amount"),
    )
    index_each("allocations", "created_at updated_at")
    op.create_index("ix_allocations_amount", "allocations", ["amount_currency", "amount_minor", "id"])
    op.create_index("ix_allocations_contribution_id_created_at", "allocations", ["contribution_id", "created_at", "id"])
    op.create_index("ix_allocations_procurement_id_created_at", "allocations", ["procurement_id", "created_at", "id"])

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

    op.create_table(
        "audit_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        reference("actor_id", "accounts", "fk_audit_events_actor_id"),
        sa.Column("request_id", text(40)),
        one_of("action", "ck_audit_events_action", "CREATE UPDATE TRANSITION REFUSE READ", nullable=False),
        sa.Column("entity_type", text(40), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("reason", text(4000)),
        sa.Column("previous_hash", text(64), nullable=False),
        sa.Column("hash", text(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("hash", name="uq_audit_events_hash"),
        sa.UniqueConstraint("sequence", name="uq_audit_events_sequence"),
    )
    op.create_index("ix_audit_events_actor_id", "audit_events", ["actor_id"])
    op.create_index("ix_audit_events_at_sequence", "audit_events", ["at", "sequence"])
    op.create_index(
        "ix_audit_events_entity_type_entity_id_sequence", "audit_events", ["entity_type", "entity_id", "sequence"]
    )

    create_sources("capability_needs")

    create_sources("coalition_memberships")

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

    op.create_table(
        "document_shares",
        reference("document_id", "documents", "fk_document_shares_document_id", ondelete="CASCADE", nullable=False),
        reference("group_id", "expert_groups", "fk_document_shares_group_id", ondelete="CASCADE", nullable=False),
        sa.PrimaryKeyConstraint("document_id", "group_id", name="pk_document_shares"),
    )
    op.create_index("ix_document_shares_group_id_document_id", "document_shares", ["group_id", "document_id"])

    create_entity(
        "document_versions",
        reference("document_id", "documents", "fk_document_versions_document_id", ondelete="CASCADE", nullable=False),
        sa.Column("label", text(40), nullable=False),
        sa.Column("notes", text(4000)),
        sa.Column("media_type", text(300), nullable=False),
        sa.Column("byte_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", text(64), nullable=False),
        reference("uploaded_by_id", "accounts", "fk_document_versions_uploaded_by_id"),
        sa.UniqueConstraint("document_id", "label", name="uq_document_versions_document_id_label"),
        sa.CheckConstraint("byte_size >= 0", name=op.f("ck_document_versions_byte_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_document_versions_sha256")),
    )
    index_each("document_versions", "byte_size created_at label media_type updated_at")
    op.create_index(
        "ix_document_versions_document_id_created_at", "document_versions", ["document_id", "created_at", "id"]
    )
    op.create_index("ix_document_versions_uploaded_by_id", "document_versions", ["uploaded_by_id"])

    create_entity(
        "group_memberships",
        reference("group_id", "expert_groups", "fk_group_memberships_group_id", ondelete="CASCADE", nullable=False),
        reference("account_id", "accounts", "fk_group_memberships_account_id", ondelete="CASCADE", nullable=False),
        one_of("role", "ck_group_memberships_role", "CHAIR CO_CHAIR SECRETARY MEMBER OBSERVER", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date()),
        sa.UniqueConstraint(
            "group_id", "account_id", "valid_from", name="uq_group_memberships_group_id_account_id_valid_from"
        ),
        sa.CheckConstraint("expires_on >= valid_from", name=op.f("ck_group_memberships_period")),
    )
    index_each("group_memberships", "created_at expires_on role updated_at valid_from")
    op.create_index(
        "uq_group_memberships_chair",
        "group_memberships",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("role = 'CHAIR' AND expires_on IS NULL"),
        postgresql_where=sa.text("role = 'CHAIR' AND expires_on IS NULL"),
    )
    op.create_index(
        "ix_group_memberships_account_id_valid_from", "group_memberships", ["account_id", "valid_from", "id"]
    )
    op.create_index("ix_group_memberships_group_id_valid_from", "group_memberships", ["group_id", "valid_from", "id"])

    op.create_table(
        "meeting_documents",
        reference("meeting_id", "meetings", "fk_meeting_documents_meeting_id", ondelete="CASCADE", nullable=False),
        reference("document_id", "documents", "fk_meeting_documents_document_id", ondelete="CASCADE", nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "document_id", name="pk_meeting_documents"),
    )
    op.create_index("ix_meeting_documents_document_id_meeting_id", "meeting_documents", ["document_id", "meeting_id"])

    create_sources("meetings")

    op.create_table(
        "procurement_funders",
        reference(
            "procurement_id",
            "procurements",
            "fk_procurement_funders_procurement_id",
            ondelete="CASCADE",
            nullable=False,
        ),
        reference(
            "participant_id",
            "participants",
            "fk_procurement_funders_participant_id",
            ondelete="CASCADE",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("procurement_id", "participant_id", name="pk_procurement_funders"),
    )
    op.create_index(
        "ix_procurement_funders_participant_id_procurement_id",
        "procurement_funders",
        ["participant_id", "procurement_id"],
    )

    op.create_table(
        "procurement_needs",
        reference(
            "procurement_id", "procurements", "fk_procurement_needs_procurement_id", ondelete="CASCADE", nullable=False
        ),
        reference("need_id", "capability_needs", "fk_procurement_needs_need_id", ondelete="CASCADE", nullable=False),
        sa.PrimaryKeyConstraint("procurement_id", "need_id", name="pk_procurement_needs"),
    )
    op.create_index("ix_procurement_needs_need_id_procurement_id", "procurement_needs", ["need_id", "procurement_id"])

    create_sources("procurements")

    create_entity(
        "purchase_orders",
        sa.Column("number", text(40), nullable=False),
        sa.Column("title", text(300)),
        sa.Column("supplier", text(300)),
        one_of(
            "status",
            "ck_purchase_orders_status",
            "DRAFT PLACED CONFIRMED PARTIALLY_DELIVERED DELIVERED CLOSED",
            nullable=False,
        ),
        sa.Column("ordered_on", sa.Date()),
        one_of("ordered_on_precision", "ck_purchase_orders_ordered_on_precision", PRECISIONS),
        sa.Column("expected_on", sa.Date()),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_purchase_orders_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("note", text(4000)),
        reference("procurement_id", "procurements", "fk_purchase_orders_procurement_id", nullable=False),
        sa.UniqueConstraint("number", name="uq_purchase_orders_number"),
        sa.CheckConstraint("expected_on >= ordered_on", name=op.f("ck_purchase_orders_expected_on")),
        check_money("value", "ck_purchase_orders_value"),
    )
    index_each("purchase_orders", "created_at expected_on number ordered_on status supplier title updated_at")
    op.create_index("ix_purchase_orders_procurement_id_number", "purchase_orders", ["procurement_id", "number", "id"])
    op.create_index("ix_purchase_orders_value", "purchase_orders", ["value_currency", "value_minor", "id"])

    create_sources("allocations")

    create_sources("decisions")

    create_entity(
        "deliveries",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        one_of(
            "status",
            "ck_deliveries_status",
            "SCHEDULED IN_TRANSIT RECEIVED ACCEPTED PARTIALLY_ACCEPTED REJECTED",
            nullable=False,
        ),
        sa.Column("recipient", text(300)),
        sa.Column("planned_on", sa.Date()),
        sa.Column("received_on", sa.Date()),
        one_of("received_on_precision", "ck_deliveries_received_on_precision", PRECISIONS),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_deliveries_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("channel", text(300)),
        sa.Column("note", text(4000)),
        reference("purchase_order_id", "purchase_orders", "fk_deliveries_purchase_order_id"),
        reference("contribution_id", "contributions", "fk_deliveries_contribution_id"),
        sa.UniqueConstraint("reference", name="uq_deliveries_reference"),
        sa.CheckConstraint(
            "purchase_order_id IS NULL OR contribution_id IS NULL", name=op.f("ck_deliveries_one_origin")
        ),
        check_money("value", "ck_deliveries_value"),
    )
    index_each("deliveries", "created_at planned_on received_on recipient reference status title updated_at")
    op.create_index("ix_deliveries_contribution_id_reference", "deliveries", ["contribution_id", "reference", "id"])
    op.create_index("ix_deliveries_purchase_order_id_reference", "deliveries", ["purchase_order_id", "reference", "id"])
    op.create_index("ix_deliveries_value", "deliveries", ["value_currency", "value_minor", "id"])

    create_entity(
        "order_lines",
        reference(
            "purchase_order_id",
            "purchase_orders",
            "fk_order_lines_purchase_order_id",
            ondelete="CASCADE",
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("cpv_code", text(10)),
        sa.Column("quantity", sa.Integer()),
        sa.Column("unit", text(40)),
        sa.Column("unit_price_minor", sa.BigInteger()),
        sa.Column("unit_price_currency", text(3)),
        reference("need_id", "capability_needs", "fk_order_lines_need_id"),
        sa.UniqueConstraint("id", "need_id", name="uq_order_lines_id_need_id"),
        sa.UniqueConstraint("purchase_order_id", "ordinal", name="uq_order_lines_purchase_order_id_ordinal"),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_order_lines_cpv_code")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity")),
        check_money("unit_price", "ck_order_lines_unit_price"),
    )
    index_each("order_lines", "cpv_code created_at description ordinal quantity updated_at")
    op.create_index("ix_order_lines_need_id_ordinal", "order_lines", ["need_id", "ordinal", "id"])
    op.create_index("ix_order_lines_purchase_order_id_ordinal", "order_lines", ["purchase_order_id", "ordinal", "id"])
    op.create_index("ix_order_lines_unit_price", "order_lines", ["unit_price_currency", "unit_price_minor", "id"])

    create_sources("purchase_orders")

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
        sa.UniqueConstraint("reference", name="uq_roadmaps_reference"),
        sa.CheckConstraint("last_year >= first_year", name=op.f("ck_roadmaps_horizon")),
    )
    index_each("roadmaps", "created_at first_year last_year reference status title updated_at")
    op.create_index("ix_roadmaps_endorsed_by_id", "roadmaps", ["endorsed_by_id"])
    op.create_index(
        "uq_roadmaps_endorsed",
        "roadmaps",
        ["status"],
        unique=True,
        sqlite_where=sa.text("status = 'ENDORSED'"),
        postgresql_where=sa.text("status = 'ENDORSED'"),
    )

    create_entity(
        "decision_targets",
        reference("decision_id", "decisions", "fk_decision_targets_decision_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        reference("expert_group_id", "expert_groups", "fk_decision_targets_expert_group_id"),
        reference("procurement_id", "procurements", "fk_decision_targets_procurement_id"),
        reference("roadmap_id", "roadmaps", "fk_decision_targets_roadmap_id"),
        reference("participant_id", "participants", "fk_decision_targets_participant_id"),
        sa.UniqueConstraint("decision_id", "ordinal", name="uq_decision_targets_decision_id_ordinal"),
        sa.CheckConstraint(
            (
                "CASE WHEN expert_group_id IS NULL THEN 0 ELSE 1 END + CASE WHEN procurement_id IS "
                "NULL THEN 0 ELSE 1 END + CASE WHEN roadmap_id IS NULL THEN 0 ELSE 1 END + CASE WHEN "
                "participant_id IS NULL THEN 0 ELSE 1 END = 1"
            ),
            name=op.f("ck_decision_targets_one_target"),
        ),
    )
    index_each("decision_targets", "created_at ordinal updated_at")
    op.create_index("ix_decision_targets_decision_id_ordinal", "decision_targets", ["decision_id", "ordinal", "id"])
    op.create_index("ix_decision_targets_expert_group_id", "decision_targets", ["expert_group_id"])
    op.create_index("ix_decision_targets_participant_id", "decision_targets", ["participant_id"])
    op.create_index("ix_decision_targets_procurement_id", "decision_targets", ["procurement_id"])
    op.create_index("ix_decision_targets_roadmap_id", "decision_targets", ["roadmap_id"])

    create_sources("deliveries")

    op.create_table(
        "delivery_funders",
        reference("delivery_id", "deliveries", "fk_delivery_funders_delivery_id", ondelete="CASCADE", nullable=False),
        reference(
            "participant_id", "participants", "fk_delivery_funders_participant_id", ondelete="CASCADE", nullable=False
        ),
        sa.PrimaryKeyConstraint("delivery_id", "participant_id", name="pk_delivery_funders"),
    )
    op.create_index(
        "ix_delivery_funders_participant_id_delivery_id", "delivery_funders", ["participant_id", "delivery_id"]
    )

    create_entity(
        "delivery_lines",
        reference("delivery_id", "deliveries", "fk_delivery_lines_delivery_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("quantity", sa.Integer()),
        one_of("quantity_qualifier", "ck_delivery_lines_quantity_qualifier", QUALIFIERS, nullable=False),
        sa.Column("unit", text(40)),
        sa.Column("accepted", sa.Integer()),
        sa.Column("rejected", sa.Integer()),
        reference("order_line_id", "order_lines", "fk_delivery_lines_order_line_id"),
        reference("need_id", "capability_needs", "fk_delivery_lines_need_id"),
        sa.ForeignKeyConstraint(
            ["order_line_id", "need_id"],
            ["order_lines.id", "order_lines.need_id"],
            name="fk_delivery_lines_order_line_id_need_id",
            ondelete=None,
        ),
        sa.UniqueConstraint("delivery_id", "ordinal", name="uq_delivery_lines_delivery_id_ordinal"),
        sa.CheckConstraint("(accepted IS NULL) = (rejected IS NULL)", name=op.f("ck_delivery_lines_examined")),
        sa.CheckConstraint("accepted + rejected = quantity", name=op.f("ck_delivery_lines_examined_in_full")),
        sa.CheckConstraint(
            "quantity >= 0 AND accepted >= 0 AND rejected >= 0", name=op.f("ck_delivery_lines_not_negative")
        ),
    )
    index_each("delivery_lines", "accepted created_at description ordinal quantity rejected updated_at")
    op.create_index("ix_delivery_lines_delivery_id_ordinal", "delivery_lines", ["delivery_id", "ordinal", "id"])
    op.create_index("ix_delivery_lines_need_id_ordinal", "delivery_lines", ["need_id", "ordinal", "id"])
    op.create_index("ix_delivery_lines_order_line_id_ordinal", "delivery_lines", ["order_line_id", "ordinal", "id"])

    create_entity(
        "published_figures",
        sa.Column("reference", text(40), nullable=False),
        one_of(
            "measure",
            "ck_published_figures_measure",
            "PARTICIPATING_NATIONS OBSERVERS ATTENDING_NATIONS CONTRIBUTED EXPECTED COMMITTED "
            "RAISED ATTRACTED UNDER_ACQUISITION DELIVERED SPENT",
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger()),
        sa.Column("money_minor", sa.BigInteger()),
        sa.Column("money_currency", text(3)),
        one_of("qualifier", "ck_published_figures_qualifier", QUALIFIERS, nullable=False),
        sa.Column("as_of", sa.Date()),
        one_of("as_of_precision", "ck_published_figures_as_of_precision", PRECISIONS),
        sa.Column("note", text(4000)),
        reference("meeting_id", "meetings", "fk_published_figures_meeting_id"),
        reference("contribution_id", "contributions", "fk_published_figures_contribution_id"),
        reference("delivery_id", "deliveries", "fk_published_figures_delivery_id"),
        reference("participant_id", "participants", "fk_published_figures_participant_id"),
        sa.UniqueConstraint("reference", name="uq_published_figures_reference"),
        check_money("money", "ck_published_figures_money"),
        sa.CheckConstraint("value >= 0", name=op.f("ck_published_figures_value")),
        sa.CheckConstraint(
            "(value IS NULL) <> (money_minor IS NULL)", name=op.f("ck_published_figures_value_or_money")
        ),
    )
    index_each("published_figures", "as_of created_at measure qualifier reference updated_at value")
    op.create_index(
        "ix_published_figures_contribution_id_reference", "published_figures", ["contribution_id", "reference", "id"]
    )
    op.create_index(
        "ix_published_figures_delivery_id_reference", "published_figures", ["delivery_id", "reference", "id"]
    )
    op.create_index("ix_published_figures_meeting_id_reference", "published_figures", ["meeting_id", "reference", "id"])
    op.create_index("ix_published_figures_money", "published_figures", ["money_currency", "money_minor", "id"])
    op.create_index(
        "ix_published_figures_participant_id_reference", "published_figures", ["participant_id", "reference", "id"]
    )

    create_entity(
        "roadmap_lines",
        reference("roadmap_id", "roadmaps", "fk_roadmap_lines_roadmap_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer()),
        sa.Column("planned_amount_minor", sa.BigInteger()),
        sa.Column("planned_amount_currency", text(3)),
        reference("need_id", "capability_needs", "fk_roadmap_lines_need_id", nullable=False),
        sa.UniqueConstraint("roadmap_id", "ordinal", name="uq_roadmap_lines_roadmap_id_ordinal"),
        check_money("planned_amount", "ck_roadmap_lines_planned_amount"),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_roadmap_lines_quarter")),
        sa.CheckConstraint("year BETWEEN 2023 AND 2100", name=op.f("ck_roadmap_lines_year")),
    )
    index_each("roadmap_lines", "created_at ordinal quarter updated_at year")
    op.create_index("ix_roadmap_lines_need_id_year", "roadmap_lines", ["need_id", "year", "id"])
    op.create_index(
        "ix_roadmap_lines_planned_amount", "roadmap_lines", ["planned_amount_currency", "planned_amount_minor", "id"]
    )
    op.create_index("ix_roadmap_lines_roadmap_id_ordinal", "roadmap_lines", ["roadmap_id", "ordinal", "id"])

    create_sources("roadmaps")

    create_sources("published_figures")

    # SQLite has it from the table's own definition, which may speak of a table to come.
    if op.get_context().dialect.name == "postgresql":
        op.create_foreign_key(
            "fk_expert_groups_created_by_id",
            "expert_groups",
            "decisions",
            ["created_by_id"],
            ["id"],
            ondelete="RESTRICT",
        )


def downgrade() -> None:
    """Drop every table."""
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint("fk_expert_groups_created_by_id", "expert_groups", type_="foreignkey")
    for table in (
        "published_figures_sources",
        "roadmaps_sources",
        "roadmap_lines",
        "published_figures",
        "delivery_lines",
        "delivery_funders",
        "deliveries_sources",
        "decision_targets",
        "roadmaps",
        "purchase_orders_sources",
        "order_lines",
        "deliveries",
        "decisions_sources",
        "allocations_sources",
        "purchase_orders",
        "procurements_sources",
        "procurement_needs",
        "procurement_funders",
        "meetings_sources",
        "meeting_documents",
        "group_memberships",
        "document_versions",
        "document_shares",
        "decisions",
        "coalition_memberships_sources",
        "capability_needs_sources",
        "audit_events",
        "attendances",
        "allocations",
        "agenda_items",
        "procurements",
        "participants_sources",
        "meetings",
        "expert_groups_sources",
        "documents",
        "contributions_sources",
        "contribution_donors",
        "coalition_memberships",
        "capability_needs",
        "capability_areas_sources",
        "accounts",
        "participants",
        "expert_groups",
        "contributions",
        "capability_areas",
    ):
        op.drop_table(table)
