"""Every viewer gets the response of a database that holds only the rows that the viewer may see.

The response must be that of the reference over the rows visible to the viewer, by rules that are written out
a second time. Every viewer in the cast asks each question, of one compiled statement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import ExpertGroup, HasStatus
from resolvers.commands.judge_transitions import judged
from resolvers.commands.spec import mutation_specs
from resolvers.commands.visible_rules import HIDDEN
from resolvers.query.fields.judged_fields import ObjectKey
from schema import schema
from tests.conftest import WAYS
from tests.generators.queries import Question, random_question
from tests.generators.rows import fill
from tests.reference.executor import Reference
from tests.support.differential import Proof
from tests.support.viewers import cast, name_as_recipient, people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from resolvers.query.fields.judged_fields import Transition


pytestmark = pytest.mark.anyio

#: How many of the cases must find something: the test must not go hollow.
LEAST_FRUITFUL = 0.4
SENTENCE_END = re.compile(r"(?<=\.) ")


@pytest.fixture(scope="module")
def asked_in(read_database: Database) -> int:
    """In how many ways the engine is asked."""
    return [engine for engine, _ in WAYS.values()].count(read_database.dialect.name)


@pytest.fixture(scope="module")
async def filled(read_database: Database) -> AsyncIterator[Database]:
    """Yield a database with random rows, and with the accounts of all viewers."""
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


async def test_transitions_and_their_reasons_do_not_tell_of_hidden_rows(filled: Database) -> None:
    """Each is judged as without the hidden rows, or refused with the one sentence that is said of all hidden rows."""
    neutral, refused, checked = {*SENTENCE_END.split(HIDDEN.message)}, 0, 0
    for key, viewer in (await cast(filled)).values():
        async with AsyncSession(filled.bypass_policies("a test looks behind the policies"), autoflush=False) as session:
            pairs = await session.run_sync(with_and_without_hidden, viewer, key)
        for found, without in pairs:
            assert [(each.to, each.needs_reason) for each in found] == [
                (each.to, each.needs_reason) for each in without
            ]
            for one, other in zip(found, without, strict=True):
                assert sentences(one) <= sentences(other) | neutral, (one, other)
                # Nor does a hidden row meet a rule, as a supplier that an award must have; only money does.
                assert one.reason or not other.reason or "Allocate more" in other.reason, (one, other)
                checked += 1
                refused += HIDDEN.message in (one.reason or "")
    assert checked > refused > 0


def sentences(each: Transition) -> set[str]:
    return {*SENTENCE_END.split(each.reason)} if each.reason else set()


def with_and_without_hidden(
    session: Session, viewer: Viewer, key: str
) -> list[tuple[Sequence[Transition], Sequence[Transition]]]:
    """Return the transitions of what a viewer sees: as they are judged, and as if there were nothing else."""
    # Relations without the hidden rows: what is loaded is not loaded again.
    reference = Reference(session, schema, key)
    models = [spec.model for spec in mutation_specs() if issubclass(spec.model, HasStatus)]
    objects = [ObjectKey(model, each.id) for model in models for each in reference.entities[model.__name__]]
    without = judged(session, viewer, objects)
    with Session(session.connection(), autoflush=False) as whole:
        found = judged(whole, viewer, objects)
    return [(found[each], without[each]) for each in objects]


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
