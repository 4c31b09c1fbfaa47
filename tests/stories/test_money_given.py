"""Money given: a pledge is committed, paid in parts, returned in part, cancelled by mistake and reopened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.factories import a_participant
from tests.support.mutations import the_trail
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

GIVEN = """contribution { id version status availableTransitions paid { amount } committedOn
    tranches(orderBy: [{field: YEAR, direction: ASC}]) { nodes { year amount { amount } paid { amount } } } }"""
ENTRY = """disbursement { number paidOn amount { amount currency } trancheYear corrects reason
    sources { url } contribution { status paid { amount } } }"""
TRANCHES = [{"year": 2024, "amount": euros("60.00")}, {"year": 2025, "amount": euros("40.00")}]


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def committed(market: Market, **given: Any) -> Any:
    """Have Denmark pledge 100 euros and commit them; return the contribution."""
    donors = [{"participantId": an_id(market.world.home)}]
    pledge = {"kind": "CASH", "amount": euros("100.00"), "donors": donors, **given}
    made = await market.changed("member", "createContribution", GIVEN, **pledge)
    return await becomes(market, made, "COMMITTED")


async def becomes(market: Market, contribution: Any, to: str, **given: Any) -> Any:
    wanted = {"id": contribution["id"], "expectedVersion": contribution["version"], "to": to, **given}
    return await market.changed("member", "transitionContribution", GIVEN, **wanted)


def payment(contribution: Any, amount: str, day: str = "2025-05-06", **given: Any) -> dict[str, Any]:
    return {"contributionId": contribution["id"], "amount": euros(amount), "paidOn": day, **given}


async def pays(market: Market, contribution: Any, amount: str, day: str = "2025-05-06", **given: Any) -> Any:
    return await market.changed("member", "createDisbursement", ENTRY, **payment(contribution, amount, day, **given))


async def seen(market: Market, contribution: Any) -> Any:
    """Return the contribution as it is now."""
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Contribution {{ {GIVEN.partition('{')[2]} }} }}"
    return (await read(market.database, query, id=contribution["id"]))["node"]


async def test_a_contribution_is_paid_in_two_parts_and_its_status_follows(market: Market) -> None:
    given = await committed(market, committedOn="2024-04-03")
    first = await pays(market, given, "60.00", sources=[{"url": "https://example.org/paid"}])
    assert first == {
        "number": 1,
        "paidOn": "2025-05-06",
        "amount": {"amount": "60.00", "currency": "EUR"},
        "trancheYear": None,
        "corrects": None,
        "reason": None,
        "sources": [{"url": "https://example.org/paid"}],
        "contribution": {"status": "COMMITTED", "paid": {"amount": "60.00"}},
    }
    last = await pays(market, given, "40.00", "2025-07-01")
    assert (last["number"], last["contribution"]["status"]) == (2, "DISBURSED")
    assert (await seen(market, given))["committedOn"] == "2024-04-03"


async def test_a_contribution_and_its_tranches_change_their_currency_in_one_update(market: Market) -> None:
    given = await committed(market, tranches=TRANCHES)
    selected = "contribution { version amount { currency } tranches { nodes { id year amount { currency } } } }"
    asked = {"id": given["id"], "expectedVersion": given["version"]}
    now_is = await market.changed("other", "updateContribution", selected, **asked, note="In dollars")
    known = {each["year"]: each["id"] for each in now_is["tranches"]["nodes"]}
    dollars = [
        {"id": known[year], "year": year, "amount": {"amount": amount, "currency": "USD"}}
        for year, amount in ((2024, "60.00"), (2025, "40.00"))
    ]
    asked |= {"expectedVersion": now_is["version"], "amount": {"amount": "100.00", "currency": "USD"}}
    assert await market.rule("other", "updateContribution", **asked) == "input.amount: tranches_currency"
    found = await market.changed("other", "updateContribution", selected, **asked, tranches=dollars)
    assert [found["amount"], *(each["amount"] for each in found["tranches"]["nodes"])] == [{"currency": "USD"}] * 3


async def test_a_tranche_is_paid_in_half(market: Market) -> None:
    given = await committed(market, tranches=TRANCHES)
    await pays(market, given, "30.00", trancheYear=2024)
    found = (await seen(market, given))["tranches"]["nodes"]
    assert [(each["year"], each["amount"]["amount"], each["paid"]["amount"]) for each in found] == [
        (2024, "60.00", "30.00"),
        (2025, "40.00", "0.00"),
    ]


async def test_a_tranche_is_not_paid_twice_and_not_lowered_below_what_is_paid(market: Market) -> None:
    given = await committed(market, tranches=TRANCHES)
    await pays(market, given, "60.00", trancheYear=2024)
    twice = payment(given, "40.00", trancheYear=2024)
    [found] = (await market.refused("member", "createDisbursement", **twice))["violations"]
    assert (found["path"], found["rule"]) == (["input", "amount"], "tranche_sum")
    assert found["message"] == (
        "100.00 EUR would be paid of the tranche of 2024, which is 60.00 EUR. All of it is paid: choose another "
        "tranche, or raise this one first."
    )
    selected = "contribution { version tranches { nodes { id year } } }"
    asked = {"id": given["id"], "expectedVersion": given["version"]}
    read_again = await market.changed("member", "updateContribution", selected, **asked, note="Paid.")
    known = {each["year"]: each["id"] for each in read_again["tranches"]["nodes"]}
    tranches = [{**each, "id": known[each["year"]]} for each in TRANCHES]
    asked["expectedVersion"] = read_again["version"]
    lower = [{**tranches[0], "amount": euros("59.99")}, tranches[1]]
    assert await market.rule("member", "updateContribution", **asked, tranches=lower) == (
        "input.tranches.0.amount: tranche_sum"
    )
    higher = [{**tranches[0], "amount": euros("60.00")}, {**tranches[1], "amount": euros("30.00")}]
    await market.changed("member", "updateContribution", selected, **asked, tranches=higher)
    error = await market.refused("member", "createDisbursement", **payment(given, "-60.01", reason="Returned."))
    assert error["violations"][0]["message"] == (
        "60.00 EUR were paid by that day and not returned. Reduce the refund or correct paidOn."
    )


async def test_money_is_refunded_and_the_contribution_is_committed_again(market: Market) -> None:
    given = await committed(market)
    await pays(market, given, "100.00")
    assert (await seen(market, given))["status"] == "DISBURSED"
    refund = await pays(market, given, "-25.50", "2025-09-01", corrects=1, reason="One system was not delivered.")
    assert refund["amount"] == {"amount": "-25.50", "currency": "EUR"}
    assert (refund["corrects"], refund["reason"]) == (1, "One system was not delivered.")
    assert refund["contribution"] == {"status": "COMMITTED", "paid": {"amount": "74.50"}}
    day = "2025-10-01"
    await pays(market, given, "25.50", day)
    again = payment(given, "-74.51", day, corrects=1, reason="It was less.")
    error = await market.refused("member", "createDisbursement", **again)
    assert [(each["rule"], each["message"]) for each in error["violations"]] == [
        (
            "corrections_sum",
            "Entry 1 is 100.00 EUR, of which 74.50 EUR are not corrected. Correct no more than that.",
        )
    ]
    asked = payment(given, "-1.00", day, corrects=2, reason="It was less.")
    assert await market.rule("member", "createDisbursement", **asked) == "input.corrects: corrects"
    refund = await pays(market, given, "-25.50", day, corrects=3, reason="It was less.")
    *_, status, entry = await the_trail(market.database)
    told = {event["entity_type"]: (event["action"].name, event["after"]) for event in (status, entry)}
    assert told["Contribution"] == ("TRANSITION", {"status": "COMMITTED"})
    assert told["Disbursement"][1]["amount"] == {"amount": "-25.50", "currency": "EUR"}


async def test_a_fully_refunded_contribution_can_be_cancelled_and_reopened(market: Market) -> None:
    given = await committed(market)
    await pays(market, given, "10.00")
    wanted = {"id": given["id"], "expectedVersion": given["version"], "to": "CANCELLED"}
    assert await market.rule("member", "transitionContribution", **wanted) == "input.to: paid"
    await pays(market, given, "-10.00", "2025-05-07", reason="Paid to the wrong account.")
    cancelled = await becomes(market, given, "CANCELLED")
    assert cancelled["availableTransitions"] == ["PLEDGED"]
    back = {"id": given["id"], "expectedVersion": cancelled["version"], "to": "PLEDGED"}
    assert await market.rule("member", "transitionContribution", **back) == "input.reason: reason"
    reopened = await becomes(market, cancelled, "PLEDGED", reason="Cancelled by mistake.")
    assert reopened["status"] == "PLEDGED"
    *_, event = await the_trail(market.database)
    assert (event["action"].name, event["reason"]) == ("TRANSITION", "Cancelled by mistake.")


async def test_a_cancelled_contribution_changes_only_once_it_is_reopened(market: Market) -> None:
    given = await becomes(market, await committed(market), "CANCELLED")
    asked = {"id": given["id"], "expectedVersion": given["version"], "note": "Again."}
    error = await market.refused("member", "updateContribution", **asked)
    [broken] = error["violations"]
    assert (broken["rule"], broken["message"]) == (
        "ended",
        "The status is CANCELLED, so the object can no longer change. Reopen it first.",
    )


async def test_what_was_called_disbursed_without_payments_is_reopened_and_listed(market: Market) -> None:
    given = await becomes(market, await committed(market), "DISBURSED")
    assert given["paid"] == {"amount": "100.00"}
    assert await market.rule("member", "createDisbursement", **payment(given, "100.00")) == (
        "input.contributionId: payable"
    )
    reopened = await becomes(market, given, "COMMITTED", reason="The payments are listed.")
    assert reopened["paid"] == {"amount": "0.00"}
    assert (await pays(market, given, "100.00"))["contribution"]["status"] == "DISBURSED"


async def test_the_status_of_a_listed_contribution_is_not_set_by_hand(market: Market) -> None:
    given = await committed(market)
    await pays(market, given, "60.00")
    wanted = {"id": given["id"], "expectedVersion": given["version"]}
    assert await market.rule("member", "transitionContribution", **wanted, to="DISBURSED") == "input.to: paid"
    # A lower amount is a reduction: what is paid is then all of it.
    lower = {**wanted, "amount": euros("60.00"), "reason": "The donor reduced the contribution."}
    assert (await market.changed("member", "updateContribution", GIVEN, **lower))["status"] == "DISBURSED"
    version = (await seen(market, given))["version"]
    back = {"id": given["id"], "expectedVersion": version, "to": "COMMITTED", "reason": "Not all is paid."}
    assert await market.rule("member", "transitionContribution", **back) == "input.to: paid"


@pytest.mark.parametrize(
    ("entry", "broken"),
    [
        ({"amount": "60.01"}, "input.amount: disbursements_sum > Reduce the amount"),
        ({"amount": "-40.01", "reason": "Returned."}, "input.amount: refund_sum > Reduce the refund"),
        ({"amount": "-1.00", "reason": "Returned.", "day": "2025-05-05"}, "input.amount: refund_sum > Nothing can be"),
        ({"amount": "-1.00"}, "input.reason: reason"),
        ({"amount": "0.00"}, "input.amount: nothing"),
        ({"amount": "1.00", "day": "2999-01-01"}, "input.paidOn: future"),
        ({"amount": "1.00", "trancheYear": 2030}, "input.trancheYear: tranche"),
        ({"amount": "40.00", "trancheYear": 2024}, "input.amount: tranche_sum > Reduce the amount, choose"),
        ({"amount": "-1.00", "reason": "Returned.", "trancheYear": 2025}, "input.trancheYear: refund_sum"),
        ({"amount": "1.00", "corrects": 2}, "input.corrects: corrects"),
    ],
)
async def test_an_entry_that_does_not_fit_is_refused(market: Market, entry: dict[str, Any], broken: str) -> None:
    given = await committed(market, tranches=TRANCHES)
    await pays(market, given, "40.00", trancheYear=2024)
    [found] = (await market.refused("member", "createDisbursement", **payment(given, **entry)))["violations"]
    rule, _, advice = broken.partition(" > ")
    assert (".".join(found["path"]) + f": {found['rule']}", advice in found["message"]) == (rule, True)
    assert (await seen(market, given))["paid"] == {"amount": "40.00"}


@pytest.mark.parametrize("name", ["lead", "other"])
async def test_only_a_donor_enters_what_is_paid(market: Market, name: str) -> None:
    given = await committed(market)
    if name == "other":
        assert (await market.changed(name, "createDisbursement", ENTRY, **payment(given, "1.00")))["number"] == 1
    else:
        error = await market.refused(name, "createDisbursement", **payment(given, "1.00"))
        assert (error["code"], error["message"][-37:]) == ("FORBIDDEN", "or a lead if no donor has an account.")


async def test_a_lead_enters_the_pledge_of_a_donor_without_an_account_with_its_source(market: Market) -> None:
    silent = a_participant("JP")
    await market.keep(silent)
    pledge = {"kind": "CASH", "amount": euros("100.00"), "donors": [{"participantId": an_id(silent)}]}
    assert await market.rule("lead", "createContribution", **pledge) == "input.sources: source"
    source = [{"url": "https://example.org/japan"}]
    for name in ("member", "chair"):
        error = await market.refused(name, "createContribution", **pledge, sources=source)
        assert error["code"] == "FORBIDDEN"
    given = await market.changed("lead", "createContribution", GIVEN, **pledge, sources=source)
    wanted = {"id": given["id"], "expectedVersion": given["version"]}
    assert await market.rule("lead", "updateContribution", **wanted, sources=[]) == "input.reason: reason"
    emptied = {**wanted, "sources": [], "reason": "An error."}
    assert await market.rule("lead", "updateContribution", **emptied) == "input.sources: source"
    await market.changed("lead", "transitionContribution", GIVEN, **wanted, to="COMMITTED")
    assert await market.rule("lead", "createDisbursement", **payment(given, "1.00")) == "input.sources: source"
    entry = payment(given, "1.00", sources=source)
    assert (await market.changed("lead", "createDisbursement", ENTRY, **entry))["number"] == 1


async def test_a_joint_pledge_is_entered_by_the_donor_that_has_an_account(market: Market) -> None:
    silent = a_participant("JP")
    await market.keep(silent)
    donors = [{"participantId": an_id(each)} for each in (silent, market.world.home)]
    pledge = {"kind": "CASH", "donors": donors, "sources": [{"url": "https://example.org/both"}]}
    assert (await market.refused("lead", "createContribution", **pledge))["code"] == "FORBIDDEN"
    assert (await market.changed("member", "createContribution", GIVEN, **pledge))["status"] == "PLEDGED"


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"amount": euros("39.99")}, "input.amount: paid"),
        ({"amount": {"amount": "100.00", "currency": "DKK"}}, "input.amount: paid"),
        ({"kind": "IN_KIND"}, "input.kind: paid"),
        ({"tranches": [*TRANCHES, {"year": 2026, "amount": euros("0.01")}]}, "input.tranches: tranches_sum"),
        ({"tranches": [*TRANCHES[:1], {"year": 2024, "amount": euros("1.00")}]}, "input.tranches: tranches_year"),
    ],
)
async def test_what_is_paid_stays_paid(market: Market, given: dict[str, Any], broken: str) -> None:
    row = await committed(market)
    await pays(market, row, "40.00")
    found = await market.rule("member", "updateContribution", id=row["id"], expectedVersion=row["version"], **given)
    assert found == broken


async def test_payments_are_added_up_by_year_and_donor(market: Market) -> None:
    given = await committed(market)
    await pays(market, given, "60.00", "2024-12-31")
    await pays(market, given, "40.00", "2025-01-01")
    await pays(market, given, "-5.00", "2025-02-01", reason="Returned.")
    query = """{ disbursements(where: {contribution: {donors: {some: {participant: {code: {eq: "DK"}}}}}}) { aggregate {
        groupBy(by: [PAID_YEAR]) { keys { value } sums { amount { amount currency } } }
    } } }"""
    groups = (await read(market.database, query))["disbursements"]["aggregate"]["groupBy"]
    sums = [(group["keys"][0]["value"], group["sums"]["amount"]) for group in groups]
    assert sums == [("2024", [euros("60.00")]), ("2025", [euros("35.00")])]
