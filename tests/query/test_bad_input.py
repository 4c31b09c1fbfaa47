"""Bad input: refused as BAD_USER_INPUT with a message that names the argument, never with a fault of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.generators.bad_arguments import KEY, REFUSED, ways
from tests.support.execute import BAD_USER_INPUT, Answer, ask, read
from tests.support.factories import a_contribution, a_participant, a_procurement, an_expert_group, money
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def with_a_group(shared_database: Database) -> Database:
    """Keep a group, below which lists are executed."""
    await keep(shared_database, an_expert_group("EG1"))
    return shared_database


def check(answer: Answer, name: str, message: str) -> None:
    refusal = answer.refusal
    assert refusal.code == BAD_USER_INPUT
    assert message in refusal.message
    assert name in refusal.message or "$value" in refusal.message
    refusal.message.encode()


@pytest.mark.parametrize(
    ("name", "value", "message"), REFUSED, ids=[f"{at} {case[0]}" for at, case in enumerate(REFUSED)]
)
async def test_a_bad_argument_is_refused_by_its_name(
    with_a_group: Database, name: str, value: Any, message: str
) -> None:
    for query, variables in ways(name, value):
        check(await ask(with_a_group, query, **variables), name, message)


@pytest.mark.parametrize(
    "where", [{"title": {"eq": "\ud800"}}, {"title": {"in": ["x", "a\udfff"]}}, {"title": {"contains": "\udc00\ud800"}}]
)
async def test_half_a_surrogate_pair_is_refused(with_a_group: Database, where: dict[str, Any]) -> None:
    for query, variables in ways("where", where)[1:]:
        check(await ask(with_a_group, query, **variables), "where.title", "half of a surrogate pair")


async def test_half_a_surrogate_pair_where_an_enum_belongs_is_refused_with_a_message_that_can_be_sent(
    shared_database: Database,
) -> None:
    for query, variables in ways("where", {"status": {"eq": "\ud800"}})[1:]:
        check(await ask(shared_database, query, **variables), "$value", "status")


async def test_first_with_last_is_refused(with_a_group: Database) -> None:
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("{ procurements(first: 1, last: 1) { nodes { id } } }", {}),
        ("query Asked($n: Int) { procurements(first: $n, last: $n) { totalCount } }", {"n": 1}),
        ("{ expertGroups { nodes { procurements(last: 1, first: 1) { __typename } } } }", {}),
    )
    for query, variables in cases:
        answer = await ask(with_a_group, query, **variables)
        assert answer.refusal.message == "first and last cannot be used together. Use one of them."
    answer = await ask(with_a_group, "query Asked($n: Int) { procurements(first: $n, last: $n) { totalCount } }")
    assert answer.data == {"procurements": {"totalCount": 0}}


async def test_the_cursors_of_other_kinds_of_values_are_read_as_strictly(shared_database: Database) -> None:
    forged: dict[str, tuple[str, list[Any]]] = {
        "APPROVED_ON": ("approved_on", ["2024-02-30", "x", 1, 10**400, "0000-01-01", True]),
        "CREATED_AT": ("created_at", ["x", 1, "2024-04-03T25:00:00Z", "9999-12-31T23:59:59-14:00", None]),
        "PLANNED_YEAR": ("planned_year", [2**31, -(2**31) - 1, 1.5, "2024", True, 10**400]),
        "ESTIMATED_VALUE": ("estimated_value_currency,estimated_value_minor", [1, "EUR"]),
    }
    for field, (name, values) in forged.items():
        for value in values:
            filled = ["EUR", 2**63] if "," in name and value == "EUR" else ([value, 1] if "," in name else [value])
            text = json.dumps([f"Procurement:{name},id", *filled, KEY]).encode().hex()
            query = f'{{ procurements(after: "{text}", orderBy: [{{field: {field}}}]) {{ nodes {{ id }} }} }}'
            check(await ask(shared_database, query), "after", "after is not a cursor of this list in this order")


HOSTILE = st.one_of(
    st.text(alphabet=st.characters(codec=None), max_size=20),
    st.sampled_from(
        ["'; DROP TABLE procurements; --", "\\", '"', "%", "$1", ":v0", "?", "{}", "\u202e", "\x7f", "NULL"]
    ),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
)
HOSTILE_CURSOR = st.lists(HOSTILE | st.lists(HOSTILE, max_size=2), max_size=4).map(
    lambda values: json.dumps(["Procurement:approved_on,planned_year,id", *values]).encode().hex()
)
EVERYWHERE = """
query Asked($w: ProcurementWhere, $after: String, $id: ID!, $ids: [ID!]!, $code: String!) {
  procurements(where: $w, after: $after, orderBy: [{field: APPROVED_ON}, {field: PLANNED_YEAR}]) { nodes { id } }
  node(id: $id) { id }
  nodes(ids: $ids) { id }
  participant(code: $code) { id }
}
"""


@st.composite
def hostile_variables(draw: st.DrawFn) -> dict[str, Any]:
    """Put one hostile value in one place; elsewhere all is well."""
    value, good = draw(HOSTILE), f"Procurement:{KEY}"
    places: list[dict[str, Any]] = [
        *({"w": {"title": {operator: value}}} for operator in ("eq", "contains", "startsWith")),
        {"w": {"title": {"in": [value, value]}}},
        {"w": {"plannedYear": {"gte": value}}},
        {"w": {"approvedOn": {"lte": value}}},
        {"w": {"createdAt": {"gte": value}}},
        {"w": {"status": {"eq": value}}},
        {"w": {"estimatedValue": {"currency": "EUR", "eq": value}}},
        {"w": {"estimatedValue": {"currency": value, "eq": "1"}}},
        {"w": {"id": {"eq": value}}},
        {"w": {"or": [{"group": {"name": {"eq": value}}}]}},
        {"after": value},
        {"after": draw(HOSTILE_CURSOR)},
        {"id": value},
        {"id": f"Procurement:{value}"},
        {"ids": [good, value]},
        {"code": value},
    ]
    return {"id": good, "ids": [good], "code": "EE", **draw(st.sampled_from(places))}


async def test_a_thousand_hostile_values_are_answered_or_refused(shared_database: Database) -> None:
    found: list[dict[str, Any]] = []

    @settings(max_examples=1000, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(hostile_variables())
    def collect(variables: dict[str, Any]) -> None:
        found.append(variables)

    collect()
    answered = refused = 0
    for variables in found:
        answer = await ask(shared_database, EVERYWHERE, **variables)
        assert all(error.code == BAD_USER_INPUT for error in answer.errors), variables
        nulled = answer.data is None or answer.data["node"] is answer.data["participant"] is None
        assert nulled if answer.errors else answer.data is not None, variables
        answered, refused = answered + (not answer.errors), refused + bool(answer.errors)
        for error in answer.errors:
            error.message.encode()
    assert len(found) == 1000
    assert min(answered, refused) > 100


async def test_unusual_text_is_found_as_it_is(database: Database) -> None:
    texts = [
        "'; DROP TABLE procurements; --",
        "\\",
        '"',
        "%",
        "$1 :v0 ?",
        "\U0010ffff",
        "\u00e9",
        "ﬁ ½",
    ]
    await keep(database, *(a_procurement(title=text) for text in texts))
    query = "query Asked($text: String!) { procurements(where: {title: {eq: $text}}) { nodes { title } } }"
    for text in texts:
        assert await read(database, query, text=text) == {"procurements": {"nodes": [{"title": text}]}}
        written = query.replace("query Asked($text: String!) ", "").replace(
            "$text", json.dumps(text, ensure_ascii=False)
        )
        assert await read(database, written) == {"procurements": {"nodes": [{"title": text}]}}


async def test_the_largest_amount_is_found_and_shown_to_the_last_digit(database: Database) -> None:
    await keep(database, a_contribution(a_participant(), **money(amount="10000000000000.00 EUR")))
    where = {"amount": {"currency": "EUR", "eq": "10000000000000.00"}}
    query = "query Asked($where: ContributionWhere) { contributions(where: $where) { nodes { amount { amount } } } }"
    assert await read(database, query, where=where) == {
        "contributions": {"nodes": [{"amount": {"amount": "10000000000000.00"}}]}
    }


@pytest.mark.parametrize(
    ("head", "step"),
    [
        ("contributions { nodes { ", "partOf { "),
        ("contributions { nodes { ", "parts { nodes { "),
        ("participants { nodes { ", "memberships { nodes { participant { "),
        ("participants { edges { node { ", "memberships { edges { node { participant { "),
    ],
)
async def test_a_query_nested_too_deep_is_refused_and_never_a_fault_of_the_server(
    database: Database, head: str, step: str
) -> None:
    answered = 0
    for times in range(1, 40):
        levels = head + step * times
        answer = await ask(database, f"{{ {levels} id {'} ' * levels.count('{')} }}")
        if not answer.errors:
            answered = times
            continue
        assert answer.refusal.code == BAD_USER_INPUT
        assert "nested too deeply" in answer.refusal.message
    assert 0 < answered < 20


async def test_a_filter_of_too_many_conditions_is_refused(database: Database) -> None:
    query = "query($where: ProcurementWhere) { procurements(where: $where) { totalCount } }"
    one = {"status": {"eq": "PLANNING"}}
    assert (await read(database, query, where={"or": [one] * 199})) == {"procurements": {"totalCount": 0}}
    refusal = (await ask(database, query, where={"or": [one] * 3000})).refusal
    assert refusal.code == BAD_USER_INPUT
    assert "where has more than 200 conditions" in refusal.message


@pytest.mark.parametrize(
    "where",
    [
        {"or": [{}] * 1000},
        {"and": [{}] * 1000},
        {"purchaseOrders": {"some": {"or": [{}] * 1000}}},
        {"and": [{"or": [{}] * 50}] * 20},
    ],
)
async def test_empty_conditions_count_as_well(database: Database, where: dict[str, Any]) -> None:
    query = "query($where: ProcurementWhere) { procurements(where: $where) { totalCount } }"
    refusal = (await ask(database, query, where=where)).refusal
    assert refusal.code == BAD_USER_INPUT
    assert "where has more than 200 conditions" in refusal.message
