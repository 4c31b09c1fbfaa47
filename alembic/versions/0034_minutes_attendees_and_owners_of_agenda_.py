"""Minutes, attendees and owners of agenda items.

Revision 0034, after 0033.
"""

import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, on_postgresql, reference, text
from baseline_sums import Trigger
from protection import Protection, protect
from table_copies import entity_table

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "attendees": Protection(
        "(SELECT nullif(current_setting('coalition.account', true), '')::uuid) IS NOT NULL AND (EXISTS "
        "(SELECT 1 FROM attendances AS attendances_1 WHERE attendances_1.id = attendees.attendance_id))",
        visible_keys=True,
    ),
    "minutes": Protection(
        "(EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = minutes.meeting_id)) AND (EXISTS "
        "(SELECT 1 FROM documents AS documents_1 WHERE documents_1.id = minutes.document_id))",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = {
    "attendees": None,
    "minutes": None,
}

STAY = "approved_minutes", "Approved minutes stay: add the document that corrects them."
CHANGED = " OR ".join(
    f"new.{name} IS DISTINCT FROM old.{name}" for name in ("meeting_id", "document_id", "approved_on", "approved_by_id")
)
NO_VERSION = "approved_minutes", "A document with approved minutes takes no new version: supersede it instead."
TRIGGERS: list[Trigger] = [
    ("minutes_stay", "AFTER UPDATE", "minutes", "old.approved_on IS NOT NULL", "", CHANGED, STAY),
    ("minutes_kept", "AFTER DELETE", "minutes", "", "", "old.approved_on IS NOT NULL", STAY),
    (
        "minutes_final", "AFTER UPDATE OF released_at", "document_versions",
        "new.released_at IS NOT NULL AND new.released_at IS DISTINCT FROM old.released_at",
        "PERFORM 1 FROM documents WHERE id = new.document_id FOR SHARE;",
        "EXISTS (SELECT 1 FROM minutes WHERE document_id = new.document_id AND approved_on IS NOT NULL)", NO_VERSION,
    ),
]  # fmt: skip
OWNERS = {"owner_participant_id": "participants", "owner_group_id": "expert_groups", "owner_account_id": "accounts"}
ONE_OWNER = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in OWNERS) + " <= 1"


def _add_owners() -> None:
    """Add the columns of the owners of agenda items, of which one at most is set."""
    with op.batch_alter_table("agenda_items", copy_from=None if on_postgresql() else _agenda_items()) as items:
        for name, table in OWNERS.items():
            items.add_column(sa.Column(name, KEY))
            items.create_foreign_key(f"fk_agenda_items_{name}", table, [name], ["id"], ondelete="RESTRICT")
        items.create_check_constraint(op.f("ck_agenda_items_one_owner"), ONE_OWNER)
    for name in OWNERS:
        op.create_index(f"ix_agenda_items_{name}_ordinal", "agenda_items", [name, "ordinal", "id"])


def _agenda_items() -> sa.Table:
    """Return the table as it was before this revision, which SQLite copies."""
    return entity_table(
        "agenda_items",
        reference("meeting_id", "meetings", "fk_agenda_items_meeting_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", text(300), nullable=False),
        reference("action_item_id", "action_items", "fk_agenda_items_action_item_id"),
        reference("carried_over_from_id", "meetings", "fk_agenda_items_carried_over_from_id"),
        sa.UniqueConstraint("meeting_id", "ordinal", name="uq_agenda_items_meeting_id_ordinal"),
        sa.UniqueConstraint("action_item_id", "meeting_id", name="uq_agenda_items_action_item_id_meeting_id"),
        sa.CheckConstraint(
            "carried_over_from_id IS NULL OR action_item_id IS NOT NULL",
            name=op.f("ck_agenda_items_carried_over_from"),
        ),
        indexes="created_at ordinal title updated_at meeting_id+ordinal carried_over_from_id",
    )


def upgrade() -> None:
    """Upgrade the tables to this revision."""
    op.create_table(
        "attendees",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.Column(
            "person_name",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.CheckConstraint("(account_id IS NULL) <> (person_name IS NULL)", name=op.f("ck_attendees_one_person")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_attendees_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendances.id"], name=op.f("fk_attendees_attendance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendees")),
        sa.UniqueConstraint("account_id", "attendance_id", name=op.f("uq_attendees_account_id_attendance_id")),
        sa.UniqueConstraint("attendance_id", "ordinal", name=op.f("uq_attendees_attendance_id_ordinal")),
    )
    with op.batch_alter_table("attendees", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attendees_attendance_id_ordinal"), ["attendance_id", "ordinal", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_attendees_created_at"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendees_ordinal"), ["ordinal", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendees_person_name"), ["person_name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendees_updated_at"), ["updated_at", "id"], unique=False)

    op.create_table(
        "minutes",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column("document_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_on IS NOT NULL", name=op.f("ck_minutes_approved_by")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["decisions.id"], name=op.f("fk_minutes_approved_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_minutes_document_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_minutes_meeting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("document_id", name=op.f("uq_minutes_document_id")),
        sa.UniqueConstraint("meeting_id", "document_id", name=op.f("uq_minutes_meeting_id_document_id")),
    )
    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_approved_by_id"), ["approved_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_minutes_approved_on"), ["approved_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_minutes_created_at"), ["created_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_minutes_meeting_id_created_at"), ["meeting_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_minutes_updated_at"), ["updated_at", "id"], unique=False)

    _add_owners()
    quantities.create(TRIGGERS)
    protect(PROTECTED)


def downgrade() -> None:
    """Downgrade the tables to the previous revision."""
    protect(PROTECTED_BEFORE)
    quantities.drop(TRIGGERS)
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_agenda_items_one_owner"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_agenda_items_owner_group_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_agenda_items_owner_account_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_agenda_items_owner_participant_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_agenda_items_owner_participant_id_ordinal"))
        batch_op.drop_index(batch_op.f("ix_agenda_items_owner_group_id_ordinal"))
        batch_op.drop_index(batch_op.f("ix_agenda_items_owner_account_id_ordinal"))
        batch_op.drop_column("owner_account_id")
        batch_op.drop_column("owner_group_id")
        batch_op.drop_column("owner_participant_id")

    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_updated_at"))
        batch_op.drop_index(batch_op.f("ix_minutes_meeting_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_minutes_created_at"))
        batch_op.drop_index(batch_op.f("ix_minutes_approved_on"))
        batch_op.drop_index(batch_op.f("ix_minutes_approved_by_id"))

    op.drop_table("minutes")
    with op.batch_alter_table("attendees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendees_updated_at"))
        batch_op.drop_index(batch_op.f("ix_attendees_person_name"))
        batch_op.drop_index(batch_op.f("ix_attendees_ordinal"))
        batch_op.drop_index(batch_op.f("ix_attendees_created_at"))
        batch_op.drop_index(batch_op.f("ix_attendees_attendance_id_ordinal"))

    op.drop_table("attendees")
