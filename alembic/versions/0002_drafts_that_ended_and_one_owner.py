"""Drafts that ended, and one owner.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from protection import Protection, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
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
        "'DRAFT' AND ((capability_needs.status NOT IN ('WITHDRAWN')) OR capability_needs.visible_since IS NOT "
        "NULL) OR coalesce(capability_needs.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[]))",
        visible_keys=True,
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
        "'DRAFT' AND ((documents.status NOT IN ('WITHDRAWN')) OR documents.visible_since IS NOT NULL) OR "
        "coalesce(documents.group_id, '00000000-0000-0000-0000-000000000000') = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[]))",
        visible_keys=True,
    ),
    "deliveries": Protection(
        "(deliveries.marking = ANY ((SELECT string_to_array(nullif(current_setting('coalition.markings', "
        "true), ''), ',')::text[])::text[]) OR deliveries.marking IN ('AMBER', 'AMBER_STRICT') AND CASE WHEN "
        "(deliveries.purchase_order_id IS NULL) THEN '00000000-0000-0000-0000-000000000000' ELSE (SELECT "
        "(SELECT coalesce(procurements_1.group_id, '00000000-0000-0000-0000-000000000000') AS coalesce_1 FROM "
        "procurements AS procurements_1 WHERE procurements_1.id = purchase_orders_1.procurement_id) AS anon_1 "
        "FROM purchase_orders AS purchase_orders_1 WHERE purchase_orders_1.id = deliveries.purchase_order_id) "
        "END = ANY ((SELECT string_to_array(nullif(current_setting('coalition.groups', true), ''), "
        "',')::uuid[])::uuid[]) OR deliveries.marking = 'RED' AND (EXISTS (SELECT 1 FROM delivery_recipients "
        "AS delivery_recipients_1 WHERE delivery_recipients_1.delivery_id = deliveries.id AND "
        "delivery_recipients_1.account_id = (SELECT nullif(current_setting('coalition.account', true), "
        "'')::uuid)))) AND (deliveries.purchase_order_id IS NULL OR (EXISTS (SELECT 1 FROM purchase_orders AS "
        "purchase_orders_2 WHERE purchase_orders_2.id = deliveries.purchase_order_id))) AND "
        "(deliveries.contribution_id IS NULL OR (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE "
        "contributions_1.id = deliveries.contribution_id)))",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = {
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
}


#: The tables whose rows begin as drafts.
WITH_DRAFTS = "capability_needs", "documents", "purchase_orders"
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")

#: Rows whose status says that they were shown; of what is withdrawn, the audit log knows whether it was.
SHOWN = "status NOT IN ('DRAFT', 'WITHDRAWN')"
WAS_SHOWN = """status = 'WITHDRAWN' AND EXISTS (
  SELECT 1 FROM audit_events AS event WHERE event.entity_key = {table}.id
  AND {status} NOT IN ('DRAFT', 'WITHDRAWN')
)"""
STATUS = {"postgresql": "(event.after ->> 'status')", "sqlite": "json_extract(event.after, '$.status')"}


def upgrade() -> None:
    """Bring the tables to this revision."""
    dialect = op.get_context().dialect.name
    for table in WITH_DRAFTS:
        op.add_column(table, sa.Column("visible_since", MOMENT))
    if dialect == "postgresql":
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    for table in WITH_DRAFTS:
        was_shown = WAS_SHOWN.format(table=table, status=STATUS[dialect])
        op.execute(f"UPDATE {table} SET visible_since = updated_at WHERE {SHOWN} OR ({was_shown})")
    if dialect == "postgresql":
        op.execute("RESET ROLE")
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    for table in reversed(WITH_DRAFTS):
        op.drop_column(table, "visible_since")
