"""The trail says of each event who may read it, and is read through the API.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As they were at this revision: what is imported may change.
KEY = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"
NO_GROUP = "00000000-0000-0000-0000-000000000000"

ACTIONS = "CREATE", "UPDATE", "TRANSITION", "REMOVE", "REFUSE", "READ"
MARKINGS = "CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"

#: What an event may name: what may be hidden.
NAMED = {
    "Document": "documents",
    "CapabilityNeed": "capability_needs",
    "Roadmap": "roadmaps",
    "Contribution": "contributions",
    "Procurement": "procurements",
    "PurchaseOrder": "purchase_orders",
    "Delivery": "deliveries",
    "Meeting": "meetings",
}

ENDS = "coalition rule append_only: The trail only grows: what stands in it is neither changed nor removed."


def upgrade() -> None:
    """Make the trail anew: its chain begins with the columns that each hash covers."""
    refuse_to_lose_a_trail()
    op.drop_table("audit_events")
    add_trail(
        text(80),
        sa.Column("entity_id", text(80), nullable=False),
        sa.Column("entity_key", KEY, nullable=False),
        sa.Column("subject_key", KEY, nullable=False),
        sa.Column(
            "group_id", KEY, sa.ForeignKey("expert_groups.id", name="fk_audit_events_group_id", ondelete="RESTRICT")
        ),
        sa.Column("marking", sa.String(40)),
        sa.Column("readers", sa.JSON()),
        sa.Column("names", sa.JSON(), nullable=False),
        one_of("marking", MARKINGS),
    )
    for column in ("entity_type", "entity_id", "entity_key", "subject_key", "actor_id", "action"):
        op.create_index(f"ix_audit_events_{column}_sequence", "audit_events", [column, "sequence"])
    op.create_index("ix_audit_events_group_id", "audit_events", ["group_id"])
    build_wall(condition(), f"{READER}, {APPLICATION}")
    close_trail()


def downgrade() -> None:
    """Take the columns away again. Raises RuntimeError where events stand in the trail."""
    refuse_to_lose_a_trail()
    op.drop_table("audit_events")
    add_trail(text(40), sa.Column("entity_id", KEY, nullable=False))
    op.create_index("ix_audit_events_actor_id", "audit_events", ["actor_id"])
    op.create_index(
        "ix_audit_events_entity_type_entity_id_sequence", "audit_events", ["entity_type", "entity_id", "sequence"]
    )
    build_wall("false", None)
    close_trail()


def refuse_to_lose_a_trail() -> None:
    """Go on only where no event stands in the trail: none of one form can be bound to one of another."""
    if op.get_context().as_sql:
        return
    if op.get_bind().execute(sa.text("SELECT 1 FROM audit_events LIMIT 1")).first():
        message = "the trail holds events, which this migration would lose: keep the database at its revision"
        raise RuntimeError(message)


def text(length: int) -> sa.String:
    """Give a text type that sorts by code point on both engines."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def one_of(column: str, names: tuple[str, ...]) -> sa.CheckConstraint:
    """Give the check that a column holds one of these names."""
    listed = ", ".join(f"'{name}'" for name in names)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_audit_events_{column}"))


def add_trail(credential: sa.String, *more: sa.Column[object] | sa.CheckConstraint) -> None:
    """Create the table of events."""
    op.create_table(
        "audit_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", KEY, sa.ForeignKey("accounts.id", name="fk_audit_events_actor_id", ondelete="RESTRICT")),
        sa.Column("credential", credential),
        sa.Column("request_id", text(40)),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("entity_type", text(40), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("reason", text(4000)),
        sa.Column("previous_hash", text(64), nullable=False),
        sa.Column("hash", text(64), nullable=False),
        *more,
        one_of("action", ACTIONS),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("hash", name="uq_audit_events_hash"),
        sa.UniqueConstraint("sequence", name="uq_audit_events_sequence"),
    )
    op.create_index("ix_audit_events_at_sequence", "audit_events", ["at", "sequence"])


def setting(name: str, kind: str) -> str:
    """Give the value of a setting, read once in a statement."""
    return f"(SELECT nullif(current_setting('coalition.{name}', true), '')::{kind})"


def among(value: str, name: str) -> str:
    """Tell whether a value is in the list that a setting holds."""
    kind = "text[]" if name == "markings" else "uuid[]"
    told = f"nullif(current_setting('coalition.{name}', true), '')"
    return f"{value} = ANY ((SELECT string_to_array({told}, ',')::{kind})::{kind})"


def condition() -> str:
    """Give the condition under which the application sees an event."""
    account = setting("account", "uuid")
    reader = "json_array_elements(CAST(audit_events.readers AS JSON)) AS anon"
    named = f"EXISTS (SELECT 1 FROM {reader} WHERE CAST((anon.value ->> 1) AS UUID) = {account})"
    writes = among(f"coalesce(audit_events.group_id, '{NO_GROUP}')", "writes")
    admitted = f"(audit_events.marking IS NULL OR {among('audit_events.marking', 'markings')})"
    told = f"{writes} AND {admitted} AND (audit_events.readers IS NULL OR {named})"
    there = " OR ".join(
        f"(anon.value ->> 0) = '{kind}' AND "
        f"EXISTS (SELECT 1 FROM {table} WHERE {table}.id = CAST((anon.value ->> 1) AS UUID))"
        for kind, table in NAMED.items()
    )
    items = "json_array_elements(CAST(audit_events.names AS JSON)) AS anon"
    hidden = f"EXISTS (SELECT 1 FROM {items} WHERE NOT ({there}))"
    return f"(audit_events.actor_id = {account} OR {told}) AND NOT ({hidden})"


def build_wall(seen: str, readers: str | None) -> None:
    """Put the table behind PostgreSQL's policies; `readers` are the roles that may read it."""
    if op.get_context().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit_events FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON audit_events TO {OPERATOR}")
    if readers:
        op.execute(f"GRANT SELECT ON audit_events TO {readers}")
    op.execute(f"CREATE POLICY reader_reads ON audit_events FOR SELECT TO {READER} USING (true)")
    op.execute(f"CREATE POLICY operator_may ON audit_events TO {OPERATOR} USING (true)")
    op.execute(f"CREATE POLICY application_sees ON audit_events TO {APPLICATION} USING ({seen})")


def close_trail() -> None:
    """Refuse to change or remove what stands in the trail, whoever tries."""
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_events_keep_{change.lower()} BEFORE {change} ON audit_events "
                f"BEGIN SELECT RAISE(ABORT, '{ENDS}'); END"
            )
        return
    # The function that refuses is there from revision 0005.
    for kind, change in (("ROW", "UPDATE OR DELETE"), ("STATEMENT", "TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER audit_events_keep_{kind.lower()} BEFORE {change} ON audit_events "
            f"FOR EACH {kind} EXECUTE FUNCTION refuse_rewriting()"
        )
