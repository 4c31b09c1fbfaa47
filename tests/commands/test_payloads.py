"""The payload of a mutation: what it selects of the object that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resolvers.core import cache_bounds
from resolvers.core.errors import BadUserInputError
from resolvers.query.operations import QueryCompilerCache
from tests.support.execute import BAD_USER_INPUT, ask, forget_queries
from tests.support.mutations import a_need
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
    forget_queries(world.database)
    member = await world.viewer("member")
    references = {(await create(world, member, a=True, b=True))["version"] for _ in range(3)}
    assert references == {1}
    assert len(parsed) == 1


async def test_a_mutation_has_only_so_many_payload_queries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_bounds, "PAYLOADS", 2)
    queries = forget_queries(world.database)
    member = await world.viewer("member")
    for a, b in ((False, False), (True, False), (False, True)):
        await create(world, member, a=a, b=b)
    operation = queries.operation(CREATE, None)
    assert operation is not None
    assert len(operation.payloads) == 2


BAD_SELECTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a page out of range": ("history(first: $first) { totalCount }", {"first": 500}, "history: first is 500"),
    "a forged cursor": ("history(after: $after) { totalCount }", {"after": "x"}, "history: after is not a cursor"),
    "a filter with null": (
        "procurements(where: $where) { totalCount }",
        {"where": {"title": None}},
        "where.title must",
    ),
    "a literal page": ("group { history(first: 0) { totalCount } }", {}, "group.history: first is 0"),
    "both ends": ("history(first: 1, last: 1) { totalCount }", {}, "first and last cannot be used together"),
    "a fragment": ("...Part } } } } fragment Part on CapabilityNeed { history(first: 101) { totalCount } #", {}, "101"),
}
DECLARED = "$input: CreateCapabilityNeedInput!, $first: Int, $after: String, $where: ProcurementWhere"


@pytest.mark.parametrize("selected", BAD_SELECTIONS)
async def test_a_mutation_whose_selection_is_not_allowed_changes_nothing(world: World, selected: str) -> None:
    fields, variables, message = BAD_SELECTIONS[selected]
    declared = ", ".join(part for part in DECLARED.split(", ") if part[1:].partition(":")[0] in {"input", *variables})
    mutation = f"""mutation ({declared}) {{ made: createCapabilityNeed(input: $input) {{
      ... on CreateCapabilityNeedSuccess {{ capabilityNeed {{ title {fields}
      }} }} }} }}""".replace("#\n      } } } }", "}")
    member = await world.viewer("member")
    for _ in range(2):
        answer = await ask(world.database, mutation, viewer=member, input=world.a_need(), **variables)
        assert answer.refusal.code == BAD_USER_INPUT
        assert answer.refusal.path is None
        assert answer.refusal.message.startswith("made.capabilityNeed.")
        assert message in answer.refusal.message
    found = await ask(world.database, "{ capabilityNeeds { totalCount } }")
    assert found.data == {"capabilityNeeds": {"totalCount": 0}}


async def test_the_selection_of_a_conflict_is_checked_as_well(world: World) -> None:
    need = await a_need(world)
    mutation = """mutation ($input: UpdateCapabilityNeedInput!, $first: Int) { updateCapabilityNeed(input: $input) {
      ... on ConflictError { current { ... on CapabilityNeed { history(first: $first) { totalCount } } } } } }"""
    given = {"id": need["id"], "expectedVersion": 1, "title": "Radios"}
    member = await world.viewer("member")
    answer = await ask(world.database, mutation, viewer=member, input=given, first=500)
    assert answer.refusal.message.startswith("updateCapabilityNeed.current.history: first is 500")
    made = await ask(world.database, mutation, viewer=member, input=given, first=5)
    assert made.data == {"updateCapabilityNeed": {}}


async def test_an_object_that_cannot_be_read_after_the_change_has_an_error_that_says_that_it_was_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> Any:
        message = "The statement cannot be run."
        raise BadUserInputError(message)

    mutation = """mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) {
      ... on CreateCapabilityNeedSuccess { capabilityNeed { title } } } }"""
    monkeypatch.setattr(QueryCompilerCache, "read", fail)
    answer = await ask(world.database, mutation, viewer=await world.viewer("member"), input=world.a_need())
    assert answer.refusal.message.startswith("The change was made, but the capability need cannot be read: ")
