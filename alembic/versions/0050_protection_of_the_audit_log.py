"""Protection of the audit log, whose events can name a milestone.

Revision 0050, after 0049.
"""

from protection import Protection, protect

revision = "0050"
down_revision = "0049"
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
        "WHERE roadmaps_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Milestone' AND "
        "(EXISTS (SELECT 1 FROM milestones AS milestones_1 WHERE milestones_1.id = CAST((anon_2.value ->> 1) "
        "AS UUID))) OR (anon_2.value ->> 0) = 'Contribution' AND (EXISTS (SELECT 1 FROM contributions AS "
        "contributions_1 WHERE contributions_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> "
        "0) = 'Supplier' AND (EXISTS (SELECT 1 FROM suppliers AS suppliers_1 WHERE suppliers_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Procurement' AND (EXISTS (SELECT 1 "
        "FROM procurements AS procurements_1 WHERE procurements_1.id = CAST((anon_2.value ->> 1) AS UUID))) "
        "OR (anon_2.value ->> 0) = 'PurchaseOrder' AND (EXISTS (SELECT 1 FROM purchase_orders AS "
        "purchase_orders_1 WHERE purchase_orders_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value "
        "->> 0) = 'Delivery' AND (EXISTS (SELECT 1 FROM deliveries AS deliveries_1 WHERE deliveries_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Meeting' AND (EXISTS (SELECT 1 FROM "
        "meetings AS meetings_1 WHERE meetings_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value "
        "->> 0) = 'ActionItem' AND (EXISTS (SELECT 1 FROM action_items AS action_items_1 WHERE "
        "action_items_1.id = CAST((anon_2.value ->> 1) AS UUID))))))",
        visible_keys=True,
        append_only=True,
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
        "documents_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'DocumentVersion' "
        "AND (EXISTS (SELECT 1 FROM document_versions AS document_versions_1 WHERE document_versions_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'CapabilityNeed' AND (EXISTS (SELECT "
        "1 FROM capability_needs AS capability_needs_1 WHERE capability_needs_1.id = CAST((anon_2.value ->> "
        "1) AS UUID))) OR (anon_2.value ->> 0) = 'Roadmap' AND (EXISTS (SELECT 1 FROM roadmaps AS roadmaps_1 "
        "WHERE roadmaps_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Contribution' "
        "AND (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Supplier' AND (EXISTS (SELECT 1 FROM "
        "suppliers AS suppliers_1 WHERE suppliers_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR "
        "(anon_2.value ->> 0) = 'Procurement' AND (EXISTS (SELECT 1 FROM procurements AS procurements_1 WHERE "
        "procurements_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'PurchaseOrder' "
        "AND (EXISTS (SELECT 1 FROM purchase_orders AS purchase_orders_1 WHERE purchase_orders_1.id = "
        "CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'Delivery' AND (EXISTS (SELECT 1 FROM "
        "deliveries AS deliveries_1 WHERE deliveries_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR "
        "(anon_2.value ->> 0) = 'Meeting' AND (EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE "
        "meetings_1.id = CAST((anon_2.value ->> 1) AS UUID))) OR (anon_2.value ->> 0) = 'ActionItem' AND "
        "(EXISTS (SELECT 1 FROM action_items AS action_items_1 WHERE action_items_1.id = CAST((anon_2.value "
        "->> 1) AS UUID))))))",
        visible_keys=True,
        append_only=True,
    ),
}


def upgrade() -> None:
    """Upgrade the tables to this revision."""
    # ### commands auto generated by Alembic - please adjust! ###
    protect(PROTECTED)
    # ### end Alembic commands ###


def downgrade() -> None:
    """Downgrade the tables to the previous revision."""
    # ### commands auto generated by Alembic - please adjust! ###
    protect(PROTECTED_BEFORE)
    # ### end Alembic commands ###
