"""What commands find passes PostgreSQL's second wall as well, and they hold the trail in one step.

On SQLite, no event takes the place of another.

Revision 0009, after 0008.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPLICATION, OPERATOR = "coalition_application", "coalition_operator"

#: The entities behind the wall at this revision.
GUARDED = (
    "accounts",
    "agenda_items",
    "allocations",
    "attendances",
    "audit_events",
    "capability_needs",
    "contribution_donors",
    "contributions",
    "decision_targets",
    "decisions",
    "deliveries",
    "delivery_lines",
    "document_versions",
    "documents",
    "group_memberships",
    "meetings",
    "order_lines",
    "procurements",
    "purchase_orders",
    "roadmap_lines",
    "roadmaps",
    "votes",
)


#: What writers of the trail wait for: any number serves, as long as it never changes.
ADVISORY_LOCK = 20240404

#: Each statement of a volatile function sees what was committed before it: the last event is that of whoever held the
#: trail before.
HOLD_TRAIL = f"""
CREATE FUNCTION hold_trail() RETURNS TABLE (sequence BIGINT, hash TEXT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({ADVISORY_LOCK});
    RETURN QUERY SELECT e.sequence, e.hash::TEXT FROM audit_events AS e ORDER BY e.sequence DESC LIMIT 1;
END $$
"""

ENDS = "coalition rule append_only: The trail only grows: what stands in it is neither changed nor removed."

#: SQLite takes away what an INSERT OR REPLACE replaces without asking the triggers of a DELETE. Which row that is may
#: be said by any of the unique keys, and by the number that SQLite itself gives each row.
KEEP_INSERT = f"""
CREATE TRIGGER audit_events_keep_insert BEFORE INSERT ON audit_events
WHEN EXISTS (
    SELECT 1 FROM audit_events
    WHERE sequence = NEW.sequence OR id = NEW.id OR hash = NEW.hash OR rowid = NEW.rowid
)
BEGIN SELECT RAISE(ABORT, '{ENDS}'); END
"""


def upgrade() -> None:
    """Make a view of the keys of each entity, as its owner may see it: the application, behind the wall.

    On SQLite, refuse an event in the place of another.
    """
    if op.get_context().dialect.name != "postgresql":
        op.execute(KEEP_INSERT)
        return
    op.execute(HOLD_TRAIL)
    # Who owns something in a schema must be able to make it there, for as long as it is handed over.
    op.execute(f"GRANT CREATE ON SCHEMA public TO {APPLICATION}")
    for table in GUARDED:
        op.execute(f"CREATE VIEW {table}_seen AS SELECT id FROM {table}")
        op.execute(f"ALTER VIEW {table}_seen OWNER TO {APPLICATION}")
        op.execute(f"SET LOCAL ROLE {APPLICATION}")
        op.execute(f"GRANT SELECT ON {table}_seen TO {OPERATOR}")
        op.execute("RESET ROLE")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {APPLICATION}")


def downgrade() -> None:
    """Take the views and the trigger away again."""
    if op.get_context().dialect.name != "postgresql":
        op.execute("DROP TRIGGER audit_events_keep_insert")
        return
    op.execute(f"SET LOCAL ROLE {APPLICATION}")
    for table in GUARDED:
        op.execute(f"DROP VIEW {table}_seen")
    op.execute("RESET ROLE")
    op.execute("DROP FUNCTION hold_trail()")
