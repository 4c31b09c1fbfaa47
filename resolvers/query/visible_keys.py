"""Filters keys down to those visible to the viewer, by visibility predicate and row-level security (on PostgreSQL).

Commands use it. The statement is rendered once for each type, because compiling it costs more than running it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.types import KEY
from resolvers.access.row_level_security import passes_row_level_security, set_claims_cte
from resolvers.access.viewer_parameters import BoundClaims, bound_claims
from resolvers.access.visibility import visibility_predicate
from resolvers.sql.comparisons import ListOf, in_list
from resolvers.sql.parameters import Parameter, ParameterBinder, processor_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect

    from models import HasId
    from resolvers.access.viewer import Viewer

KEYS = "keys"
KINDS = ListOf(KEY)


def visible_keys(connection: Connection, model: type[HasId], keys: Sequence[str], viewer: Viewer) -> set[str]:
    """Return those of the given keys whose objects the viewer sees, in the state of this transaction."""
    dialect = connection.dialect
    sql, order = _statement(model, dialect)
    processor = processor_of(KINDS, dialect)
    rights = bound_claims(viewer, dialect)
    given = processor(list(keys)) if processor else list(keys)
    values = tuple(given if name == KEYS else rights[name] for name in order)
    return {str(key) for key in connection.exec_driver_sql(sql, values).scalars()}


@lru_cache(maxsize=200)
def _statement(model: type[HasId], dialect: Dialect) -> tuple[str, Sequence[str]]:
    binder = ParameterBinder()
    conditions = [visibility_predicate(model, BoundClaims(binder))]
    if dialect.name == "postgresql":
        conditions.append(passes_row_level_security(model, set_claims_cte(binder)))
    statement = select(model.id).where(in_list(model.id, Parameter(KEYS, KINDS)), *conditions)
    rendered = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return str(rendered), rendered.positiontup or ()
