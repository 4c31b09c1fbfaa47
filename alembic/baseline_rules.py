"""Rules that triggers keep: a version stays as it was declared, and some periods do not overlap."""

from alembic import op
from baseline_parts import on_postgresql

#: The columns of a version that never change.
DECLARED = (
    "id",
    "created_at",
    "document_id",
    "label",
    "notes",
    "file_name",
    "media_type",
    "byte_size",
    "sha256",
    "uploaded_by_id",
)
#: The columns that are written once.
ONCE = ("received_at", "scanned_at")
MOVES = (
    "'DECLARED QUARANTINED', 'DECLARED AVAILABLE', 'QUARANTINED AVAILABLE', "
    "'QUARANTINED REJECTED', 'AVAILABLE REJECTED'"
)

# The API answers these sentences as a broken rule, not as a fault.
CHANGED = "coalition rule version_stays: A version never changes: add another version."
MOVED = "coalition rule version_state: The state of a version only moves forward."
GONE = "coalition rule version_kept: A version whose file was received is never deleted."


#: Periods that must not overlap: their table, its owner, which rows count, and the rule with its message.
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
        "says": "membership_periods: The membership periods of a participant must not overlap: "
        "end one before the next begins.",
    },
)


def create_triggers() -> None:
    """Create the triggers."""
    if on_postgresql():
        guard_on_postgresql()
    else:
        guard_on_sqlite()
    for periods in APART:
        (hold_apart if on_postgresql() else hold_apart_on_sqlite)(periods)


def drop_functions() -> None:
    """Drop the triggers' functions, once their tables are dropped."""
    if on_postgresql():
        op.execute("DROP FUNCTION coalition_refuse_version()")
        for periods in APART:
            op.execute(f"DROP FUNCTION hold_apart_{periods['table']}()")


def guard_on_postgresql() -> None:
    """Create the triggers of PostgreSQL; they answer as a broken constraint does."""
    op.execute(
        "CREATE FUNCTION coalition_refuse_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_ARGV[0]; END $$"
    )
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in DECLARED)
    for name, when, condition, said in (
        ("stay", "UPDATE", changed, CHANGED),
        ("move", "UPDATE", moved("IS DISTINCT FROM"), MOVED),
        ("last", "DELETE", "OLD.state <> 'DECLARED'", GONE),
    ):
        op.execute(
            f"CREATE TRIGGER document_versions_{name} BEFORE {when} ON document_versions FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION coalition_refuse_version('{said}')"
        )


def guard_on_sqlite() -> None:
    """Create the triggers of SQLite."""
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in DECLARED)
    for name, when, condition, said in (
        ("stay", "UPDATE", changed, CHANGED),
        ("move", "UPDATE", moved("IS NOT"), MOVED),
        ("last", "DELETE", "OLD.state <> 'DECLARED'", GONE),
    ):
        op.execute(
            f"CREATE TRIGGER document_versions_{name} BEFORE {when} ON document_versions FOR EACH ROW "
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )


def moved(differs: str) -> str:
    """Return the condition that a state did not move forward, or that a moment was written twice."""
    wrong = [f"OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN ({MOVES})"]
    wrong += [f"OLD.{column} IS NOT NULL AND NEW.{column} {differs} OLD.{column}" for column in ONCE]
    return " OR ".join(f"({each})" for each in wrong)


def another(periods: dict[str, str], earliest: str, latest: str) -> str:
    """Return the query for a row that counts and has a day in common with NEW."""
    table, owner, last, counts = (periods[name] for name in ("table", "owner", "last", "counts"))
    return (
        f"SELECT 1 FROM {table} other WHERE other.{owner} = NEW.{owner} AND other.id <> NEW.id "
        f"AND {counts.format('other')} "
        f"AND coalesce(other.valid_from, {earliest}) <= coalesce(NEW.{last}, {latest}) "
        f"AND coalesce(NEW.valid_from, {earliest}) <= coalesce(other.{last}, {latest})"
    )


def hold_apart(periods: dict[str, str]) -> None:
    """Refuse a row whose period overlaps another's, on PostgreSQL; writers for one owner wait for each other."""
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
    """Refuse a row whose period overlaps another's, on SQLite, which has one writer at a time."""
    table, counts = periods["table"], periods["counts"]
    met = another(periods, "'0001-01-01'", "'9999-12-31'")
    for change in ("insert", "update"):
        op.execute(
            f"CREATE TRIGGER {table}_hold_apart_{change} BEFORE {change.upper()} ON {table} "
            f"WHEN {counts.format('NEW')} AND EXISTS ({met}) "
            f"BEGIN SELECT RAISE(ABORT, 'coalition rule {periods['says']}'); END"
        )
