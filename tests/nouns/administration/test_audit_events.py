"""Reading the audit log: only the actor and the writers of the object's group, or the leads, see an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import CapabilityNeed, ExpertGroup, Marking, NeedStatus, PurchaseOrder
from resolvers.access.context import Actor
from resolvers.audit.transaction import audited_write
from tests.support.execute import read
from tests.support.factories import a_document, a_need, a_procurement, an_order, an_order_line
from tests.support.mutations import change, changed
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


pytestmark = pytest.mark.anyio

NEED = "capabilityNeed { id version }"
EVENTS = "nodes { action entityId before after reason actor { displayName } }"


async def a_stated_need(world: World, **given: Any) -> str:
    member = await world.viewer("member")
    made = await changed(world.database, member, "createCapabilityNeed", NEED, **world.a_need(**given))
    return str(made["id"])


async def updated(world: World, who: str, need: str, version: int, **given: Any) -> None:
    viewer = await world.viewer(who)
    given = {"id": need, "expectedVersion": version, **given}
    await changed(world.database, viewer, "updateCapabilityNeed", NEED, **given)


async def transitioned(world: World, who: str, need: str, version: int, to: str) -> Any:
    viewer = await world.viewer(who)
    given = {"id": need, "expectedVersion": version, "to": to}
    return await change(world.database, viewer, "transitionCapabilityNeed", NEED, **given)


async def told(world: World, who: str, where: str = "") -> list[dict[str, Any]]:
    """Return the events that an account reads."""
    query = f"{{ auditEvents{where} {{ totalCount {EVENTS} }} }}"
    found = (await read(world.database, query, viewer=await world.viewer(who)))["auditEvents"]
    assert found["totalCount"] == len(found["nodes"])
    return list(found["nodes"])


async def actions(world: World, who: str) -> list[str]:
    return [each["action"] for each in await told(world, who)]


async def test_the_history_of_an_object_says_who_did_what_and_why(world: World) -> None:
    need = await a_stated_need(world, quantity=10)
    await updated(world, "chair", need, 1, quantity=12, reason="two more")
    query = f"query Look($id: ID!) {{ node(id: $id) {{ ... on CapabilityNeed {{ history {{ {EVENTS} }} }} }} }}"
    found = await read(world.database, query, viewer=await world.viewer("member"), id=need)
    made, raised = found["node"]["history"]["nodes"]
    assert (made["action"], made["entityId"], made["after"]["quantity"]) == ("CREATE", need, 10)
    assert raised == {
        "action": "UPDATE",
        "entityId": need,
        "before": {"quantity": 10},
        "after": {"quantity": 12},
        "reason": "two more",
        "actor": {"displayName": "chair"},
    }


async def test_events_are_found_by_who_what_and_when(world: World) -> None:
    need = await a_stated_need(world)
    await transitioned(world, "chair", need, 1, "SUBMITTED")
    other = await a_stated_need(world)
    chair = an_id(world.accounts["chair"])
    for where, count in (
        ("{action: {eq: TRANSITION}}", 1),
        (f'{{entityId: {{eq: "{need}"}}}}', 2),
        (f'{{entityId: {{in: ["{other}"]}}}}', 1),
        ('{entityType: {eq: "CapabilityNeed"}}', 3),
        (f'{{actor: {{id: {{eq: "{chair}"}}}}}}', 1),
        ('{at: {lte: "2024-01-01T00:00:00Z"}}', 0),
        ("{sequence: {gte: 3}}", 1),
    ):
        assert len(await told(world, "member", f"(where: {where})")) == count, where


async def test_only_the_writers_of_the_group_read_what_others_did(world: World) -> None:
    need = await a_stated_need(world, marking="GREEN")
    await transitioned(world, "member", need, 1, "SUBMITTED")
    assert await actions(world, "member") == await actions(world, "chair") == ["CREATE", "TRANSITION"]
    for who in ("reader", "other", "lead"):
        assert await actions(world, who) == [], who


async def test_what_no_group_owns_is_told_to_the_leads(world: World) -> None:
    lead = await world.viewer("lead")
    given = {"code": "SPACE", "name": "Space"}
    await changed(world.database, lead, "createCapabilityArea", "capabilityArea { id }", **given)
    assert await actions(world, "lead") == ["CREATE"]
    assert await actions(world, "chair") == []


async def test_what_was_red_is_told_to_those_who_were_named_then(world: World) -> None:
    recipients = [an_id(world.accounts["chair"])]
    need = await a_stated_need(world, title="Known to few", quantity=1)
    await updated(world, "chair", need, 1, marking="RED", recipientIds=recipients, reason="it is delicate")
    await updated(world, "chair", need, 2, title="Known to the chair")
    await updated(world, "chair", need, 3, marking="AMBER", title="Known to all", reason="it no longer is")
    await updated(world, "chair", need, 4, quantity=2)
    assert len(await actions(world, "chair")) == 5
    seen = await told(world, "member")
    # Neither what it was called while it was marked so, nor that it was lowered from there.
    assert [each["after"].get("quantity") for each in seen] == [1, 2]
    assert "chair" not in str([(each["before"], each["after"]) for each in seen])


async def test_what_is_red_now_hides_what_was_told_of_it_before(world: World) -> None:
    need = await a_stated_need(world)
    await updated(world, "chair", need, 1, marking="RED", recipientIds=[an_id(world.accounts["chair"])], reason="so")
    assert await actions(world, "member") == []
    assert await actions(world, "chair") == ["CREATE", "UPDATE"]


async def test_an_event_that_names_what_is_hidden_is_hidden(world: World) -> None:
    hidden = a_need(world.area, "NEED-X", group=world.group, marking=Marking.RED, status=NeedStatus.VALIDATED)
    hidden.recipients = [world.accounts["chair"]]
    await keep(world.database, hidden)

    def work(session: Session) -> None:
        need, group = session.get(CapabilityNeed, hidden.id), session.get(ExpertGroup, world.group.id)
        session.add(a_procurement(marking=Marking.GREEN, group=group, needs=[need]))

    await audited_write(world.database, "a test", Actor(world.accounts["lead"].id), work)
    assert await actions(world, "chair") == ["CREATE"]
    assert await actions(world, "member") == []


async def test_a_draft_s_history_stays_with_those_who_wrote_it(world: World) -> None:
    need = await a_stated_need(world, marking="CLEAR", title="A first thought")
    await transitioned(world, "member", need, 1, "SUBMITTED")
    assert "A first thought" not in str([await told(world, who) for who in ("other", "reader", "lead")])


async def test_a_refusal_is_told_to_whoever_was_refused_and_to_those_it_concerns(world: World) -> None:
    need = await a_stated_need(world, marking="AMBER")
    await transitioned(world, "member", need, 1, "SUBMITTED")
    await transitioned(world, "reader", need, 2, "VALIDATED")
    assert await actions(world, "reader") == ["REFUSE"]
    assert (await actions(world, "chair"))[-1] == "REFUSE"
    assert await actions(world, "lead") == []


async def test_a_refused_change_that_names_what_is_hidden_is_known_to_those_who_see_it_and_to_the_actor(
    world: World,
) -> None:
    red: dict[str, Any] = {"marking": Marking.RED, "recipients": [world.accounts["chair"]]}
    paper, need = a_document(group=world.group, **red), a_need(world.area, group=world.group, **red)
    bought = a_procurement(group=world.group, **red)
    shown = a_procurement(group=world.group, marking=Marking.GREEN)
    await keep(world.database, paper, need, bought, shown)
    chair = await world.viewer("chair")
    label = {"label": "1", "fileName": "x", "mediaType": "nothing", "byteSize": 1, "sha256": "0" * 64}
    order = {"procurementId": an_id(bought), "lines": [{"description": "Radios", "unit": "kg", "needId": an_id(need)}]}
    gift = {"kind": "CASH", "donors": [{"participantId": an_id(world.leads)}]}
    secret = {"marking": "RED", "recipientIds": [an_id(world.accounts["chair"])]}
    known = {"id": an_id(shown), "expectedVersion": 2}
    for mutation, given in (
        ("createDocumentVersion", {"documentId": an_id(paper), **label}),
        (
            "createCommentThread",
            {"target": {"needId": an_id(need)}, "content": "Who?", "mentionIds": [an_id(world.accounts["lead"])]},
        ),
        ("createPurchaseOrder", order),
        ("createContribution", {**gift, **secret}),
        ("updateProcurement", {**known, "needIds": [an_id(need)]}),
    ):
        found = await change(world.database, chair, mutation, "__typename", **given)
        assert not found["__typename"].endswith("Success"), mutation
        assert (await actions(world, "chair")).pop() == "REFUSE", mutation
        for name in ("lead", "member", "other"):
            assert await actions(world, name) == [], (mutation, name)
    # Without such a name, the leads know of the attempt.
    await change(world.database, chair, "createContribution", "__typename", **gift)
    assert await actions(world, "lead") == ["REFUSE"]


async def test_a_refusal_of_what_is_hidden_is_told_like_that_of_what_is_not_there(world: World) -> None:
    hidden = a_document(marking=Marking.RED)
    await keep(world.database, hidden)
    absent = an_id(hidden)[:-12] + "000000000000"
    for each in (an_id(hidden).replace("Document", "CapabilityNeed"), absent.replace("Document", "CapabilityNeed")):
        await transitioned(world, "other", each, 1, "SUBMITTED")
    draft = await a_stated_need(world)
    await transitioned(world, "other", draft, 1, "SUBMITTED")
    found = await told(world, "other")
    assert [each["after"]["code"] for each in found] == ["NOT_FOUND"] * 3
    assert [each["action"] for each in await told(world, "lead")] == ["REFUSE"] * 3


async def test_what_is_taken_out_of_an_object_stays_in_its_history(world: World) -> None:
    order = an_order(a_procurement(group=world.group))
    order.lines = [an_order_line(order)]
    await keep(world.database, order)

    def work(session: Session) -> None:
        found = session.get(PurchaseOrder, order.id)
        assert found
        found.lines = []

    await audited_write(world.database, "a test", Actor(world.accounts["chair"].id), work)
    query = f"query Look($id: ID!) {{ node(id: $id) {{ ... on PurchaseOrder {{ history {{ {EVENTS} }} }} }} }}"
    found = (await read(world.database, query, viewer=await world.viewer("member"), id=an_id(order)))["node"]
    [gone] = found["history"]["nodes"]
    assert (gone["action"], gone["before"]["description"], gone["after"]) == ("REMOVE", "Laptops", None)
    assert gone["entityId"].startswith("OrderLine:")
    assert await actions(world, "lead") == []


async def test_the_id_in_the_history_of_an_object_leads_to_the_object(world: World) -> None:
    need = await a_stated_need(world)
    [event] = await told(world, "member")
    assert event["after"]["id"] == need
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert await read(world.database, query, id=event["after"]["id"]) == {"node": {"id": need}}


async def test_a_refusal_names_the_mutation_as_the_api_does(world: World) -> None:
    need = await a_stated_need(world)
    answer = await transitioned(world, "member", need, 1, "MET")
    assert answer["__typename"] == "ValidationError"
    events = await told(world, "member")
    assert events[-1]["after"]["command"] == "transitionCapabilityNeed"
