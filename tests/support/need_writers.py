"""Concurrent writers of needs, each change with its own idempotency key, and a check of the stored needs and events."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx2
from sqlalchemy import select

from models import AuditAction, AuditEvent, CapabilityNeed
from resolvers.audit.hash_chain import GENESIS_HASH, hash_of
from resolvers.database.database import Database
from resolvers.identity.api_tokens import create_token
from tests.support.small_coalition import World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

#: How many send changes at once.
WRITERS = 8

#: Settings of a server that lets them.
LIMITS = {"max_cost": "1000000000", "cost_per_second": "1000000000"}

STATE = """mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) {
    __typename ... on CreateCapabilityNeedSuccess { capabilityNeed { id } } ... on Error { code message }
} }"""


class Writer:
    """A client that states needs, one after the other, each with its own idempotency key."""

    def __init__(self, number: int, token: str, given: dict[str, Any]) -> None:
        self.number = number
        self.headers = {"authorization": f"Bearer {token}"}
        self.given = given
        self.sent = 0
        self.acknowledged: dict[str, str] = {}

    def key(self) -> str:
        """Return the key of the next need."""
        return f"{self.number}-{self.sent}"

    def write(self, address: str, stop: Event) -> None:
        """Create needs until `stop` is set; send a need again if it got no response."""
        with httpx2.Client(headers=self.headers, timeout=10) as client:
            while not stop.is_set():
                try:
                    self.acknowledged[self.key()] = self.state(client, address)
                except httpx2.TransportError:
                    return
                self.sent += 1

    def state(self, client: httpx2.Client, address: str) -> str:
        """State the next need; return its id."""
        return self.id_in(self.post(client, address))

    def post(self, client: httpx2.Client, address: str) -> httpx2.Response:
        """State the next need; return the response."""
        given = {**self.given, "title": f"Radio {self.key()}", "idempotencyKey": self.key()}
        return client.post(address, json={"query": STATE, "variables": {"input": given}})

    @staticmethod
    def id_in(answer: httpx2.Response) -> str:
        """Return the id of the need in a response."""
        found: str = answer.json()["data"]["createCapabilityNeed"]["capabilityNeed"]["id"]
        return found


async def prepare(url: str) -> tuple[str, dict[str, Any]]:
    database = Database(url)
    try:
        world = await World(database).enter()
        token = await create_token(database, "member@example.org", "a test", "write")
        return token.text, world.a_need()
    finally:
        await database.close()


async def needs_and_events(url: str) -> tuple[list[Any], list[Any]]:
    database = Database(url)
    try:
        async with database.bypass_policies("a test looks at all that was written").connect() as connection:
            needs = await connection.execute(select(CapabilityNeed.id, CapabilityNeed.title))
            events = await connection.execute(select(AuditEvent).order_by(AuditEvent.sequence))
            return list(needs.mappings()), list(events.mappings())
    finally:
        await database.close()


def acknowledged_by(writers: Sequence[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)


def check_writers(url: str, writers: Sequence[Writer]) -> None:
    needs, events = asyncio.run(needs_and_events(url))
    acknowledged = {
        found.partition(":")[2]: f"Radio {key}" for writer in writers for key, found in writer.acknowledged.items()
    }
    assert {need["id"]: need["title"] for need in needs} == acknowledged
    assert len(acknowledged) == acknowledged_by(writers)
    needs_made = [each for each in events if each["entity_type"] == "CapabilityNeed"]
    made = Counter(each["entity_key"] for each in needs_made if each["action"] is AuditAction.CREATE)
    assert made == Counter(acknowledged.keys())
    hashes = [GENESIS_HASH, *(each["hash"] for each in events)]
    assert [each["previous_hash"] for each in events] == hashes[:-1]
    assert [hash_of(each) for each in events] == hashes[1:]
