"""Links of documents: each names one object, and is seen by those who see the document and the object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import MeetingBody, NeedStatus, PurchaseOrderStatus
from models.documents.document_links import LINKED, OcdsDocumentType
from tests.support.execute import read
from tests.support.factories import (
    a_contribution,
    a_decision,
    a_delivery,
    a_document,
    a_document_link,
    a_meeting,
    a_procurement,
    a_roadmap,
    an_agenda_item,
    an_order,
)
from tests.support.factories import a_need as need_of
from tests.support.mutations import a_need, changed, refused, the_trail
from tests.support.rows import keep
from tests.support.rows import refused as refused_by_database
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

SELECTED = """document { id version links { nodes {
    id ordinal ocdsType need { reference } procurement { reference } purchaseOrder { number } delivery { reference }
    roadmap { reference } contribution { reference } decision { reference } agendaItem { title }
} } }"""


async def written(world: World, links: list[Any], **given: Any) -> Any:
    given = {"title": "Network plan", "documentType": "REPORT", "groupId": an_id(world.group), **given}
    return await changed(world.database, await world.viewer("member"), "createDocument", SELECTED, links=links, **given)


async def linked_objects(world: World) -> dict[str, Any]:
    """Keep one object of each type that a document can be about."""
    meeting = a_meeting("EG1-1", group=world.group, body=MeetingBody.EXPERT_GROUP)
    procurement = a_procurement("PRC-1", group=world.group)
    need = need_of(world.area, "NEED-1", group=world.group, status=NeedStatus.SUBMITTED)
    found = {
        "need": need, "procurement": procurement,
        "purchase_order": an_order(procurement, status=PurchaseOrderStatus.PLACED),
        "delivery": a_delivery(), "roadmap": a_roadmap(), "contribution": a_contribution(world.home),
        "decision": a_decision(meeting), "agenda_item": an_agenda_item(meeting, title="Plans"),
    }  # fmt: skip
    assert set(found) == set(LINKED)
    await keep(world.database, *found.values())
    return found


async def test_a_document_is_about_objects_of_eight_types_which_name_it_in_turn(world: World) -> None:
    objects = await linked_objects(world)
    ids = {"purchase_order": "purchaseOrderId", "agenda_item": "agendaItemId"}
    links = [{ids.get(name, f"{name}Id"): an_id(row)} for name, row in objects.items()]
    links[1]["ocdsType"] = "TECHNICAL_SPECIFICATIONS"
    document = await written(world, links)
    nodes = document["links"]["nodes"]
    assert [sum(isinstance(each[name], dict) for name in each) for each in nodes] == [1] * len(LINKED)
    assert [each["ocdsType"] for each in nodes] == [None, "TECHNICAL_SPECIFICATIONS", *[None] * 6]
    both = " ".join(
        f"... on {type(row).__name__} {{ documentLinks {{ nodes {{ ocdsType document {{ id }} }} }} }}"
        for row in objects.values()
    )
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {both} }} }}"
    wanted = [an_id(row) for row in objects.values()]
    found = (await read(world.database, query, viewer=await world.viewer("member"), ids=wanted))["nodes"]
    for row, node in zip(found, nodes, strict=True):
        assert row["documentLinks"]["nodes"] == [{"ocdsType": node["ocdsType"], "document": {"id": document["id"]}}]
    about = '{ documents(where: {links: {some: {procurement: {reference: {eq: "PRC-1"}}}}}) { totalCount } }'
    assert (await read(world.database, about, viewer=await world.viewer("member")))["documents"]["totalCount"] == 1


async def test_a_link_is_changed_with_its_document_and_leaves_an_event(world: World) -> None:
    need = await a_need(world)
    document = await written(world, [{"needId": need["id"]}])
    [link] = document["links"]["nodes"]
    member = await world.viewer("member")
    given = {"id": document["id"], "expectedVersion": document["version"]}
    links = [{"id": link["id"], "ocdsType": "NEEDS_ASSESSMENT"}]
    document = await changed(world.database, member, "updateDocument", SELECTED, links=links, **given)
    [link] = document["links"]["nodes"]
    assert (link["ocdsType"], link["ordinal"], document["version"]) == ("NEEDS_ASSESSMENT", 1, 2)
    given["expectedVersion"] = 2
    document = await changed(
        world.database, member, "updateDocument", SELECTED, links=[], reason="Another document has it.", **given
    )
    assert document["links"]["nodes"] == []
    events = [each for each in await the_trail(world.database) if each["entity_type"] == "DocumentLink"]
    assert [each["action"].name for each in events] == ["CREATE", "UPDATE", "REMOVE"]
    assert events[-1]["reason"] == "Another document has it."


async def test_a_link_names_one_object_that_its_writer_sees_and_no_object_twice(world: World) -> None:
    hidden = need_of(world.area, group=world.other_group)
    await keep(world.database, hidden)
    need = await a_need(world)
    given = {"title": "Network plan", "documentType": "REPORT", "groupId": an_id(world.group)}
    for links, path, rule in (
        ([{}], "links.0", "one_target"),
        ([{"needId": need["id"]}, {"needId": need["id"]}], "links.1", "targeted_once"),
        ([{"needId": an_id(hidden)}], "links.0.needId", "reference"),
        ([{"needId": "CapabilityNeed:01900000-0000-7000-8000-000000000000"}], "links.0.needId", "reference"),
    ):
        error = await refused(world.database, await world.viewer("member"), "createDocument", links=links, **given)
        [violation] = error["violations"]
        assert (".".join(violation["path"]), violation["rule"]) == (f"input.{path}", rule)


async def test_a_link_to_what_a_viewer_does_not_see_stays_and_shows_nothing(world: World) -> None:
    need = await a_need(world)  # A draft of the group, which the lead does not see.
    document = await written(world, [{"needId": need["id"]}], marking="CLEAR", url="https://example.org/plan")
    for to, name in (("UNDER_REVIEW", "member"), ("FINAL", "chair"), ("RELEASED", "chair")):
        given = {"id": document["id"], "expectedVersion": document["version"], "to": to}
        document = await changed(world.database, await world.viewer(name), "transitionDocument", SELECTED, **given)
    assert len(document["links"]["nodes"]) == 1
    query = """query ($id: ID!) { node(id: $id) { ... on Document { links { totalCount nodes { ordinal } } } }
        documents(where: {links: {some: {ordinal: {eq: 1}}}}) { totalCount } }"""
    found = await read(world.database, query, viewer=await world.viewer("lead"), id=document["id"])
    assert found == {"node": {"links": {"totalCount": 0, "nodes": []}}, "documents": {"totalCount": 0}}


async def test_an_agenda_item_with_a_linked_document_is_not_left_out(world: World) -> None:
    meeting = a_meeting("EG1-1", group=world.group, body=MeetingBody.EXPERT_GROUP)
    item = an_agenda_item(meeting, title="Plans")
    await keep(world.database, item)
    document = await written(world, [{"agendaItemId": an_id(item)}])
    viewer = await world.viewer("member")
    given = {"id": an_id(meeting), "expectedVersion": 1, "agenda": [], "reason": "It is postponed."}
    error = await refused(world.database, viewer, "updateMeeting", **given)
    assert [each["rule"] for each in error["violations"]] == ["needed"]
    without = {"id": document["id"], "expectedVersion": document["version"], "links": [], "reason": "It is postponed."}
    await changed(world.database, viewer, "updateDocument", "document { id }", **without)
    await changed(world.database, viewer, "updateMeeting", "meeting { id }", **given)
    events = [each for each in await the_trail(world.database) if each["entity_type"] == "DocumentLink"]
    assert [each["action"].name for each in events] == ["CREATE", "REMOVE"]


async def test_the_database_holds_the_rules_of_links(shared_database: Database) -> None:
    document, roadmap = a_document(), a_roadmap()
    links = (a_document_link(document, roadmap=roadmap), a_document_link(document, roadmap=roadmap))
    await refused_by_database(shared_database, "uq_document_links_roadmap_id_document_id", *links)
    await refused_by_database(shared_database, "ck_document_links_one_target", a_document_link(a_document()))


def test_the_types_are_the_codes_of_ocds() -> None:
    assert len(OcdsDocumentType) == 41
