"""Copies the table of procurements on SQLite, which cannot change the columns and constraints of a table.

A landed migration calls it, so this file never changes either.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from baseline_parts import MARKINGS, PRECISIONS, QUALIFIERS, check_money, on_postgresql, one_of, reference, text
from sqlalchemy.schema import SchemaItem
from table_copies import entity_table

STATUSES = "PLANNING APPROVED TENDERING AWARDED ORDERED DELIVERING COMPLETED UNSUCCESSFUL CANCELLED"
INDEXES = (
    "approved_on category cpv_code created_at marking method planned_year reference status title updated_at ocid "
    "tender_starts_on tender_ends_on number_of_tenderers estimated_value_currency+estimated_value_minor "
    "group_id+reference lead_participant_id+reference procuring_entity_id+reference"
)


def add(parts: Sequence[SchemaItem], *, before: Sequence[SchemaItem] = (), indexes: str = "") -> None:
    """Add columns, checks and foreign keys. Drop the triggers that mention procurements before.

    Args:
        parts: The added parts; the check of a column's values comes with the column.
        before: What the table has beside the parts of revision 0016.
        indexes: The indexes that it has beside those of revision 0016: the columns of each, joined by `+`.
    """
    with op.batch_alter_table("procurements", copy_from=_copied(before, indexes)) as procurements:
        for each in parts:
            if isinstance(each, sa.Column):
                procurements.add_column(each)
            elif isinstance(each, sa.CheckConstraint):
                procurements.create_check_constraint(op.f(str(each.name)), each.sqltext)


def remove(names: Sequence[str], checks: Sequence[str], parts: Sequence[SchemaItem], *, indexes: str = "") -> None:
    """Drop columns and checks again.

    Args:
        names: The names of the columns.
        checks: The names of the checks.
        parts: What the table has beside the parts of revision 0016, with those columns and checks.
        indexes: As for `add`.
    """
    with op.batch_alter_table("procurements", copy_from=_copied(parts, indexes)) as procurements:
        for name in checks:
            procurements.drop_constraint(op.f(name), type_="check")
        for name in names:
            procurements.drop_column(name)


def _copied(parts: Sequence[SchemaItem], indexes: str) -> sa.Table | None:
    """Return the table that SQLite copies; PostgreSQL changes its own."""
    if on_postgresql():
        return None
    return entity_table(
        "procurements",
        sa.Column("ocid", text(40)),
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        sa.Column("description", text(4000)),
        one_of("status", "ck_procurements_status", STATUSES, nullable=False),
        one_of("method", "ck_procurements_method", "OPEN SELECTIVE LIMITED DIRECT"),
        one_of("category", "ck_procurements_category", "GOODS SERVICES WORKS"),
        sa.Column("cpv_code", text(10)),
        sa.Column("estimated_value_minor", sa.BigInteger()),
        sa.Column("estimated_value_currency", text(3)),
        one_of("estimated_value_qualifier", "ck_procurements_estimated_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("planned_year", sa.Integer()),
        sa.Column("approved_on", sa.Date()),
        one_of("approved_on_precision", "ck_procurements_approved_on_precision", PRECISIONS),
        reference("group_id", "expert_groups", "fk_procurements_group_id"),
        reference("procuring_entity_id", "participants", "fk_procurements_procuring_entity_id"),
        reference("lead_participant_id", "participants", "fk_procurements_lead_participant_id"),
        one_of("marking", "ck_procurements_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.Column("method_rationale", text(4000)),
        sa.Column("tender_starts_on", sa.Date()),
        # With these checks in the columns, as revision 0016 adds them, so that it can drop the columns again.
        sa.Column("tender_ends_on", sa.Date(), _check("tender_period", "tender_ends_on >= tender_starts_on")),
        sa.Column("number_of_tenderers", sa.Integer(), _check("number_of_tenderers", "number_of_tenderers >= 0")),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_procurements_cpv_code")),
        check_money("estimated_value", "ck_procurements_estimated_value"),
        sa.CheckConstraint("planned_year BETWEEN 2023 AND 2100", name=op.f("ck_procurements_planned_year")),
        sa.UniqueConstraint("reference", name="uq_procurements_reference"),
        *parts,
        indexes=f"{INDEXES} {indexes}",
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_procurements_{name}"))
