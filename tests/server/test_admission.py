"""Admission: limits on the number of concurrent operations and on their time; the database stops them too."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models import Participant
from resolvers.database.database import Database
from server.http.errors import HttpError
from server.limits.admission import Admission
from tests.support.clients import ask, new_token, signed_in, the_error
from tests.support.database.table_locks import WAITING, comes, held, running
from tests.support.factories import a_participant
from tests.support.transport_schema import JSON, post

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Statements that would run for minutes.
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e10) SELECT max(i) FROM n",
    "postgresql": "SELECT max(i)::text FROM generate_series(1, 10000000000) AS n(i)",
}


@pytest.fixture(scope="module")
def address(postgresql_databases: Any) -> Iterator[str]:
    with postgresql_databases.migrated() as url:
        yield url


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as found:
        yield found


@pytest.mark.parametrize("accept", ["application/graphql-response+json", JSON])
def test_an_operation_that_takes_too_long_is_stopped_in_the_database_too(address: str, accept: str) -> None:
    with signed_in(address, max_seconds=0.5) as client:
        assert ask(client, WAITING).status_code == 200
        with held(address):
            response = post(client, {"query": WAITING}, accept)
            assert comes(lambda: running(address) == 0)
        code, message = the_error(response)
        assert (response.status_code, code) == (504, "GATEWAY_TIMEOUT")
        assert message == "The operation took longer than 0.5 seconds and was stopped: request less data at once."
        assert response.json()["extensions"]["cost"]["requested"] == 22
        # Whatever connection it is that is used next, it is as good as new.
        for _ in range(20):
            assert ask(client, WAITING).json()["data"] == {"capabilityAreas": {"totalCount": 0}}


def test_an_account_has_only_so_many_operations_running(address: str, pool: ThreadPoolExecutor) -> None:
    with signed_in(address) as client:
        somebody_else = {"authorization": f"Bearer {new_token(address)}"}
        with held(address):
            answers = [pool.submit(ask, client, WAITING) for _ in range(10)]
            assert comes(lambda: running(address) == 10)
            response = ask(client, WAITING)
            answers.append(pool.submit(post, client, {"query": WAITING}, **somebody_else))
            assert comes(lambda: running(address) == 11)
        assert [answer.result().status_code for answer in answers] == [200] * 11
        assert ask(client, WAITING).status_code == 200
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    message = "You already have 10 operations running, the maximum: wait until one ends."
    assert the_error(response) == ("RATE_LIMITED", message)


def test_a_worker_that_has_more_to_do_than_it_can_take_on_says_so(address: str, pool: ThreadPoolExecutor) -> None:
    with signed_in(address, max_running=1, max_waiting=2) as client:
        with held(address):
            answers = [pool.submit(ask, client, WAITING) for _ in range(3)]
            assert comes(lambda: running(address) == 1)
            assert comes(lambda: ask(client, "{ __typename }").status_code == 503)
            response = ask(client, "{ __typename }")
            assert running(address) == 1
        assert [answer.result().status_code for answer in answers] == [200] * 3
        assert ask(client, WAITING).status_code == 200
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    message = "The server is overloaded: try again in a moment."
    assert the_error(response) == ("SERVICE_UNAVAILABLE", message)


def test_the_time_an_operation_waits_for_its_turn_counts(address: str, pool: ThreadPoolExecutor) -> None:
    with signed_in(address, max_running=1, max_seconds=1) as client, held(address):
        answers = [pool.submit(ask, client, WAITING) for _ in range(3)]
        assert [answer.result().status_code for answer in answers] == [504] * 3


@pytest.mark.anyio
async def test_a_turn_is_given_back_whatever_happens() -> None:
    admission = Admission(1, 0, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with admission.slot("a"):
                raise ZeroDivisionError
    async with admission.slot("a"):
        for account in ("a", "b"):
            with pytest.raises(HttpError):
                await admission.slot(account).__aenter__()


@pytest.mark.anyio
async def test_a_statement_that_nobody_waits_for_ends(url: str) -> None:
    database = Database(url)
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await database.fetch_text(ENDLESS[database.dialect.name], ())
        assert time.monotonic() - started < 2
    assert await database.fetch_text("SELECT 'here'", ()) == "here"
    await database.close()


@pytest.mark.anyio
async def test_what_was_being_written_when_nobody_waits_any_more_is_taken_back(url: str) -> None:
    database = Database(url)

    async def write() -> None:
        async with AsyncSession(database.bypass_policies("a test writes")) as session:
            session.add(a_participant())
            await session.flush()
            await session.execute(text(ENDLESS[database.dialect.name]))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(write(), 0.5)
    async with AsyncSession(database.bypass_policies("a test looks what was written")) as session:
        assert (await session.scalars(select(Participant))).all() == []
    await database.close()
