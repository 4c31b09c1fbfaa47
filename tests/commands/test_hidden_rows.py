"""A refusal that hidden rows cause is one sentence, and a reference to a hidden object is not replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models import (
    ContributionStatus,
    DeliveryStatus,
    Marking,
    MeetingBody,
    MeetingStatus,
    Priority,
    PurchaseOrder,
    RoadmapStatus,
)
from resolvers.commands.integrity_errors import OF_OTHER_ROWS, RULE
from resolvers.commands.visible_rules import HIDDEN
from tests.support.execute import read
from tests.support.factories import (
    a_contribution,
    a_decision,
    a_delivery,
    a_delivery_line,
    a_document,
    a_document_link,
    a_meeting,
    a_need,
    a_roadmap,
    a_roadmap_line,
    a_supplier,
    an_account,
    an_agenda_item,
    an_award,
    money,
)
from tests.support.purchasing import Market, a_line, euros, with_lines
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import CapabilityNeed
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

NEUTRAL = [{"path": ["input"], "rule": "hidden", "message": HIDDEN.message}]


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def secret_need(market: Market) -> CapabilityNeed:
    """Enter a need that only the chair sees."""
    world = market.world
    need = a_need(world.area, group=world.group, quantity=10, marking=Marking.RED, recipients=[world.accounts["chair"]])
    await market.keep(need)
    return need


async def test_money_that_goes_to_a_hidden_procurement_is_not_told_by_transitions_or_refusals(market: Market) -> None:
    given = await market.contribution("100.00", marking=Marking.CLEAR)
    chair = market.world.accounts["chair"]
    hidden = await market.procurement(marking=Marking.RED, recipients=[chair])
    await market.allocation(given, hidden, "60.00")
    [cancelled] = [each for each in await market.transitions("member", given) if each["to"] == "CANCELLED"]
    assert cancelled == {"to": "CANCELLED", "allowed": False, "reason": HIDDEN.message}
    answer = await market.move("member", given, "CANCELLED")
    assert answer["violations"] == NEUTRAL
    in_kind = {"id": an_id(given), "expectedVersion": 1, "amountQualifier": "UP_TO"}
    assert (await market.refused("member", "updateContribution", **in_kind))["violations"] == NEUTRAL
    # Who sees the procurement is told what to do.
    assert await market.stays("chair", given, "CANCELLED") == "allocated"
    # Of a visible allocation beside it, the sentence is about that one alone.
    await market.allocation(given, await market.procurement(), "10.00")
    answer = await market.move("member", given, "CANCELLED")
    assert [each["rule"] for each in answer["violations"]] == ["allocated"]


async def test_a_reference_to_a_hidden_object_is_not_replaced_by_who_does_not_see_it(market: Market) -> None:
    secret, radios = await secret_need(market), await market.need()
    bought = await market.procurement(needs=[secret, radios])
    order = await market.order(bought, 2, need=secret)
    line = {"id": an_id(order.lines[0]), "description": "Radios", "quantity": "2", "unitPrice": euros("10.00")}

    async def change(**link: Any) -> dict[str, Any]:
        return {"id": an_id(order), "expectedVersion": await market.version(order), "lines": [{**line, **link}]}

    async def need_of_line() -> Any:
        query = "query($id: ID!) { node(id: $id) { ... on OrderLine { need { reference } } } }"
        viewer = await market.world.viewer("chair")
        return (await read(market.database, query, viewer=viewer, id=line["id"]))["node"]["need"]

    error = await market.refused("member", "updatePurchaseOrder", **await change(needId=an_id(radios)))
    path = ["input", "lines", "0", "needId"]
    assert error["violations"] == [{"path": path, "rule": "hidden", "message": HIDDEN.message}]
    # Sent back as the member reads it, the link stays, and so it does if it is omitted.
    for link in ({"needId": None}, {}):
        await market.changed("member", "updatePurchaseOrder", "purchaseOrder { id }", **await change(**link))
        assert await need_of_line() == {"reference": secret.reference}
    await market.changed("chair", "updatePurchaseOrder", "purchaseOrder { id }", **await change(needId=an_id(radios)))
    assert await need_of_line() == {"reference": radios.reference}


async def test_a_refused_status_names_those_that_are_possible_and_why_others_are_not(market: Market) -> None:
    draft = await market.need(status="DRAFT")
    bought = await market.procurement("PLANNING", needs=[draft])
    answer = await market.move("chair", bought, "TENDERING")
    [broken] = answer["violations"]
    assert broken["rule"] == "transition"
    possible = [each for each in await market.transitions("chair", bought) if each["allowed"]]
    assert [each["to"] for each in possible] == ["CANCELLED"]
    assert broken["message"].startswith(
        "The status cannot change from PLANNING to TENDERING. Allowed statuses now: CANCELLED. "
        f"APPROVED is not allowed now: {draft.reference} is DRAFT."
    )


#: The rules of triggers about the changed object, its own parts, and earmarks that every account sees.
OF_OWN_ROWS = {
    "allocatable", "amendment_number", "amendment_stays", "append_only", "awarded", "cancelled_line",
    "corrections_sum", "country_code", "cpv_check_digit", "decided_when_held", "delegated_once",
    "delivery_return_stays", "deputy_itself", "disbursement_stays", "disbursements_sum", "earmark", "erased",
    "former_code", "future", "horizon", "item", "membership_periods", "merged", "merged_into", "named_version",
    "one_chair", "order_value", "paid", "person_key", "personal_values", "planned_once", "refund_sum", "returned",
    "returns_sum", "sealed", "shares_sum", "supplier", "tranche_sum", "version_kept", "version_state", "version_stays",
    "withdrawn_currency", "withdrawn_version",
}  # fmt: skip


async def test_each_rule_of_a_trigger_is_about_own_rows_or_judged_by_the_visible_ones(database: Database) -> None:
    sources = (
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"
        if database.dialect.name == "sqlite"
        else "SELECT prosrc FROM pg_proc UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger"
    )
    async with database.bypass_policies("a test reads the triggers").connect() as connection:
        found = {
            rule for [source] in await connection.exec_driver_sql(sources) for rule, *_ in RULE.findall(source or "")
        }
    assert not OF_OWN_ROWS & OF_OTHER_ROWS
    assert found == OF_OWN_ROWS | OF_OTHER_ROWS, "add each rule to one of the two sets"


async def test_sums_of_money_refuse_in_one_sentence_if_hidden_rows_use_it_and_with_figures_if_not(
    market: Market,
) -> None:
    # Two leads, of whom one sees the procurement.
    deputy = market.world.accounts["deputy"] = an_account(market.world.leads)
    given = a_contribution(market.world.leads, status=ContributionStatus.COMMITTED, **money(amount="100.00 EUR"))
    await market.keep(given)
    bought, secret = await market.procurement(), await market.procurement(marking=Marking.RED, recipients=[deputy])
    await market.allocation(given, secret, "60.00")
    other, dollars = await market.procurement(), {"amount": "100.00", "currency": "USD"}
    changed = {"id": an_id(given), "expectedVersion": 1}
    new = {"contributionId": an_id(given), "procurementId": an_id(other)}
    cases: tuple[tuple[str, dict[str, Any], dict[str, str], str, str], ...] = (
        ("updateContribution", changed, euros("59.00"), "allocations_sum", "60.00 EUR, 1.00 EUR more than 59.00 EUR"),
        ("updateContribution", changed, dollars, "contribution_currency", "in EUR"),
        ("createAllocation", new, euros("50.00"), "allocations_sum", "110.00 EUR, 10.00 EUR more than 100.00 EUR"),
    )
    for mutation, own, amount, rule, figures in cases:
        [told] = (await market.refused("deputy", mutation, **own, amount=amount))["violations"]
        assert (told["path"], told["rule"]) == (["input", "amount"], rule)
        assert figures in told["message"]
        assert (await market.refused("lead", mutation, **own, amount=amount))["violations"] == NEUTRAL
    # The lead sees an allocation that was withdrawn, so the currency is no secret.
    await market.allocation(given, bought, "0.00")
    [told] = (await market.refused("lead", "updateContribution", **changed, amount=dollars))["violations"]
    assert told["rule"] == "contribution_currency"


async def test_units_that_hidden_deliveries_use_are_refused_in_one_sentence_and_the_others_with_figures(
    market: Market,
) -> None:
    order = await market.funded_order(10)
    mine = await with_lines(market, order, a_line(order, 2))
    line = {**a_line(order, 50), "id": (await market.lines(mine))[0]}
    given = {"id": an_id(mine), "lines": [line]}
    error = await market.refused("member", "updateDelivery", expectedVersion=await market.version(mine), **given)
    [told] = error["violations"]
    assert (told["path"], told["rule"]) == (["input", "lines", "0", "quantity"], "received_sum")
    assert told["message"].startswith("Of the 10 ordered units at most 10 can still be accepted or expected, not 50.")
    hidden = a_delivery(
        purchase_order=order, status=DeliveryStatus.RECEIVED, marking=Marking.RED,
        recipients=[market.world.accounts["chair"]],
    )  # fmt: skip
    replaced = line["id"].partition(":")[2]
    await market.keep(hidden, a_delivery_line(hidden, order_line=order.lines[0], quantity=7, replaces_id=replaced))
    line["quantity"] = 5
    gone = {**given, "lines": [], "reason": "By mistake."}
    for name, asked, rule in (
        ("member", given, "hidden"), ("chair", given, "received_sum"),
        ("member", gone, "hidden"), ("chair", gone, "needed"),
    ):  # fmt: skip
        error = await market.refused(name, "updateDelivery", expectedVersion=await market.version(mine), **asked)
        assert [each["rule"] for each in error["violations"]] == [rule]


async def test_rules_that_look_for_rows_say_nothing_of_the_hidden_ones(market: Market) -> None:
    world, chair = market.world, market.world.accounts["chair"]
    radios = await market.need()
    await market.order(await market.procurement(marking=Marking.RED, recipients=[chair]), 2, need=radios)
    met = a_meeting(body=MeetingBody.STEERING_GROUP)
    decided = a_decision(met)
    plan = a_roadmap(marking=Marking.RED, recipients=[world.accounts["other"]], status=RoadmapStatus.SUPERSEDED)
    plan.endorsed_by = decided
    await market.keep(plan)
    unit = {"id": an_id(radios), "expectedVersion": 1, "unit": "kg", "reason": "Corrected."}
    body = {"id": an_id(met), "expectedVersion": 1, "body": "OTHER"}
    assert (await market.refused("member", "updateCapabilityNeed", **unit))["violations"] == NEUTRAL
    assert (await market.refused("lead", "updateMeeting", **body))["violations"] == NEUTRAL
    [told] = (await market.refused("chair", "updateCapabilityNeed", **unit))["violations"]
    assert (told["rule"], told["message"]) == (
        "unit_in_use", "Order lines in no unit count towards this need: keep that unit."
    )  # fmt: skip


async def test_an_item_with_documents_is_not_taken_off_an_agenda_before_its_links_are_taken_out(market: Market) -> None:
    world = market.world
    coming = a_meeting(body=MeetingBody.EXPERT_GROUP, group=world.group, status=MeetingStatus.PLANNED, held_on=None)
    item = an_agenda_item(coming, title="Plans")
    cases: tuple[dict[str, Any], ...] = ({}, {"marking": Marking.RED, "recipients": [world.accounts["chair"]]})
    seen, secret = (a_document(group=world.group, **given) for given in cases)
    await market.keep(seen, a_document_link(secret, agenda_item=item))
    emptied = {"id": an_id(coming), "expectedVersion": 1, "agenda": [], "reason": "Not ready."}
    assert (await market.refused("member", "updateMeeting", **emptied))["violations"] == NEUTRAL
    await market.keep(a_document_link(seen, agenda_item=item))
    [told] = (await market.refused("member", "updateMeeting", **emptied))["violations"]
    assert (told["path"], told["rule"]) == (["input", "agenda"], "needed")
    assert f"refers: {seen.reference}. Take that reference out first" in told["message"]
    for document in (seen, secret):
        given = {"id": an_id(document), "expectedVersion": 1, "links": [], "reason": "Not ready."}
        await market.changed("chair", "updateDocument", "document { id }", **given)
    await market.changed("member", "updateMeeting", "meeting { id }", **emptied)


async def test_hidden_lines_of_a_roadmap_are_no_lines_of_it_for_who_endorses_it(market: Market) -> None:
    roadmap = a_roadmap(marking=Marking.GREEN)
    await market.keep(roadmap)

    async def reasons(name: str) -> dict[str, Any]:
        return {each["to"]: each["reason"] for each in await market.transitions(name, roadmap)}

    before = await reasons("lead")
    assert "The roadmap has no lines. Add them first." in (before["ENDORSED"] or "")
    await market.keep(a_roadmap_line(roadmap, await secret_need(market)))
    assert await reasons("lead") == before
    await market.keep(a_roadmap_line(roadmap, await market.need()))
    assert "The roadmap has no lines" not in ((await reasons("lead"))["ENDORSED"] or "")


async def test_what_must_exist_for_a_change_must_be_seen_by_who_makes_it(market: Market) -> None:
    """A hidden supplier or decision meets no rule for an account that does not see it: it would be revealed."""
    world = market.world
    deputy = world.accounts["deputy"] = an_account(world.leads)
    red: dict[str, Any] = {"marking": Marking.RED, "recipients": [world.accounts["chair"], deputy]}
    seller, met = a_supplier(group=world.group, **red), a_meeting(body=MeetingBody.STEERING_GROUP, **red)
    decided = a_decision(met)
    plan = a_roadmap(endorsed_by=decided)
    await market.keep(seller, plan, a_roadmap_line(plan, await market.need()))
    bought = await market.procurement(decided_priority=Priority.LOW, priority_decision=decided)
    await market.allocation(await market.contribution(), bought, "100.00")
    order, award = await market.order(bought, 2), an_award(bought, suppliers=[seller])
    await market.keep(award)
    async with market.database.bypass_policies("a test names a supplier", unaudited=True).begin() as connection:
        named = update(PurchaseOrder).where(PurchaseOrder.id == order.id).values(supplier_id=seller.id)
        await connection.execute(named)
    cases: tuple[tuple[str, Any, str, str, str], ...] = (
        ("member", award, "ACTIVE", "suppliers", "chair"),
        ("member", order, "PLACED", "supplier", "chair"),
        ("lead", plan, "ENDORSED", "endorsed_by", "deputy"),
    )
    for blind, row, to, rule, sighted in cases:
        assert await market.stays(blind, row, to) == rule
        [judged] = [each for each in await market.transitions(blind, row) if each["to"] == to]
        assert not judged["allowed"]
        await market.moved(sighted, row, to)
    given = {"id": an_id(bought), "expectedVersion": await market.version(bought), "decidedPriority": "HIGH"}
    assert await market.rule("member", "updateProcurement", **given) == "input.decidedPriority: decided"
    # As the member read it, it can be sent back.
    sent = {**given, "decidedPriority": "LOW", "title": "Radios"}
    await market.changed("member", "updateProcurement", "procurement { id }", **sent)
    given["expectedVersion"] = await market.version(bought)
    await market.changed("chair", "updateProcurement", "procurement { id }", **given)
