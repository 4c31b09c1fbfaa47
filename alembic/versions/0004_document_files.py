"""The files of documents: what is known of a version's bytes, and the triggers that keep it as it was declared.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# As they were at this revision: what is imported may change.
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
STATES = "'DECLARED', 'QUARANTINED', 'AVAILABLE', 'REJECTED'"
MOMENTS = ("upload_until", "received_at", "scanned_at")

#: What a version says of itself, once and for all.
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
#: What is written once.
ONCE = ("received_at", "scanned_at")
MOVES = (
    "'DECLARED QUARANTINED', 'DECLARED AVAILABLE', 'QUARANTINED AVAILABLE', "
    "'QUARANTINED REJECTED', 'AVAILABLE REJECTED'"
)

# Whoever writes reads these words as those of a rule, and not of a fault.
CHANGED = "coalition rule version_stays: A version never changes: add another version."
MOVED = "coalition rule version_state: The state of a version goes only forward."
GONE = "coalition rule version_kept: A version that has had its bytes is never deleted."


def upgrade() -> None:
    """Add where the bytes of a version are, and hold versions to what they declared."""
    on_postgresql = op.get_context().dialect.name == "postgresql"
    line = 'VARCHAR(255) COLLATE "C"' if on_postgresql else "VARCHAR(255)"
    op.execute(f"ALTER TABLE document_versions ADD COLUMN file_name {line}")
    op.execute(
        "ALTER TABLE document_versions ADD COLUMN state VARCHAR(40) DEFAULT 'DECLARED' NOT NULL "
        f"CONSTRAINT ck_document_versions_state CHECK (state IN ({STATES}))"
    )
    for column in MOMENTS:
        op.add_column("document_versions", sa.Column(column, MOMENT))
    for column in ("state", "sha256"):
        op.create_index(f"ix_document_versions_{column}", "document_versions", [column, "id"])
    guard = guard_on_postgresql if on_postgresql else guard_on_sqlite
    guard()


def downgrade() -> None:
    """Take it away again; the bytes stay in their store."""
    for trigger in ("document_versions_stay", "document_versions_move", "document_versions_last"):
        table = " ON document_versions" if op.get_context().dialect.name == "postgresql" else ""
        op.execute(f"DROP TRIGGER {trigger}{table}")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION coalition_refuse_version()")
    for column in ("state", "sha256"):
        op.drop_index(f"ix_document_versions_{column}", "document_versions")
    for column in ("file_name", "state", *MOMENTS):
        op.execute(f"ALTER TABLE document_versions DROP COLUMN {column}")


def guard_on_postgresql() -> None:
    """Make the triggers of PostgreSQL, which answer as a broken constraint does."""
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
    """Make the triggers of SQLite."""
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
    """Tell whether a state went another way than forward, or a moment was written twice."""
    wrong = [f"OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN ({MOVES})"]
    wrong += [f"OLD.{column} IS NOT NULL AND NEW.{column} {differs} OLD.{column}" for column in ONCE]
    return " OR ".join(f"({each})" for each in wrong)
