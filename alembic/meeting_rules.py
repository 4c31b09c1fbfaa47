"""Rules of meetings that triggers hold: only a meeting that is held has decisions.

Migrations that have landed import this file, so it never changes either.
"""

from alembic import op
from baseline_parts import on_postgresql

# The API answers this sentence as a broken rule, not as a fault.
RULE = "coalition rule decided_when_held: Only a meeting that is HELD makes decisions, and a decision is never removed."


def create_triggers() -> None:
    """Create the triggers."""
    if on_postgresql():
        hold_decisions()
    else:
        hold_decisions_on_sqlite()


def drop_triggers() -> None:
    """Drop the triggers."""
    for table in ("decisions", "meetings"):
        op.execute(f"DROP TRIGGER hold_decisions_of_{table}{f' ON {table}' if on_postgresql() else ''}")
    if on_postgresql():
        op.execute("DROP FUNCTION hold_decisions()")
    else:
        op.execute("DROP TRIGGER hold_moved_decisions")


def hold_decisions() -> None:
    """Create the triggers of PostgreSQL; the lock makes a decision and a change of the status wait for each other."""
    op.execute(
        "CREATE FUNCTION hold_decisions() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - our own names
        "IF TG_TABLE_NAME = 'decisions' THEN "
        "PERFORM 1 FROM meetings WHERE id = NEW.meeting_id AND status = 'HELD' FOR SHARE; "
        "IF FOUND THEN RETURN NEW; END IF; "
        "ELSIF NOT EXISTS (SELECT 1 FROM decisions WHERE meeting_id = NEW.id) THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{RULE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER hold_decisions_of_decisions BEFORE INSERT OR UPDATE OF meeting_id ON decisions "
        "FOR EACH ROW EXECUTE FUNCTION hold_decisions()"
    )
    op.execute(
        "CREATE TRIGGER hold_decisions_of_meetings BEFORE UPDATE OF status ON meetings "
        "FOR EACH ROW WHEN (NEW.status <> 'HELD') EXECUTE FUNCTION hold_decisions()"
    )


def hold_decisions_on_sqlite() -> None:
    """Create the triggers of SQLite, which has one writer at a time."""
    not_held = "NOT EXISTS (SELECT 1 FROM meetings WHERE id = NEW.meeting_id AND status = 'HELD')"
    decided = "NEW.status <> 'HELD' AND EXISTS (SELECT 1 FROM decisions WHERE meeting_id = NEW.id)"
    for name, when, condition in (
        ("hold_decisions_of_decisions", "INSERT ON decisions", not_held),
        ("hold_moved_decisions", "UPDATE OF meeting_id ON decisions", not_held),
        ("hold_decisions_of_meetings", "UPDATE OF status ON meetings", decided),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} FOR EACH ROW WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
        )
