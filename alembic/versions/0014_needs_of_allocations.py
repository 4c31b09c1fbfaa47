"""Needs of allocations: an allocation can name one need of its procurement.

A contribution then has one allocation for each need of a procurement, and one that names none.

Revision 0014, after 0013.
"""

import baseline_sums
import order_ends
import quantities
import sqlalchemy as sa
from alembic import op
from baseline_parts import KEY, check_money, on_postgresql, reference, text
from table_copies import entity_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: The triggers that mention allocations, without which SQLite cannot copy the table.
TRIGGERS = [*baseline_sums.of_contributions(), *order_ends.of_orders()]
INDEXES = "created_at updated_at amount_currency+amount_minor contribution_id+created_at procurement_id+created_at"
UNIQUE = {
    "ix_allocations_contribution_id_procurement_id": (["contribution_id", "procurement_id"], "need_id IS NULL"),
    "ix_allocations_contribution_id_procurement_id_need_id": (
        ["contribution_id", "procurement_id", "need_id"],
        "need_id IS NOT NULL",
    ),
}

FUNDED_NEED = "CASE WHEN amount_minor > 0 THEN need_id END"
SAME = "other.contribution_id = allocations.contribution_id AND other.procurement_id = allocations.procurement_id"
EARLIER = f"EXISTS (SELECT 1 FROM allocations AS other WHERE {SAME} AND other.id < allocations.id)"
#: What is allocated for several needs becomes one amount again.
ADD_UP = (
    f"UPDATE allocations SET amount_minor = (SELECT sum(other.amount_minor) FROM allocations AS other WHERE {SAME}), "
    f"version = version + 1 WHERE NOT {EARLIER} "
    f"AND EXISTS (SELECT 1 FROM allocations AS other WHERE {SAME} AND other.id <> allocations.id)"
)
MERGE = (
    ADD_UP,
    f"DELETE FROM allocations_sources WHERE owner_id IN (SELECT id FROM allocations WHERE {EARLIER})",
    f"DELETE FROM allocations WHERE {EARLIER}",
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.drop(TRIGGERS)
    with op.batch_alter_table("allocations", copy_from=_before()) as allocations:
        allocations.add_column(sa.Column("need_id", KEY))
        allocations.add_column(sa.Column("funded_need_id", KEY, sa.Computed(FUNDED_NEED, persisted=True)))
        allocations.drop_constraint(op.f("uq_allocations_contribution_id_procurement_id"), type_="unique")
        allocations.create_foreign_key(
            op.f("fk_allocations_need_id"), "capability_needs", ["need_id"], ["id"], ondelete="RESTRICT"
        )
        allocations.create_foreign_key(
            op.f("fk_allocations_procurement_id_funded_need_id"),
            "procurement_needs",
            ["procurement_id", "funded_need_id"],
            ["procurement_id", "need_id"],
            deferrable=True,
            initially="DEFERRED",
        )
    for name, (columns, where) in UNIQUE.items():
        op.create_index(
            name, "allocations", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_index("ix_allocations_need_id_created_at", "allocations", ["need_id", "created_at", "id"])
    quantities.create(TRIGGERS)


def downgrade() -> None:
    """Take the tables back to the revision before: allocations for several needs of a procurement become one."""
    quantities.drop(TRIGGERS)
    for name in ("ix_allocations_need_id_created_at", *UNIQUE):
        op.drop_index(name, "allocations")
    if on_postgresql():
        op.drop_constraint(op.f("fk_allocations_procurement_id_funded_need_id"), "allocations")
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    for statement in MERGE:
        op.execute(statement)
    if on_postgresql():
        op.execute("RESET ROLE")
        op.drop_constraint(op.f("fk_allocations_need_id"), "allocations")
        op.drop_column("allocations", "funded_need_id")
        op.drop_column("allocations", "need_id")
        op.create_unique_constraint(
            op.f("uq_allocations_contribution_id_procurement_id"), "allocations", ["contribution_id", "procurement_id"]
        )
    else:
        _copy_back()
    quantities.create(TRIGGERS)


def _copy_back() -> None:
    with op.batch_alter_table("allocations", copy_from=_table(need=True)) as allocations:
        allocations.drop_column("need_id")
        allocations.create_unique_constraint(
            op.f("uq_allocations_contribution_id_procurement_id"), ["contribution_id", "procurement_id"]
        )


def _before() -> sa.Table:
    return _table(need=False)


def _table(*, need: bool) -> sa.Table:
    """Return the table before this revision, or after it without what is dropped first."""
    pair = sa.UniqueConstraint(
        "contribution_id", "procurement_id", name="uq_allocations_contribution_id_procurement_id"
    )
    return entity_table(
        "allocations",
        reference("contribution_id", "contributions", "fk_allocations_contribution_id", nullable=False),
        reference("procurement_id", "procurements", "fk_allocations_procurement_id", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", text(3), nullable=False),
        *([sa.Column("need_id", KEY)] if need else [pair]),
        sa.ForeignKeyConstraint(
            ["contribution_id", "amount_currency"],
            ["contributions.id", "contributions.amount_currency"],
            name="fk_allocations_contribution_id_amount_currency",
        ),
        check_money("amount", "ck_allocations_amount"),
        indexes=INDEXES,
    )
