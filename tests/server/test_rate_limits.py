"""Rate limits: how much each account can request in a period, and the state of the limit in every response."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from graphql import get_introspection_query
from starlette.requests import Request

from resolvers.access.viewer import PUBLIC, Viewer
from server.http.client_address import name_of
from server.limits.rate_limits import MAX_BUCKETS, RateLimiter, RateLimitError, RequestCost, TokenBucket
from tests.support.clients import ask, new_token, opened, signed_in, the_error
from tests.support.transport_schema import JSON, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

PAGE = "{ participants(first: 100) { nodes { code } } }"


class Clock:
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def address(sqlite_databases: Any) -> Iterator[str]:
    with sqlite_databases.migrated() as url:
        yield url


def cost(client: TestClient, query: str, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(client, query, **variables).json()["extensions"]["cost"]
    return found


def test_a_bucket_is_full_at_first_and_fills_steadily(clock: Clock) -> None:
    bucket = TokenBucket(100, 10, clock)
    bucket.take(100)
    assert (bucket.left, bucket.seconds_to_full) == (0, 10)
    clock.now += 2.5
    assert (bucket.left, bucket.seconds_to_full) == (25, 7.5)
    clock.now += 1000
    assert (bucket.left, bucket.seconds_to_full) == (100, 0)


def test_what_is_more_than_is_left_is_refused_and_takes_nothing(clock: Clock) -> None:
    bucket = TokenBucket(100, 10, clock)
    bucket.take(95)
    with pytest.raises(RateLimitError) as caught:
        bucket.take(30)
    assert caught.value.headers == {"Retry-After": "3"}
    assert caught.value.message == "The operation costs 30, more than remains: try again in 3 seconds."
    assert bucket.left == 5
    clock.now += 3
    bucket.take(30)


def test_what_costs_more_than_there_ever_is_takes_all_there_is(clock: Clock) -> None:
    bucket = TokenBucket(100, 10, clock)
    bucket.take(5000)
    assert bucket.left == 0
    with pytest.raises(RateLimitError) as caught:
        bucket.take(5000)
    assert caught.value.headers == {"Retry-After": "10"}


def test_accounts_do_not_share_a_bucket(clock: Clock) -> None:
    rates = RateLimiter(100, 10, clock)
    rates.bucket("a").take(100)
    assert rates.bucket("a").left == 0
    assert rates.bucket("b").left == 100


def test_only_so_many_buckets_are_kept_and_those_last_used(clock: Clock) -> None:
    rates = RateLimiter(100, 10, clock)
    for name in ("first", "second"):
        rates.bucket(name).take(100)
    for number in range(MAX_BUCKETS - 2):
        rates.bucket(str(number))
    rates.bucket("first")
    rates.bucket("one more")
    assert (rates.bucket("first").left, rates.bucket("second").left) == (0, 100)


def test_a_bill_adds_up_and_remembers_why_it_was_refused(clock: Clock) -> None:
    bucket = TokenBucket(100, 10, clock)
    bucket.take(30)
    bill = RequestCost(bucket)
    bill.charge(1)
    bill.charge(40)
    assert (bill.requested, bill.refused) == (41, None)
    with pytest.raises(RateLimitError) as caught:
        bill.charge(30)
    assert bill.refused is caught.value
    found = bill.extension()
    full = dt.datetime.fromisoformat(found.pop("resetAt"))
    assert found == {"requested": 71, "maximum": 100, "remaining": 29}
    assert 6 <= (full - dt.datetime.now(dt.UTC)).total_seconds() <= 8


def test_what_a_request_costs_beside_its_operation_keeps_nobody_out_for_ever(clock: Clock) -> None:
    bucket = TokenBucket(100, 10, clock)
    for _ in range(2):
        bill = RequestCost(bucket)
        bill.charge(1)
        bill.charge(2_000)
        assert (bill.requested, bucket.left) == (2_001, 0)
        clock.now += 10


@pytest.mark.parametrize(
    ("query", "requested"),
    [
        ("{ __typename }", 1),
        ("{ participants { totalCount } }", 1 + 1 + 20),
        ("{ capabilityNeeds(first: 50) { nodes { title fulfilment } } }", 1 + 1 + 50 + 20),
        ("{ procurements(first: 1) { aggregate { count groupBy(by: [STATUS]) { count } } } }", 1 + 1 + 3 * 20),
        (PAGE, 1 + 1 + 100),
        ('{ __type(name: "Query") { name } }', 1 + 1),
        ("{ nothing }", 1),
        ("{ nothing { at all } }", 1 + 1),
        ("{", 1),
        ("{ " + "__typename " * 21 + "}", 1),
    ],
)
def test_every_answer_says_what_the_operation_cost(address: str, query: str, requested: int) -> None:
    with signed_in(address) as client:
        before = dt.datetime.now(dt.UTC).replace(microsecond=0)
        found = cost(client, query)
    assert (found["requested"], found["maximum"]) == (requested, 100_000)
    assert found["maximum"] - requested <= found["remaining"] <= found["maximum"]
    assert found["resetAt"].endswith("Z")
    assert before <= dt.datetime.fromisoformat(found["resetAt"]) <= before + dt.timedelta(seconds=5)


def test_a_request_that_is_no_operation_costs_one(address: str) -> None:
    with signed_in(address) as client:
        for body in (b"", b"[]", b"{}", b"null"):
            assert post(client, body).json()["extensions"]["cost"]["requested"] == 1


def test_the_usual_introspection_query_costs_about_what_it_takes(address: str) -> None:
    with signed_in(address) as client:
        assert 5_000 < cost(client, get_introspection_query())["requested"] < 10_000


@pytest.mark.parametrize("accept", ["application/graphql-response+json", JSON])
def test_whoever_has_spent_it_all_is_told_when_to_ask_again(address: str, accept: str) -> None:
    with signed_in(address, max_cost=250, cost_per_second=1) as client:
        body = {"query": PAGE}
        assert [post(client, body, accept).status_code for _ in range(2)] == [200, 200]
        response = post(client, body, accept)
    code, message = the_error(response)
    assert (response.status_code, code) == (429, "RATE_LIMITED")
    wait = int(response.headers["retry-after"])
    assert 50 <= wait <= 56
    assert message == f"The operation costs 101, more than remains: try again in {wait} seconds."
    found = response.json()["extensions"]["cost"]
    assert (found["requested"], found["maximum"]) == (102, 250)
    assert found["remaining"] < 101
    assert "data" not in response.json()


def test_with_nothing_left_not_even_the_body_is_read(address: str) -> None:
    with signed_in(address, max_cost=100, cost_per_second=1) as client:
        assert ask(client, PAGE).status_code == 200
        response = post(client, b"no JSON at all")
    assert (response.status_code, the_error(response)[0]) == (429, "RATE_LIMITED")


def test_what_one_account_spent_another_still_has(address: str) -> None:
    with signed_in(address, max_cost=110, cost_per_second=1) as client:
        assert [ask(client, PAGE).status_code for _ in range(2)] == [200, 429]
        client.headers["authorization"] = f"Bearer {new_token(address)}"
        assert ask(client, PAGE).status_code == 200


def test_the_public_is_counted_by_its_address(address: str) -> None:
    with opened(address, anonymous_reads=True, max_cost=110, cost_per_second=1) as client:
        assert [ask(client, PAGE).status_code for _ in range(2)] == [200, 429]
        client.headers["authorization"] = f"Bearer {new_token(address)}"
        assert ask(client, PAGE).status_code == 200


def request_from(host: str) -> Request:
    return Request({"type": "http", "headers": [], "client": (host, 1234)})


def test_all_addresses_of_one_network_are_one_client() -> None:
    names = {name_of(PUBLIC, request_from(f"2001:db8:0:7::{last}")) for last in ("1", "2", "ffff:1")}
    assert names == {"2001:db8:0:7::/64"}
    assert name_of(PUBLIC, request_from("2001:db8:0:8::1")) not in names
    assert name_of(PUBLIC, request_from("192.0.2.1")) == "192.0.2.1"
    assert name_of(PUBLIC, request_from("::ffff:192.0.2.1")) == "192.0.2.1"
    assert name_of(Viewer(account="somebody"), request_from("192.0.2.1")) == "somebody"
