"""A small schema that shows how the transport responds to each kind of result, and an application that serves it."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypedDict

import strawberry
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.routing import Route

from resolvers.core.errors import BadUserInputError
from resolvers.database.database import Database
from server.auth.authenticator import Authenticator
from server.config.settings import load_settings
from server.graphql.endpoint import GraphQLEndpoint
from server.monitoring.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from httpx2 import Response
    from starlette.testclient import TestClient
    from strawberry.types import ExecutionResult

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
SECRET = "postgresql://admin:hunter2@db.internal/coalition"  # noqa: S105  # it stands for one, to see that none leaks


class State(TypedDict):
    """The state of the application while it runs."""

    authenticator: Authenticator
    database: Database


@strawberry.input
class Range:
    """An input object, for faults inside one."""

    start: int
    end: int


@strawberry.type
class Query:
    """One field for each kind of result."""

    @strawberry.field
    def greeting(self) -> str:
        """Return a constant text."""
        return "hello"

    @strawberry.field
    def echo(self, text: str | None = None, number: int | None = None, within: Range | None = None) -> str:
        """Return the arguments as text."""
        return f"{text} {number} {within}"

    @strawberry.field
    def none(self) -> str | None:
        """Return null, which is no error."""
        return None

    @strawberry.field
    def broken(self) -> str | None:
        """Fail in a field that may be null."""
        raise RuntimeError(SECRET)

    @strawberry.field
    def ruined(self) -> str:
        """Fail in a field that must not be null."""
        raise RuntimeError(SECRET)

    @strawberry.field
    def careless(self) -> str | None:
        """Fail with an error of the GraphQL library that is not meant for the client."""
        raise GraphQLError(SECRET)

    @strawberry.field
    def too_large(self) -> int | None:
        """Return a number that is too large for an Int: a fault of the server."""
        return 2**31

    @strawberry.field
    def choosy(self) -> str:
        """Refuse the request, with a message for the client."""
        message = "first must be at least 1, not 0."
        raise BadUserInputError(message, argument="first")

    @strawberry.field
    def numbers(self) -> list[int | None]:
        """Fail at each of ten items."""
        return [2**31] * 10


@strawberry.type
class Mutation:
    """A change, which a GET request must not make."""

    @strawberry.mutation
    def change(self) -> bool:
        """Change something."""
        return True


schema = strawberry.Schema(query=Query, mutation=Mutation)


class FixedSchema(strawberry.Schema):
    """A schema that calls the same function for the result of every request."""

    def __init__(self, result: Callable[[], ExecutionResult]) -> None:
        super().__init__(Query)
        self._result = result

    async def execute(self, *_args: object, **_options: object) -> ExecutionResult:
        """Return the result."""
        return self._result()


def build(schema: strawberry.Schema, **settings: int) -> Starlette:
    """Return an application that serves `schema` as the real one is served, also to anonymous callers."""
    given = load_settings(anonymous_reads=True, **settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        database = Database("sqlite://")
        yield {"authenticator": Authenticator(database, given), "database": database}
        await database.close()

    return Starlette(
        routes=[Route("/graphql", GraphQLEndpoint(schema, given, Monitor(given, None)))], lifespan=lifespan
    )


def post(client: TestClient, body: object, accept: str = GRAPHQL, **headers: str) -> Response:
    """Send `body` as a POST: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent: Mapping[str, str] = {"accept": accept, "content-type": JSON, **headers}
    return client.post("/graphql", content=content, headers=sent)


def content(response: Response) -> dict[str, Any]:
    """Return the JSON of a response without its cost, which differs from one moment to the next."""
    answer: dict[str, Any] = response.json()
    cost = answer.pop("extensions", {})
    assert cost.keys() <= {"cost"}
    return answer
