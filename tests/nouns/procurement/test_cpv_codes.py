"""CPV codes: with or without their check digit they are the same code, and a wrong digit is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import ClassificationScheme
from models.code_lists.cpv_codes import cpv_code
from tests.support.execute import ask, read
from tests.support.factories import a_need, a_procurement, an_item, an_order, an_order_line
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

#: Codes of each branch whose digits differ from the weighted sum, the last code before it and the first after it, and
#: single codes. All are of the list of Regulation (EC) No 213/2008.
PUBLISHED = """
    03000000-1 03222400-7 03300000-2 03313310-2 03325200-5 03330000-3 03341000-3 03400000-4 03461100-0 09000000-3
    09100000-0 09344000-2 14000000-1 31711152-3 31711154-0 31711155-7 31711200-5 32420000-3 33141112-8 33141113-4
    33141114-2 34211000-9 34211100-9 34211200-9 34211300-9 34420000-7 34421000-7 34422000-7 35113100-0 35113110-0
    35113200-1 35125200-8 35125300-2 35331200-5 35331300-3 35642000-7 37442000-8 37442100-8 37442310-4 37442900-8
    38940000-6 38941000-7 38943000-7 38947000-7 42000000-6 42100000-0 42124213-0 42165000-3 42200000-8 45233139-3
    48628000-9 50884000-5 51000000-9 51100000-3 65122000-0 65123000-3 71351914-3 71351920-2 71351922-2 71351924-2
    72212000-4 72212100-0 72212445-0 72212790-3 72212991-2 72220000-3 72267000-4 72267100-0 72267200-1 72268000-1
    72322000-8 72330000-2 72400000-4 72500000-0 72591000-4 72600000-6 72700000-7 72810000-1 72920000-5 73000000-2
    79342400-7 79342410-4 85200000-1 85210000-3 92225000-4 92225100-7 98910000-5
"""
SELECTED = {
    "createCapabilityNeed": "capabilityNeed { id cpvCode }",
    "createProcurement": "procurement { id cpvCode items { nodes { cpvCode: classificationCode } } }",
    "createPurchaseOrder": "purchaseOrder { id lines { nodes { cpvCode } } }",
}
#: Where codes are taken: the mutation, the field, the list that has the code, and the type of what has it.
PLACES = {
    "capability_needs": ("createCapabilityNeed", "cpvCode", None, "capabilityNeeds"),
    "procurements": ("createProcurement", "cpvCode", None, "procurements"),
    "procurement_items": ("createProcurement", "classificationCode", "items", "procurements"),
    "order_lines": ("createPurchaseOrder", "cpvCode", "lines", "purchaseOrders"),
}
#: Filters that find the code, in both forms.
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"eq": "35125300"},
    {"eq": "35125300-2"},
    {"in": ["32420000", "35125300"]},
    {"in": ["35125300-2"]},
    {"startsWith": "3512"},
)
KINDS = {"capabilityNeeds": "CapabilityNeed", "procurements": "Procurement", "purchaseOrders": "PurchaseOrder"}


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


@pytest.mark.parametrize("code", PUBLISHED.split())
def test_the_check_digit_is_that_of_the_published_list(code: str) -> None:
    assert cpv_code(code) == cpv_code(code[:8]) == code
    wrong = f"{code[:9]}{(int(code[9]) + 1) % 10}"
    with pytest.raises(ValueError, match=f"^{wrong} has a wrong check digit; the code is {code}$"):
        cpv_code(wrong)


@pytest.mark.parametrize("text", ["", "3242000", "324200003", "32420000-", "32420000-33", "32420000 3", "٣2420000-3"])
def test_a_text_of_another_form_is_no_code(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a CPV code: write eight digits, with or without the check digit"):
        cpv_code(text)


async def given(market: Market, table: str, code: str) -> tuple[str, dict[str, Any]]:
    mutation, field, part, _ = PLACES[table]
    fields: dict[str, Any] = {"title": "Radios", "groupId": an_id(market.world.group)}
    if table == "capability_needs":
        fields |= {"areaId": an_id(market.world.area), "gapStatement": "No radios."}
    if table == "order_lines":
        fields = {"procurementId": an_id(await market.procurement())}
    scheme = {"classificationScheme": "CPV"} if table == "procurement_items" else {}
    own = {"description": "Radios", field: code, **scheme}
    return mutation, {**fields, part: [own]} if part else {**fields, field: code}


def code_in(row: dict[str, Any], part: str | None) -> str:
    holder = row[part]["nodes"][0] if part else row
    return str(holder["cpvCode"])


@pytest.mark.anyio
@pytest.mark.parametrize("table", PLACES)
async def test_a_code_is_one_code_in_both_forms(market: Market, table: str) -> None:
    _, field, part, root = PLACES[table]
    for written in ("35125300", "35125300-2"):
        mutation, fields = await given(market, table, written)
        made = await market.changed("member", mutation, SELECTED[mutation], **fields)
        assert code_in(made, part) == "35125300-2"
    member = await market.world.viewer("member")
    for condition in CONDITIONS:
        where: dict[str, Any] = {field: condition}
        where = {part: {"some": where}} if part else where
        query = f"query ($where: {KINDS[root]}Where) {{ {root}(where: $where) {{ totalCount }} }}"
        found = await read(market.database, query, viewer=member, where=where)
        assert found[root]["totalCount"] == 2, condition


@pytest.mark.anyio
@pytest.mark.parametrize("table", PLACES)
async def test_a_wrong_check_digit_is_refused_with_the_right_code(market: Market, table: str) -> None:
    _, field, part, _ = PLACES[table]
    mutation, fields = await given(market, table, "35125300-1")
    error = await market.refused("member", mutation, **fields)
    assert error["violations"] == [
        {
            "path": ["input", *([part, "0"] if part else []), field],
            "rule": "cpv_check_digit",
            "message": "35125300-1 has a wrong check digit; the code is 35125300-2.",
        }
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("table", ["capability_needs", "procurements", "order_lines"])
async def test_a_filter_by_a_wrong_check_digit_is_refused_with_the_right_code(market: Market, table: str) -> None:
    _, field, part, root = PLACES[table]
    where = f'{part}: {{some: {{{field}: {{eq: "35125300-1"}}}}}}' if part else f'{field}: {{eq: "35125300-1"}}'
    answer = await ask(market.database, f"{{ {root}(where: {{{where}}}) {{ totalCount }} }}")
    [fault] = answer.errors
    place = f"where.{part}.some.{field}.eq" if part else f"where.{field}.eq"
    assert str(fault.message) == f"{place}: 35125300-1 has a wrong check digit; the code is 35125300-2."


@pytest.mark.anyio
async def test_a_code_of_another_scheme_is_stored_as_it_is_written(market: Market) -> None:
    for scheme, code in (("UNSPSC", "35125300"), ("OTHER", "35125300-1"), ("CPV", "35125300")):
        mutation, fields = await given(market, "procurement_items", code)
        fields["items"][0]["classificationScheme"] = scheme
        made = await market.changed("member", mutation, SELECTED[mutation], **fields)
        assert code_in(made, "items") == (code if scheme != "CPV" else "35125300-2")
    query = """query ($code: String!) {
      procurements(where: {items: {some: {classificationCode: {eq: $code}}}}) { totalCount }
    }"""
    member = await market.world.viewer("member")
    for code, number in {"35125300": 2, "35125300-2": 1, "35125300-1": 1}.items():
        found = await read(market.database, query, viewer=member, code=code)
        assert found["procurements"]["totalCount"] == number, code


@pytest.mark.anyio
async def test_an_item_that_gets_the_scheme_cpv_gets_the_check_digit(market: Market) -> None:
    mutation, fields = await given(market, "procurement_items", "35125300")
    fields["items"][0]["classificationScheme"] = "UNSPSC"
    made = await market.changed("member", mutation, "procurement { id version items { nodes { id } } }", **fields)
    item = {"id": made["items"]["nodes"][0]["id"], "description": "Cameras", "classificationScheme": "CPV"}
    asked = {"id": made["id"], "expectedVersion": made["version"], "items": [item]}
    wrong = {**asked, "items": [{**item, "classificationCode": "35125300-9"}]}
    rule = await market.rule("member", "updateProcurement", **wrong)
    assert rule == "input.items.0.classificationCode: cpv_check_digit"
    changed = await market.changed("member", "updateProcurement", SELECTED[mutation], **asked)
    assert code_in(changed, "items") == "35125300-2"


async def a_row(market: Market, table: str, code: str) -> Entity:
    area, group = market.world.area, market.world.group
    if table == "capability_needs":
        return a_need(area, group=group, cpv_code=code)
    if table == "procurements":
        return a_procurement(group=group, cpv_code=code)
    bought = await market.procurement()
    if table == "procurement_items":
        return an_item(bought, classification_scheme=ClassificationScheme.CPV, classification_code=code)
    return an_order_line(an_order(bought), cpv_code=code)


@pytest.mark.anyio
@pytest.mark.parametrize("table", PLACES)
async def test_the_database_holds_the_check_digit_of_every_branch(market: Market, table: str) -> None:
    refusal = "coalition rule cpv_check_digit at "
    with pytest.raises(IntegrityError, match=refusal):
        await market.keep(await a_row(market, table, "35125300-1"))
    await market.keep(await a_row(market, table, "35125300-2"))
    column = "classification_code" if table == "procurement_items" else "cpv_code"
    change = text(f"UPDATE {table} SET {column} = :code")  # noqa: S608 - names of ours
    async with market.database.bypass_policies("a test writes by itself", unaudited=True).begin() as connection:
        for code in PUBLISHED.split():
            await connection.execute(change, {"code": code})
            # One code shows all ways in which a code can be wrong.
            others = [f"{code[:9]}x", f"{code[:7]}x{code[8:]}", f"x{code[1:]}"] if code == "51000000-9" else []
            for wrong in (f"{code[:9]}{(int(code[9]) + 1) % 10}", *others):
                with pytest.raises(IntegrityError, match=refusal):
                    async with connection.begin_nested():
                        await connection.execute(change, {"code": wrong})
