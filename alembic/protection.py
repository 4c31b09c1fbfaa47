"""How a migration protects tables on PostgreSQL: grants, row-level security, and a view of the visible keys.

Every statement runs in one of three roles, none of which may bypass row-level security:

- `coalition_reader` runs compiled queries, which carry the visibility predicates: it reads all rows and writes none;
- `coalition_application` sees the rows that meet the table's condition for the claims of the transaction;
- `coalition_operator` runs operators' commands and everything that gave a reason: it reads and writes all rows.

On SQLite `protect` does nothing. Migrations that have landed call it, so this file never changes either: what must
work differently from now on goes into a file of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alembic import op

READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"
ROLES = f"{READER}, {APPLICATION}, {OPERATOR}"
POLICIES = "reader_reads", "operator_may", "application_sees"


@dataclass(frozen=True)
class Protection:
    """How one table is protected.

    Attributes:
        condition: The condition, in SQL, that a row must meet for the application to see it. `true` needs no row-level
            security; `false` closes the table to the reader and the application.
        visible_keys: Whether the view `<table>_visible_keys` returns the keys of the rows that the application sees.
        append_only: Whether rows are only ever added, and only by the operator.
    """

    condition: str
    visible_keys: bool = False
    append_only: bool = False


def protect(tables: Mapping[str, Protection | None]) -> None:
    """Protect each table as stated, replacing its former protection; None removes it."""
    if op.get_context().dialect.name != "postgresql":
        return
    for table, protection in tables.items():
        for statement in (*_removal(table), *_grants(table, protection), *_policies(table, protection)):
            op.execute(statement)
    viewed = [table for table, protection in tables.items() if protection and protection.visible_keys]
    for statement in _views(viewed) if viewed else ():
        op.execute(statement)


def _removal(table: str) -> Iterator[str]:
    # The view belongs to the application's role, and only its owner may drop it.
    yield f"SET LOCAL ROLE {APPLICATION}"
    yield f"DROP VIEW IF EXISTS {table}_visible_keys"
    yield "RESET ROLE"
    for policy in POLICIES:
        yield f"DROP POLICY IF EXISTS {policy} ON {table}"
    yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    # A server may grant rights on new tables by default.
    yield f"REVOKE ALL ON {table} FROM {ROLES}"


def _grants(table: str, protection: Protection | None) -> Iterator[str]:
    if protection is None:
        return
    is_closed = protection.condition == "false"
    writers = [OPERATOR] if is_closed or protection.append_only else [APPLICATION, OPERATOR]
    rights = "SELECT, INSERT" if protection.append_only else "SELECT, INSERT, UPDATE, DELETE"
    yield f"GRANT {rights} ON {table} TO {', '.join(writers)}"
    if not is_closed:
        yield f"GRANT SELECT ON {table} TO {READER}, {APPLICATION}"


def _policies(table: str, protection: Protection | None) -> Iterator[str]:
    if protection is None or protection.condition == "true":
        return
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY reader_reads ON {table} FOR SELECT TO {READER} USING (true)"
    yield f"CREATE POLICY operator_may ON {table} TO {OPERATOR} USING (true)"
    yield f"CREATE POLICY application_sees ON {table} TO {APPLICATION} USING ({protection.condition})"


def _views(tables: list[str]) -> Iterator[str]:
    # The new owner of a view must have the right to create in its schema, for as long as the view changes hands.
    yield f"GRANT CREATE ON SCHEMA public TO {APPLICATION}"
    for table in tables:
        yield f"CREATE VIEW {table}_visible_keys AS SELECT id FROM {table}"  # noqa: S608 - a table of ours
        yield f"ALTER VIEW {table}_visible_keys OWNER TO {APPLICATION}"
    yield f"SET LOCAL ROLE {APPLICATION}"
    for table in tables:
        yield f"GRANT SELECT ON {table}_visible_keys TO {OPERATOR}"
    yield "RESET ROLE"
    yield f"REVOKE CREATE ON SCHEMA public FROM {APPLICATION}"
