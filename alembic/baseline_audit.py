"""The audit log: its table, and what keeps it append-only."""

import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MARKINGS, MOMENT, on_postgresql, one_of, reference, text

#: The lock that writers of the audit log wait for: any number serves, as long as it never changes.
ADVISORY_LOCK = 20240404

RULE = "coalition rule append_only: The audit log only grows: its events are never changed or deleted."

#: Each statement of a volatile function sees what was committed before it: the last event is that of the writer who
#: held the lock before.
HOLD = f"""
CREATE FUNCTION lock_audit_log() RETURNS TABLE (sequence BIGINT, hash TEXT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({ADVISORY_LOCK});
    RETURN QUERY SELECT e.sequence, e.hash::TEXT FROM audit_events AS e ORDER BY e.sequence DESC LIMIT 1;
END $$
"""

#: SQLite removes what an INSERT OR REPLACE replaces without running the triggers of a DELETE. Any of the unique keys
#: may name that row, and so may the number that SQLite itself gives each row.
KEEP_ON_INSERT = f"""
CREATE TRIGGER audit_events_keep_insert BEFORE INSERT ON audit_events
WHEN EXISTS (
    SELECT 1 FROM audit_events
    WHERE sequence = NEW.sequence OR id = NEW.id OR hash = NEW.hash OR rowid = NEW.rowid
)
BEGIN SELECT RAISE(ABORT, '{RULE}'); END
"""


def create_audit_events() -> None:
    """Create the table of events, to which rows are only ever added."""
    op.create_table(
        "audit_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        reference("actor_id", "accounts", "fk_audit_events_actor_id"),
        sa.Column("credential", text(80)),
        sa.Column("request_id", text(40)),
        one_of("action", "ck_audit_events_action", "CREATE UPDATE TRANSITION REMOVE REFUSE READ", nullable=False),
        sa.Column("entity_type", text(40), nullable=False),
        sa.Column("entity_id", text(80), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("reason", text(4000)),
        sa.Column("previous_hash", text(64), nullable=False),
        sa.Column("hash", text(64), nullable=False),
        sa.Column("entity_key", KEY, nullable=False),
        sa.Column("subject_key", KEY, nullable=False),
        reference("group_id", "expert_groups", "fk_audit_events_group_id"),
        one_of("marking", "ck_audit_events_marking", MARKINGS),
        sa.Column("readers", sa.JSON()),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("hash", name="uq_audit_events_hash"),
        sa.UniqueConstraint("sequence", name="uq_audit_events_sequence"),
    )
    op.create_index("ix_audit_events_action_sequence", "audit_events", ["action", "sequence"])
    op.create_index("ix_audit_events_actor_id_sequence", "audit_events", ["actor_id", "sequence"])
    op.create_index("ix_audit_events_at_sequence", "audit_events", ["at", "sequence"])
    op.create_index("ix_audit_events_entity_id_sequence", "audit_events", ["entity_id", "sequence"])
    op.create_index("ix_audit_events_entity_key_sequence", "audit_events", ["entity_key", "sequence"])
    op.create_index("ix_audit_events_entity_type_sequence", "audit_events", ["entity_type", "sequence"])
    op.create_index("ix_audit_events_group_id", "audit_events", ["group_id"])
    op.create_index("ix_audit_events_subject_key_sequence", "audit_events", ["subject_key", "sequence"])
    if on_postgresql():
        _keep_on_postgresql()
    else:
        _keep_on_sqlite()


def drop_functions() -> None:
    """Drop the functions, once their table is dropped."""
    if on_postgresql():
        op.execute("DROP FUNCTION lock_audit_log()")
        op.execute("DROP FUNCTION refuse_audit_change()")


def _keep_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{RULE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for kind, change in (("ROW", "UPDATE OR DELETE"), ("STATEMENT", "TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER audit_events_keep_{kind.lower()} BEFORE {change} ON audit_events "
            f"FOR EACH {kind} EXECUTE FUNCTION refuse_audit_change()"
        )
    op.execute(HOLD)


def _keep_on_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_events_keep_{change.lower()} BEFORE {change} ON audit_events "
            f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
        )
    op.execute(KEEP_ON_INSERT)
