"""Feed of changes.

Revision 0053, after 0052.
"""

import sqlalchemy as sa
from alembic import op
from protection import Protection, protect

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "changes": Protection(
        "(changes.entity_type = 'Participant' AND (EXISTS (SELECT 1 FROM participants AS participants_1 WHERE "
        "participants_1.id = changes.entity_key)) OR changes.entity_type = 'CoalitionMembership' AND (EXISTS "
        "(SELECT 1 FROM coalition_memberships AS coalition_memberships_1 WHERE coalition_memberships_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'FormerName' AND (EXISTS (SELECT 1 FROM former_names "
        "AS former_names_1 WHERE former_names_1.id = changes.entity_key)) OR changes.entity_type = "
        "'ExpertGroup' AND (EXISTS (SELECT 1 FROM expert_groups AS expert_groups_1 WHERE expert_groups_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'CapabilityArea' AND (EXISTS (SELECT 1 FROM "
        "capability_areas AS capability_areas_1 WHERE capability_areas_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'PublishedFigure' AND (EXISTS (SELECT 1 FROM published_figures AS "
        "published_figures_1 WHERE published_figures_1.id = changes.entity_key)) OR changes.entity_type = "
        "'Account' AND (EXISTS (SELECT 1 FROM accounts AS accounts_1 WHERE accounts_1.id = changes.entity_key "
        "AND accounts_1.erased_at IS NULL)) OR changes.entity_type = 'GroupMembership' AND (EXISTS (SELECT 1 "
        "FROM group_memberships AS group_memberships_1 WHERE group_memberships_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'Contact' AND (EXISTS (SELECT 1 FROM contacts AS contacts_1 WHERE "
        "contacts_1.id = changes.entity_key)) OR changes.entity_type = 'Deputy' AND (EXISTS (SELECT 1 FROM "
        "deputies AS deputies_1 WHERE deputies_1.id = changes.entity_key)) OR changes.entity_type = "
        "'Delegate' AND (EXISTS (SELECT 1 FROM delegates AS delegates_1 WHERE delegates_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'Document' AND (EXISTS (SELECT 1 FROM documents AS "
        "documents_1 WHERE documents_1.id = changes.entity_key)) OR changes.entity_type = 'DocumentVersion' "
        "AND (EXISTS (SELECT 1 FROM document_versions AS document_versions_1 WHERE document_versions_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'DocumentLink' AND (EXISTS (SELECT 1 FROM "
        "document_links AS document_links_1 WHERE document_links_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'ReviewRequest' AND (EXISTS (SELECT 1 FROM review_requests AS "
        "review_requests_1 WHERE review_requests_1.id = changes.entity_key)) OR changes.entity_type = "
        "'CapabilityNeed' AND (EXISTS (SELECT 1 FROM capability_needs AS capability_needs_1 WHERE "
        "capability_needs_1.id = changes.entity_key)) OR changes.entity_type = 'Roadmap' AND (EXISTS (SELECT "
        "1 FROM roadmaps AS roadmaps_1 WHERE roadmaps_1.id = changes.entity_key)) OR changes.entity_type = "
        "'RoadmapLine' AND (EXISTS (SELECT 1 FROM roadmap_lines AS roadmap_lines_1 WHERE roadmap_lines_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'Milestone' AND (EXISTS (SELECT 1 FROM milestones AS "
        "milestones_1 WHERE milestones_1.id = changes.entity_key)) OR changes.entity_type = 'Contribution' "
        "AND (EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'ContributionDonor' AND (EXISTS (SELECT 1 FROM "
        "contribution_donors AS contribution_donors_1 WHERE contribution_donors_1.id = changes.entity_key)) "
        "OR changes.entity_type = 'ContributionTranche' AND (EXISTS (SELECT 1 FROM contribution_tranches AS "
        "contribution_tranches_1 WHERE contribution_tranches_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'Disbursement' AND (EXISTS (SELECT 1 FROM disbursements AS disbursements_1 "
        "WHERE disbursements_1.id = changes.entity_key)) OR changes.entity_type = 'Allocation' AND (EXISTS "
        "(SELECT 1 FROM allocations AS allocations_1 WHERE allocations_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'Supplier' AND (EXISTS (SELECT 1 FROM suppliers AS suppliers_1 WHERE "
        "suppliers_1.id = changes.entity_key)) OR changes.entity_type = 'Procurement' AND (EXISTS (SELECT 1 "
        "FROM procurements AS procurements_1 WHERE procurements_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'ProcurementItem' AND (EXISTS (SELECT 1 FROM procurement_items AS "
        "procurement_items_1 WHERE procurement_items_1.id = changes.entity_key)) OR changes.entity_type = "
        "'Award' AND (EXISTS (SELECT 1 FROM awards AS awards_1 WHERE awards_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'PurchaseOrder' AND (EXISTS (SELECT 1 FROM purchase_orders AS "
        "purchase_orders_1 WHERE purchase_orders_1.id = changes.entity_key)) OR changes.entity_type = "
        "'OrderLine' AND (EXISTS (SELECT 1 FROM order_lines AS order_lines_1 WHERE order_lines_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'OrderAmendment' AND (EXISTS (SELECT 1 FROM "
        "order_amendments AS order_amendments_1 WHERE order_amendments_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'OrderAmendmentLine' AND (EXISTS (SELECT 1 FROM order_amendment_lines AS "
        "order_amendment_lines_1 WHERE order_amendment_lines_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'Delivery' AND (EXISTS (SELECT 1 FROM deliveries AS deliveries_1 WHERE "
        "deliveries_1.id = changes.entity_key)) OR changes.entity_type = 'DeliveryLine' AND (EXISTS (SELECT 1 "
        "FROM delivery_lines AS delivery_lines_1 WHERE delivery_lines_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'DeliveryReturn' AND (EXISTS (SELECT 1 FROM delivery_returns AS "
        "delivery_returns_1 WHERE delivery_returns_1.id = changes.entity_key)) OR changes.entity_type = "
        "'Meeting' AND (EXISTS (SELECT 1 FROM meetings AS meetings_1 WHERE meetings_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'AgendaItem' AND (EXISTS (SELECT 1 FROM agenda_items "
        "AS agenda_items_1 WHERE agenda_items_1.id = changes.entity_key)) OR changes.entity_type = "
        "'Attendance' AND (EXISTS (SELECT 1 FROM attendances AS attendances_1 WHERE attendances_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'Attendee' AND (EXISTS (SELECT 1 FROM attendees AS "
        "attendees_1 WHERE attendees_1.id = changes.entity_key)) OR changes.entity_type = 'Minutes' AND "
        "(EXISTS (SELECT 1 FROM minutes AS minutes_1 WHERE minutes_1.id = changes.entity_key)) OR "
        "changes.entity_type = 'Decision' AND (EXISTS (SELECT 1 FROM decisions AS decisions_1 WHERE "
        "decisions_1.id = changes.entity_key)) OR changes.entity_type = 'Vote' AND (EXISTS (SELECT 1 FROM "
        "votes AS votes_1 WHERE votes_1.id = changes.entity_key)) OR changes.entity_type = 'DecisionTarget' "
        "AND (EXISTS (SELECT 1 FROM decision_targets AS decision_targets_1 WHERE decision_targets_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'ActionItem' AND (EXISTS (SELECT 1 FROM action_items "
        "AS action_items_1 WHERE action_items_1.id = changes.entity_key)) OR changes.entity_type = "
        "'ActionItemTarget' AND (EXISTS (SELECT 1 FROM action_item_targets AS action_item_targets_1 WHERE "
        "action_item_targets_1.id = changes.entity_key)) OR changes.entity_type = 'CommentThread' AND (EXISTS "
        "(SELECT 1 FROM comment_threads AS comment_threads_1 WHERE comment_threads_1.id = "
        "changes.entity_key)) OR changes.entity_type = 'Comment' AND (EXISTS (SELECT 1 FROM comments AS "
        "comments_1 WHERE comments_1.id = changes.entity_key))) AND (changes.through_type IS NULL OR "
        "changes.through_type = 'Account' AND (EXISTS (SELECT 1 FROM accounts AS accounts_2 WHERE "
        "accounts_2.id = changes.through_key AND accounts_2.erased_at IS NULL)) OR changes.through_type = "
        "'GroupMembership' AND (EXISTS (SELECT 1 FROM group_memberships AS group_memberships_2 WHERE "
        "group_memberships_2.id = changes.through_key)) OR changes.through_type = 'Document' AND (EXISTS "
        "(SELECT 1 FROM documents AS documents_2 WHERE documents_2.id = changes.through_key)) OR "
        "changes.through_type = 'DocumentVersion' AND (EXISTS (SELECT 1 FROM document_versions AS "
        "document_versions_2 WHERE document_versions_2.id = changes.through_key)) OR changes.through_type = "
        "'CapabilityNeed' AND (EXISTS (SELECT 1 FROM capability_needs AS capability_needs_2 WHERE "
        "capability_needs_2.id = changes.through_key)) OR changes.through_type = 'Roadmap' AND (EXISTS "
        "(SELECT 1 FROM roadmaps AS roadmaps_2 WHERE roadmaps_2.id = changes.through_key)) OR "
        "changes.through_type = 'Contribution' AND (EXISTS (SELECT 1 FROM contributions AS contributions_2 "
        "WHERE contributions_2.id = changes.through_key)) OR changes.through_type = 'Supplier' AND (EXISTS "
        "(SELECT 1 FROM suppliers AS suppliers_2 WHERE suppliers_2.id = changes.through_key)) OR "
        "changes.through_type = 'Procurement' AND (EXISTS (SELECT 1 FROM procurements AS procurements_2 WHERE "
        "procurements_2.id = changes.through_key)) OR changes.through_type = 'ProcurementItem' AND (EXISTS "
        "(SELECT 1 FROM procurement_items AS procurement_items_2 WHERE procurement_items_2.id = "
        "changes.through_key)) OR changes.through_type = 'Award' AND (EXISTS (SELECT 1 FROM awards AS "
        "awards_2 WHERE awards_2.id = changes.through_key)) OR changes.through_type = 'PurchaseOrder' AND "
        "(EXISTS (SELECT 1 FROM purchase_orders AS purchase_orders_2 WHERE purchase_orders_2.id = "
        "changes.through_key)) OR changes.through_type = 'OrderLine' AND (EXISTS (SELECT 1 FROM order_lines "
        "AS order_lines_2 WHERE order_lines_2.id = changes.through_key)) OR changes.through_type = "
        "'OrderAmendment' AND (EXISTS (SELECT 1 FROM order_amendments AS order_amendments_2 WHERE "
        "order_amendments_2.id = changes.through_key)) OR changes.through_type = 'Delivery' AND (EXISTS "
        "(SELECT 1 FROM deliveries AS deliveries_2 WHERE deliveries_2.id = changes.through_key)) OR "
        "changes.through_type = 'DeliveryLine' AND (EXISTS (SELECT 1 FROM delivery_lines AS delivery_lines_2 "
        "WHERE delivery_lines_2.id = changes.through_key)) OR changes.through_type = 'Meeting' AND (EXISTS "
        "(SELECT 1 FROM meetings AS meetings_2 WHERE meetings_2.id = changes.through_key)) OR "
        "changes.through_type = 'AgendaItem' AND (EXISTS (SELECT 1 FROM agenda_items AS agenda_items_2 WHERE "
        "agenda_items_2.id = changes.through_key)) OR changes.through_type = 'Attendance' AND (EXISTS (SELECT "
        "1 FROM attendances AS attendances_2 WHERE attendances_2.id = changes.through_key)) OR "
        "changes.through_type = 'Decision' AND (EXISTS (SELECT 1 FROM decisions AS decisions_2 WHERE "
        "decisions_2.id = changes.through_key)) OR changes.through_type = 'ActionItem' AND (EXISTS (SELECT 1 "
        "FROM action_items AS action_items_2 WHERE action_items_2.id = changes.through_key)) OR "
        "changes.through_type = 'CommentThread' AND (EXISTS (SELECT 1 FROM comment_threads AS "
        "comment_threads_2 WHERE comment_threads_2.id = changes.through_key)))",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = {
    "changes": None,
}


def upgrade() -> None:
    """Upgrade the tables to this revision."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "changes",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.String(length=27), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CREATED", "UPDATED", "TRANSITIONED", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "entity_type",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("entity_key", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=False),
        sa.Column("changed_fields", sa.JSON(), nullable=False),
        sa.Column(
            "through_type",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("through_key", sa.Uuid(as_uuid=False).with_variant(sa.String(length=36), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_at"), ["at", "id"], unique=False)

    protect(PROTECTED)
    # ### end Alembic commands ###


def downgrade() -> None:
    """Downgrade the tables to the previous revision."""
    # ### commands auto generated by Alembic - please adjust! ###
    protect(PROTECTED_BEFORE)
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_changes_at"))

    op.drop_table("changes")
    # ### end Alembic commands ###
