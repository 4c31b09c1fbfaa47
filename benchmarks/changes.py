"""`uv run python -m benchmarks.changes`: how many changes a second are made, each with its event in the trail.

Sixteen writers state capability needs, each under an idempotency key, on a PostgreSQL that keeps
what it acknowledged (fsync and synchronous_commit on, unlike in the tests).
"""

from __future__ import annotations

import asyncio
import json
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import asyncpg  # type: ignore[import-untyped]
import click

from benchmarks import load
from benchmarks.processes import running
from benchmarks.servers import COMMAND, OUR_SETTINGS, free_port, wait_until_ready
from resolvers.database.database import Database
from resolvers.identity.api_tokens import create_token
from server.startup.migrations import upgrade
from tests.servers import postgres
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITERS = 16
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")

STATE = """mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) {
  ... on CreateCapabilityNeedSuccess { capabilityNeed { id version status } } ... on Error { code message }
} }"""


class Made(NamedTuple):
    """What came of one round: how many changes, in how many seconds, and the seconds of each."""

    changes: int
    seconds: float
    latencies: list[float]


async def prepare(url: str) -> tuple[str, dict[str, str]]:
    """Make PostgreSQL durable and enter a small coalition; give a writer's token, and what each change is given."""
    connection = await asyncpg.connect(url)
    for name in DURABLE:
        await connection.execute(f"ALTER SYSTEM SET {name} = on")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    database = Database(url)
    try:
        world = await World(database).enter()
        token = await create_token(database, "member@example.org", "benchmark", "write")
        return token.text, {"areaId": an_id(world.area), "groupId": an_id(world.group)}
    finally:
        await database.close()


async def check(url: str, acknowledged: int) -> None:
    """See that every acknowledged change is there, with its event. Raises AnswerError."""
    connection = await asyncpg.connect(url)
    needs = await connection.fetchval("SELECT count(*) FROM capability_needs")
    events = await connection.fetchval("SELECT count(*) FROM audit_events WHERE entity_type = 'CapabilityNeed'")
    await connection.close()
    if (needs, events) != (acknowledged, acknowledged):
        message = f"{acknowledged} changes were acknowledged; there are {needs} needs and {events} events of them."
        raise load.AnswerError(message)


def changes(port: int, token: str, given: dict[str, str]) -> Iterator[bytes]:
    """Give the bytes of one change after the other."""
    for number in count():
        own = {"title": f"Radio {number}", "quantity": 1 + number % 100, "idempotencyKey": f"benchmark-{number}"}
        body = json.dumps({"query": STATE, "variables": {"input": given | own}}).encode()
        yield load.request(port, body, {"authorization": f"Bearer {token}"})


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often.")
@click.option("--seconds", default=5.0, show_default=True, help="How long each time.")
@click.option("--workers", default=2, show_default=True, help="How many processes serve.")
def main(*, rounds: int, seconds: float, workers: int) -> None:
    """Measure how many changes a second are made and recorded."""
    server = postgres.start()
    try:
        with TemporaryDirectory(prefix="coalition-benchmark-") as folder:
            made = _measure(server, Path(folder), rounds, seconds, workers)
    finally:
        server.stop()
    rates = [round_.changes / round_.seconds for round_ in made]
    slowest = [quantiles(round_.latencies, n=100)[98] * 1000 for round_ in made]
    click.echo(f"changes a second: {median(rates):.0f} ({min(rates):.0f} to {max(rates):.0f})")
    click.echo(f"p99, ms: {median(slowest):.0f} ({min(slowest):.0f} to {max(slowest):.0f})")


def _measure(server: postgres.Server, folder: Path, rounds: int, seconds: float, workers: int) -> list[Made]:
    url = server.create("changes")
    upgrade(url)
    token, given = asyncio.run(prepare(url))
    port = free_port()
    settings = {"DATABASE_URL": url, "PORT": str(port), "WORKERS": str(workers), **OUR_SETTINGS}
    settings |= {"MAX_RUNNING_PER_ACCOUNT": str(2 * WRITERS)}
    environment = {f"COALITION_{name}": value for name, value in settings.items()}
    with running((COMMAND, "serve"), environment, folder / "server.log"):
        wait_until_ready(port)
        requests = changes(port, token, given)
        warm = load.drive(port, requests, clients=WRITERS, seconds=min(seconds, 2))
        driven = [load.drive(port, requests, clients=WRITERS, seconds=seconds) for _ in range(rounds)]
    made = [Made(len(each.latencies), each.seconds, each.latencies) for each in driven]
    asyncio.run(check(url, len(warm.latencies) + sum(each.changes for each in made)))
    return made


if __name__ == "__main__":
    main()
