"""Identities and visibility: how accounts are recognised, what is marked how, and PostgreSQL's second wall.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As they were at this revision: what is imported may change.
KEY = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
MARKINGS = "'CLEAR', 'GREEN', 'AMBER', 'AMBER_STRICT', 'RED'"
NO_GROUP = "'00000000-0000-0000-0000-000000000000'"

#: What is marked from now on; documents were before.
MARKED = ("capability_needs", "contributions", "deliveries", "meetings", "procurements", "roadmaps")
RECIPIENTS = {
    "capability_need": "capability_needs",
    "contribution": "contributions",
    "delivery": "deliveries",
    "document": "documents",
    "meeting": "meetings",
    "procurement": "procurements",
    "roadmap": "roadmaps",
}
SOURCED = (
    "allocations",
    "capability_needs",
    "contributions",
    "decisions",
    "deliveries",
    "meetings",
    "procurements",
    "purchase_orders",
    "roadmaps",
)
CLOSED = ("api_tokens", "audit_events", "browser_sessions")
READER, APPLICATION, OPERATOR = "coalition_reader", "coalition_application", "coalition_operator"


def upgrade() -> None:
    """Add the credentials, the markings and, on PostgreSQL, the wall."""
    add_credentials()
    add_markings()
    if op.get_context().dialect.name == "postgresql":
        build_wall()


def downgrade() -> None:
    """Take them away again; the roles stay, for other databases of the server may use them."""
    if op.get_context().dialect.name == "postgresql":
        remove_wall()
    for singular in RECIPIENTS:
        op.drop_table(f"{singular}_recipients")
    for table in MARKED:
        op.drop_index(f"ix_{table}_marking", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN marking")
    for table in ("browser_sessions", "api_tokens"):
        op.drop_table(table)
    op.drop_index("uq_accounts_identity", "accounts")
    for column in ("subject", "issuer", "disabled_at"):
        op.execute(f"ALTER TABLE accounts DROP COLUMN {column}")


def text(length: int) -> sa.String:
    """Give a text type that sorts by code point on both engines."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def add_credentials() -> None:
    """Add by what an account is recognised, and the keys of machines and browsers."""
    line = 'VARCHAR(300) COLLATE "C"' if op.get_context().dialect.name == "postgresql" else "VARCHAR(300)"
    op.add_column("accounts", sa.Column("disabled_at", MOMENT))
    op.execute(f"ALTER TABLE accounts ADD COLUMN issuer {line}")
    # As part of the column: SQLite adds a check to a table in no other way.
    check = "CONSTRAINT ck_accounts_identity CHECK ((issuer IS NULL) = (subject IS NULL))"
    op.execute(f"ALTER TABLE accounts ADD COLUMN subject {line} {check}")
    op.create_index("uq_accounts_identity", "accounts", ["issuer", "subject"], unique=True)
    create_credentials(
        "api_tokens",
        sa.Column("name", text(300), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("last_used_at", MOMENT),
    )
    create_credentials("browser_sessions")


def create_credentials(table: str, *more: sa.Column[object]) -> None:
    """Create a table of credentials, of which only the digest is kept."""
    account = sa.ForeignKey("accounts.id", name=f"fk_{table}_account_id", ondelete="CASCADE")
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, account, nullable=False),
        sa.Column("digest", text(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        *more,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("digest", name=f"uq_{table}_digest"),
    )
    op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def add_markings() -> None:
    """Mark every noun; what is there already came from the public record."""
    for table in MARKED:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN marking VARCHAR(40) DEFAULT 'AMBER' NOT NULL "
            f"CONSTRAINT ck_{table}_marking CHECK (marking IN ({MARKINGS}))"
        )
        op.execute(sa.text(f"UPDATE {table} SET marking = 'CLEAR'"))
        op.create_index(f"ix_{table}_marking", table, ["marking", "id"])
    for singular, table in RECIPIENTS.items():
        create_recipients(singular, table)


def create_recipients(singular: str, table: str) -> None:
    """Create the table of those who are named as recipients of the rows of `table`."""
    name, column = f"{singular}_recipients", f"{singular}_id"
    op.create_table(
        name,
        sa.Column(column, KEY, sa.ForeignKey(f"{table}.id", name=f"fk_{name}_{column}", ondelete="CASCADE")),
        sa.Column("account_id", KEY, sa.ForeignKey("accounts.id", name=f"fk_{name}_account_id", ondelete="CASCADE")),
        sa.PrimaryKeyConstraint(column, "account_id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_account_id_{column}", name, ["account_id", column])


def build_wall() -> None:
    """Make the roles, say what each may do, and put each guarded table behind its policies."""
    for role in (READER, APPLICATION, OPERATOR):
        create_role(role)
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")
    for role in (APPLICATION, OPERATOR):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    for table in CLOSED:
        op.execute(f"REVOKE ALL ON {table} FROM {READER}, {APPLICATION}")
    op.execute(f"REVOKE ALL ON alembic_version FROM {READER}, {APPLICATION}, {OPERATOR}")
    for table, condition in policies().items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reader_reads ON {table} FOR SELECT TO {READER} USING (true)")
        op.execute(f"CREATE POLICY operator_may ON {table} TO {OPERATOR} USING (true)")
        op.execute(f"CREATE POLICY application_sees ON {table} TO {APPLICATION} USING ({condition})")


def create_role(role: str) -> None:
    """Make a role where the server has none of that name, and let whoever migrates take it."""
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
        f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE; END IF; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    # Taken, never inherited: the login by itself is to see as little as anybody. A login that may not grant the role
    # must have been given it beforehand.
    op.execute(
        "DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN "
        "IF current_setting('server_version_num')::int >= 160000 THEN "
        f"EXECUTE format('GRANT {role} TO %I WITH INHERIT FALSE, SET TRUE', current_user); "
        f"ELSE EXECUTE format('GRANT {role} TO %I', current_user); END IF; END IF; "
        "EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")


def remove_wall() -> None:
    """Open the tables again, and take from the roles what they were given in this database."""
    for table in policies():
        for policy in ("reader_reads", "operator_may", "application_sees"):
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for role in (READER, APPLICATION, OPERATOR):
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM {role}")


def policies() -> dict[str, str]:
    """Give what `coalition_application` sees of each guarded table."""
    owned = "coalesce({0}.group_id, " + NO_GROUP + ")"
    marked = {table: marking_admits(table, owned.format(table)) for table in ("meetings", "procurements")}
    needs, documents = owned.format("capability_needs"), owned.format("documents")
    marked["capability_needs"] = (
        f"{marking_admits('capability_needs', needs)} AND {no_draft('capability_needs', needs)}"
    )
    shared = "document_shares.document_id = documents.id AND " + among("document_shares.group_id", "groups")
    shared = f"documents.marking = 'AMBER' AND EXISTS (SELECT 1 FROM document_shares WHERE {shared})"
    marked["documents"] = f"{marking_admits('documents', documents, shared)} AND {no_draft('documents', documents)}"
    for table in ("contributions", "roadmaps"):
        marked[table] = marking_admits(table, NO_GROUP)
    delivered = [found("deliveries", "purchase_order_id", "purchase_orders", nullable=True)]
    delivered += [found("deliveries", "contribution_id", "contributions", nullable=True)]
    marked["deliveries"] = " AND ".join([marking_admits("deliveries", NO_GROUP), *delivered])
    buying = f"SELECT {owned.format('procurements')} FROM procurements"
    buyer = f"({buying} WHERE procurements.id = purchase_orders.procurement_id)"
    orders = f"{no_draft('purchase_orders', buyer)} AND {found('purchase_orders', 'procurement_id', 'procurements')}"
    targets = [found("decision_targets", "decision_id", "decisions")]
    targets += [found("decision_targets", "procurement_id", "procurements", nullable=True)]
    targets += [found("decision_targets", "roadmap_id", "roadmaps", nullable=True)]
    return {
        **marked,
        **dict.fromkeys(("accounts", "group_memberships"), f"{setting('account', 'uuid')} IS NOT NULL"),
        "document_versions": found("document_versions", "document_id", "documents"),
        "roadmap_lines": both("roadmap_lines", "roadmap_id", "roadmaps", "need_id", "capability_needs"),
        "contribution_donors": found("contribution_donors", "contribution_id", "contributions"),
        "allocations": both("allocations", "contribution_id", "contributions", "procurement_id", "procurements"),
        "purchase_orders": orders,
        "order_lines": found("order_lines", "purchase_order_id", "purchase_orders"),
        "delivery_lines": found("delivery_lines", "delivery_id", "deliveries"),
        **{table: found(table, "meeting_id", "meetings") for table in ("agenda_items", "attendances", "decisions")},
        "decision_targets": " AND ".join(targets),
        "meeting_documents": both("meeting_documents", "meeting_id", "meetings", "document_id", "documents"),
        "procurement_needs": both("procurement_needs", "procurement_id", "procurements", "need_id", "capability_needs"),
        "procurement_funders": found("procurement_funders", "procurement_id", "procurements"),
        "delivery_funders": found("delivery_funders", "delivery_id", "deliveries"),
        **{f"{table}_sources": found(f"{table}_sources", "owner_id", table) for table in SOURCED},
        **{f"{singular}_recipients": f"account_id = {setting('account', 'uuid')}" for singular in RECIPIENTS},
        **dict.fromkeys(CLOSED, "false"),
    }


def setting(name: str, kind: str) -> str:
    """Give the value of a setting, read once in a statement."""
    return f"(SELECT nullif(current_setting('coalition.{name}', true), '')::{kind})"


def among(value: str, name: str) -> str:
    """Tell whether a value is in the list that a setting holds."""
    kind = "text[]" if name == "markings" else "uuid[]"
    told = f"nullif(current_setting('coalition.{name}', true), '')"
    return f"{value} = ANY ((SELECT string_to_array({told}, ',')::{kind})::{kind})"


def marking_admits(table: str, owner: str, shared: str | None = None) -> str:
    """Tell whether the marking of a row admits whoever asks."""
    singular = next(name for name, named in RECIPIENTS.items() if named == table)
    named = f"{singular}_recipients.{singular}_id = {table}.id"
    account = f"{singular}_recipients.account_id = {setting('account', 'uuid')}"
    admitted = [
        among(f"{table}.marking", "markings"),
        f"{table}.marking IN ('AMBER', 'AMBER_STRICT') AND {among(owner, 'groups')}",
        *([shared] if shared else []),
        f"{table}.marking = 'RED' AND EXISTS (SELECT 1 FROM {singular}_recipients WHERE {named} AND {account})",
    ]
    return f"({' OR '.join(admitted)})"


def no_draft(table: str, owner: str) -> str:
    """Tell whether a row is no draft, or one of a group that whoever asks writes in."""
    return f"({table}.status <> 'DRAFT' OR {among(owner, 'writes')})"


def found(table: str, column: str, target: str, *, nullable: bool = False) -> str:
    """Tell whether what a row belongs to is found, which the wall decides there."""
    there = f"EXISTS (SELECT 1 FROM {target} WHERE {target}.id = {table}.{column})"
    return f"({table}.{column} IS NULL OR {there})" if nullable else there


def both(table: str, first: str, first_target: str, second: str, second_target: str) -> str:
    """Tell whether the two rows that a row meets in are found."""
    return f"{found(table, first, first_target)} AND {found(table, second, second_target)}"
