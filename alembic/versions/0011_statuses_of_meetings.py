"""Statuses and times of meetings; only a meeting that is held has decisions.

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import MOMENT, index_each, on_postgresql, one_of, text
from meeting_rules import create_triggers, drop_triggers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATUSES = "PLANNED HELD POSTPONED CANCELLED"
LISTED = ", ".join(f"'{each}'" for each in STATUSES.split())

#: The new columns on SQLite, which adds a column with its checks, and adds no check to a table.
COLUMNS = (
    f"status VARCHAR(40) DEFAULT 'HELD' NOT NULL CONSTRAINT ck_meetings_status CHECK (status IN ({LISTED}))",
    "starts_at VARCHAR(27)",
    "ends_at VARCHAR(27) CONSTRAINT ck_meetings_ends_at CHECK (ends_at >= starts_at)",
    "time_zone VARCHAR(40)",
    "link VARCHAR(2000)",
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    if on_postgresql():
        op.add_column("meetings", one_of("status", "ck_meetings_status", STATUSES, nullable=False, default="HELD"))
        op.add_column("meetings", sa.Column("starts_at", MOMENT))
        op.add_column("meetings", sa.Column("ends_at", MOMENT))
        op.add_column("meetings", sa.Column("time_zone", text(40)))
        op.add_column("meetings", sa.Column("link", text(2000)))
        op.create_check_constraint(op.f("ck_meetings_ends_at"), "meetings", "ends_at >= starts_at")
    else:
        for column in COLUMNS:
            op.execute(f"ALTER TABLE meetings ADD COLUMN {column}")
    create_triggers()
    index_each("meetings", "starts_at status")


def downgrade() -> None:
    """Take the tables back to the revision before."""
    drop_triggers()
    for name in ("status", "starts_at"):
        op.drop_index(f"ix_meetings_{name}", "meetings")
    for name in ("ends_at", "starts_at", "status", "time_zone", "link"):
        op.execute(f"ALTER TABLE meetings DROP COLUMN {name}")
