"""A server killed in the middle of its work: what it acknowledged is there once, and nothing is there by half."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx2
from sqlalchemy import select

from models import AuditAction, AuditEvent, CapabilityNeed
from resolvers.audit.hash_chain import GENESIS_HASH, hash_of
from resolvers.database.database import Database
from resolvers.identity.api_tokens import create_token
from tests.servers.processes import serving
from tests.support.small_coalition import World

if TYPE_CHECKING:
    from pathlib import Path

#: How many send changes at once, and how many of these are acknowledged before the server is killed.
WRITERS = 8
LIFE = (1, 40)
#: How long that may take, in seconds.
PATIENCE_SECONDS = 60

LIMITS = {"max_cost": "1000000000", "cost_per_second": "1000000000"}

STATE = """mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) {
    __typename ... on CreateCapabilityNeedSuccess { capabilityNeed { id } } ... on Error { code message }
} }"""


class Writer:
    """Somebody who states needs, one after the other, each under a key of its own."""

    def __init__(self, number: int, token: str, given: dict[str, Any]) -> None:
        self.number = number
        self.headers = {"authorization": f"Bearer {token}"}
        self.given = given
        self.sent = 0
        self.acknowledged: dict[str, str] = {}

    def key(self) -> str:
        """Give the key of the need that is to be stated next."""
        return f"{self.number}-{self.sent}"

    def write(self, address: str, stop: Event) -> None:
        """State needs until told to stop; whoever got no answer states the same again the next time."""
        with httpx2.Client(headers=self.headers, timeout=10) as client:
            while not stop.is_set():
                try:
                    self.acknowledged[self.key()] = self.state(client, address)
                except httpx2.TransportError:
                    return
                self.sent += 1

    def state(self, client: httpx2.Client, address: str) -> str:
        """State that need; give its id."""
        given = {**self.given, "title": f"Radio {self.key()}", "idempotencyKey": self.key()}
        answer = client.post(address, json={"query": STATE, "variables": {"input": given}}).json()
        found: str = answer["data"]["createCapabilityNeed"]["capabilityNeed"]["id"]
        return found


async def _prepare(url: str) -> tuple[str, dict[str, Any]]:
    database = Database(url)
    try:
        world = await World(database).enter()
        token = await create_token(database, "member@example.org", "a test", "write")
        return token.text, world.a_need()
    finally:
        await database.close()


async def _rows(url: str) -> tuple[list[Any], list[Any]]:
    database = Database(url)
    try:
        async with database.bypass_policies("a test looks at all that was written").connect() as connection:
            needs = await connection.execute(select(CapabilityNeed.id, CapabilityNeed.title))
            events = await connection.execute(select(AuditEvent).order_by(AuditEvent.sequence))
            return list(needs.mappings()), list(events.mappings())
    finally:
        await database.close()


def test_what_a_killed_server_acknowledged_is_there_once(url: str, tmp_path: Path, kills: int) -> None:
    token, given = asyncio.run(_prepare(url))
    writers = [Writer(number, token, given) for number in range(WRITERS)]
    chance = random.Random(kills)  # noqa: S311 - no secret
    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in range(kills):
            with serving(cwd=tmp_path, code=None, database_url=url, **LIMITS) as server:
                stop, enough = Event(), _acknowledged(writers) + chance.randint(*LIFE)
                work = [pool.submit(writer.write, server.address, stop) for writer in writers]
                deadline = time.monotonic() + PATIENCE_SECONDS
                while _acknowledged(writers) < enough:
                    assert time.monotonic() < deadline, [each.exception() for each in work if each.done()]
                    time.sleep(0.001)
                server.process.send_signal(signal.SIGKILL)
                for each in work:
                    each.result()
    with serving(cwd=tmp_path, code=None, database_url=url, **LIMITS) as server, httpx2.Client(timeout=10) as client:
        for writer in writers:
            client.headers.update(writer.headers)
            # The last was sent, and nobody knows whether it was made; the first certainly was.
            writer.acknowledged[writer.key()] = writer.state(client, server.address)
            again, writer.sent = writer.sent, 0
            assert writer.state(client, server.address) == writer.acknowledged[writer.key()]
            writer.sent = again
    _check(url, writers)


def _acknowledged(writers: list[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)


def _check(url: str, writers: list[Writer]) -> None:
    needs, events = asyncio.run(_rows(url))
    acknowledged = {
        found.partition(":")[2]: f"Radio {key}" for writer in writers for key, found in writer.acknowledged.items()
    }
    assert {need["id"]: need["title"] for need in needs} == acknowledged
    assert len(acknowledged) == _acknowledged(writers)
    needs_made = [each for each in events if each["entity_type"] == "CapabilityNeed"]
    made = Counter(each["entity_key"] for each in needs_made if each["action"] is AuditAction.CREATE)
    assert made == Counter(acknowledged.keys())
    hashes = [GENESIS_HASH, *(each["hash"] for each in events)]
    assert [each["previous_hash"] for each in events] == hashes[:-1]
    assert [hash_of(each) for each in events] == hashes[1:]
