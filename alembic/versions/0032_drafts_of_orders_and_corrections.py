"""Orders that end as drafts stay with their writers, and corrections never exceed the entry that they correct.

Revision 0032, after 0031.
"""

import quantities
from baseline_sums import Trigger
from protection import Protection, protect

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "purchase_orders": Protection(
        "(purchase_orders.status != 'DRAFT' AND ((purchase_orders.status NOT IN ('CANCELLED')) OR "
        "purchase_orders.visible_since IS NOT NULL) OR (SELECT coalesce(procurements_1.group_id, "
        "'00000000-0000-0000-0000-000000000000') AS coalesce_1 FROM procurements AS procurements_1 WHERE "
        "procurements_1.id = purchase_orders.procurement_id) = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[])) AND "
        "(EXISTS (SELECT 1 FROM procurements AS procurements_2 WHERE procurements_2.id = "
        "purchase_orders.procurement_id))",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = {
    "purchase_orders": Protection(
        "(purchase_orders.status != 'DRAFT' OR (SELECT coalesce(procurements_1.group_id, "
        "'00000000-0000-0000-0000-000000000000') AS coalesce_1 FROM procurements AS procurements_1 WHERE "
        "procurements_1.id = purchase_orders.procurement_id) = ANY ((SELECT "
        "string_to_array(nullif(current_setting('coalition.writes', true), ''), ',')::uuid[])::uuid[])) AND "
        "(EXISTS (SELECT 1 FROM procurements AS procurements_2 WHERE procurements_2.id = "
        "purchase_orders.procurement_id))",
        visible_keys=True,
    ),
}

#: Checked once no number is missing: a restored backup brings the entries in another order.
WRONG = """(SELECT count(*) = max(number) FROM {table} WHERE {owner} = new.{owner})
  AND EXISTS (SELECT 1 FROM {table} AS entry WHERE entry.{owner} = new.{owner} AND entry.number = new.corrects
    AND (entry.corrects IS NOT NULL OR (entry.{amount} > 0) <> (entry.{amount} +
      (SELECT sum({amount}) FROM {table} WHERE {owner} = new.{owner} AND corrects = new.corrects) > 0)
      AND entry.{amount} + (SELECT sum({amount}) FROM {table}
        WHERE {owner} = new.{owner} AND corrects = new.corrects) <> 0))"""
SAID = "An entry is corrected by no more than its amount, and a correction is not corrected."
RETURNS = {"table": "delivery_returns", "owner": "delivery_line_id", "amount": "quantity"}
DISBURSEMENTS = {"table": "disbursements", "owner": "contribution_id", "amount": "amount_minor"}
CORRECTS = "new.corrects IS NOT NULL"
HOLD_LINE = "PERFORM 1 FROM delivery_lines WHERE id = new.delivery_line_id FOR NO KEY UPDATE;"
HOLD_CONTRIBUTION = "PERFORM 1 FROM contributions WHERE id = new.contribution_id FOR NO KEY UPDATE;"
TRIGGERS: list[Trigger] = [
    (
        "return_corrections", "AFTER INSERT", "delivery_returns", CORRECTS, HOLD_LINE, WRONG.format(**RETURNS),
        ("corrections_sum at quantity", SAID),
    ),
    (
        "disbursement_corrections", "AFTER INSERT", "disbursements", CORRECTS, HOLD_CONTRIBUTION,
        WRONG.format(**DISBURSEMENTS), ("corrections_sum at amount", SAID),
    ),
]  # fmt: skip


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.create(TRIGGERS)
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    quantities.drop(TRIGGERS)
