"""The search: what it finds, in which order, for whom, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import SearchEntry
from resolvers.core.limits import MAX_SEARCH_WORDS
from resolvers.search_index.entries import rebuild_index
from tests.support.execute import BAD_USER_INPUT, ask, read
from tests.support.mutations import changed
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

SEARCH = """query Search($query: String!, $types: [SearchedType!], $groups: [String!]) {
  search(query: $query, types: $types, groups: $groups) {
    totalCount
    aggregate { groupBy(by: [KIND]) { keys { value } count } }
    nodes { kind reference title { text isMatch } snippet { text isMatch } need { title } group { code } }
  }
}"""


async def found(world: World, name: str, query: str, **arguments: Any) -> list[str]:
    """Return the references that an account finds; all counts agree with them."""
    viewer = await world.viewer(name)
    answer = (await read(world.database, SEARCH, viewer=viewer, query=query, **arguments))["search"]
    assert answer["totalCount"] == len(answer["nodes"]) == sum(e["count"] for e in answer["aggregate"]["groupBy"])
    return [each["reference"] for each in answer["nodes"]]


async def stated(world: World, reference: str, title: str, **given: Any) -> Any:
    fields = world.a_need(reference=reference, title=title, **given)
    selection = "capabilityNeed { id version reference }"
    need = await changed(world.database, await world.viewer("member"), "createCapabilityNeed", selection, **fields)
    sent = {"id": need["id"], "expectedVersion": need["version"], "to": "SUBMITTED"}
    return await changed(world.database, await world.viewer("member"), "transitionCapabilityNeed", selection, **sent)


async def test_a_search_follows_changes_and_finds_only_what_its_viewer_sees(world: World) -> None:
    text = "Brigades lose their encrypted links when the mobile network fails."
    radios = await stated(world, "NEED-7", "Encrypted radios", gapStatement=text, marking="GREEN")
    await stated(world, "NEED-8", "Secret radios of brigades", marking="AMBER_STRICT")
    await stated(world, "NEED-9", "Batteries", gapStatement="For radios of Õhutõrje.", marking="GREEN")

    # The title counts more than the text, and a short title more than a long one.
    assert await found(world, "member", "radios") == ["NEED-7", "NEED-8", "NEED-9"]
    assert await found(world, "other", "radios") == ["NEED-7", "NEED-9"]
    assert await found(world, "other", "secret") == await found(world, "other", "NEED-8") == []
    searches = {
        "encrypted radios": ["NEED-7"],
        "encrytped RADIO": ["NEED-7"],
        '"mobile network"': ["NEED-7"],
        '"network mobile"': [],
        "ohut*": ["NEED-9"],
        "radios -brigades": ["NEED-9"],
        "radios \u2212brigades": ["NEED-9"],
        "radios \u2013 batteries": ["NEED-9"],
        "batteries OR brigades": ["NEED-9", "NEED-7"],
        "need-9": ["NEED-9"],
        "need9": ["NEED-9"],
        "radios batteries brigades": [],
    }
    assert {query: await found(world, "other", query) for query in searches} == searches
    assert await found(world, "other", "radios", types=["DOCUMENT", "COMMENT"]) == []
    assert await found(world, "other", "radios", groups=["EG2"]) == []
    assert await found(world, "other", "radios", groups=["EG2", an_id(world.group)]) == ["NEED-7", "NEED-9"]

    new = {"id": radios["id"], "expectedVersion": radios["version"], "title": "Satellite terminals"}
    await changed(world.database, await world.viewer("member"), "updateCapabilityNeed", "capabilityNeed { id }", **new)
    assert await found(world, "other", "radios") == ["NEED-9"]
    assert await found(world, "other", "terminal") == ["NEED-7"]

    listed = '{ capabilityNeeds(where: {search: "radios"}) { totalCount nodes { reference } } }'
    for name, references in {"member": ["NEED-8", "NEED-9"], "other": ["NEED-9"]}.items():
        answer = await read(world.database, listed, viewer=await world.viewer(name))
        wanted = {"totalCount": len(references), "nodes": [{"reference": each} for each in references]}
        assert answer["capabilityNeeds"] == wanted


async def test_a_hit_shows_the_words_that_were_found_in_parts(world: World) -> None:
    before = "This sentence has nothing to do with it. " * 8
    await stated(
        world, "NEED-7", "Encrypted rádios", gapStatement=f"{before}The radios fail at night.", marking="GREEN"
    )
    answer = await read(world.database, SEARCH, viewer=await world.viewer("other"), query="encrypted RADIO*")
    (hit,) = answer["search"]["nodes"]
    assert (hit["kind"], hit["need"], hit["group"]) == ("NEED", {"title": "Encrypted rádios"}, {"code": "EG1"})
    assert hit["title"] == [
        {"text": "Encrypted", "isMatch": True},
        {"text": " ", "isMatch": False},
        {"text": "rádios", "isMatch": True},
    ]
    assert hit["snippet"][0] == {"text": "…", "isMatch": False}
    assert [part["text"] for part in hit["snippet"] if part["isMatch"]] == ["radios"]
    assert "".join(part["text"] for part in hit["snippet"]).endswith("The radios fail at night.")


async def test_the_pages_of_a_search_have_every_hit_once(world: World) -> None:
    names = [f"NEED-{number}" for number in range(1, 6)]
    for name in names:
        await stated(world, name, "Radios", marking="GREEN")
    query = """query Page($after: String) { search(query: "radios", first: 2, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { reference } } }"""
    seen, page = [], {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = await read(world.database, query, viewer=await world.viewer("other"), after=page["endCursor"])
        assert answer["search"]["totalCount"] == len(names)
        seen += [each["reference"] for each in answer["search"]["nodes"]]
        page = answer["search"]["pageInfo"]
    assert sorted(seen) == names


async def test_a_search_that_cannot_be_made_says_what_to_do(world: World) -> None:
    faults = {
        "": "has no word to find. Write at least one letter or digit without a minus before it.",
        "* ?* %": "has no word to find.",
        "-radios": "has no word to find.",
        'say "hello': "has a quotation mark that is not closed. Add the second one, or remove the first.",
        '"mobile net*"': "has a star inside of quotation marks. Write it after a word without quotation marks.",
        "a*": "has the beginning a*. Write at least 2 letters before the star.",
        "OR radios": "has OR without a word before it. Write OR between two words.",
        "radios OR": "ends with OR. Write OR between two words.",
        "radios OR -batteries": "has OR before a minus.",
        "word " * 10_000: "has 50000 characters. Use at most 500.",
        "w " * (MAX_SEARCH_WORDS + 1): "has 21 words. Use at most 20.",
    }
    viewer = await world.viewer("other")
    listed = "query Listed($text: String!) { documents(where: {search: $text}) { totalCount } }"
    for query, fault in faults.items():
        answer = await ask(world.database, SEARCH, viewer=viewer, query=query)
        assert answer.data == {"search": None}
        assert answer.errors[0].code == BAD_USER_INPUT
        assert answer.errors[0].path == ("search",)
        assert answer.errors[0].message.startswith(f"query {fault}")
        (error,) = (await ask(world.database, listed, viewer=viewer, text=query)).errors
        assert error.message.startswith(f"where.search {fault}")
    needs = await read(world.database, "{ participants(first: 1) { pageInfo { endCursor } } }", viewer=viewer)
    other = needs["participants"]["pageInfo"]["endCursor"]
    feed = 'query Feed($after: String) { search(query: "dk", after: $after) { totalCount } }'
    answer = await ask(world.database, feed, viewer=viewer, after=other)
    assert answer.errors[0].message.startswith("after is not a cursor of this list in this order.")


async def test_an_index_that_is_made_anew_is_the_one_that_followed_the_changes(world: World) -> None:
    await stated(world, "NEED-7", "Radios", gapStatement="Õhutõrje", marking="GREEN")
    entries = select(SearchEntry.number, SearchEntry.kind, SearchEntry.title_length, SearchEntry.words)
    engine = world.database.bypass_policies("a test looks behind the policies")
    async with engine.connect() as connection:
        (need,) = (await connection.execute(entries)).all()
    report = await rebuild_index(world.database)
    assert (report.counts["CapabilityNeed"], report.counts["ExpertGroup"], report.removed) == (1, 2, 0)
    assert await found(world, "other", "EG1", types=["EXPERT_GROUP"]) == ["EG1"]
    async with engine.connect() as connection:
        assert need in (await connection.execute(entries)).all()
