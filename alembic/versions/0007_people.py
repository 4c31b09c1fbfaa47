"""People: who voted how; one chair and one membership at a time.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As they were at this revision: what is imported may change.
KEY = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"
CHOICES = "FOR", "AGAINST", "ABSTAIN"

#: Periods that may not meet: their table, whose they are, which rows count, and what is said of those that do.
APART = (
    {
        "table": "group_memberships",
        "owner": "group_id",
        "owners": "expert_groups",
        "last": "expires_on",
        "counts": "{0}.role = 'CHAIR'",
        "says": "one_chair: The group has a chair in that period: end that membership first, or begin the day after.",
    },
    {
        "table": "coalition_memberships",
        "owner": "participant_id",
        "owners": "participants",
        "last": "valid_to",
        "counts": "{0}.participant_id IS NOT NULL",
        "says": "membership_periods: The periods of a participant have no day in common: "
        "end one before the next begins.",
    },
)


def upgrade() -> None:
    """Add the votes, and what holds periods apart."""
    add_votes()
    for periods in APART:
        (hold_apart_on_sqlite if on_sqlite() else hold_apart)(periods)


def downgrade() -> None:
    """Take them away again: the votes go."""
    for table in (periods["table"] for periods in APART):
        if on_sqlite():
            for change in ("insert", "update"):
                op.execute(f"DROP TRIGGER {table}_hold_apart_{change}")
        else:
            op.execute(f"DROP TRIGGER {table}_hold_apart ON {table}")
            op.execute(f"DROP FUNCTION hold_apart_{table}()")
    op.drop_table("votes")


def on_sqlite() -> bool:
    """Tell whether this runs on SQLite."""
    return op.get_context().dialect.name == "sqlite"


def add_votes() -> None:
    """Create the table of votes, behind the wall."""
    choice = sa.Enum(*CHOICES, name=op.f("ck_votes_choice"), native_enum=False, create_constraint=True, length=40)
    decision = sa.ForeignKey("decisions.id", name="fk_votes_decision_id", ondelete="CASCADE")
    participant = sa.ForeignKey("participants.id", name="fk_votes_participant_id", ondelete="RESTRICT")
    op.create_table(
        "votes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision_id", KEY, decision, nullable=False),
        sa.Column("participant_id", KEY, participant, nullable=False),
        sa.Column("choice", choice, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_votes"),
        sa.UniqueConstraint("decision_id", "participant_id", name="uq_votes_decision_id_participant_id"),
    )
    for columns in ("choice", "created_at", "updated_at", "decision_id created_at", "participant_id created_at"):
        op.create_index(f"ix_votes_{columns.replace(' ', '_')}", "votes", [*columns.split(), "id"])
    if on_sqlite():
        return
    op.execute("ALTER TABLE votes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE votes FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT ON votes TO {READER}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON votes TO {APPLICATION}, {OPERATOR}")
    seen = "EXISTS (SELECT 1 FROM decisions WHERE decisions.id = votes.decision_id)"
    op.execute(f"CREATE POLICY reader_reads ON votes FOR SELECT TO {READER} USING (true)")
    op.execute(f"CREATE POLICY operator_may ON votes TO {OPERATOR} USING (true)")
    op.execute(f"CREATE POLICY application_sees ON votes TO {APPLICATION} USING ({seen})")


def another(periods: dict[str, str], earliest: str, latest: str) -> str:
    """Give the query for a row that counts and has a day in common with NEW."""
    table, owner, last, counts = (periods[name] for name in ("table", "owner", "last", "counts"))
    return (
        f"SELECT 1 FROM {table} other WHERE other.{owner} = NEW.{owner} AND other.id <> NEW.id "
        f"AND {counts.format('other')} "
        f"AND coalesce(other.valid_from, {earliest}) <= coalesce(NEW.{last}, {latest}) "
        f"AND coalesce(NEW.valid_from, {earliest}) <= coalesce(other.{last}, {latest})"
    )


def hold_apart(periods: dict[str, str]) -> None:
    """Refuse a row whose period meets another's, on PostgreSQL; those who write for one owner wait for each other."""
    table, owner, owners, counts = (periods[name] for name in ("table", "owner", "owners", "counts"))
    met = another(periods, "'-infinity'::date", "'infinity'::date")
    op.execute(
        f"CREATE FUNCTION hold_apart_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM 1 FROM {owners} WHERE id = NEW.{owner} FOR NO KEY UPDATE; "
        f"IF EXISTS ({met}) THEN RAISE EXCEPTION 'coalition rule {periods['says']}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_hold_apart BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({counts.format('NEW')}) EXECUTE FUNCTION hold_apart_{table}()"
    )


def hold_apart_on_sqlite(periods: dict[str, str]) -> None:
    """Refuse a row whose period meets another's, on SQLite, which has one writer at a time."""
    table, counts = periods["table"], periods["counts"]
    met = another(periods, "'0001-01-01'", "'9999-12-31'")
    for change in ("insert", "update"):
        op.execute(
            f"CREATE TRIGGER {table}_hold_apart_{change} BEFORE {change.upper()} ON {table} "
            f"WHEN {counts.format('NEW')} AND EXISTS ({met}) "
            f"BEGIN SELECT RAISE(ABORT, 'coalition rule {periods['says']}'); END"
        )
