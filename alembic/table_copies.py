"""Tables as they are before a migration changes them, for `copy_from` of Alembic's batch operations.

SQLite drops and adds no constraint: it copies the table, which Alembic must know where it only prints SQL. Migrations
that have landed import this file, so it never changes either.
"""

import sqlalchemy as sa
from baseline_parts import KEY, MOMENT
from sqlalchemy.schema import SchemaItem


def entity_table(name: str, *parts: SchemaItem, indexes: str) -> sa.Table:
    """Return a table as it was before this revision; `indexes` names the columns of each, joined by `+`."""
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for columns in indexes.split():
        names = columns.split("+")
        label = "_".join(each.removesuffix("_currency") for each in names if not each.endswith("_minor"))
        closing = [] if len(names) == 1 and columns.endswith("_id") else [table.c.id]
        sa.Index(f"ix_{name}_{label}", *(table.c[each] for each in names), *closing)
    return table
