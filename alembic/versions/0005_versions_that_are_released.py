"""Versions that are released.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op
from protection import Protection, protect

revision = "0005"
down_revision = "0004"
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
        "documents_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'DocumentVersion' "
        "AND (EXISTS (SELECT 1 FROM document_versions AS document_versions_1 WHERE document_versions_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'CapabilityNeed' AND (EXISTS (SELECT "
        "1 FROM capability_needs AS capability_needs_1 WHERE capability_needs_1.id = CAST((anon_2.value ->> "
        "1) AS UUID))) OR (anon_2.value ->> 0) = 'Roadmap' AND (EXISTS (SELECT 1 FROM roadmaps AS roadmaps_1 "
        "WHERE roadmaps_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Contribution' "
        "AND (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Procurement' AND (EXISTS (SELECT 1 "
        "FROM procurements AS procurements_1 WHERE procurements_1.id = CAST((anon_2.value ->> 1) AS UUID))) "
        "OR (anon_2.value ->> 0) = 'PurchaseOrder' AND (EXISTS (SELECT 1 FROM purchase_orders AS "
        "purchase_orders_1 WHERE purchase_orders_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value "
        "->> 0) = 'Delivery' AND (EXISTS (SELECT 1 FROM deliveries AS deliveries_1 WHERE deliveries_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Meeting' AND (EXISTS (SELECT 1 FROM "
        "meetings AS meetings_1 WHERE meetings_1.id = CAST((anon_2.value ->> 1) AS UUID))))))",
        visible_keys=True,
        append_only=True,
    ),
    "document_versions": Protection(
        "(document_versions.draft_since IS NULL OR (SELECT coalesce(documents_1.group_id, "
        "'00000000-0000-0000-0000-000000000000') AS coalesce_1 FROM documents AS documents_1 WHERE "
        "documents_1.id = document_versions.document_id) = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[])) AND "
        "(EXISTS (SELECT 1 FROM documents AS documents_2 WHERE documents_2.id = "
        "document_versions.document_id))",
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
    "document_versions": Protection(
        "EXISTS (SELECT 1 FROM documents AS documents_1 WHERE documents_1.id = document_versions.document_id)",
        visible_keys=True,
    ),
}


MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Bring the tables to this revision."""
    for column in ("draft_since", "released_at"):
        op.add_column("document_versions", sa.Column(column, MOMENT))
    op.create_index("ix_document_versions_released_at", "document_versions", ["released_at", "id"])
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    op.drop_index("ix_document_versions_released_at", "document_versions")
    for column in ("released_at", "draft_since"):
        op.drop_column("document_versions", column)
