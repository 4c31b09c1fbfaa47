"""The metrics of a real server with workers, as Prometheus reads them from their own port."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from typing import TYPE_CHECKING

import httpx2
import psutil  # type: ignore[import-untyped] # psutil has no types
from prometheus_client.parser import text_string_to_metric_families

from resolvers.identity.token_format import new_token
from resolvers.trusted_documents import Trusted, store_documents
from tests.servers.clamd import free_port
from tests.servers.processes import coalition, serving
from tests.support.accounts import bearing, enter_with_token, on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.databases import Databases

CHANGE = 'mutation Any { createMilestone(input: {groupId: "x", title: "y", dueOn: "2026-01-01"}) { __typename } }'
PATIENCE_SECONDS = 60
KNOWN = "query Known { participants(first: 1) { totalCount } }"


def comes(state: Callable[[], bool]) -> bool:
    """Wait until a state is there; return whether it came."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := state()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


class Scrape:
    """The values of all series."""

    def __init__(self, port: int) -> None:
        self.text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
        self.samples = [sample for family in text_string_to_metric_families(self.text) for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of the series with these labels, among others."""
        chosen = [each for each in self.samples if each.name == name and labels.items() <= each.labels.items()]
        return sum(each.value for each in chosen)


def test_an_operator_sees_load_refusals_and_the_death_of_a_worker(sqlite_databases: Databases, tmp_path: Path) -> None:
    port = free_port()
    with sqlite_databases.migrated() as url:
        token = enter_with_token(url).text
        on(url, lambda database: store_documents(database, [Trusted(KNOWN, ("Known",))]))
        settings = {"database_url": url, "workers": "2", "metrics_port": str(port), "backup_folder": str(tmp_path)}
        assert coalition("backup", str(tmp_path / "newest"), database_url=url).exit_code == 0
        with serving(cwd=tmp_path, code=None, **settings) as server:

            def post(query: str, token: str = token) -> None:
                httpx2.post(server.address, json={"query": query}, headers=bearing(token))

            assert comes(lambda: Scrape(port).value("coalition_workers") == 2)
            assert comes(lambda: Scrape(port).value("coalition_file_store_up") == 1)
            for query in (*[KNOWN] * 10, "{ nothing }", "{ participants(first: 2) { totalCount } }"):
                post(query)
            post(CHANGE)
            post(KNOWN, new_token())
            assert comes(lambda: Scrape(port).value("coalition_responses_total") == 14)
            seen = Scrape(port)
            check_values(seen)
            [worker, _] = workers_of(server.process.pid)
            os.kill(worker, signal.SIGKILL)
            assert comes(lambda: Scrape(port).value("coalition_worker_deaths_total") == 1)
            assert comes(lambda: Scrape(port).value("coalition_workers") == 2)
            after = Scrape(port)
            counted = "coalition_request_duration_seconds_count"
            assert after.value(counted) == seen.value(counted) == 14
            server.process.terminate()
            lines = [json.loads(line) for line in server.process.communicate(timeout=20)[1].splitlines()]
    [death] = [line for line in lines if line["event"] == "a worker died and is replaced"]
    assert (death["worker"], death["exit_code"]) == (worker, -9)
    assert token not in seen.text


def check_values(seen: Scrape) -> None:
    """Check the values after ten requests with a known name, and four others."""
    counted = "coalition_request_duration_seconds_count"
    assert seen.value(counted, kind="query", operation="Known") in {9, 10}
    assert seen.value(counted, kind="mutation", operation="other") == 1
    assert seen.value(counted, kind="other", operation="other") == 2
    assert {each.labels["operation"] for each in seen.samples if "operation" in each.labels} == {"Known", "other"}
    assert seen.value("coalition_request_cost_total", kind="query") > 10
    assert (seen.value("coalition_responses_total", status="200"), seen.value("coalition_responses_total")) == (13, 14)
    assert seen.value("coalition_refusals_total", code="UNAUTHENTICATED", rule="") == 1
    assert seen.value("coalition_refusals_total", code="FORBIDDEN", rule="") == 1
    assert seen.value("coalition_query_cache_lookups_total", found="body") >= 1
    assert seen.value("coalition_query_cache_lookups_total") == 11
    assert seen.value("coalition_database_up") == seen.value("coalition_file_store_up") == 1
    assert seen.value("coalition_memory_bytes") > 50_000_000
    assert seen.value("coalition_file_store_free_bytes") > 0
    assert seen.value("coalition_backup_timestamp_seconds") > 1_700_000_000
    assert seen.value("coalition_database_connections", use="queries") >= 1


def workers_of(process_id: int) -> list[int]:
    """Return the process IDs of the two workers."""
    children = psutil.Process(process_id).children()
    found = [child.pid for child in children if any("spawn_main" in part for part in child.cmdline())]
    assert len(found) == 2
    return found


def test_a_port_of_the_metrics_that_is_in_use_ends_the_start_with_one_line(tmp_path: Path) -> None:
    with serving(cwd=tmp_path, database_url=f"sqlite:///{tmp_path}/none.db") as server:
        taken = re.findall(r":(\d+)/", server.address)[0]
        settings = {"database_url": f"sqlite:///{tmp_path}/none.db", "file_store": str(tmp_path / "files")}
        found = coalition("serve", "--port", "0", metrics_port=taken, **settings)
    assert found.exit_code == 1
    said = f"The metrics cannot be served on port {taken} of 127.0.0.1 (Address already in use): choose another one."
    assert found.stderr.splitlines() == [f"Error: {said}"]
