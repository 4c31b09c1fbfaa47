"""One need from its first word to its half: stated, validated, planned, paid for, ordered, delivered and accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import GroupRole, MeetingBody
from tests.support.execute import read
from tests.support.factories import a_decision, a_group_membership, a_meeting
from tests.support.mutations import changed
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: What anybody of the group asks at the end, in GraphiQL or elsewhere.
QUESTION = """query ($id: ID!) { node(id: $id) { ... on CapabilityNeed {
    status fulfilment acceptedQuantity outstandingQuantity
    roadmapLines { nodes { year plannedAmount { amount currency } roadmap { reference } } }
    procurements { nodes {
        status
        allocations { nodes { amount { amount } contribution {
            donorCodes status amount { amount } unallocated { amount }
        } } }
        purchaseOrders { nodes { status value { amount currency } deliveredShare deliveries { nodes { status } } } }
    } }
    history { nodes { action at actor { displayName } reason before after } }
} } }"""


class Story(World):
    """The world, and Denmark's own account; each step is a change by an account."""

    async def step(self, name: str, mutation: str, selected: str, **given: Any) -> dict[str, Any]:
        """Change something as an account; return the object."""
        viewer = await self.viewer(name)
        fields = f"{selected} {{ id version status }}"
        found: dict[str, Any] = await changed(self.database, viewer, mutation, fields, **given)
        return found

    async def transition(self, name: str, mutation: str, row: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """Lead an object through statuses as an account; return it as it is then."""
        noun = mutation.removeprefix("transition")
        for status in statuses:
            given = {"id": row["id"], "expectedVersion": row["version"], "to": status}
            row = await self.step(name, mutation, noun[0].lower() + noun[1:], **given)
        return row


@pytest.fixture
async def story(database: Database) -> Story:
    found = Story(database)
    await found.enter()
    # The group's secretary works for a lead, and Denmark's expert for Denmark.
    decision = a_decision(a_meeting(body=MeetingBody.STEERING_GROUP))
    await keep(database, decision, a_group_membership(found.group, found.accounts["lead"], role=GroupRole.SECRETARY))
    return found


async def test_a_need_is_stated_planned_paid_for_ordered_and_half_delivered(story: Story) -> None:
    need = await story.step(
        "member", "createCapabilityNeed", "capabilityNeed",
        **story.a_need(title="Encrypted radios", quantity=10, unit="set", priority="CRITICAL"),
    )  # fmt: skip
    need = await story.transition("member", "transitionCapabilityNeed", need, "SUBMITTED")
    need = await story.transition("chair", "transitionCapabilityNeed", need, "VALIDATED")
    roadmap = await story.step(
        "lead", "createRoadmap", "roadmap", reference="RM-27", title="Acquisitions", horizon="2027", marking="AMBER"
    )
    foreseen = {"amount": "50000.00", "currency": "EUR"}
    need = await story.step(
        "chair", "planCapabilityNeed", "capabilityNeed",
        id=need["id"], expectedVersion=need["version"], roadmapId=roadmap["id"], year=2027, plannedAmount=foreseen,
        reason="agreed for 2027",
    )  # fmt: skip
    assert need["status"] == "PLANNED"

    gift = await story.step(
        "other", "createContribution", "contribution",
        kind="CASH", amount={"amount": "80000.00", "currency": "EUR"}, donors=[{"participantId": an_id(story.home)}],
    )  # fmt: skip
    gift = await story.transition("other", "transitionContribution", gift, "COMMITTED")
    buying = await story.step(
        "member", "createProcurement", "procurement",
        title="Radios", method="DIRECT", groupId=an_id(story.group), needIds=[need["id"]],
    )  # fmt: skip
    buying = await story.transition("chair", "transitionProcurement", buying, "APPROVED")
    supplier = await changed(
        story.database, await story.viewer("lead"), "createSupplier", "supplier { id }", name="Radios Ltd"
    )
    award = await story.step("member", "createAward", "award", procurementId=buying["id"], supplierIds=[supplier["id"]])
    await story.transition("member", "transitionAward", award, "ACTIVE")
    buying = await story.transition("member", "transitionProcurement", buying, "AWARDED")
    viewer = await story.viewer("lead")
    given = {"contributionId": gift["id"], "procurementId": buying["id"], "amount": foreseen}
    await changed(story.database, viewer, "createAllocation", "allocation { id }", **given)

    line = {"description": "Radio", "quantity": 10, "unit": "set", "needId": need["id"]}
    line["unitPrice"] = {"amount": "4500.00", "currency": "EUR"}
    order = await story.step(
        "member", "createPurchaseOrder", "purchaseOrder", procurementId=buying["id"], lines=[line],
        supplierId=supplier["id"],
    )  # fmt: skip
    order = await story.transition("member", "transitionPurchaseOrder", order, "PLACED", "CONFIRMED")
    ordered = await read(
        story.database, "query ($id: ID!) { node(id: $id) { ... on PurchaseOrder { lines { nodes { id } } } } }",
        viewer=viewer, id=order["id"],
    )  # fmt: skip
    arrived = {"description": "Radio", "quantity": 5, "orderLineId": ordered["node"]["lines"]["nodes"][0]["id"]}
    delivery = await story.step(
        "member", "createDelivery", "delivery", title="Radios", purchaseOrderId=order["id"], lines=[arrived]
    )
    await story.transition("member", "transitionDelivery", delivery, "IN_TRANSIT", "RECEIVED", "ACCEPTED")

    answer = (await read(story.database, QUESTION, viewer=await story.viewer("chair"), id=need["id"]))["node"]
    events = answer.pop("history")["nodes"]
    assert answer == {
        "status": "PARTIALLY_MET",
        "fulfilment": "0.5000",
        "acceptedQuantity": "5",
        "outstandingQuantity": "5",
        "roadmapLines": {"nodes": [{"year": 2027, "plannedAmount": foreseen, "roadmap": {"reference": "RM-27"}}]},
        "procurements": {"nodes": [{
            "status": "DELIVERING",
            "allocations": {"nodes": [{
                "amount": {"amount": "50000.00"},
                "contribution": {
                    "donorCodes": "DK",
                    "status": "COMMITTED",
                    "amount": {"amount": "80000.00"},
                    "unallocated": {"amount": "30000.00"},
                },
            }]},
            "purchaseOrders": {"nodes": [{
                "status": "PARTIALLY_DELIVERED",
                "value": {"amount": "45000.00", "currency": "EUR"},
                "deliveredShare": "0.5000",
                "deliveries": {"nodes": [{"status": "ACCEPTED"}]},
            }]},
        }]},
    }  # fmt: skip
    steps = [(each["actor"]["displayName"], (each["after"] or {}).get("status")) for each in events]
    assert steps == [
        ("member", "DRAFT"),
        ("member", "SUBMITTED"),
        ("chair", "VALIDATED"),
        ("chair", "PLANNED"),
        ("chair", "IN_PROCUREMENT"),
        ("member", "PARTIALLY_MET"),
    ]
    assert events[3]["reason"] == "agreed for 2027"
