"""Sources in inputs: a fact that people enter carries its sources as the record's facts do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.base import Entity
from models.sources.sources import Sourced
from resolvers.access.context import Context
from schema import schema
from tests.support.execute import ask
from tests.support.mutations import a_need, changed, refused, the_trail
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

NEWS = "https://example.org/news"
PRESS = "https://example.com/press?id=7"
SOURCES = "capabilityNeed { id version sources { url publisher publishedOn confidence note } }"
FULL = {
    "url": NEWS,
    "publisher": "Ministry of Defence",
    "publishedOn": "2026-02-03",
    "confidence": "HIGH",
    "note": "Names the quantity.",
}
EMPTY = dict.fromkeys(FULL)


def sourced_models() -> set[str]:
    """Return the name of every entity that has sources."""
    return {
        mapper.class_.__name__
        for mapper in Entity.registry.mappers
        if issubclass(mapper.class_, Sourced) and issubclass(mapper.class_, Entity)
    }


@pytest.mark.parametrize("name", sorted(sourced_models()))
def test_every_input_of_a_fact_takes_its_sources(name: str) -> None:
    inputs = [each for each in (f"Create{name}Input", f"Update{name}Input", f"{name}Input") if each in _types()]
    assert inputs
    assert [each for each in inputs if "sources" not in _types()[each].fields] == []


def _types() -> Any:
    return schema._schema.type_map  # noqa: SLF001 - the contract as it is served


async def test_a_fact_is_entered_with_its_sources_in_their_order(world: World) -> None:
    member = await world.viewer("member")
    given = world.a_need(sources=[FULL, {"url": PRESS}])
    made = await changed(world.database, member, "createCapabilityNeed", SOURCES, **given)
    assert made["sources"] == [FULL, {**EMPTY, "url": PRESS}]


async def test_the_list_of_an_update_is_complete_and_each_change_is_in_the_audit_log(world: World) -> None:
    need = await a_need(world, sources=[FULL, {"url": PRESS}])
    member = await world.viewer("member")
    noted = {**EMPTY, "url": NEWS, "note": "Names the quantity and the unit."}
    lists = [[{**EMPTY, "url": PRESS}, FULL], [noted], []]
    for version, sources in enumerate(lists, start=1):
        asked = {"id": need["id"], "expectedVersion": version, "sources": sources}
        asked |= {} if sources else {"reason": "None of them names it."}
        found = await changed(world.database, member, "updateCapabilityNeed", SOURCES, **asked)
        assert (found["version"], found["sources"]) == (version + 1, sources)
    first, *events = await the_trail(world.database)
    assert first["after"]["sources"] == [FULL, {**EMPTY, "url": PRESS}]
    assert [(each["before"], each["after"]) for each in events] == [
        ({"sources": before}, {"sources": after})
        for before, after in zip([first["after"]["sources"], *lists[:-1]], lists, strict=True)
    ]


async def test_the_last_sources_are_taken_away_with_a_reason(world: World) -> None:
    need = await a_need(world, sources=[FULL])
    asked = {"id": need["id"], "expectedVersion": 1, "sources": []}
    error = await refused(world.database, await world.viewer("member"), "updateCapabilityNeed", **asked)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]


async def test_the_same_sources_are_no_change(world: World) -> None:
    need = await a_need(world, sources=[FULL])
    member = await world.viewer("member")
    asked = {"id": need["id"], "expectedVersion": 1, "sources": [FULL]}
    found = await changed(world.database, member, "updateCapabilityNeed", SOURCES, **asked)
    assert found["version"] == 1
    assert len(await the_trail(world.database)) == 1


async def test_only_a_note_that_changes_is_a_change(world: World) -> None:
    need = await a_need(world, sources=[FULL])
    member = await world.viewer("member")
    asked = {"id": need["id"], "expectedVersion": 1, "sources": [{**FULL, "note": "Corrected."}]}
    found = await changed(world.database, member, "updateCapabilityNeed", SOURCES, **asked)
    assert (found["version"], found["sources"][0]["note"]) == (2, "Corrected.")
    *_, event = await the_trail(world.database)
    assert [event[side]["sources"][0]["note"] for side in ("before", "after")] == ["Names the quantity.", "Corrected."]


async def test_a_decision_of_a_meeting_carries_its_own_sources(world: World) -> None:
    lead = await world.viewer("lead")
    decision = {"kind": "OTHER", "text": "Radios first.", "sources": [{"url": PRESS}]}
    given = {"body": "STEERING_GROUP", "title": "Third meeting", "sources": [{"url": NEWS}], "decisions": [decision]}
    selected = "meeting { sources { url } decisions { nodes { sources { url } } } }"
    made = await changed(world.database, lead, "createMeeting", selected, **given)
    assert made == {"sources": [{"url": NEWS}], "decisions": {"nodes": [{"sources": [{"url": PRESS}]}]}}


@pytest.mark.parametrize(
    ("source", "at", "rule"),
    [
        ({"url": "https://user:secret@example.org/"}, "input.sources.1.url", "url"),
        ({"url": "https://example.org/a b"}, "input.sources.1.url", "url"),
        ({"url": "https://example.org:99999/"}, "input.sources.1.url", "url"),
        ({"url": "https://exam\nple.org/"}, "input.sources.1.url", "text_character"),
        ({"url": f"https://example.org/{'a' * 2000}"}, "input.sources.1.url", "string_too_long"),
        ({"url": PRESS, "publisher": " "}, "input.sources.1.publisher", "text_empty"),
        ({"url": PRESS, "note": "NATO SECRET"}, "input.sources.1.note", "classified"),
        ({"url": NEWS}, "input.sources", "list_repeated"),
    ],
)
async def test_a_source_that_is_not_valid_is_refused_at_its_place(
    world: World, source: dict[str, str], at: str, rule: str
) -> None:
    member = await world.viewer("member")
    error = await refused(
        world.database, member, "createCapabilityNeed", **world.a_need(sources=[{"url": NEWS}, source])
    )
    assert [(".".join(each["path"]), each["rule"]) for each in error["violations"]] == [(at, rule)]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,hello", "file:///etc/hosts", "example.org"])
async def test_an_address_that_is_not_of_the_web_is_no_url(world: World, address: str) -> None:
    query = "mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) { __typename } }"
    given = world.a_need(sources=[{"url": address}])
    context = Context(world.database, await world.viewer("member"))
    result = await schema.execute(query, variable_values={"input": given}, context_value=context)
    [error] = result.errors or []
    assert "at .sources[0].url: " in error.message
    assert await the_trail(world.database) == []


async def test_a_reader_of_the_group_adds_no_source(world: World) -> None:
    need = await a_need(world)
    await changed(
        world.database,
        await world.viewer("member"),
        "transitionCapabilityNeed",
        SOURCES,
        id=need["id"],
        expectedVersion=1,
        to="SUBMITTED",
    )
    asked = {"id": need["id"], "expectedVersion": 2, "sources": [FULL]}
    error = await refused(world.database, await world.viewer("reader"), "updateCapabilityNeed", **asked)
    assert error["code"] == "FORBIDDEN"


async def test_the_public_sees_the_sources_of_a_figure_that_a_lead_enters(world: World) -> None:
    lead = await world.viewer("lead")
    given = {"measure": "PARTICIPATING_NATIONS", "value": 10, "sources": [FULL], "participantId": an_id(world.leads)}
    made = await changed(world.database, lead, "createPublishedFigure", "publishedFigure { id }", **given)
    query = "query ($id: ID!) { node(id: $id) { ... on PublishedFigure { sources { url } } } }"
    answer = await ask(world.database, query, id=made["id"])
    assert answer.data == {"node": {"sources": [{"url": NEWS}]}}
