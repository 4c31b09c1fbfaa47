"""Whoever asks gets the answer that a database would give which holds only what he or she may see.

The answer is that of the reference over the rows that are left to a viewer, by rules that are written out
once more. Each question is asked by everybody in the cast, of one compiled statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import ExpertGroup
from tests.conftest import WAYS
from tests.generators.queries import Question, random_question
from tests.generators.rows import fill
from tests.support.differential import Proof
from tests.support.viewers import cast, name_as_recipient, people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.database.database import Database


pytestmark = pytest.mark.anyio

#: How many of the cases must find something: the test must not go hollow.
LEAST_FRUITFUL = 0.4


@pytest.fixture(scope="module")
def asked_in(read_database: Database) -> int:
    """In how many ways the engine is asked."""
    return [engine for engine, _ in WAYS.values()].count(read_database.dialect.name)


@pytest.fixture(scope="module")
async def filled(read_database: Database) -> AsyncIterator[Database]:
    """Put in random rows, and everybody who may ask."""
    await fill(read_database)
    async with AsyncSession(read_database.bypass_policies("a test adds people", unaudited=True)) as session:
        group = (await session.scalars(select(ExpertGroup).order_by(ExpertGroup.ordinal))).first()
        assert group is not None
        session.add_all(people(group))
        await session.flush()
        await name_as_recipient(session, "recipient@example.org")
        await session.commit()
    yield read_database
    await read_database.close()


@pytest.fixture(scope="module")
async def proofs(filled: Database) -> dict[str, Proof]:
    """Load, for each of the cast by name, the reference of what he or she sees."""
    return {name: await Proof.before(filled, viewer, key) for name, (key, viewer) in (await cast(filled)).items()}


async def test_everybody_gets_the_answer_of_a_database_that_holds_only_what_is_for_him_or_her(
    filled: Database, proofs: dict[str, Proof], random_cases: int, asked_in: int
) -> None:
    everything = await Proof.before(filled, None, None)
    # An engine that is asked in two ways shares its cases between them.
    questions = -(-random_cases // (len(proofs) * asked_in))
    for seed in range(questions):
        question = random_question(everything.reference, seed)
        # One set of values for each, the two in turn: the statement is the same.
        for place, (name, proof) in enumerate(proofs.items()):
            asked = Question(question.query, (question.variables[(seed + place) % len(question.variables)],))
            try:
                await proof.ask(asked)
            except Exception as error:
                error.add_note(f"This is the question of seed {seed}, asked by the {name}.")
                raise
    for name, proof in proofs.items():
        assert proof.counts["found something"] >= LEAST_FRUITFUL * questions, (name, proof.counts)


async def test_what_is_added_up_does_not_tell_of_a_hidden_contribution_that_it_is_part_of(
    proofs: dict[str, Proof],
) -> None:
    sums = "sums { amount { amount currency } }"
    query = f"""{{ contributions(where: {{partOf: {{}}}}) {{ totalCount aggregate {{ {sums} }} }}
        all: contributions(first: 100) {{
          nodes {{ reference partOf {{ reference }} }} aggregate {{ {sums} groupBy(by: [MARKING]) {{ count {sums} }} }}
        }} }}"""
    found = set()
    for proof in proofs.values():
        [answer] = await Proof(proof.database, proof.reference, proof.viewer).ask(Question(query, ({},)))
        found |= {part["partOf"] is None for part in answer.data["all"]["nodes"]}
    assert found == {True, False}
