"""The second wall: PostgreSQL's row-level security, with the policies of the plan written as the database's own.

Whatever reaches PostgreSQL does so in one of three roles, none of which may pass the wall by itself:

- `coalition_reader` runs the plan, whose statements carry the policies: it is let through, and only reads;
- `coalition_application` sees what the rights admit that its statement or transaction is told, else nothing;
- `coalition_operator` is let through for what an operator runs, and for statements that gave a reason.

What an operator's statement finds for a viewer passes the wall as well: each guarded entity has a view, such as
`documents_visible_keys`, that belongs to `coalition_application` and therefore gives the keys of what the rights admit.

The policies are text in the migrations. `alembic revision --autogenerate` writes that text from `table_access`, and a
test compares what a migrated database holds with `policies`.
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

from models import Base, HasId
from models.types import KEY
from resolvers.access.visibility import VISIBILITY, AllMentionedVisible, VisibleThrough
from resolvers.access.visibility_rules import public

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import CTE, Table

    from resolvers.sql.parameters import ParameterBinder


DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


#: The rights a statement is told, each a setting of its own: `coalition.account` and so on.
CLAIMS = ("account", "markings", "groups", "writes")


#: Who a document is shared with is asked by the policy of documents, which may not ask of itself in a circle.
KEYS_ONLY = ("document_shares",)


#: What the API gives no rows of.
NO_ACCESS_TABLES = ("api_tokens", "browser_sessions", "idempotency_keys", "trusted_documents")


#: Tables whose rows are only ever added: nobody changes or deletes one.
APPEND_ONLY_TABLES = ("audit_events",)


class TableAccess(NamedTuple):
    """How PostgreSQL protects a table, in the terms of `protect` in `alembic/protection.py`.

    Attributes:
        condition: The condition, in SQL, that a row must meet for `coalition_application` to see it; `true` where all
            rows are public, `false` where none is read through the API.
        visible_keys: Whether the table has a view that returns the keys of the rows that are visible.
        append_only: Whether rows are only ever added.
    """

    condition: str
    visible_keys: bool
    append_only: bool


def _setting(name: str) -> str:
    # A setting that was set once in a session reads as the empty text afterwards.
    return f"nullif(current_setting('coalition.{name}', true), '')"


class _one_of_setting(FunctionElement[bool]):  # noqa: N801 - SQL functions are written in lower case
    """Whether a value is in the list that a setting holds."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, value: Any, name: str) -> None:
        super().__init__(value)
        self.name = name


@compiles(_one_of_setting, "postgresql")
def _one_of_setting_on_postgresql(element: _one_of_setting, compiler: Any, **options: Any) -> str:
    value, array = compiler.process(element.clauses, **options), "text[]" if element.name == "markings" else "uuid[]"
    # Selected, so that it is read once in a statement and not once for every row.
    return f"{value} = ANY ((SELECT string_to_array({_setting(element.name)}, ',')::{array})::{array})"


class SessionClaims:
    """The rights of whoever asks as settings of the statement; what was not told admits to nothing."""

    def account(self) -> ColumnElement[Any]:
        """Give the key of the account; null for the public."""
        return literal_column(f"(SELECT {_setting('account')}::uuid)", KEY)

    def contains(self, value: Any, name: str) -> ColumnElement[bool]:
        """Give whether `value` is one of the viewer's `markings`, `groups` or `writes`."""
        return _one_of_setting(value, name)


def set_claims_cte(binder: ParameterBinder) -> CTE:
    """Give the CTE that tells a statement its rights, for its FROM: it comes before all that it reads.

    The settings end with the statement's transaction.
    """
    told = [
        func.set_config(f"coalition.{name}", cast(binder.claim(f"told_{name}", Text()), Text), True)  # noqa: FBT003 - `is_local`
        for name in CLAIMS
    ]
    return select(*told).cte("told").prefix_with("MATERIALIZED", dialect="postgresql")


def passes_row_level_security(model: type[HasId], told: CTE) -> ColumnElement[bool]:
    """Give the condition that rows of `model` stand before the wall, in an operator's statement.

    `told` tells the statement its rights; where it does not, no row meets the condition.
    """
    if VISIBILITY[model] == (public,):
        return true()
    # It names no column, so PostgreSQL asks it before it reads a row of what it guards.
    gate = select(func.count()).select_from(told).scalar_subquery() == 1
    seen = TableClause(visible_keys_view(model.__tablename__), ColumnClause("id", KEY))
    return and_(gate, select(1).select_from(seen).where(seen.c.id == model.id).exists())


def visible_keys_view(name: str) -> str:
    """Give the name of the view that gives the keys of a table as `coalition_application` sees them."""
    return f"{name}_visible_keys"


def policies() -> dict[str, str]:
    """Give the condition under which `coalition_application` sees the rows of each guarded table."""
    found = {model.__tablename__: _of_entity(model) for model in VISIBILITY if VISIBILITY[model] != (public,)}
    entities = {model.__tablename__ for model in VISIBILITY}
    for table in Base.metadata.sorted_tables:
        if table.name in NO_ACCESS_TABLES:
            found[table.name] = "false"
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
    # What a row belongs to stands behind the same wall: it is enough that it is found there.
    rules = [
        rule.seen(model, lambda _: true())
        if isinstance(rule, VisibleThrough | AllMentionedVisible)
        else rule(model, rights)
        for rule in VISIBILITY[model]
    ]
    whole: Select[Any] = select(literal_column("1")).select_from(model).where(*rules)
    rendered = str(whole.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    return " ".join(rendered.split()).partition(" WHERE ")[2]


def _owners(table: Table, guarded: Collection[str]) -> Iterator[str]:
    """Give the conditions that the rows which a link or a source belongs to are found."""
    if table.name.endswith("_recipients"):
        # Asked by the policy of what it belongs to: all find the lines that name themselves.
        yield f"account_id = (SELECT {_setting('account')}::uuid)"
        return
    for column in table.columns:
        for key in column.foreign_keys:
            target = key.column.table.name
            if target in guarded:
                yield f"(EXISTS (SELECT 1 FROM {target} WHERE {target}.id = {table.name}.{column.name}))"  # noqa: S608 - our own names
