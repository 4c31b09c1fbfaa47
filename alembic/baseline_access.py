"""Which rows of each table the application sees at the first release, by the claims of the transaction."""

from protection import Protection

PROTECTED = {
    "capability_areas": Protection("true"),
    "contributions": Protection(
        "contributions.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', "
        "true), ''), ',')::text[])::text[]) OR contributions.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "'00000000-0000-0000-0000-000000000000' = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "contributions.marking = 'RED' AND (EXISTS (SELECT 1 FROM contribution_recipients AS "
        "contribution_recipients_1 WHERE contribution_recipients_1.contribution_id = contributions.id AND "
        "contribution_recipients_1.account_id = (SELECT nullif(current_setting('coalition.account', true), "
        "'')::uuid)))",
        visible_keys=True,
    ),
    "expert_groups": Protection("true"),
    "participants": Protection("true"),
    "trusted_documents": Protection("false"),
    "accounts": Protection(
        "(SELECT nullif(current_setting('coalition.account', true), '')::uuid) IS NOT NULL", visible_keys=True
    ),
    "capability_areas_sources": Protection("true"),
    "capability_needs": Protection(
        "(capability_needs.marking = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.markings', true), ''), ',')::text[])::text[]) OR "
        "capability_needs.marking IN ('AMBER', 'AMBER_STRICT') AND coalesce(capability_needs.group_id, "
        "'00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "capability_needs.marking = 'RED' AND (EXISTS (SELECT 1 FROM capability_need_recipients AS "
        "capability_need_recipients_1 WHERE capability_need_recipients_1.capability_need_id = "
        "capability_needs.id AND capability_need_recipients_1.account_id = (SELECT "
        "nullif(current_setting('coalition.account', true), '')::uuid)))) AND (capability_needs.status != "
        "'DRAFT' OR coalesce(capability_needs.group_id, '00000000-0000-0000-0000-000000000000') = ANY "
        "((SELECT string_to_array(nullif(current_setting('coalition.writes', true), ''), "
        "',')::uuid[])::uuid[]))",
        visible_keys=True,
    ),
    "coalition_memberships": Protection("true"),
    "contribution_donors": Protection(
        "EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "contribution_donors.contribution_id)",
        visible_keys=True,
    ),
    "contributions_sources": Protection(
        "(EXISTS (SELECT 1 FROM contributions WHERE contributions.id = contributions_sources.owner_id))"
    ),
    "documents": Protection(
        "(documents.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', "
        "true), ''), ',')::text[])::text[]) OR documents.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "coalesce(documents.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "documents.marking = 'AMBER' AND (EXISTS (SELECT 1 FROM document_shares AS document_shares_1 WHERE "
        "document_shares_1.document_id = documents.id AND document_shares_1.group_id = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]))) OR "
        "documents.marking = 'RED' AND (EXISTS (SELECT 1 FROM document_recipients AS document_recipients_1 "
        "WHERE document_recipients_1.document_id = documents.id AND document_recipients_1.account_id = "
        "(SELECT nullif(current_setting('coalition.account', true), '')::uuid)))) AND (documents.status != "
        "'DRAFT' OR coalesce(documents.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[]))",
        visible_keys=True,
    ),
    "expert_groups_sources": Protection("true"),
    "meetings": Protection(
        "meetings.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', true), "
        "''), ',')::text[])::text[]) OR meetings.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "coalesce(meetings.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "meetings.marking = 'RED' AND (EXISTS (SELECT 1 FROM meeting_recipients AS meeting_recipients_1 WHERE "
        "meeting_recipients_1.meeting_id = meetings.id AND meeting_recipients_1.account_id = (SELECT "
        "nullif(current_setting('coalition.account', true), '')::uuid)))",
        visible_keys=True,
    ),
    "participants_sources": Protection("true"),
    "procurements": Protection(
        "procurements.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', "
        "true), ''), ',')::text[])::text[]) OR procurements.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "coalesce(procurements.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "procurements.marking = 'RED' AND (EXISTS (SELECT 1 FROM procurement_recipients AS "
        "procurement_recipients_1 WHERE procurement_recipients_1.procurement_id = procurements.id AND "
        "procurement_recipients_1.account_id = (SELECT nullif(current_setting('coalition.account', true), "
        "'')::uuid)))",
        visible_keys=True,
    ),
    "agenda_items": Protection(
        "EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = agenda_items.meeting_id)", visible_keys=True
    ),
    "allocations": Protection(
        "(EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "allocations.contribution_id)) AND (EXISTS (SELECT 1 FROM procurements AS procurements_1 WHERE "
        "procurements_1.id = allocations.procurement_id))",
        visible_keys=True,
    ),
    "api_tokens": Protection("false"),
    "attendances": Protection(
        "EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = attendances.meeting_id)", visible_keys=True
    ),
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
    "browser_sessions": Protection("false"),
    "capability_need_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "capability_needs_sources": Protection(
        "(EXISTS (SELECT 1 FROM capability_needs WHERE capability_needs.id = capability_needs_sources.owner_id))"
    ),
    "coalition_memberships_sources": Protection("true"),
    "contribution_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "decisions": Protection(
        "EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = decisions.meeting_id)", visible_keys=True
    ),
    "document_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "document_shares": Protection("true"),
    "document_versions": Protection(
        "EXISTS (SELECT 1 FROM documents AS documents_1 WHERE documents_1.id = document_versions.document_id)",
        visible_keys=True,
    ),
    "group_memberships": Protection(
        "(SELECT nullif(current_setting('coalition.account', true), '')::uuid) IS NOT NULL", visible_keys=True
    ),
    "idempotency_keys": Protection("false"),
    "meeting_documents": Protection(
        "(EXISTS (SELECT 1 FROM meetings WHERE meetings.id = meeting_documents.meeting_id)) AND (EXISTS "
        "(SELECT 1 FROM documents WHERE documents.id = meeting_documents.document_id))"
    ),
    "meeting_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "meetings_sources": Protection("(EXISTS (SELECT 1 FROM meetings WHERE meetings.id = meetings_sources.owner_id))"),
    "procurement_funders": Protection(
        "(EXISTS (SELECT 1 FROM procurements WHERE procurements.id = procurement_funders.procurement_id))"
    ),
    "procurement_needs": Protection(
        "(EXISTS (SELECT 1 FROM procurements WHERE procurements.id = procurement_needs.procurement_id)) AND "
        "(EXISTS (SELECT 1 FROM capability_needs WHERE capability_needs.id = procurement_needs.need_id))"
    ),
    "procurement_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "procurements_sources": Protection(
        "(EXISTS (SELECT 1 FROM procurements WHERE procurements.id = procurements_sources.owner_id))"
    ),
    "purchase_orders": Protection(
        "(purchase_orders.status != 'DRAFT' OR (SELECT coalesce(procurements_1.group_id, "
        "'00000000-0000-0000-0000-000000000000') AS coalesce_1 FROM procurements AS procurements_1 WHERE "
        "procurements_1.id = purchase_orders.procurement_id) = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[])) AND "
        "(EXISTS (SELECT 1 FROM procurements AS procurements_2 WHERE procurements_2.id = "
        "purchase_orders.procurement_id))",
        visible_keys=True,
    ),
    "allocations_sources": Protection(
        "(EXISTS (SELECT 1 FROM allocations WHERE allocations.id = allocations_sources.owner_id))"
    ),
    "decisions_sources": Protection(
        "(EXISTS (SELECT 1 FROM decisions WHERE decisions.id = decisions_sources.owner_id))"
    ),
    "deliveries": Protection(
        "(deliveries.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', "
        "true), ''), ',')::text[])::text[]) OR deliveries.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "'00000000-0000-0000-0000-000000000000' = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "deliveries.marking = 'RED' AND (EXISTS (SELECT 1 FROM delivery_recipients AS delivery_recipients_1 "
        "WHERE delivery_recipients_1.delivery_id = deliveries.id AND delivery_recipients_1.account_id = "
        "(SELECT nullif(current_setting('coalition.account', true), '')::uuid)))) AND "
        "(deliveries.purchase_order_id IS NULL OR (EXISTS (SELECT 1 FROM purchase_orders AS purchase_orders_1 "
        "WHERE purchase_orders_1.id = deliveries.purchase_order_id))) AND (deliveries.contribution_id IS NULL "
        "OR (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "deliveries.contribution_id)))",
        visible_keys=True,
    ),
    "order_lines": Protection(
        "EXISTS (SELECT 1 FROM purchase_orders AS purchase_orders_1 WHERE purchase_orders_1.id = "
        "order_lines.purchase_order_id)",
        visible_keys=True,
    ),
    "purchase_orders_sources": Protection(
        "(EXISTS (SELECT 1 FROM purchase_orders WHERE purchase_orders.id = purchase_orders_sources.owner_id))"
    ),
    "roadmaps": Protection(
        "roadmaps.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', true), "
        "''), ',')::text[])::text[]) OR roadmaps.marking IN ('AMBER', 'AMBER_STRICT') AND "
        "'00000000-0000-0000-0000-000000000000' = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.groups', true), ''), ',')::uuid[])::uuid[]) OR "
        "roadmaps.marking = 'RED' AND (EXISTS (SELECT 1 FROM roadmap_recipients AS roadmap_recipients_1 WHERE "
        "roadmap_recipients_1.roadmap_id = roadmaps.id AND roadmap_recipients_1.account_id = (SELECT "
        "nullif(current_setting('coalition.account', true), '')::uuid)))",
        visible_keys=True,
    ),
    "votes": Protection(
        "EXISTS (SELECT 1 FROM decisions AS decisions_1 WHERE decisions_1.id = votes.decision_id)", visible_keys=True
    ),
    "decision_targets": Protection(
        "(EXISTS (SELECT 1 FROM decisions AS decisions_1 WHERE decisions_1.id = "
        "decision_targets.decision_id)) AND (decision_targets.procurement_id IS NULL OR (EXISTS (SELECT 1 "
        "FROM procurements AS procurements_1 WHERE procurements_1.id = decision_targets.procurement_id))) AND "
        "(decision_targets.roadmap_id IS NULL OR (EXISTS (SELECT 1 FROM roadmaps AS roadmaps_1 WHERE "
        "roadmaps_1.id = decision_targets.roadmap_id)))",
        visible_keys=True,
    ),
    "deliveries_sources": Protection(
        "(EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = deliveries_sources.owner_id))"
    ),
    "delivery_funders": Protection(
        "(EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = delivery_funders.delivery_id))"
    ),
    "delivery_lines": Protection(
        "EXISTS (SELECT 1 FROM deliveries AS deliveries_1 WHERE deliveries_1.id = delivery_lines.delivery_id)",
        visible_keys=True,
    ),
    "delivery_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "published_figures": Protection("true"),
    "roadmap_lines": Protection(
        "(EXISTS (SELECT 1 FROM roadmaps AS roadmaps_1 WHERE roadmaps_1.id = roadmap_lines.roadmap_id)) AND "
        "(EXISTS (SELECT 1 FROM capability_needs AS capability_needs_1 WHERE capability_needs_1.id = "
        "roadmap_lines.need_id))",
        visible_keys=True,
    ),
    "roadmap_recipients": Protection(
        "account_id = (SELECT nullif(current_setting('coalition.account', true), '')::uuid)"
    ),
    "roadmaps_sources": Protection("(EXISTS (SELECT 1 FROM roadmaps WHERE roadmaps.id = roadmaps_sources.owner_id))"),
    "published_figures_sources": Protection("true"),
}
