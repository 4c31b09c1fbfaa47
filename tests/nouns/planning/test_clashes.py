"""Clashes: what does not fit together, by a predicate for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.clash_kinds.declaration import RULES
from models.clash_kinds.rows import kind_digits, kinds
from tests.generators.planning_worlds import fill_with_planning
from tests.generators.queries import Question
from tests.reference.clashes import PREDICATES
from tests.support.differential import Proof
from tests.support.viewers import NAMES, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

LISTS = "capabilityNeeds procurements deliveries contributions roadmaps expertGroups participants purchaseOrders"


def test_every_kind_has_a_predicate_in_plain_python_and_digits_of_its_own() -> None:
    declared = {(rule.kind, rule.model.__name__) for rule in RULES}
    assert declared == {(kind, name) for kind, found in PREDICATES.items() for name in found}
    assert len({kind_digits(kind) for kind in kinds()}) == len(kinds())


@pytest.fixture(scope="module")
async def filled(read_database: Database, random_cases: int) -> AsyncIterator[Database]:
    # `tests/planning` compares every clash; these questions need fewer worlds.
    await fill_with_planning(read_database, seed=6, worlds=-(-random_cases // 16 // len(NAMES)))
    yield read_database
    await read_database.close()


@pytest.fixture(scope="module")
async def proofs(filled: Database) -> dict[str, Proof]:
    """Load, for each of the cast by name, the reference of what he or she sees."""
    return {name: await Proof.before(filled, viewer, key) for name, (key, viewer) in (await cast(filled)).items()}


@pytest.mark.parametrize(
    "where",
    [
        "{kind: {eq: UNDERFUNDED}, severity: {eq: HIGH}}",
        "{need: {priority: {in: [CRITICAL, HIGH]}}}",
        '{or: [{group: {code: {isNull: false}}}, {not: {lead: {code: {startsWith: "P"}}}}]}',
        "{procurement: {status: {eq: APPROVED}}, roadmap: {}}",
    ],
)
async def test_clashes_are_found_by_their_kind_and_by_what_they_concern(proofs: dict[str, Proof], where: str) -> None:
    query = f"""{{ clashes(first: 5, where: {where}, orderBy: [{{field: SEVERITY_RANK, direction: DESC}}]) {{ totalCount
        aggregate {{ groupBy(by: [KIND, SEVERITY]) {{ keys {{ field value }} count }} }}
        edges {{ cursor node {{ id }} }}
    }} }}"""
    for proof in proofs.values():
        await proof.ask(Question(query, ({},)))


@pytest.mark.parametrize("name", LISTS.split())
async def test_an_object_names_the_clashes_that_concern_it(proofs: dict[str, Proof], name: str) -> None:
    query = f"{{ {name}(first: 10) {{ nodes {{ id clashes(first: 5) {{ totalCount nodes {{ kind id }} }} }} }} }}"
    found = 0
    for proof in proofs.values():
        [answer] = await proof.ask(Question(query, ({},)))
        found += sum(node["clashes"]["totalCount"] for node in answer.data[name]["nodes"])
    assert found


async def test_a_clash_is_found_again_by_its_id(proofs: dict[str, Proof]) -> None:
    proof = proofs["lead"]
    [answer] = await proof.ask(Question("{ clashes(first: 3) { nodes { id } } }", ({},)))
    for node in answer.data["clashes"]["nodes"]:
        query = f'{{ node(id: "{node["id"]}") {{ id ... on Clash {{ kind message }} }} }}'
        [again] = await proof.ask(Question(query, ({},)))
        assert again.data["node"]["id"] == node["id"]
