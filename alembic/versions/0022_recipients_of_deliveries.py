"""Recipients of deliveries are participants: the text of the source becomes a note.

A text that is the name or the code of a participant becomes a reference to it. The values that loads wrote move with
their column, so that a later load does not take the new columns for a change of a person.

Revision 0022, after 0021.
"""

import delivery_ends
import delivery_sums
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    KEY,
    MARKINGS,
    PRECISIONS,
    QUALIFIERS,
    check_money,
    index_each,
    on_postgresql,
    one_of,
    reference,
    text,
)
from table_copies import entity_table

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INDEXES = (
    "created_at ended_on marking planned_on received_on reference status title updated_at value_currency+value_minor "
    "contribution_id+reference purchase_order_id+reference"
)
FOREIGN_KEY = "fk_deliveries_recipient_id"
NAMED = "(SELECT id FROM participants WHERE recipient_note IN (name, code) ORDER BY code LIMIT 1)"
TO_REFERENCE = (
    f"UPDATE deliveries SET recipient_id = {NAMED}, version = version + 1 WHERE {NAMED} IS NOT NULL",
    "UPDATE deliveries SET recipient_note = NULL WHERE recipient_id IS NOT NULL",
)
TO_TEXT = (
    "UPDATE deliveries SET recipient = (SELECT name FROM participants WHERE participants.id = recipient_id), "
    "version = version + 1 WHERE recipient IS NULL AND recipient_id IS NOT NULL"
)
#: The recipient of a loaded delivery, and its name.
REFERENCE = "(SELECT recipient_id FROM deliveries WHERE deliveries.id = loaded_rows.row_id)"
NAME = "(SELECT recipient FROM deliveries WHERE deliveries.id = loaded_rows.row_id)"
#: The values that loads wrote into a delivery, with the columns after this revision, and before it.
LOADED_ON_SQLITE = (
    f"""json_set(json_remove("values", '$.recipient'), '$.recipient_id', {REFERENCE}, '$.recipient_note',
      CASE WHEN {REFERENCE} IS NULL THEN json_extract("values", '$.recipient') END)""",
    f"""json_set(json_remove("values", '$.recipient_note', '$.recipient_id'), '$.recipient', {NAME})""",
)
LOADED_ON_POSTGRESQL = (
    f"""CAST((CAST("values" AS JSONB) - 'recipient') || jsonb_build_object('recipient_id', {REFERENCE},
      'recipient_note', CASE WHEN {REFERENCE} IS NULL THEN "values" ->> 'recipient' END) AS JSON)""",
    f"""CAST((CAST("values" AS JSONB) - 'recipient_note' - 'recipient_id')
      || jsonb_build_object('recipient', {NAME}) AS JSON)""",
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.drop_index("ix_deliveries_recipient", "deliveries")
    op.execute("ALTER TABLE deliveries RENAME COLUMN recipient TO recipient_note")
    if on_postgresql():
        op.add_column("deliveries", sa.Column("recipient_id", KEY))
        op.create_foreign_key(FOREIGN_KEY, "deliveries", "participants", ["recipient_id"], ["id"], ondelete="RESTRICT")
    else:
        _copy(sa.Column("recipient_note", text(300)), adds=reference("recipient_id", "participants", FOREIGN_KEY))
    index_each("deliveries", "recipient_note")
    op.create_index("ix_deliveries_recipient_id_reference", "deliveries", ["recipient_id", "reference", "id"])
    _run(*TO_REFERENCE, _loaded(0))


def downgrade() -> None:
    """Take the tables back to the revision before: the name of a participant is a text."""
    for name in ("ix_deliveries_recipient_id_reference", "ix_deliveries_recipient_note"):
        op.drop_index(name, "deliveries")
    op.execute("ALTER TABLE deliveries RENAME COLUMN recipient_note TO recipient")
    _run(TO_TEXT, _loaded(1))
    if on_postgresql():
        op.drop_column("deliveries", "recipient_id")
    else:
        _copy(sa.Column("recipient", text(300)), sa.Column("recipient_id", KEY), drops="recipient_id")
    index_each("deliveries", "recipient")


def _loaded(way: int) -> str:
    values = (LOADED_ON_POSTGRESQL if on_postgresql() else LOADED_ON_SQLITE)[way]
    return f"UPDATE loaded_rows SET \"values\" = {values} WHERE table_name = 'deliveries'"


def _run(*statements: str) -> None:
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    for statement in statements:
        op.execute(statement)
    if on_postgresql():
        op.execute("RESET ROLE")


def _copy(*columns: sa.Column[str], drops: str = "", adds: sa.Column[str] | None = None) -> None:
    """Copy the table on SQLite, with `columns` that it has, without the triggers that mention it."""
    quantities.drop(delivery_sums.of_deliveries())
    with op.batch_alter_table("deliveries", copy_from=_deliveries(*columns)) as deliveries:
        if drops:
            deliveries.drop_column(drops)
        if adds is not None:
            deliveries.add_column(adds)
    quantities.create(delivery_sums.of_deliveries())


def _deliveries(*columns: sa.Column[str]) -> sa.Table:
    """Return the table as it is before SQLite copies it."""
    return entity_table(
        "deliveries",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        one_of("status", "ck_deliveries_status", delivery_ends.STATUSES, nullable=False),
        *columns,
        sa.Column("planned_on", sa.Date()),
        sa.Column("received_on", sa.Date()),
        one_of("received_on_precision", "ck_deliveries_received_on_precision", PRECISIONS),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_deliveries_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("channel", text(300)),
        sa.Column("note", text(4000)),
        reference("purchase_order_id", "purchase_orders", "fk_deliveries_purchase_order_id"),
        reference("contribution_id", "contributions", "fk_deliveries_contribution_id"),
        one_of("marking", "ck_deliveries_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.Column("ended_on", sa.Date()),
        sa.Column("end_reason", text(4000)),
        sa.CheckConstraint(delivery_ends.ENDED_ON, name=op.f("ck_deliveries_ended_on")),
        sa.CheckConstraint(
            "purchase_order_id IS NULL OR contribution_id IS NULL", name=op.f("ck_deliveries_one_origin")
        ),
        check_money("value", "ck_deliveries_value"),
        sa.UniqueConstraint("reference", name="uq_deliveries_reference"),
        indexes=INDEXES,
    )
