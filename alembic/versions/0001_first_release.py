"""The first release: every table, the rules that triggers keep, and PostgreSQL's roles and row-level security.

Revision 0001, after nothing. Its parts are in the files `baseline_*.py` beside `env.py`.
"""

import baseline_audit
import baseline_deliveries
import baseline_funding
import baseline_meetings
import baseline_needs
import baseline_people
import baseline_roles
import baseline_rules
import baseline_sums
from alembic import op
from baseline_access import PROTECTED
from baseline_parts import on_postgresql
from protection import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: The tables, each before those it refers to.
DROPPED = (
    "audit_events",
    "published_figures_sources",
    "published_figures",
    "delivery_lines",
    "delivery_funders",
    "delivery_recipients",
    "deliveries_sources",
    "deliveries",
    "order_lines",
    "purchase_orders_sources",
    "purchase_orders",
    "decision_targets",
    "allocations_sources",
    "allocations",
    "procurement_funders",
    "procurement_needs",
    "procurement_recipients",
    "procurements_sources",
    "procurements",
    "contribution_donors",
    "contribution_recipients",
    "contributions_sources",
    "contributions",
    "roadmap_lines",
    "roadmap_recipients",
    "roadmaps_sources",
    "roadmaps",
    "capability_need_recipients",
    "capability_needs_sources",
    "capability_needs",
    "capability_areas_sources",
    "capability_areas",
    "votes",
    "decisions_sources",
    "decisions",
    "attendances",
    "agenda_items",
    "meeting_documents",
    "meeting_recipients",
    "meetings_sources",
    "meetings",
    "document_versions",
    "document_recipients",
    "document_shares",
    "documents",
    "trusted_documents",
    "group_memberships",
    "expert_groups_sources",
    "expert_groups",
    "idempotency_keys",
    "browser_sessions",
    "api_tokens",
    "accounts",
    "coalition_memberships_sources",
    "coalition_memberships",
    "participants_sources",
    "participants",
)


def upgrade() -> None:
    """Create everything."""
    baseline_people.create_tables()
    baseline_meetings.create_tables()
    baseline_needs.create_tables()
    baseline_funding.create_tables()
    baseline_deliveries.create_tables()
    baseline_audit.create_audit_events()
    baseline_sums.create_triggers()
    baseline_rules.create_triggers()
    # SQLite has it from the table's own definition, which may name a table that is yet to come.
    if on_postgresql():
        op.create_foreign_key(
            "fk_expert_groups_created_by_id",
            "expert_groups",
            "decisions",
            ["created_by_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        baseline_roles.create_roles()
    protect(PROTECTED)


def downgrade() -> None:
    """Drop everything but the roles, which other databases of the server may use."""
    protect(dict.fromkeys(PROTECTED))
    if on_postgresql():
        op.drop_constraint("fk_expert_groups_created_by_id", "expert_groups", type_="foreignkey")
    for table in DROPPED:
        op.drop_table(table)
    baseline_audit.drop_functions()
    baseline_sums.drop_functions()
    baseline_rules.drop_functions()
    if on_postgresql():
        baseline_roles.revoke_usage()
