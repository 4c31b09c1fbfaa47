"""The benchmarks, run short and for real: every server starts and answers the same. How fast is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.answers import DifferenceError, compare, content
from benchmarks.data import rows
from benchmarks.load import AnswerError, ask, drive, request
from benchmarks.run import WORKS
from server.config.settings import ROOT
from tests.servers.processes import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.databases import Databases

LONGEST_RUN_SECONDS = 600
#: What every run compares ours with, as those who watch the figures look it up.
COMPARED = {
    "nested_page": {"floor", "mercurius", "postgraphile", "idiomatic"},
    "single_object": {"floor", "mercurius", "postgraphile", "idiomatic"},
    "deep_page": {"first_page"},
    "sqlite": {"postgresql"},
}
ASKED = json.dumps({"query": "{ procurements { totalCount } }"}).encode()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """Run the command, short; give what it printed and what it wrote."""
    file = tmp_path_factory.mktemp("benchmarks") / "seen.json"
    command = [sys.executable, "-m", "benchmarks", "--short", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_RUN_SECONDS, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout, json.loads(file.read_text())


def test_all_servers_answer_the_same_before_anything_is_timed(run: tuple[str, dict[str, Any]]) -> None:
    lines = run[0].splitlines()
    same = next(number for number, line in enumerate(lines) if line.startswith("All of them answer the same."))
    assert same < next(number for number, line in enumerate(lines) if line.startswith("Round 1 of"))


def test_the_document_holds_every_ratio_beside_the_rounds_it_comes_from(run: tuple[str, dict[str, Any]]) -> None:
    seen = run[1]
    assert {work: set(found) for work, found in seen["ratios"].items() if work in COMPARED} == COMPARED
    assert all(ratio > 0 for found in seen["ratios"].values() for ratio in found.values())
    assert seen["memory_mib"] > 0
    assert seen["start_s"] > 0
    assert set(seen["rounds"]) == {*WORKS, "sqlite"}
    for work, names in WORKS.items():
        assert [set(each) for each in seen["rounds"][work]] == [set(names)] * seen["options"]["rounds"]
    assert {"machine", "versions", "growth_ms", "peak_memory_mib"} <= seen.keys()


def test_every_round_of_every_server_was_answered(run: tuple[str, dict[str, Any]]) -> None:
    rounds = [seen for found in run[1]["rounds"].values() for each in found for seen in each.values()]
    assert rounds
    assert all(seen["requests"] > 0 and seen["requests_per_s"] > 0 for seen in rounds)


def test_the_table_names_every_server_of_every_work(run: tuple[str, dict[str, Any]]) -> None:
    cells = {tuple(cell.strip() for cell in line.split("|")[1:3]) for line in run[0].splitlines() if "|" in line}
    assert {(work, name) for work, names in WORKS.items() for name in names} <= cells


def test_the_data_have_the_proportions_of_the_usual_size() -> None:
    numbers = {table: sum(1 for _ in values) for table, _, values in rows(10_000)}
    assert numbers == {
        "participants": 20,
        "coalition_memberships": 20,
        "expert_groups": 4,
        "capability_areas": 7,
        "capability_needs": 2_000,
        "suppliers": 211,
        "procurements": 10_000,
        "procurement_needs": 10_000,
        "purchase_orders": 30_000,
        "order_lines": 30_000,
        "deliveries": 60_000,
    }


def test_answers_are_the_same_in_whatever_form_each_server_gives_them() -> None:
    ours = {"id": "Procurement:x", "value": {"amount": "12.50", "currency": "EUR"}, "needs": [{"title": "Radios"}]}
    theirs = {"id": "x", "valueMinor": "1250", "valueCurrency": "EUR", "needs": [{"need": {"title": "Radios"}}]}
    answers = {name: content(json.dumps({"data": {"one": one}}).encode()) for name, one in (("a", ours), ("b", theirs))}
    compare("work", answers)
    answers["b"]["one"]["value"] = "12.51 EUR"
    with pytest.raises(DifferenceError, match="work: a and b differ"):
        compare("work", answers)


@pytest.mark.parametrize("nothing", [{"one": None}, {"list": {"nodes": []}}])
def test_answers_that_hold_nothing_are_not_compared(nothing: dict[str, Any]) -> None:
    with pytest.raises(DifferenceError, match="answers with nothing"):
        compare("work", {"a": nothing, "b": nothing})


def test_a_refusal_or_an_error_is_never_counted_as_an_answer(tmp_path: Path, sqlite_databases: Databases) -> None:
    with sqlite_databases.migrated() as url, serving(cwd=tmp_path, database_url=url, anonymous_reads="1") as server:
        port = int(server.address.rpartition(":")[2].partition("/")[0])
        assert json.loads(ask(port, request(port, ASKED, {})))["data"]["procurements"] == {"totalCount": 0}
        refused = request(port, ASKED, {"authorization": "Bearer nobody"})
        with pytest.raises(AnswerError, match="401"):
            ask(port, refused)
        mixed = iter([request(port, ASKED, {}), refused])
        with pytest.raises(AnswerError, match="401"):
            drive(port, mixed, clients=1, number=2)


def test_so_many_requests_are_sent_as_were_asked_for(tmp_path: Path, sqlite_databases: Databases) -> None:
    with sqlite_databases.migrated() as url, serving(cwd=tmp_path, database_url=url, anonymous_reads="1") as server:
        port = int(server.address.rpartition(":")[2].partition("/")[0])
        driven = drive(port, iter([request(port, ASKED, {})] * 20), clients=3, number=20)
    assert len(driven.latencies) == 20
    assert driven.seconds >= max(driven.latencies)
