"""Sends operations to the API as a client does, but without HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError
from sqlalchemy import select

from models import ExpertGroup, Marking
from resolvers.access.context import Context
from resolvers.access.viewer import LEADS_GROUP, Viewer
from schema import schema
from schema.execution.query_cache import QueryCache, query_cache_of, share_query_cache
from schema.strawberry_internals import core_schema

if TYPE_CHECKING:
    from resolvers.database.database import Database

BAD_USER_INPUT = "BAD_USER_INPUT"

#: The account of a viewer who is nobody in particular.
NO_ACCOUNT = "00000000-0000-0000-0000-00000000000a"


@dataclass(frozen=True)
class Refusal:
    """One error of an answer."""

    message: str
    code: str | None
    path: tuple[str | int, ...] | None


@dataclass(frozen=True)
class Answer:
    """The result of an operation: the JSON of the data, and the errors."""

    data: Any
    errors: tuple[Refusal, ...]

    @property
    def refusal(self) -> Refusal:
        """The only error of a request that was refused and got no data."""
        assert self.data is None, self.data
        assert len(self.errors) == 1, self.errors
        return self.errors[0]


def with_known_queries(database: Database) -> Database:
    """Share with a database the queries that tests have sent to others of its engine; return it.

    Tests send the same few queries to hundreds of databases. Reading and compiling them took a third of their
    processor time.
    """
    share_query_cache(database, _known_queries(database.dialect.name, database.row_level_security))
    return database


def forget_queries(database: Database) -> QueryCache:
    """Let a database know no query any more, for a test of what happens to a new one; return its cache."""
    share_query_cache(database, QueryCache(core_schema(schema)))
    return query_cache_of(database, core_schema(schema))


@cache
def _known_queries(*_of_one_kind: object) -> QueryCache:
    return QueryCache(core_schema(schema))


async def insider(database: Database) -> Viewer:
    """Return a viewer who may see everything: every marking, and every group's documents and drafts."""
    async with database.bypass_policies("a test asks for all groups").connect() as connection:
        groups = tuple((await connection.execute(select(ExpertGroup.id))).scalars())
    keeps = (*groups, LEADS_GROUP)
    return Viewer(
        account=NO_ACCOUNT, markings=tuple(Marking), groups=keeps, writable_groups=keeps, chaired_groups=keeps
    )


async def ask(
    database: Database, query: str, /, *, viewer: Viewer | None = None, recorded: bool = False, **variables: Any
) -> Answer:
    """Send `query` to `database`; an error that is no fault of the request is raised unchanged.

    Without a `viewer`, everything is visible. Reads of TLP:RED objects are recorded only if `recorded` is true:
    other tests compare with databases in which no read was recorded.
    """
    context = Context(database, viewer or await insider(database), records_reads=recorded)
    # As the endpoint does: a query that was asked before is neither parsed nor validated again.
    cache = query_cache_of(database, core_schema(schema))
    bound = cache.find(query, None, variables, context.viewer)
    result: Any = (
        await cache.run(bound, context)
        if bound
        else await schema.execute(query, variable_values=variables, context_value=context)
    )
    errors = result.errors or []
    for error in errors:
        _raise_unexpected(error)
    refusals = tuple(
        Refusal(error.message, (error.extensions or {}).get("code"), tuple(error.path) if error.path else None)
        for error in errors
    )
    return Answer(orjson.loads(orjson.dumps(result.data)), refusals)


async def read(
    database: Database, query: str, /, *, viewer: Viewer | None = None, recorded: bool = False, **variables: Any
) -> Any:
    """Return the data of a query that must be answered without errors."""
    answer = await ask(database, query, viewer=viewer, recorded=recorded, **variables)
    assert answer.errors == (), answer.errors
    return answer.data


def _raise_unexpected(error: GraphQLError) -> None:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if not isinstance(cause, GraphQLError):
        raise cause
