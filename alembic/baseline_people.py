"""Participants, accounts, groups, and what accounts sign in with."""

import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, PRECISIONS, create_entity, create_sources, index_each, one_of, reference, text


def create_tables() -> None:
    """Create the tables, each after those it refers to."""
    _create_participants()
    _create_accounts()
    _create_groups()
    _create_trusted_documents()


def _create_participants() -> None:
    """Create the tables of participants and of their memberships."""
    create_entity(
        "participants",
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(300), nullable=False),
        one_of("kind", "ck_participants_kind", "STATE ORGANISATION AGENCY", nullable=False),
        sa.Column("country_code", text(2)),
        sa.Column("beneficiary", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "country_code IS NULL OR kind = 'STATE'", name=op.f("ck_participants_country_code_of_a_state")
        ),
        sa.UniqueConstraint("code", name="uq_participants_code"),
        sa.UniqueConstraint("country_code", name="uq_participants_country_code"),
    )
    index_each("participants", "beneficiary code country_code created_at kind name updated_at")

    create_sources("participants")

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

    create_sources("coalition_memberships")


def _create_accounts() -> None:
    """Create the tables of accounts, and of what they sign in and repeat requests with."""
    create_entity(
        "accounts",
        sa.Column("display_name", text(300), nullable=False),
        sa.Column("email", text(300), nullable=False),
        sa.Column("issuer", text(300)),
        sa.Column("subject", text(300)),
        sa.Column("disabled_at", MOMENT),
        reference("participant_id", "participants", "fk_accounts_participant_id", nullable=False),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name=op.f("ck_accounts_identity")),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
    )
    index_each("accounts", "created_at display_name updated_at")
    op.create_index("ix_accounts_participant_id_display_name", "accounts", ["participant_id", "display_name", "id"])
    op.create_index("uq_accounts_identity", "accounts", ["issuer", "subject"], unique=True)

    op.create_table(
        "api_tokens",
        sa.Column("id", KEY, nullable=False),
        reference("account_id", "accounts", "fk_api_tokens_account_id", ondelete="CASCADE", nullable=False),
        sa.Column("name", text(300), nullable=False),
        sa.Column("digest", text(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.create_index("ix_api_tokens_account_id", "api_tokens", ["account_id"])

    op.create_table(
        "browser_sessions",
        sa.Column("id", KEY, nullable=False),
        reference("account_id", "accounts", "fk_browser_sessions_account_id", ondelete="CASCADE", nullable=False),
        sa.Column("digest", text(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_browser_sessions"),
        sa.UniqueConstraint("digest", name="uq_browser_sessions_digest"),
    )
    op.create_index("ix_browser_sessions_account_id", "browser_sessions", ["account_id"])

    op.create_table(
        "idempotency_keys",
        reference("account_id", "accounts", "fk_idempotency_keys_account_id", ondelete="CASCADE", nullable=False),
        sa.Column("key", text(255), nullable=False),
        sa.Column("mutation", text(80), nullable=False),
        sa.Column("digest", text(64), nullable=False),
        sa.Column("outcome_type", text(40)),
        sa.Column("outcome_key", KEY),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_account_id_created_at", "idempotency_keys", ["account_id", "created_at"])


def _create_groups() -> None:
    """Create the tables of groups and of their memberships."""
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
        sa.CheckConstraint("ordinal >= 1", name=op.f("ck_expert_groups_ordinal")),
        sa.UniqueConstraint("code", name="uq_expert_groups_code"),
        sa.UniqueConstraint("ordinal", name="uq_expert_groups_ordinal"),
    )
    index_each("expert_groups", "code created_at name ordinal status theme_status updated_at")
    op.create_index("ix_expert_groups_created_by_id", "expert_groups", ["created_by_id"])

    create_sources("expert_groups")

    create_entity(
        "group_memberships",
        reference("group_id", "expert_groups", "fk_group_memberships_group_id", ondelete="CASCADE", nullable=False),
        reference("account_id", "accounts", "fk_group_memberships_account_id", ondelete="CASCADE", nullable=False),
        one_of("role", "ck_group_memberships_role", "CHAIR CO_CHAIR SECRETARY MEMBER OBSERVER", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date()),
        sa.CheckConstraint("expires_on >= valid_from", name=op.f("ck_group_memberships_period")),
        sa.UniqueConstraint(
            "group_id", "account_id", "valid_from", name="uq_group_memberships_group_id_account_id_valid_from"
        ),
    )
    index_each("group_memberships", "created_at expires_on role updated_at valid_from")
    op.create_index(
        "ix_group_memberships_account_id_valid_from", "group_memberships", ["account_id", "valid_from", "id"]
    )
    op.create_index("ix_group_memberships_group_id_valid_from", "group_memberships", ["group_id", "valid_from", "id"])
    op.create_index(
        "uq_group_memberships_chair",
        "group_memberships",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("role = 'CHAIR' AND expires_on IS NULL"),
        postgresql_where=sa.text("role = 'CHAIR' AND expires_on IS NULL"),
    )


def _create_trusted_documents() -> None:
    """Create the table of client programs' GraphQL documents."""
    op.create_table(
        "trusted_documents",
        sa.Column("sha256", text(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.PrimaryKeyConstraint("sha256", name="pk_trusted_documents"),
    )
