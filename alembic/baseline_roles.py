"""The three roles of PostgreSQL that every statement runs in."""

from alembic import op
from protection import APPLICATION, OPERATOR, READER


def create_roles() -> None:
    """Create the roles, and let them use the schema."""
    for role in (READER, APPLICATION, OPERATOR):
        _create_role(role)
    # A server may grant rights on new tables by default.
    op.execute(f"REVOKE ALL ON alembic_version FROM {READER}, {APPLICATION}, {OPERATOR}")


def revoke_usage() -> None:
    """Take from the roles what they were granted in this database."""
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {READER}, {APPLICATION}, {OPERATOR}")


def _create_role(role: str) -> None:
    """Create a role where the server has none of that name, and let the login that migrates take it."""
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
        f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE; END IF; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    # Taken, never inherited: the login by itself must see as little as the public. A login that may not grant the role
    # must have been granted it beforehand.
    op.execute(
        "DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN "
        "IF current_setting('server_version_num')::int >= 160000 THEN "
        f"EXECUTE format('GRANT {role} TO %I WITH INHERIT FALSE, SET TRUE', current_user); "
        f"ELSE EXECUTE format('GRANT {role} TO %I', current_user); END IF; END IF; "
        "EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
