"""Versions of documents that are withdrawn, and whose files are purged.

Revision 0033, after 0032.
"""

import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, MOMENT, on_postgresql, one_of, reference, text
from baseline_rules import CHANGED, DECLARED, GONE, MOVED, MOVES, ONCE
from baseline_sums import Trigger
from table_copies import entity_table

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLE = "document_versions"
STATES = "DECLARED QUARANTINED AVAILABLE REJECTED"
NAMED = """EXISTS (SELECT 1 FROM documents WHERE id = new.document_id AND status IN ('FINAL', 'RELEASED'))
  AND NOT EXISTS (SELECT 1 FROM document_versions AS later WHERE later.document_id = new.document_id
    AND later.draft_since IS NULL AND (later.released_at > new.released_at
      OR (later.released_at = new.released_at AND later.id > new.id)))"""
HOLD = "PERFORM 1 FROM documents WHERE id = new.document_id FOR SHARE;"
WITHDRAWN = "new.state = 'WITHDRAWN'"
RELEASED = "new.released_at IS NOT NULL AND (old.released_at IS NULL OR new.released_at <> old.released_at)"
TRIGGERS: list[Trigger] = [
    (
        "version_named", "AFTER UPDATE OF state", TABLE,
        f"{WITHDRAWN} AND old.state <> 'WITHDRAWN' AND new.released_at IS NOT NULL AND new.draft_since IS NULL",
        HOLD, NAMED, ("named_version", "A FINAL or RELEASED document names this version: release another one first."),
    ),
    (
        "version_ended", "AFTER UPDATE OF released_at", TABLE, WITHDRAWN, "", RELEASED,
        ("withdrawn_version", "A withdrawn version is not released: create another version."),
    ),
]  # fmt: skip
CHECKS = {
    "withdrawn_at": "(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)",
    "withdrawal_reason": "(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
    "withdrawn_by": "withdrawn_at IS NOT NULL OR withdrawn_by_id IS NULL",
    "purged_at": "purged_at IS NULL OR (withdrawn_at IS NOT NULL AND received_at IS NOT NULL)",
}
COLUMNS = ("withdrawn_at", "withdrawal_reason", "withdrawn_by_id", "purged_at")


def upgrade() -> None:
    """Bring the tables to this revision."""
    _drop_guards()
    allowed = f"{STATES} WITHDRAWN"
    _allow_on_postgresql(allowed)
    with op.batch_alter_table(TABLE, copy_from=None if on_postgresql() else _versions(allowed)) as versions:
        versions.add_column(sa.Column("withdrawn_at", MOMENT))
        versions.add_column(sa.Column("withdrawal_reason", text(4000)))
        versions.add_column(sa.Column("purged_at", MOMENT))
        versions.add_column(sa.Column("withdrawn_by_id", KEY))
        versions.create_foreign_key(
            f"fk_{TABLE}_withdrawn_by_id", "accounts", ["withdrawn_by_id"], ["id"], ondelete="RESTRICT"
        )
        for name, condition in CHECKS.items():
            versions.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), condition)
    op.create_index(f"ix_{TABLE}_withdrawn_by_id", TABLE, ["withdrawn_by_id"])
    ends = ", ".join(f"'{state} WITHDRAWN'" for state in ("DECLARED", "QUARANTINED", "AVAILABLE"))
    _create_guards(f"{MOVES}, {ends}", (*ONCE, *COLUMNS))
    quantities.create(TRIGGERS)


def downgrade() -> None:
    """Take the tables back to the revision before: a version that was withdrawn is rejected."""
    quantities.drop(TRIGGERS)
    _drop_guards()
    op.drop_index(f"ix_{TABLE}_withdrawn_by_id", TABLE)
    with op.batch_alter_table(TABLE) as versions:
        for name in CHECKS:
            versions.drop_constraint(op.f(f"ck_{TABLE}_{name}"), type_="check")
        versions.drop_constraint(f"fk_{TABLE}_withdrawn_by_id", type_="foreignkey")
        for name in COLUMNS:
            versions.drop_column(name)
    _reject_withdrawn()
    _allow_on_postgresql(STATES)
    if not on_postgresql():
        with op.batch_alter_table(TABLE, copy_from=_versions(STATES), recreate="always"):
            pass
    _create_guards(MOVES, ONCE)


def _reject_withdrawn() -> None:
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    op.execute(f"UPDATE {TABLE} SET state = 'REJECTED' WHERE state = 'WITHDRAWN'")
    if on_postgresql():
        op.execute("RESET ROLE")


def _allow_on_postgresql(states: str) -> None:
    """Allow these states on PostgreSQL; SQLite copies the table with another column."""
    if on_postgresql():
        op.drop_constraint(op.f(f"ck_{TABLE}_state"), TABLE)
        listed = ", ".join(f"'{each}'" for each in states.split())
        op.create_check_constraint(op.f(f"ck_{TABLE}_state"), TABLE, f"state IN ({listed})")


def _drop_guards() -> None:
    """Drop the triggers on changes of a version; SQLite copies the table, and would lose that on deletion, too."""
    for name in ("move",) if on_postgresql() else ("stay", "move", "last"):
        op.execute(f"DROP TRIGGER {TABLE}_{name}{f' ON {TABLE}' if on_postgresql() else ''}")


def _create_guards(moves: str, once: tuple[str, ...]) -> None:
    """Create these triggers again, with the moves of the state, and the columns that are written once."""
    differs = "IS DISTINCT FROM" if on_postgresql() else "IS NOT"
    wrong = [f"OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN ({moves})"]
    wrong += [f"OLD.{column} IS NOT NULL AND NEW.{column} {differs} OLD.{column}" for column in once]
    moved = " OR ".join(f"({each})" for each in wrong)
    create = f"CREATE TRIGGER {TABLE}_%s BEFORE %s ON {TABLE} FOR EACH ROW WHEN (%s) "
    if on_postgresql():
        op.execute(create % ("move", "UPDATE", moved) + f"EXECUTE FUNCTION coalition_refuse_version('{MOVED}')")
        return
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in DECLARED)
    for name, when, condition, said in (
        ("stay", "UPDATE", changed, CHANGED),
        ("move", "UPDATE", moved, MOVED),
        ("last", "DELETE", "OLD.state <> 'DECLARED'", GONE),
    ):
        op.execute(create % (name, when, condition) + f"BEGIN SELECT RAISE(ABORT, '{said}'); END")


def _versions(states: str) -> sa.Table:
    """Return the table as it was before this revision, with `states`: SQLite copies it."""
    return entity_table(
        TABLE,
        reference("document_id", "documents", f"fk_{TABLE}_document_id", ondelete="CASCADE", nullable=False),
        sa.Column("label", text(40), nullable=False),
        sa.Column("notes", text(4000)),
        sa.Column("file_name", text(255)),
        sa.Column("media_type", text(300), nullable=False),
        sa.Column("byte_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", text(64), nullable=False),
        one_of("state", f"ck_{TABLE}_state", states, nullable=False, default="DECLARED"),
        sa.Column("upload_until", MOMENT),
        sa.Column("received_at", MOMENT),
        sa.Column("scanned_at", MOMENT),
        reference("uploaded_by_id", "accounts", f"fk_{TABLE}_uploaded_by_id"),
        sa.Column("draft_since", MOMENT),
        sa.Column("released_at", MOMENT),
        sa.CheckConstraint("byte_size >= 0", name=op.f(f"ck_{TABLE}_byte_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f(f"ck_{TABLE}_sha256")),
        sa.UniqueConstraint("document_id", "label", name=f"uq_{TABLE}_document_id_label"),
        indexes="byte_size created_at label media_type sha256 state updated_at released_at document_id+created_at "
        "uploaded_by_id",
    )
