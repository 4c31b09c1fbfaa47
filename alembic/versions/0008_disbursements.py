"""Disbursements and tranches of contributions.

The paid sum never exceeds the contribution and is never negative, the status follows it, and entries never change.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import check_money, create_entity, create_sources, index_each, on_postgresql, reference, text
from baseline_sums import Trigger, _create_on_postgresql, _create_on_sqlite
from protection import Protection, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "contribution_tranches": Protection(
        "EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "contribution_tranches.contribution_id)",
        visible_keys=True,
    ),
    "disbursements": Protection(
        "EXISTS (SELECT 1 FROM contributions AS contributions_1 WHERE contributions_1.id = "
        "disbursements.contribution_id)",
        visible_keys=True,
    ),
    "disbursements_sources": Protection(
        "(EXISTS (SELECT 1 FROM disbursements WHERE disbursements.id = disbursements_sources.owner_id))"
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)

PRECISIONS = "'DAY', 'WEEK', 'MONTH', 'YEAR', 'REPORTED_BY'"
PAID = "(SELECT sum(amount_minor) FROM disbursements WHERE contribution_id = {key})"
PAID_OF_ENTRY, PAID_OF_ROW = PAID.format(key="new.contribution_id"), PAID.format(key="new.id")
HOLD = "PERFORM 1 FROM contributions WHERE id = new.contribution_id FOR NO KEY UPDATE;"

MORE = "disbursements_sum at amount", "The paid sum would exceed the contribution."
LESS = "refund_sum at amount", "The refund exceeds the amount that was paid."
FOLLOWS = "paid at to", "The status follows the disbursements of the contribution."
NEVER = "disbursement_stays", "A disbursement never changes: enter a later one that corrects it."

#: Sums are checked once no number is missing: a restored backup brings the entries in another order.
COMPLETE = "(SELECT count(*) = max(number) FROM disbursements WHERE contribution_id = new.contribution_id)"
OVER = f"""{COMPLETE}
  AND EXISTS (SELECT 1 FROM contributions WHERE id = new.contribution_id AND amount_minor < {PAID_OF_ENTRY})"""
UNDER = f"{COMPLETE} AND {PAID_OF_ENTRY} < 0"
ANOTHER_STATUS = f"""(new.status IN ('PLEDGED', 'CANCELLED') AND {PAID_OF_ROW} <> 0)
  OR (new.status = 'DISBURSED' AND {PAID_OF_ROW} <> new.amount_minor)
  OR (new.status = 'COMMITTED' AND old.status = 'DISBURSED' AND {PAID_OF_ROW} = new.amount_minor)"""

TRIGGERS: list[Trigger] = [
    ("disbursements_sum_new", "AFTER INSERT", "disbursements", "", HOLD, OVER, MORE),
    ("disbursements_refund", "AFTER INSERT", "disbursements", "", HOLD, UNDER, LESS),
    (
        "disbursements_sum_less",
        "AFTER UPDATE OF amount_minor",
        "contributions",
        "new.amount_minor < old.amount_minor",
        "",
        f"new.amount_minor < {PAID_OF_ROW}",
        MORE,
    ),
    (
        "disbursements_status",
        "AFTER UPDATE OF status",
        "contributions",
        "new.status <> old.status",
        "",
        ANOTHER_STATUS,
        FOLLOWS,
    ),
    ("disbursements_stay", "BEFORE UPDATE", "disbursements", "", "", "new.id = old.id", NEVER),
    ("disbursements_last", "BEFORE DELETE", "disbursements", "", "", "old.id = old.id", NEVER),
]


def upgrade() -> None:
    """Upgrade the tables to this revision."""
    create_entity(
        "contribution_tranches",
        _contribution("contribution_tranches", ondelete="CASCADE"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", text(3), nullable=False),
        check_money("amount", "ck_contribution_tranches_amount"),
        _currency("contribution_tranches"),
        sa.UniqueConstraint("contribution_id", "year", name="uq_contribution_tranches_contribution_id_year"),
    )
    create_entity(
        "disbursements",
        _contribution("disbursements"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", text(3), nullable=False),
        sa.Column("tranche_year", sa.Integer()),
        sa.Column("corrects", sa.Integer()),
        sa.Column("reason", text(4000)),
        sa.CheckConstraint(
            "amount_minor BETWEEN -1000000000000000 AND 1000000000000000 AND length(amount_currency) = 3",
            name=op.f("ck_disbursements_amount"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0 OR (amount_minor < 0 AND reason IS NOT NULL)", name=op.f("ck_disbursements_reason")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_disbursements_number")),
        sa.CheckConstraint("corrects < number", name=op.f("ck_disbursements_corrects")),
        _currency("disbursements"),
        sa.ForeignKeyConstraint(
            ["contribution_id", "tranche_year"],
            ["contribution_tranches.contribution_id", "contribution_tranches.year"],
            name="fk_disbursements_contribution_id_tranche_year",
        ),
        sa.UniqueConstraint("contribution_id", "number", name="uq_disbursements_contribution_id_number"),
    )
    create_sources("disbursements")
    _create_indexes()
    op.add_column("contributions", sa.Column("committed_on", sa.Date()))
    # Not a batch: SQLite would copy the table and lose its triggers.
    op.execute(
        "ALTER TABLE contributions ADD COLUMN committed_on_precision VARCHAR(40) "
        f"CONSTRAINT ck_contributions_committed_on_precision CHECK (committed_on_precision IN ({PRECISIONS}))"
    )
    index_each("contributions", "committed_on")
    for trigger in TRIGGERS:
        (_create_on_postgresql if on_postgresql() else _create_on_sqlite)(trigger)
    protect(PROTECTED)


def _contribution(table: str, ondelete: str = "RESTRICT") -> sa.Column[str]:
    name = f"fk_{table}_contribution_id"
    return reference("contribution_id", "contributions", name, ondelete=ondelete, nullable=False)


def _currency(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["contribution_id", "amount_currency"],
        ["contributions.id", "contributions.amount_currency"],
        name=f"fk_{table}_contribution_id_amount_currency",
    )


def _create_indexes() -> None:
    index_each("contribution_tranches", "year created_at updated_at")
    index_each("disbursements", "paid_on number tranche_year created_at updated_at")
    for table, place in (("contribution_tranches", "year"), ("disbursements", "number")):
        op.create_index(f"ix_{table}_amount", table, ["amount_currency", "amount_minor", "id"])
        op.create_index(f"ix_{table}_contribution_id_{place}", table, ["contribution_id", place, "id"])


def downgrade() -> None:
    """Downgrade the tables to the previous revision."""
    protect(PROTECTED_BEFORE)
    for name, _, table, *_ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}" if on_postgresql() else f"DROP TRIGGER {name}")
        if on_postgresql():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_contributions_committed_on", "contributions")
    for column in ("committed_on_precision", "committed_on"):
        op.execute(f"ALTER TABLE contributions DROP COLUMN {column}")
    for table in ("disbursements_sources", "disbursements", "contribution_tranches"):
        op.drop_table(table)
