"""Changes: what was asked for under which key, and a trail that only grows.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As they were at this revision: what is imported may change.
KEY = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"

ACTIONS = "CREATE", "UPDATE", "TRANSITION", "REFUSE", "READ"
MORE_ACTIONS = "CREATE", "UPDATE", "TRANSITION", "REMOVE", "REFUSE", "READ"

ENDS = "coalition rule append_only: The trail only grows: what stands in it is neither changed nor removed."


def upgrade() -> None:
    """Add the keys of changes, and a trail that nobody rewrites; nothing wrote into the one there was."""
    add_keys()
    drop_trail()
    add_trail(MORE_ACTIONS, sa.Column("credential", text(40)))
    close_trail()


def downgrade() -> None:
    """Take them away again: what stands in the trail goes with it."""
    drop_trail()
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_rewriting()")
    add_trail(ACTIONS)
    op.drop_table("idempotency_keys")


def text(length: int) -> sa.String:
    """Give a text type that sorts by code point on both engines."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def add_keys() -> None:
    """Create the table of idempotency keys, behind the wall."""
    account = sa.ForeignKey("accounts.id", name="fk_idempotency_keys_account_id", ondelete="CASCADE")
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", KEY, account, nullable=False),
        sa.Column("key", text(255), nullable=False),
        sa.Column("mutation", text(80), nullable=False),
        sa.Column("digest", text(64), nullable=False),
        sa.Column("outcome_type", text(40)),
        sa.Column("outcome_key", KEY),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_account_id_created_at", "idempotency_keys", ["account_id", "created_at"])
    build_wall("idempotency_keys", "SELECT, INSERT, UPDATE, DELETE")


def drop_trail() -> None:
    """Drop the table of events, with its indexes, triggers and policies."""
    op.drop_table("audit_events")


def add_trail(actions: tuple[str, ...], *more: sa.Column[object]) -> None:
    """Create the table of events, behind the wall."""
    names = ", ".join(f"'{action}'" for action in actions)
    op.create_table(
        "audit_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", KEY, sa.ForeignKey("accounts.id", name="fk_audit_events_actor_id", ondelete="RESTRICT")),
        *more,
        sa.Column("request_id", text(40)),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("entity_type", text(40), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("reason", text(4000)),
        sa.Column("previous_hash", text(64), nullable=False),
        sa.Column("hash", text(64), nullable=False),
        sa.CheckConstraint(f"action IN ({names})", name=op.f("ck_audit_events_action")),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("hash", name="uq_audit_events_hash"),
        sa.UniqueConstraint("sequence", name="uq_audit_events_sequence"),
    )
    op.create_index("ix_audit_events_actor_id", "audit_events", ["actor_id"])
    op.create_index("ix_audit_events_at_sequence", "audit_events", ["at", "sequence"])
    op.create_index(
        "ix_audit_events_entity_type_entity_id_sequence", "audit_events", ["entity_type", "entity_id", "sequence"]
    )
    build_wall("audit_events", "SELECT, INSERT")


def build_wall(table: str, rights: str) -> None:
    """Put a table that the API gives no rows of behind PostgreSQL's policies."""
    if op.get_context().dialect.name != "postgresql":
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT {rights} ON {table} TO {OPERATOR}")
    op.execute(f"CREATE POLICY reader_reads ON {table} FOR SELECT TO {READER} USING (true)")
    op.execute(f"CREATE POLICY operator_may ON {table} TO {OPERATOR} USING (true)")
    op.execute(f"CREATE POLICY application_sees ON {table} TO {APPLICATION} USING (false)")


def close_trail() -> None:
    """Refuse to change or remove what stands in the trail, whoever tries."""
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_events_keep_{change.lower()} BEFORE {change} ON audit_events "
                f"BEGIN SELECT RAISE(ABORT, '{ENDS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{ENDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for kind, change in (("ROW", "UPDATE OR DELETE"), ("STATEMENT", "TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER audit_events_keep_{kind.lower()} BEFORE {change} ON audit_events "
            f"FOR EACH {kind} EXECUTE FUNCTION refuse_rewriting()"
        )
