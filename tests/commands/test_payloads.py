"""The payload of a mutation: what it selects of the object that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resolvers.core import cache_bounds
from schema import schema
from schema.execution.query_cache import query_cache_of
from schema.strawberry_internals import core_schema
from tests.support.execute import ask
from tests.support.parsing import note_parsing

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

#: Which nodes select the object depends on the variables.
CREATE = """mutation ($input: CreateCapabilityNeedInput!, $a: Boolean!, $b: Boolean!) {
  createCapabilityNeed(input: $input) {
    ... on CreateCapabilityNeedSuccess { capabilityNeed { title } }
    ... on CreateCapabilityNeedSuccess @include(if: $a) { capabilityNeed { status } }
    ... on CreateCapabilityNeedSuccess { capabilityNeed @include(if: $b) { group { code } version } }
  }
}"""


async def create(world: World, viewer: Viewer, *, a: bool, b: bool) -> dict[str, Any]:
    answer = await ask(world.database, CREATE, viewer=viewer, input=world.a_need(), a=a, b=b)
    assert answer.errors == ()
    found: dict[str, Any] = answer.data["createCapabilityNeed"]["capabilityNeed"]
    return found


async def test_a_payload_has_what_the_variables_of_its_own_request_include(world: World) -> None:
    member = await world.viewer("member")
    for a, b in ((False, False), (True, False), (False, True), (True, True), (False, False)):
        wanted = ["title", *["status"] * a, *["group", "version"] * b]
        assert list(await create(world, member, a=a, b=b)) == wanted


async def test_a_mutation_that_was_requested_before_is_not_parsed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = note_parsing(monkeypatch)
    member = await world.viewer("member")
    references = {(await create(world, member, a=True, b=True))["version"] for _ in range(3)}
    assert references == {1}
    assert len(parsed) == 1


async def test_a_mutation_has_only_so_many_payload_queries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_bounds, "PAYLOADS", 2)
    member = await world.viewer("member")
    for a, b in ((False, False), (True, False), (False, True)):
        await create(world, member, a=a, b=b)
    operation = query_cache_of(world.database, core_schema(schema)).operation(CREATE, None)
    assert operation is not None
    assert len(operation.payloads) == 2
