"""Items of procurements, and the tender: its period, its tenderers and the reason for the method.

Revision 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op
from baseline_parts import create_entity, index_each, on_postgresql, one_of, reference, text
from protection import Protection, protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "procurement_items": Protection(
        "EXISTS (SELECT 1 FROM procurements AS procurements_1 WHERE procurements_1.id = "
        "procurement_items.procurement_id)",
        visible_keys=True,
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)

#: The columns that procurements get, each with its type and its check.
ADDED = {
    "method_rationale": ("VARCHAR(4000)", ""),
    "tender_starts_on": ("DATE", ""),
    "tender_ends_on": (
        "DATE",
        "CONSTRAINT ck_procurements_tender_period CHECK (tender_ends_on >= tender_starts_on)",
    ),
    "number_of_tenderers": (
        "INTEGER",
        "CONSTRAINT ck_procurements_number_of_tenderers CHECK (number_of_tenderers >= 0)",
    ),
}
#: A decimal number in its smallest units.
UNITS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
VALUE = "estimated_unit_value_minor", "estimated_unit_value_currency"


def upgrade() -> None:
    """Bring the tables to this revision."""
    create_entity(
        "procurement_items",
        reference(
            "procurement_id", "procurements", "fk_procurement_items_procurement_id", ondelete="CASCADE", nullable=False
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        one_of("classification_scheme", "ck_procurement_items_classification_scheme", "CPV UNSPSC OTHER"),
        sa.Column("classification_code", text(40)),
        sa.Column("quantity", UNITS),
        sa.Column("unit", text(40)),
        sa.Column("estimated_unit_value_minor", UNITS),
        sa.Column("estimated_unit_value_currency", text(3)),
        reference("need_id", "capability_needs", "fk_procurement_items_need_id"),
        sa.CheckConstraint(
            "({0} IS NULL AND {1} IS NULL) OR ({0} IS NOT NULL AND {1} IS NOT NULL "
            "AND {0} BETWEEN 0 AND 1000000000000000000 AND length({1}) = 3)".format(*VALUE),
            name=op.f("ck_procurement_items_estimated_unit_value"),
        ),
        sa.CheckConstraint(
            "(classification_scheme IS NULL) = (classification_code IS NULL)",
            name=op.f("ck_procurement_items_classification"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_procurement_items_quantity")),
        sa.UniqueConstraint("procurement_id", "ordinal", name="uq_procurement_items_procurement_id_ordinal"),
    )
    index_each(
        "procurement_items",
        "ordinal description classification_scheme classification_code quantity created_at updated_at",
    )
    op.create_index("ix_procurement_items_estimated_unit_value", "procurement_items", [*reversed(VALUE), "id"])
    for parent in ("procurement", "need"):
        columns = [f"{parent}_id", "ordinal", "id"]
        op.create_index(f"ix_procurement_items_{parent}_id_ordinal", "procurement_items", columns)
    for column, (kind, check) in ADDED.items():
        # Not a batch: SQLite would copy the table and lose its triggers.
        collation = ' COLLATE "C"' if on_postgresql() and kind.startswith("VARCHAR") else ""
        op.execute(f"ALTER TABLE procurements ADD COLUMN {column} {kind}{collation} {check}")
    index_each("procurements", "tender_starts_on tender_ends_on number_of_tenderers")
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    for column in ("number_of_tenderers", "tender_ends_on", "tender_starts_on"):
        op.drop_index(f"ix_procurements_{column}", "procurements")
    for column in reversed(ADDED):
        op.execute(f"ALTER TABLE procurements DROP COLUMN {column}")
    op.drop_table("procurement_items")
