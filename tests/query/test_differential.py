"""The proof of the read plan: random queries get the same answer from the plan and from the reference.

A failure names the seed of its question; `--random-queries` asks more of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resolvers.query.operations import QueryCompilerCache
from tests.generators.hypothesis_queries import generated_queries
from tests.generators.queries import Question, random_question
from tests.support.differential import Proof

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: What share of the questions must be answered, and with something in the answer: the test must not go hollow.
LEAST_ANSWERED = 0.75
LEAST_FRUITFUL = 0.6


@pytest.fixture(scope="module")
async def proof(shared_database: Database) -> Proof:
    return await Proof.begin(shared_database)


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list that grows with every operation that is compiled, and that the cache then has."""
    found: list[Any] = []
    compile_ = QueryCompilerCache._compile  # noqa: SLF001  # whether the cache is used shows nowhere else

    def compile_and_note(operations: QueryCompilerCache, *arguments: Any) -> Any:
        compiled = compile_(operations, *arguments)
        # The cache has no query with a fault, and the answer can have null above the fault and no error.
        found.extend([arguments] if not compiled.faults else [])
        return compiled

    monkeypatch.setattr(QueryCompilerCache, "_compile", compile_and_note)
    return found


async def test_random_queries_get_the_reference_s_answer_from_a_new_and_from_a_compiled_operation(
    proof: Proof, random_queries: int, compilations: list[Any]
) -> None:
    from_the_cache = 0
    # PostgreSQL takes four times as long as SQLite to plan a new statement, so it gets every second question.
    seeds = range(0, random_queries, {"sqlite": 1, "postgresql": 2}[proof.database.dialect.name])
    for seed in seeds:
        question = random_question(proof.reference, seed)
        compiled = len(compilations)
        try:
            first, second = await proof.ask(question)
        except Exception as error:
            error.add_note(f"This is the question of seed {seed}.")
            raise
        if not (first.errors or second.errors):
            assert len(compilations) <= compiled + 1, f"The second request of seed {seed} was compiled anew."
            from_the_cache += 1
    answered = proof.counts["found something"] + proof.counts["found nothing"]
    assert answered >= LEAST_ANSWERED * 2 * len(seeds), proof.counts
    assert proof.counts["found something"] >= LEAST_FRUITFUL * 2 * len(seeds), proof.counts
    assert from_the_cache >= LEAST_ANSWERED * len(seeds)


async def test_queries_made_from_the_contract_alone_get_the_reference_s_answer(
    shared_database: Database, proof: Proof, random_queries: int
) -> None:
    asked = Proof(shared_database, proof.reference)
    for query in generated_queries(proof.reference, max(random_queries // 10, 1)):
        await asked.ask(Question(query, ({},)))
    assert asked.counts["refused"] <= asked.counts.total() / 2, asked.counts
