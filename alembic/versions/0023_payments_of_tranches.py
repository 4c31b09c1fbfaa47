"""No more is paid of a tranche than it is.

Revision 0023, after 0022.
"""

import quantities
from baseline_sums import Trigger

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PAID = "(SELECT sum(amount_minor) FROM disbursements WHERE contribution_id = {row} AND tranche_year = {year})"
#: The sum is checked once no number is missing: a restored backup brings the entries in another order.
COMPLETE = "(SELECT count(*) = max(number) FROM disbursements WHERE contribution_id = new.contribution_id)"
OVER = f"""{COMPLETE} AND EXISTS (SELECT 1 FROM contribution_tranches
  WHERE contribution_id = new.contribution_id AND year = new.tranche_year
    AND amount_minor < {PAID.format(row="new.contribution_id", year="new.tranche_year")})"""
LESS = f"new.amount_minor < {PAID.format(row='new.contribution_id', year='new.year')}"
HOLD = "PERFORM 1 FROM contributions WHERE id = new.contribution_id FOR NO KEY UPDATE;"
PAYS, REDUCES = "new.amount_minor > 0", "new.amount_minor < old.amount_minor"
SAID = "The paid sum would exceed the tranche."
NEW = "disbursements", PAYS, HOLD, OVER, ("tranche_sum at amount", SAID)
REDUCED = "contribution_tranches", REDUCES, HOLD, LESS, ("tranche_sum at tranches", SAID)
TRIGGERS: list[Trigger] = [
    ("tranche_sum_new", "AFTER INSERT", *NEW),
    ("tranche_sum_less", "AFTER UPDATE OF amount_minor", *REDUCED),
]


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.create(TRIGGERS)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop(TRIGGERS)
