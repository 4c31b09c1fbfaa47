"""Action items.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, on_postgresql, text
from protection import Protection, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "audit_events": Protection(
        "(audit_events.actor_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid) OR "
        "coalesce(audit_events.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[]) AND "
        "(audit_events.marking IS NULL OR audit_events.marking = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.markings', true), ''), ',')::text[])::text[])) AND "
        "(audit_events.readers IS NULL OR (EXISTS (SELECT 1 FROM "
        "json_array_elements(CAST(audit_events.readers AS JSON)) AS anon_1 WHERE CAST((anon_1.value ->> 1) AS "
        "UUID) = (SELECT nullif(current_setting('coalition.account', true), '')::uuid))))) AND NOT (EXISTS "
        "(SELECT 1 FROM json_array_elements(CAST(audit_events.names AS JSON)) AS anon_2 WHERE NOT "
        "((anon_2.value ->> 0) = 'Document' AND (EXISTS (SELECT 1 FROM documents AS documents_1 WHERE "
        "documents_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'CapabilityNeed' AND "
        "(EXISTS (SELECT 1 FROM capability_needs AS capability_needs_1 WHERE capability_needs_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Roadmap' AND (EXISTS (SELECT 1 FROM "
        "roadmaps AS roadmaps_1 WHERE roadmaps_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value "
        "->> 0) = 'Contribution' AND (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE "
        "contributions_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Procurement' "
        "AND (EXISTS (SELECT 1 FROM procurements AS procurements_1 WHERE procurements_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'PurchaseOrder' AND (EXISTS (SELECT 1 "
        "FROM purchase_orders AS purchase_orders_1 WHERE purchase_orders_1.id = CAST((anon_2.value ->> 1) AS "
        "UUID))) OR (anon_2.value ->> 0) = 'Delivery' AND (EXISTS (SELECT 1 FROM deliveries AS deliveries_1 "
        "WHERE deliveries_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Meeting' AND "
        "(EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = CAST((anon_2.value ->> 1) AS "
        "UUID))) OR (anon_2.value ->> 0) = 'ActionItem' AND (EXISTS (SELECT 1 FROM action_items AS "
        "action_items_1 WHERE action_items_1.id = CAST((anon_2.value ->> 1) AS UUID))))))",
        visible_keys=True,
        append_only=True,
    ),
    "action_items": Protection(
        "action_items.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', "
        "true), ''), ',')::text[])::text[]) OR action_items.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "coalesce(action_items.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "action_items.marking = 'RED' AND (EXISTS (SELECT 1 FROM action_item_recipients AS "
        "action_item_recipients_1 WHERE action_item_recipients_1.action_item_id = action_items.id AND "
        "action_item_recipients_1.account_id = (SELECT nullif(current_setting('coalition.account', true), "
        "'')::uuid)))",
        visible_keys=True,
    ),
    "action_item_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "action_item_targets": Protection(
        "(EXISTS (SELECT 1 FROM action_items AS action_items_1 WHERE action_items_1.id = "
        "action_item_targets.action_item_id)) AND (action_item_targets.need_id IS NULL OR (EXISTS (SELECT 1 "
        "FROM capability_needs AS capability_needs_1 WHERE capability_needs_1.id = "
        "action_item_targets.need_id))) AND (action_item_targets.contribution_id IS NULL OR (EXISTS (SELECT 1 "
        "FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "action_item_targets.contribution_id))) AND (action_item_targets.document_id IS NULL OR (EXISTS "
        "(SELECT 1 FROM documents AS documents_1 WHERE documents_1.id = action_item_targets.document_id))) "
        "AND (action_item_targets.purchase_order_id IS NULL OR (EXISTS (SELECT 1 FROM purchase_orders AS "
        "purchase_orders_1 WHERE purchase_orders_1.id = action_item_targets.purchase_order_id))) AND "
        "(action_item_targets.procurement_id IS NULL OR (EXISTS (SELECT 1 FROM procurements AS procurements_1 "
        "WHERE procurements_1.id = action_item_targets.procurement_id))) AND (action_item_targets.roadmap_id "
        "IS NULL OR (EXISTS (SELECT 1 FROM roadmaps AS roadmaps_1 WHERE roadmaps_1.id = "
        "action_item_targets.roadmap_id)))",
        visible_keys=True,
    ),
    "agenda_items": Protection(
        "(EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = agenda_items.meeting_id)) AND "
        "(agenda_items.action_item_id IS NULL OR (EXISTS (SELECT 1 FROM action_items AS action_items_1 WHERE "
        "action_items_1.id = agenda_items.action_item_id)))",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = {
    "audit_events": Protection(
        "(audit_events.actor_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid) OR "
        "coalesce(audit_events.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[]) AND "
        "(audit_events.marking IS NULL OR audit_events.marking = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.markings', true), ''), ',')::text[])::text[])) AND "
        "(audit_events.readers IS NULL OR (EXISTS (SELECT 1 FROM "
        "json_array_elements(CAST(audit_events.readers AS JSON)) AS anon_1 WHERE CAST((anon_1.value ->> 1) AS "
        "UUID) = (SELECT nullif(current_setting('coalition.account', true), '')::uuid))))) AND NOT (EXISTS "
        "(SELECT 1 FROM json_array_elements(CAST(audit_events.names AS JSON)) AS anon_2 WHERE NOT "
        "((anon_2.value ->> 0) = 'Document' AND (EXISTS (SELECT 1 FROM documents AS documents_1 WHERE "
        "documents_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'CapabilityNeed' AND "
        "(EXISTS (SELECT 1 FROM capability_needs AS capability_needs_1 WHERE capability_needs_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Roadmap' AND (EXISTS (SELECT 1 FROM "
        "roadmaps AS roadmaps_1 WHERE roadmaps_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value "
        "->> 0) = 'Contribution' AND (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE "
        "contributions_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Procurement' "
        "AND (EXISTS (SELECT 1 FROM procurements AS procurements_1 WHERE procurements_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'PurchaseOrder' AND (EXISTS (SELECT 1 "
        "FROM purchase_orders AS purchase_orders_1 WHERE purchase_orders_1.id = CAST((anon_2.value ->> 1) AS "
        "UUID))) OR (anon_2.value ->> 0) = 'Delivery' AND (EXISTS (SELECT 1 FROM deliveries AS deliveries_1 "
        "WHERE deliveries_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Meeting' AND "
        "(EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = CAST((anon_2.value ->> 1) AS "
        "UUID))))))",
        visible_keys=True,
        append_only=True,
    ),
    "action_items": None,
    "action_item_recipients": None,
    "action_item_targets": None,
    "agenda_items": Protection(
        "EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = agenda_items.meeting_id)", visible_keys=True
    ),
}

TARGETS = (
    "need",
    "contribution",
    "document",
    "purchase_order",
    "procurement",
    "roadmap",
    "expert_group",
    "participant",
)


def exactly_one(*names: str) -> str:
    """Return the condition that exactly one of some references is set."""
    return " + ".join(f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END" for name in names) + " = 1"


def agenda_items() -> sa.Table:
    """Return the table as it was before this revision, which SQLite copies."""
    table = sa.Table(
        "agenda_items",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("meeting_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_agenda_items_meeting_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_items"),
        sa.UniqueConstraint("meeting_id", "ordinal", name="uq_agenda_items_meeting_id_ordinal"),
    )
    for name in ("created_at", "ordinal", "title", "updated_at"):
        sa.Index(f"ix_agenda_items_{name}", table.c[name], table.c.id)
    sa.Index("ix_agenda_items_meeting_id_ordinal", table.c.meeting_id, table.c.ordinal, table.c.id)
    return table


def upgrade() -> None:
    """Bring the tables to this revision."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "action_items",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "reference",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "text",
            sa.String(length=4000).with_variant(sa.String(length=4000, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "IN_PROGRESS",
                "DONE",
                "CANCELLED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "CRITICAL",
                "HIGH",
                "MEDIUM",
                "LOW",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "priority_rank",
            sa.Integer(),
            sa.Computed(
                "CASE priority WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.String(length=4000).with_variant(sa.String(length=4000, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("meeting_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column("group_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column(
            "owner_participant_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True
        ),
        sa.Column("owner_group_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column(
            "owner_account_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True
        ),
        sa.Column(
            "marking",
            sa.Enum(
                "CLEAR",
                "GREEN",
                "AMBER",
                "AMBER_STRICT",
                "RED",
                name="marking",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="AMBER",
            nullable=False,
        ),
        sa.CheckConstraint("(status = 'DONE') = (done_on IS NOT NULL)", name=op.f("ck_action_items_done_on")),
        sa.CheckConstraint(
            exactly_one("owner_participant", "owner_group", "owner_account"),
            name=op.f("ck_action_items_one_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_action_items_decision_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["expert_groups.id"], name=op.f("fk_action_items_group_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_action_items_meeting_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_account_id"], ["accounts.id"], name=op.f("fk_action_items_owner_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_group_id"], ["expert_groups.id"], name=op.f("fk_action_items_owner_group_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_participant_id"],
            ["participants.id"],
            name=op.f("fk_action_items_owner_participant_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
        sa.UniqueConstraint("reference", name=op.f("uq_action_items_reference")),
    )
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_items_created_at"), ["created_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_action_items_decision_id_reference"), ["decision_id", "reference", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_action_items_done_on"), ["done_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_items_due_on"), ["due_on", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_action_items_group_id_reference"), ["group_id", "reference", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_action_items_marking"), ["marking", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_action_items_meeting_id_reference"), ["meeting_id", "reference", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_action_items_owner_account_id_reference"),
            ["owner_account_id", "reference", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_action_items_owner_group_id_reference"), ["owner_group_id", "reference", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_action_items_owner_participant_id_reference"),
            ["owner_participant_id", "reference", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_action_items_priority"), ["priority", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_items_priority_rank"), ["priority_rank", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_items_reference"), ["reference", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_items_status"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_items_updated_at"), ["updated_at", "id"], unique=False)

    op.create_table(
        "action_item_recipients",
        sa.Column(
            "action_item_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False
        ),
        sa.Column("account_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_action_item_recipients_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["action_item_id"],
            ["action_items.id"],
            name=op.f("fk_action_item_recipients_action_item_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("action_item_id", "account_id", name=op.f("pk_action_item_recipients")),
    )
    with op.batch_alter_table("action_item_recipients", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_item_recipients_account_id_action_item_id"),
            ["account_id", "action_item_id"],
            unique=False,
        )

    op.create_table(
        "action_item_targets",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "action_item_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column(
            "contribution_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True
        ),
        sa.Column("document_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column(
            "purchase_order_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True
        ),
        sa.Column("procurement_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column("roadmap_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column(
            "expert_group_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True
        ),
        sa.Column("participant_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.CheckConstraint(
            exactly_one(*TARGETS),
            name=op.f("ck_action_item_targets_one_target"),
        ),
        sa.ForeignKeyConstraint(
            ["action_item_id"],
            ["action_items.id"],
            name=op.f("fk_action_item_targets_action_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contributions.id"],
            name=op.f("fk_action_item_targets_contribution_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_action_item_targets_document_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["expert_group_id"],
            ["expert_groups.id"],
            name=op.f("fk_action_item_targets_expert_group_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["capability_needs.id"], name=op.f("fk_action_item_targets_need_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_action_item_targets_participant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurements.id"],
            name=op.f("fk_action_item_targets_procurement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"],
            ["purchase_orders.id"],
            name=op.f("fk_action_item_targets_purchase_order_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_action_item_targets_roadmap_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item_targets")),
        sa.UniqueConstraint("action_item_id", "ordinal", name=op.f("uq_action_item_targets_action_item_id_ordinal")),
        sa.UniqueConstraint(
            "contribution_id", "action_item_id", name=op.f("uq_action_item_targets_contribution_id_action_item_id")
        ),
        sa.UniqueConstraint(
            "document_id", "action_item_id", name=op.f("uq_action_item_targets_document_id_action_item_id")
        ),
        sa.UniqueConstraint(
            "expert_group_id", "action_item_id", name=op.f("uq_action_item_targets_expert_group_id_action_item_id")
        ),
        sa.UniqueConstraint("need_id", "action_item_id", name=op.f("uq_action_item_targets_need_id_action_item_id")),
        sa.UniqueConstraint(
            "participant_id", "action_item_id", name=op.f("uq_action_item_targets_participant_id_action_item_id")
        ),
        sa.UniqueConstraint(
            "procurement_id", "action_item_id", name=op.f("uq_action_item_targets_procurement_id_action_item_id")
        ),
        sa.UniqueConstraint(
            "purchase_order_id", "action_item_id", name=op.f("uq_action_item_targets_purchase_order_id_action_item_id")
        ),
        sa.UniqueConstraint(
            "roadmap_id", "action_item_id", name=op.f("uq_action_item_targets_roadmap_id_action_item_id")
        ),
    )
    with op.batch_alter_table("action_item_targets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_item_targets_action_item_id_ordinal"),
            ["action_item_id", "ordinal", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_action_item_targets_created_at"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_item_targets_ordinal"), ["ordinal", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_item_targets_updated_at"), ["updated_at", "id"], unique=False)

    with op.batch_alter_table("agenda_items", copy_from=None if on_postgresql() else agenda_items()) as batch_op:
        batch_op.add_column(
            sa.Column(
                "action_item_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "carried_over_from_id",
                sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"),
                nullable=True,
            )
        )
        batch_op.create_index(
            batch_op.f("ix_agenda_items_carried_over_from_id"), ["carried_over_from_id"], unique=False
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_agenda_items_action_item_id_meeting_id"), ["action_item_id", "meeting_id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_agenda_items_action_item_id"),
            "action_items",
            ["action_item_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_agenda_items_carried_over_from_id"),
            "meetings",
            ["carried_over_from_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_agenda_items_carried_over_from"),
            "carried_over_from_id IS NULL OR action_item_id IS NOT NULL",
        )

    protect(PROTECTED)
    # ### end Alembic commands ###


def downgrade() -> None:
    """Take the tables back to the revision before."""
    # ### commands auto generated by Alembic - please adjust! ###
    protect(PROTECTED_BEFORE)
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_agenda_items_carried_over_from"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_agenda_items_carried_over_from_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_agenda_items_action_item_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_agenda_items_action_item_id_meeting_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_agenda_items_carried_over_from_id"))
        batch_op.drop_column("carried_over_from_id")
        batch_op.drop_column("action_item_id")

    with op.batch_alter_table("action_item_targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_item_targets_updated_at"))
        batch_op.drop_index(batch_op.f("ix_action_item_targets_ordinal"))
        batch_op.drop_index(batch_op.f("ix_action_item_targets_created_at"))
        batch_op.drop_index(batch_op.f("ix_action_item_targets_action_item_id_ordinal"))

    op.drop_table("action_item_targets")
    with op.batch_alter_table("action_item_recipients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_item_recipients_account_id_action_item_id"))

    op.drop_table("action_item_recipients")
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_items_updated_at"))
        batch_op.drop_index(batch_op.f("ix_action_items_status"))
        batch_op.drop_index(batch_op.f("ix_action_items_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_priority_rank"))
        batch_op.drop_index(batch_op.f("ix_action_items_priority"))
        batch_op.drop_index(batch_op.f("ix_action_items_owner_participant_id_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_owner_group_id_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_owner_account_id_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_meeting_id_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_marking"))
        batch_op.drop_index(batch_op.f("ix_action_items_group_id_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_due_on"))
        batch_op.drop_index(batch_op.f("ix_action_items_done_on"))
        batch_op.drop_index(batch_op.f("ix_action_items_decision_id_reference"))
        batch_op.drop_index(batch_op.f("ix_action_items_created_at"))

    op.drop_table("action_items")
    # ### end Alembic commands ###
