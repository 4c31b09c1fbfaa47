"""Days of approved minutes.

Revision 0040, after 0039.
"""

import quantities
from baseline_sums import Trigger

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

STAY = "approved_minutes", "Approved minutes stay: add the document that corrects them."
NAMES = ("meeting_id", "document_id", "approved_by_id")
CHANGED = " OR ".join(f"new.{name} IS DISTINCT FROM old.{name}" for name in NAMES)
DAY_CHANGED = "new.approved_on IS DISTINCT FROM old.approved_on"
#: The meeting whose decision approved the minutes, or none if the chair did.
APPROVING = "(SELECT meeting_id FROM decisions WHERE id = new.approved_by_id)"
TRIGGERS_BEFORE: list[Trigger] = [
    ("minutes_stay", "AFTER UPDATE", "minutes", "old.approved_on IS NOT NULL", "", f"{CHANGED} OR {DAY_CHANGED}", STAY),
]
OTHER_DAY = f"NOT EXISTS (SELECT 1 FROM meetings WHERE id = {APPROVING} AND held_on = new.approved_on)"
NOT_HELD_BEFORE = (
    "EXISTS (SELECT 1 FROM meetings WHERE id = new.meeting_id "
    "AND (status <> 'HELD' OR held_on IS NULL OR held_on > new.approved_on))"
)
HAS_APPROVED_MINUTES = (
    "EXISTS (SELECT 1 FROM minutes WHERE meeting_id = new.id AND approved_on IS NOT NULL "
    "AND (new.status <> 'HELD' OR new.held_on IS NULL OR new.held_on > approved_on))"
)
APPROVED_LATER_MEETING = (
    "EXISTS (SELECT 1 FROM minutes JOIN decisions ON decisions.id = minutes.approved_by_id "
    "JOIN meetings AS earlier ON earlier.id = minutes.meeting_id WHERE decisions.meeting_id = new.id "
    "AND (new.held_on IS NULL OR earlier.held_on > new.held_on))"
)
IN_ORDER = "approved_minutes", "The minutes of a meeting are approved after it was held."
TRIGGERS: list[Trigger] = [
    # The day follows the meeting whose decision approved the minutes.
    (
        "minutes_stay", "AFTER UPDATE", "minutes", "old.approved_on IS NOT NULL", "",
        f"{CHANGED} OR ({DAY_CHANGED} AND {OTHER_DAY})", STAY,
    ),
    (
        "minutes_in_order", "AFTER UPDATE OF approved_on", "minutes", "new.approved_on IS NOT NULL",
        f"PERFORM 1 FROM meetings WHERE id = new.meeting_id OR id = {APPROVING} ORDER BY id FOR SHARE;",
        NOT_HELD_BEFORE, IN_ORDER,
    ),
    (
        "minutes_after_meeting", "AFTER UPDATE OF held_on, status", "meetings",
        "new.held_on IS DISTINCT FROM old.held_on OR new.status <> old.status", "",
        HAS_APPROVED_MINUTES, IN_ORDER,
    ),
    (
        "minutes_before_approval", "AFTER UPDATE OF held_on", "meetings",
        "new.held_on IS DISTINCT FROM old.held_on", "",
        APPROVED_LATER_MEETING, IN_ORDER,
    ),
]  # fmt: skip


def upgrade() -> None:
    """Upgrade the triggers to this revision."""
    quantities.drop(TRIGGERS_BEFORE)
    quantities.create(TRIGGERS)


def downgrade() -> None:
    """Downgrade the triggers to the previous revision."""
    quantities.drop(TRIGGERS)
    quantities.create(TRIGGERS_BEFORE)
