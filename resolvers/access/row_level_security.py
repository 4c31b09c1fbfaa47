"""Renders the visibility predicates as PostgreSQL row-level security policies, a second check of every row.

All statements run under one of three roles; none has BYPASSRLS:

- `coalition_reader` runs compiled queries, which contain the predicates already. Its policies allow all rows, and it
  can only read.
- `coalition_application` sees the rows that the claims in the settings of its statement allow; without claims, none.
- `coalition_operator` runs operator commands and statements with a stated reason. Its policies allow all rows.

A statement of `coalition_operator` for a viewer is also checked: each protected entity has a view, such as
`documents_visible_keys`. The view belongs to `coalition_application`, so it returns only keys that the claims allow.

The policies are text in the migrations. `alembic revision --autogenerate` writes that text from `table_access`, and a
test compares the policies of a migrated database with `policies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Select,
    TableClause,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean

from models import Base, HasId, SearchEntry
from models.search.search_hits import SEARCHED
from models.types import KEY
from resolvers.access.visibility import VISIBILITY, AllMentionedVisible, VisibleObject, VisibleThrough
from resolvers.access.visibility_rules import public

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import CTE, Table

    from resolvers.sql.parameters import ParameterBinder


DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


#: The claims of a viewer that a statement sets, each as one setting: `coalition.account` and so on.
CLAIMS = ("account", "markings", "groups", "writes")


#: Tables without a policy of their own: the policy of documents reads this one, so a policy here would be circular.
KEYS_ONLY = ("document_shares",)


#: Tables that the API never reads.
NO_ACCESS_TABLES = (
    "api_tokens",
    "browser_sessions",
    "idempotency_keys",
    "loaded_rows",
    "person_keys",
    "trusted_documents",
)


#: Tables whose rows are only inserted, never changed or deleted.
APPEND_ONLY_TABLES = ("audit_events",)


class TableAccess(NamedTuple):
    """How PostgreSQL protects a table, in the terms of `protect` in `alembic/protection.py`.

    Attributes:
        condition: The SQL condition under which `coalition_application` sees a row; `true` if all rows are public,
            `false` if the API never reads the table.
        visible_keys: Whether the table has a view that returns the keys of the visible rows.
        append_only: Whether rows are only inserted.
    """

    condition: str
    visible_keys: bool
    append_only: bool


def _setting(name: str) -> str:
    # A setting that was set earlier in a session reads as the empty string afterwards.
    return f"nullif(current_setting('coalition.{name}', true), '')"


class _one_of_setting(FunctionElement[bool]):  # noqa: N801 - SQL functions are written in lower case
    """Whether a value is in the list of a setting."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, value: Any, name: str) -> None:
        super().__init__(value)
        self.name = name


@compiles(_one_of_setting, "postgresql")
def _one_of_setting_on_postgresql(element: _one_of_setting, compiler: Any, **options: Any) -> str:
    value, array = compiler.process(element.clauses, **options), "text[]" if element.name == "markings" else "uuid[]"
    # The subselect makes PostgreSQL read the setting once for each statement, not once for each row.
    return f"{value} = ANY ((SELECT string_to_array({_setting(element.name)}, ',')::{array})::{array})"


class SessionClaims:
    """The viewer's claims, read from settings of the statement; a missing setting allows no rows."""

    def account(self) -> ColumnElement[Any]:
        """Return the key of the viewer's account; null for the public."""
        return literal_column(f"(SELECT {_setting('account')}::uuid)", KEY)

    def contains(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return whether `value` is one of the viewer's `markings`, `groups` or `writes`."""
        return _one_of_setting(value, name)


def set_claims_cte(binder: ParameterBinder) -> CTE:
    """Return the CTE, for the FROM clause, that sets the viewer's claims before the statement reads any row.

    The settings end with the transaction.
    """
    claims = [
        func.set_config(f"coalition.{name}", cast(binder.claim(f"setting_{name}", Text()), Text), True)  # noqa: FBT003 - `is_local`
        for name in CLAIMS
    ]
    return select(*claims).cte("claims").prefix_with("MATERIALIZED", dialect="postgresql")


def passes_row_level_security(model: type[HasId], claims: CTE) -> ColumnElement[bool]:
    """Return the condition that row-level security allows rows of `model`, for a statement of `coalition_operator`.

    `claims` is the CTE that sets the claims; without them, no row meets the condition.
    """
    if VISIBILITY[model] == (public,):
        return true()
    # It uses no column, so PostgreSQL evaluates it, and sets the claims, before it reads a protected row.
    gate = select(func.count()).select_from(claims).scalar_subquery() == 1
    seen = TableClause(visible_keys_view(model.__tablename__), ColumnClause("id", KEY))
    return and_(gate, select(1).select_from(seen).where(seen.c.id == model.id).exists())


def visible_keys_view(name: str) -> str:
    """Return the name of the view with the keys of a table that `coalition_application` sees."""
    return f"{name}_visible_keys"


def policies() -> dict[str, str]:
    """Return the condition under which `coalition_application` sees the rows of each protected table."""
    found = {model.__tablename__: _of_entity(model) for model in VISIBILITY if VISIBILITY[model] != (public,)}
    entities = {model.__tablename__ for model in VISIBILITY}
    for table in Base.metadata.sorted_tables:
        if table.name in NO_ACCESS_TABLES:
            found[table.name] = "false"
        elif table is SearchEntry.__table__:
            found[table.name] = " OR ".join(_of_searched(table.name))
        elif table.name not in {*entities, *KEYS_ONLY} and (owners := list(_owners(table, found))):
            found[table.name] = " AND ".join(owners)
    return found


def table_access() -> dict[str, TableAccess]:
    """Return how each table is protected; `alembic revision --autogenerate` writes it into the migrations."""
    conditions, entities = policies(), {model.__tablename__ for model in VISIBILITY}
    return {
        table.name: TableAccess(
            conditions.get(table.name, "true"),
            visible_keys=table.name in entities and table.name in conditions,
            append_only=table.name in APPEND_ONLY_TABLES,
        )
        for table in Base.metadata.sorted_tables
    }


def _of_entity(model: type[HasId]) -> str:
    rights = SessionClaims()
    # The parent of a row has its own policy, so it is sufficient that the parent row is found.
    rules = [
        rule.seen(model, lambda _: true())
        if isinstance(rule, VisibleThrough | VisibleObject | AllMentionedVisible)
        else rule(model, rights)
        for rule in VISIBILITY[model]
    ]
    whole: Select[Any] = select(literal_column("1")).select_from(model).where(*rules)
    rendered = str(whole.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    return " ".join(rendered.split()).partition(" WHERE ")[2]


def _of_searched(name: str) -> Iterator[str]:
    """Yield the conditions that an entry of the search index is of a type, and its object is found."""
    for kind, model in SEARCHED.items():
        target = model.__tablename__
        found = f"EXISTS (SELECT 1 FROM {target} WHERE {target}.id = {name}.object_id)"  # noqa: S608 - our own names
        yield f"({name}.kind = '{kind}' AND {found})"


def _owners(table: Table, guarded: Collection[str]) -> Iterator[str]:
    """Yield the conditions that the parent rows of a link or a source are found."""
    if table.name.endswith("_recipients"):
        # The policy of the parent reads this table, so its own policy cannot read the parent.
        yield f"account_id = (SELECT {_setting('account')}::uuid)"
        return
    for column in table.columns:
        for key in column.foreign_keys:
            target = key.column.table.name
            if target in guarded:
                yield f"(EXISTS (SELECT 1 FROM {target} WHERE {target}.id = {table.name}.{column.name}))"  # noqa: S608 - our own names
