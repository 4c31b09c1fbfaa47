"""What the tables of the first release share: types, columns, constraints, indexes.

Everything is written out as it was then: a migration imports nothing that may change.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

KEY = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
MARKINGS = "CLEAR GREEN AMBER AMBER_STRICT RED"
PRECISIONS = "DAY WEEK MONTH YEAR REPORTED_BY"
QUALIFIERS = "EXACT ABOUT NEARLY OVER UP_TO"


def on_postgresql() -> bool:
    """Return whether the migration runs on PostgreSQL."""
    return op.get_context().dialect.name == "postgresql"


def text(length: int) -> sa.String:
    """Return a text type that sorts by code point on both engines."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def one_of(
    column: str, constraint: str, members: str, *, nullable: bool = True, default: str | None = None
) -> sa.Column[str]:
    """Return a column that holds one of `members`, which spaces separate, checked by `constraint`."""
    kind = sa.Enum(*members.split(), name=op.f(constraint), native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=nullable, server_default=default)


def check_money(name: str, constraint: str) -> sa.CheckConstraint:
    """Return the check of the amount `name`: both columns or neither, not negative, a code of three letters."""
    minor, currency = f"{name}_minor", f"{name}_currency"
    return sa.CheckConstraint(
        f"({minor} IS NULL AND {currency} IS NULL) OR ({minor} IS NOT NULL AND {currency} IS NOT NULL "
        f"AND {minor} BETWEEN 0 AND 1000000000000000 AND length({currency}) = 3)",
        name=op.f(constraint),
    )


def reference(  # noqa: PLR0913 - it names everything a foreign key has
    column: str,
    table: str,
    constraint: str,
    *,
    ondelete: str = "RESTRICT",
    nullable: bool = True,
    use_alter: bool = False,
) -> sa.Column[str]:
    """Return a column that holds the key of a row of `table`."""
    key = sa.ForeignKey(f"{table}.id", name=constraint, ondelete=ondelete, use_alter=use_alter)
    return sa.Column(column, KEY, key, nullable=nullable)


def index_each(table: str, columns: str) -> None:
    """Create an index for each of `columns`, which spaces separate, closed by the key that breaks ties."""
    for column in columns.split():
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])


def create_entity(table: str, *parts: SchemaItem) -> None:
    """Create a table of rows that have a key, times and a version."""
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def create_sources(owner: str) -> None:
    """Create the table of the sources that the rows of `owner` have."""
    table = f"{owner}_sources"
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        reference("owner_id", owner, f"fk_{table}_owner_id", ondelete="CASCADE", nullable=False),
        sa.Column("url", text(2000), nullable=False),
        sa.Column("publisher", text(300)),
        sa.Column("published_on", sa.Date()),
        one_of("confidence", f"ck_{table}_confidence", "HIGH MEDIUM LOW"),
        sa.Column("note", text(4000)),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("owner_id", "url", name=f"uq_{table}_owner_id_url"),
    )
    op.create_index(f"ix_{table}_owner_id_ordinal", table, ["owner_id", "ordinal"])


def create_link(table: str, left: str, left_table: str, right: str, right_table: str) -> None:
    """Create the table of a many-to-many relation: two columns, each with the table it refers to."""
    op.create_table(
        table,
        reference(left, left_table, f"fk_{table}_{left}", ondelete="CASCADE", nullable=False),
        reference(right, right_table, f"fk_{table}_{right}", ondelete="CASCADE", nullable=False),
        sa.PrimaryKeyConstraint(left, right, name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_{right}_{left}", table, [right, left])
