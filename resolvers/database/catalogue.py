"""What a database consists of: every part that a migration makes, by name, each with a digest of its definition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, text

from resolvers.core.hashing import sha256_of
from resolvers.database.roles import APPLICATION, OPERATOR, READER

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Enough to tell two definitions apart.
DIGITS = 16

#: How a named constraint of a table begins.
CONSTRAINT = re.compile(r'CONSTRAINT "?(\w+)')

#: Of the parts of SQLite. What it makes by itself (`sqlite_…`) follows from the rest.
ON_SQLITE = text("""
SELECT type, CASE type WHEN 'table' THEN name ELSE tbl_name || '.' || name END, sql FROM sqlite_schema
WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'alembic_version'
UNION ALL
SELECT 'column', t.name || '.' || c.name, json_array(c.type, c."notnull", c.dflt_value, c.pk, c.hidden)
FROM sqlite_schema AS t JOIN pragma_table_xinfo(t.name) AS c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> 'alembic_version'
""")

#: Of the parts of PostgreSQL in the schema of the tables. A privilege counts where one of our roles has it, or all.
ON_POSTGRESQL = text("""
WITH ours AS (
    SELECT oid, relname, relkind, relacl, relowner, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v') AND relname <> 'alembic_version'
)
SELECT 'table' AS kind, relname::text AS name, concat_ws(' ', relrowsecurity, relforcerowsecurity) AS definition
FROM ours WHERE relkind = 'r'
UNION ALL
SELECT 'column', relname || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull,
    attcollation::regcollation, attgenerated, attidentity, pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', relname || '.' || conname, concat_ws(' ', pg_get_constraintdef(pg_constraint.oid), convalidated)
FROM ours JOIN pg_constraint ON conrelid = ours.oid WHERE contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT 'index', relname || '.' || indexrelid::regclass, concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid)
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT 'trigger', relname || '.' || tgname, concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), tgenabled)
FROM ours JOIN pg_trigger ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    concat_ws(' ', prosrc, prosecdef, provolatile, proconfig, lanname, prorettype::regtype)
FROM pg_proc AS p JOIN pg_language ON pg_language.oid = prolang WHERE pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'policy', relname || '.' || polname, concat_ws(' ', polcmd, polpermissive,
    (SELECT string_agg(coalesce(rolname, 'public'), ',' ORDER BY rolname) FROM unnest(polroles) AS role
     LEFT JOIN pg_roles ON pg_roles.oid = role),
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM ours JOIN pg_policy ON polrelid = ours.oid
UNION ALL
SELECT 'view', relname, concat_ws(' ', pg_get_viewdef(oid),
    CASE WHEN pg_get_userbyid(relowner) IN :roles THEN pg_get_userbyid(relowner) END)
FROM ours WHERE relkind = 'v'
UNION ALL
SELECT 'privilege', relname || '.' || coalesce(rolname, 'public'),
    string_agg(privilege_type, ',' ORDER BY privilege_type)
FROM ours CROSS JOIN aclexplode(relacl) LEFT JOIN pg_roles ON pg_roles.oid = grantee
WHERE (rolname IN :roles OR grantee = 0) AND grantee <> relowner GROUP BY relname, rolname
""").bindparams(bindparam("roles", (APPLICATION, OPERATOR, READER), expanding=True))


def read_catalogue(connection: Connection) -> dict[str, str]:
    """Return the digest of every part of a database, by its kind and name, such as `trigger orders.sum`."""
    on_sqlite = connection.dialect.name == "sqlite"
    found: dict[str, str] = {}
    for kind, name, definition in connection.execute(ON_SQLITE if on_sqlite else ON_POSTGRESQL):
        if on_sqlite and kind == "table":
            found |= _parts_of_table(name, definition)
        else:
            found[f"{kind} {name}"] = _digest(definition or "")
    return found


def _parts_of_table(table: str, statement: str) -> dict[str, str]:
    """Return the digests of a table of SQLite and of its constraints, from the statement that creates it.

    Alembic copies a table to alter it, and writes its constraints in a random order.
    """
    head, _, rest = statement.partition("(")
    body, _, tail = rest.rpartition(")")
    clauses = [" ".join(clause.split()) for clause in _clauses(body)]
    named = {clause: match[1] for clause in clauses if (match := CONSTRAINT.match(clause))}
    parts = {f"constraint {table}.{name}": _digest(clause) for clause, name in named.items()}
    others = sorted(clause for clause in clauses if clause not in named)
    return {**parts, f"table {table}": _digest(" ".join([head, *others, tail]))}


def _clauses(body: str) -> list[str]:
    """Split the body of a CREATE TABLE at the commas outside of parentheses and quotes."""
    clauses, depth, quote = [""], 0, ""
    for char in body:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += (char == "(") - (char == ")")
        if char == "," and not depth and not quote:
            clauses.append("")
        else:
            clauses[-1] += char
    return clauses


def _digest(definition: str) -> str:
    # One space for any white space: an engine may break lines otherwise.
    return sha256_of(" ".join(definition.split()).encode())[:DIGITS]
