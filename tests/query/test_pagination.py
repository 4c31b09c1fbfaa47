"""Pages: a walk by cursor meets every row once, in order, from either end and while rows change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, update

from models import Procurement
from tests.support.differential import Proof
from tests.support.execute import BAD_USER_INPUT, ask, read
from tests.support.factories import a_contribution, a_participant, a_procurement, money
from tests.support.pagination import PAGE, Page, Walk
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: Lists whose every order is walked: between them they sort by all kinds of values, columns and derived ones.
LISTS = {
    "procurements": "Procurement",
    "contributions": "Contribution",
    "capabilityNeeds": "CapabilityNeed",
    "purchaseOrders": "PurchaseOrder",
    "meetings": "Meeting",
}
SIZE = 7
MIXED: list[list[dict[str, str]]] = [
    [{"field": "PLANNED_YEAR", "direction": "DESC"}, {"field": "TITLE"}],
    [{"field": "APPROVED_ON"}, {"field": "ESTIMATED_VALUE", "direction": "DESC"}, {"field": "CREATED_AT"}],
    [{"field": "ESTIMATED_VALUE"}, {"field": "APPROVED_ON"}, {"field": "TITLE", "direction": "DESC"}],
    [{"field": "CREATED_AT", "direction": "DESC"}, {"field": "UPDATED_AT", "direction": "DESC"}],
    [{"field": "TITLE"}, {"field": "TITLE", "direction": "DESC"}],
]


@pytest.fixture(scope="module")
async def proof(shared_database: Database) -> Proof:
    return await Proof.begin(shared_database)


def expected_ids(proof: Proof, type_name: str, order_by: list[dict[str, str]]) -> list[str]:
    entities = proof.reference.order(type_name, order_by).sort(proof.reference.entities[type_name])
    return [f"{type_name}:{entity.id}" for entity in entities]


async def check_walks(proof: Proof, name: str, order_by: list[dict[str, str]]) -> None:
    """Check that a walk from either end meets every row once, in the reference's order."""
    expected = expected_ids(proof, LISTS[name], order_by)
    walk = Walk(proof.database, name, LISTS[name], order_by)
    forwards = [page.ids async for page in walk.forwards(SIZE)]
    assert [found for ids in forwards for found in ids] == expected, order_by
    backwards = [page.ids async for page in walk.backwards(SIZE)]
    assert [found for ids in reversed(backwards) for found in ids] == expected, order_by
    assert {len(ids) for ids in forwards[:-1] + backwards[:-1]} == {SIZE}


@pytest.mark.parametrize("name", LISTS)
async def test_a_walk_in_any_order_meets_every_row_once_from_either_end(proof: Proof, name: str) -> None:
    for field in proof.reference.order_fields(LISTS[name]):
        for direction in ("ASC", "DESC"):
            await check_walks(proof, name, [{"field": field, "direction": direction}])


@pytest.mark.parametrize("order_by", MIXED)
async def test_a_walk_in_an_order_of_several_terms_meets_every_row_once(
    proof: Proof, order_by: list[dict[str, str]]
) -> None:
    await check_walks(proof, "procurements", order_by)


async def test_the_walks_meet_ties_and_nulls(proof: Proof) -> None:
    years = [entity.planned_year for entity in proof.reference.entities["Procurement"]]  # type: ignore[attr-defined]
    assert years.count(None) > 1
    assert len(set(years)) < len(years) / 2


async def test_what_is_unknown_comes_last_ascending_and_first_descending(proof: Proof) -> None:
    query = "query Asked($d: OrderDirection!) { procurements(first: 100, orderBy: [{field: PLANNED_YEAR, direction: $d}]) { nodes { plannedYear } } }"  # noqa: E501
    for direction, unknown_first in (("ASC", False), ("DESC", True)):
        nodes = (await read(proof.database, query, d=direction))["procurements"]["nodes"]
        unknown = [node["plannedYear"] is None for node in nodes]
        assert True in unknown
        assert unknown == sorted(unknown, reverse=unknown_first)


async def test_a_page_between_two_cursors_knows_of_rows_on_both_sides(proof: Proof) -> None:
    walk = Walk(proof.database, "procurements", "Procurement", [{"field": "TITLE"}])
    whole = await walk.page(first=100)
    bounds = {"after": whole.cursors[4], "before": whole.cursors[9]}
    for size, ids in (({"first": 4}, whole.ids[5:9]), ({"first": 2}, whole.ids[5:7]), ({"last": 2}, whole.ids[7:9])):
        page = await walk.page(**bounds, **size)
        assert (page.ids, page.has_next, page.has_previous) == (ids, True, True)


async def test_a_page_between_crossed_cursors_is_empty(proof: Proof) -> None:
    walk = Walk(proof.database, "procurements", "Procurement", [{"field": "TITLE"}])
    whole = await walk.page(first=100)
    page = await walk.page(after=whole.cursors[9], before=whole.cursors[4])
    assert page == Page([], [], has_next=True, has_previous=True)


async def test_an_empty_list_has_an_empty_page(database: Database) -> None:
    walk = Walk(database, "procurements", "Procurement", [])
    assert await walk.page() == Page([], [], has_next=False, has_previous=False)
    assert await walk.page(last=1) == Page([], [], has_next=False, has_previous=False)


async def test_a_page_has_twenty_rows_where_none_is_named_and_a_hundred_at_most(database: Database) -> None:
    await keep(database, *(a_procurement(f"P{number:03}") for number in range(101)))
    walk = Walk(database, "procurements", "Procurement", [])
    assert (await walk.page()).ids == (await walk.page(first=20)).ids
    assert len((await walk.page()).ids) == 20
    assert len((await walk.page(first=100)).ids) == 100
    assert (await walk.page(last=100)).ids[-1] not in (await walk.page(first=100)).ids


async def test_a_list_of_exactly_one_page_has_no_other(database: Database) -> None:
    await keep(database, *(a_procurement() for _ in range(3)))
    walk = Walk(database, "procurements", "Procurement", [])
    for size in ({"first": 3}, {"last": 3}):
        page = await walk.page(**size)
        assert (len(page.ids), page.has_next, page.has_previous) == (3, False, False)


async def test_lists_below_other_objects_are_walked_each_on_its_own(proof: Proof) -> None:
    lists = (
        await read(
            proof.database,
            f"{{ participants(first: 100) {{ nodes {{ id donations(first: 2) {{ totalCount {PAGE} }} }} }} }}",
        )
    )["participants"]["nodes"]
    assert max(node["donations"]["totalCount"] for node in lists) > 4
    query = f"query Walk($id: ID!, $after: String) {{ node(id: $id) {{ ... on Participant {{ donations(first: 2, after: $after) {{ {PAGE} }} }} }} }}"  # noqa: E501
    for node in lists:
        page = Page.of(node["donations"])
        found = list(page.ids)
        while page.has_next:
            answer = await read(proof.database, query, id=node["id"], after=page.cursors[-1])
            page = Page.of(answer["node"]["donations"])
            found += page.ids
        donor = next(each for each in proof.reference.entities["Participant"] if node["id"].endswith(each.id))
        donations = proof.reference.order("ContributionDonor", None).sort(donor.donations)  # type: ignore[attr-defined]
        assert found == [f"ContributionDonor:{each.id}" for each in donations]


async def change(database: Database, *statements: Any) -> None:
    async with database.bypass_policies("a test looks behind the policies", unaudited=True).begin() as connection:
        for statement in statements:
            await connection.execute(statement)


@pytest.mark.parametrize("end", ["start", "end"])
async def test_while_rows_come_go_and_change_their_place_no_other_row_is_skipped_or_repeated(
    database: Database, end: str
) -> None:
    await keep(database, *(a_procurement(title=f"{number:02}") for number in range(40)))
    walk = Walk(database, "procurements", "Procurement", [{"field": "TITLE"}])
    whole = (await walk.page(first=100)).ids
    ahead, edge_of = (reversed(whole), -1) if end == "start" else (iter(whole), 0)
    met: list[str] = []
    touched: set[str] = set()
    async for page in walk.forwards(3) if end == "start" else walk.backwards(3):
        met += page.ids
        number = len(touched)
        # The row at the cursor goes, one that was met moves ahead, one still to come moves behind, and new ones come.
        gone, moved, coming = page.ids[edge_of], page.ids[len(page.ids) // 2], next(ahead, page.ids[0])
        touched |= {gone, moved, coming}
        first, last = ("!", "~") if end == "start" else ("~", "!")
        await change(
            database,
            delete(Procurement).where(key_is(gone)),
            update(Procurement).where(key_is(moved)).values(title=f"{last}{number}"),
            update(Procurement).where(key_is(coming)).values(title=f"{first}{number}"),
        )
        if number < len(whole):
            await keep(database, a_procurement(title=f"!new {number}"), a_procurement(title=f"~new {number}"))
    untouched = [row for row in whole if row not in touched]
    assert len(untouched) > 5
    assert [met.count(row) for row in untouched] == [1] * len(untouched)


def key_is(row: str) -> Any:
    return Procurement.id == row.partition(":")[2]


async def test_a_cursor_of_another_list_or_order_is_refused(proof: Proof) -> None:
    cursors = [
        (await read(proof.database, query))[name]["pageInfo"]["endCursor"]
        for name, query in (
            ("procurements", "{ procurements(first: 1, orderBy: [{field: TITLE}]) { pageInfo { endCursor } } }"),
            (
                "procurements",
                "{ procurements(first: 1, orderBy: [{field: REFERENCE, direction: DESC}]) { pageInfo { endCursor } } }",
            ),
            ("contributions", "{ contributions(first: 1) { pageInfo { endCursor } } }"),
        )
    ]
    for cursor in cursors:
        for argument in ("after", "before"):
            answer = await ask(proof.database, f'{{ procurements({argument}: "{cursor}") {{ nodes {{ id }} }} }}')
            assert answer.refusal.code == BAD_USER_INPUT
            assert answer.refusal.message.startswith(f"{argument} is not a cursor of this list in this order")
            assert answer.refusal.path == ("procurements",)


async def test_amounts_of_different_currencies_are_not_mixed_in_an_order(database: Database) -> None:
    amounts = ("2.00 EUR", "1.00 EUR", "10.00 DKK", "3 JPY")
    await keep(database, *(a_contribution(a_participant(), **money(amount=each)) for each in amounts))
    query = "{ contributions(orderBy: [{field: AMOUNT}]) { nodes { amount { amount currency } } } }"
    nodes = (await read(database, query))["contributions"]["nodes"]
    found = [f"{node['amount']['amount']} {node['amount']['currency']}" for node in nodes]
    assert found == ["10.00 DKK", "1.00 EUR", "2.00 EUR", "3 JPY"]
