"""The floor: a bare ASGI function that runs the very statements of our plan, and does nothing else.

It knows every request beforehand, by its bytes, with the statement and the values our plan makes of it: it neither
recognises anybody nor parses anything. It reads through the same lane to the database.

    python -m benchmarks.peers.floor URL CONNECTIONS ACCOUNT FILE PORT

FILE holds the bodies it will be sent, one a line; ACCOUNT is the key of the account in whose name.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchmarks.peers.asgi import serve
from resolvers.access.context import Context
from resolvers.database.database import Database
from resolvers.identity.viewer_loader import read_viewer
from schema import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

Statement = tuple[str, "Sequence[Any]"]


class Recorder:
    """Stands in for a database: it keeps the statement that it is asked to run."""

    row_level_security = False

    def __init__(self, database: Database) -> None:
        self.dialect = database.dialect
        self.statement: Statement = ("", ())

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Keep the statement."""
        self.statement = (sql, values)
        return "{}"


async def statements(url: str, account: str, bodies: Sequence[bytes]) -> dict[bytes, Statement]:
    """Give the statement of each request."""
    database = Database(url)
    viewer = await read_viewer(database, account)
    assert viewer is not None  # noqa: S101 - whoever starts this entered the account
    await database.close()
    recorder = Recorder(database)
    context = Context(cast("Database", recorder), viewer)
    found = {}
    for body in bodies:
        asked = json.loads(body)
        result = await schema.execute(asked["query"], variable_values=asked["variables"], context_value=context)
        assert not result.errors, result.errors  # noqa: S101 - our own server was asked the same before
        found[body] = recorder.statement
    return found


class Floor:
    """The application."""

    def __init__(self, url: str, connections: int, known: dict[bytes, Statement]) -> None:
        self._database = Database(url, connections=connections)
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        sql, values = self._known[(await receive())["body"]]
        text = await self._database.fetch_text(sql, values)
        answer = b'{"data":' + text.encode() + b"}"
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def main(url: str, connections: str, account: str, file: str, port: str) -> None:
    """Serve."""
    bodies = Path(file).read_bytes().splitlines()
    known = asyncio.run(statements(url, account, bodies))
    serve(Floor(url, int(connections), known), int(port), url)


if __name__ == "__main__":
    main(*sys.argv[1:])
