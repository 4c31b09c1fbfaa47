"""Procurements: the amounts set aside and ordered in each currency, and which procurements and orders are late."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from sqlalchemy import text

from models import Procurement, ProcurementStatus, PurchaseOrderStatus
from models.base import now
from models.money import Money
from models.procurement.procurements import PROCUREMENT_TRANSITIONS
from resolvers.database.database import Database, create_engine
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_need,
    a_participant,
    a_procurement,
    an_allocation,
    an_expert_group,
    an_order,
    money,
)
from tests.support.rows import changes, in_python, keep, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio

PLACED, DRAFT = PurchaseOrderStatus.PLACED, PurchaseOrderStatus.DRAFT
DAY = dt.timedelta(days=1)

#: Each procurement by its reference: what is ordered, what is set aside, and whether it is overdue.
FIGURES: dict[str, tuple[list[str], list[str], bool]] = {
    "DRAFTED": ([], [], False),
    "LATE": (["100.00 EUR"], [], True),
    "MIXED": (["91000000.00 DKK", "30.75 EUR", "500 JPY"], ["1.00 DKK", "11.00 EUR"], False),
    "NOTHING": ([], [], False),
    "UNKNOWN": ([], [], False),
}


async def today() -> dt.date:
    """Return the day in UTC; wait for the next day if this one is about to end."""
    moment = now()
    left = dt.datetime.combine(moment.date() + DAY, dt.time.min, dt.UTC) - moment
    if left < dt.timedelta(seconds=20):
        await anyio.sleep(left.total_seconds())
    return now().date()


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    day = await today()
    made = {reference: a_procurement(reference) for reference in FIGURES}
    networks, cyber = an_expert_group("EG1", name="Networks"), an_expert_group("EG2")
    made["LATE"].group = made["MIXED"].group = networks
    made["DRAFTED"].group = cyber
    made["LATE"].status, made["MIXED"].status = ProcurementStatus.ORDERED, ProcurementStatus.ORDERED
    mixed, late, drafted, unknown = (made[name] for name in ("MIXED", "LATE", "DRAFTED", "UNKNOWN"))
    await keep(
        shared_database,
        *made.values(),
        an_order(mixed, "M1", status=PLACED, expected_on=day, **money(value="10.50 EUR")),
        an_order(mixed, "M2", status=PurchaseOrderStatus.CONFIRMED, expected_on=day + DAY, **money(value="20.25 EUR")),
        an_order(mixed, "M3", status=PurchaseOrderStatus.CLOSED, expected_on=day - DAY, **money(value="500 JPY")),
        an_order(mixed, "M4", status=PLACED, **money(value="91000000.00 DKK")),
        an_order(mixed, "M5", expected_on=day - DAY, **money(value="9999.00 EUR")),
        an_order(late, "L1", status=PurchaseOrderStatus.PARTIALLY_DELIVERED, expected_on=day - DAY),
        an_order(late, "L2", status=PurchaseOrderStatus.DELIVERED, **money(value="100.00 EUR")),
        an_order(drafted, "D1", status=DRAFT, expected_on=day - DAY, **money(value="1.00 EUR")),
        an_order(unknown, "U1", status=PurchaseOrderStatus.DELIVERED, expected_on=day - DAY),
    )
    # Afterwards, as in the public record: of what was ordered before nobody published the money.
    await keep(
        shared_database,
        an_allocation(a_contribution(**money(amount="10.00 EUR")), mixed, "10.00 EUR"),
        an_allocation(a_contribution(**money(amount="10.00 EUR")), mixed, "1.00 EUR"),
        an_allocation(a_contribution(**money(amount="10.00 DKK")), mixed, "1.00 DKK"),
    )
    return shared_database


def spoken(amounts: list[dict[str, str]]) -> list[str]:
    return [f"{amount['amount']} {amount['currency']}" for amount in amounts]


async def test_a_procurement_adds_up_its_orders_and_funds_in_each_currency(record: Database) -> None:
    query = """{ procurements { nodes {
        reference orderedValue { amount currency } allocatedFunds { amount currency } isOverdue
    } } }"""
    found = {
        node["reference"]: (spoken(node["orderedValue"]), spoken(node["allocatedFunds"]), node["isOverdue"])
        for node in (await read(record, query))["procurements"]["nodes"]
    }
    assert found == FIGURES


async def test_python_adds_up_a_procurement_as_the_database_does(record: Database) -> None:
    expected = {
        reference: (*([Money.of(*amount.split()) for amount in amounts] for amounts in figures[:2]), figures[2])
        for reference, figures in FIGURES.items()
    }
    names = ("ordered_value", "allocated_funds", "is_overdue")
    assert await in_python(record, Procurement, "reference", *names) == expected


async def test_procurements_are_found_by_whether_they_are_overdue(record: Database) -> None:
    query = "query ($late: Boolean) { procurements(where: {isOverdue: {eq: $late}}) { nodes { reference } } }"
    late, others = [(await read(record, query, late=late))["procurements"]["nodes"] for late in (True, False)]
    assert late == [{"reference": "LATE"}]
    assert {node["reference"] for node in others} == set(FIGURES) - {"LATE"}


@pytest.fixture
def postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    with postgresql_databases.migrated() as address:
        yield address


async def test_an_order_is_late_by_the_day_in_utc_wherever_the_server_stands(postgresql_url: str) -> None:
    day = await today()
    database = Database(postgresql_url)
    for reference, expected_on in (("LATE", day - DAY), ("ON-TIME", day)):
        await keep(database, an_order(a_procurement(reference), status=PLACED, expected_on=expected_on))
    found = []
    # At every hour it is another day than in UTC in one of the two.
    for zone in ("Etc/GMT+12", "Pacific/Kiritimati"):
        async with create_engine(postgresql_url).begin() as connection:
            name = (await connection.execute(text("SELECT current_database()"))).scalar_one()
            await connection.execute(text(f"ALTER DATABASE {name} SET timezone = '{zone}'"))
        # The setting is that of connections made from now on.
        await database.close()
        found.append(await read(database, "{ procurements { nodes { reference isOverdue } } }"))
    await database.close()
    nodes = [{"reference": "LATE", "isOverdue": True}, {"reference": "ON-TIME", "isOverdue": False}]
    assert found == [{"procurements": {"nodes": nodes}}] * 2


async def test_procurements_are_counted_by_status_and_group(record: Database) -> None:
    query = "{ procurements { aggregate { groupBy(by: [STATUS, GROUP]) { keys { field value label } count } } } }"
    groups = (await read(record, query))["procurements"]["aggregate"]["groupBy"]
    assert {key["field"] for group in groups for key in group["keys"]} == {"STATUS", "GROUP"}
    found = [([(key["value"], key["label"]) for key in group["keys"]], group["count"]) for group in groups]
    assert found == [
        ([("ORDERED", None), ("EG1", "Networks")], 2),
        ([("PLANNING", None), ("EG2", None)], 1),
        ([("PLANNING", None), (None, None)], 2),
    ]


async def test_estimates_are_added_up_by_year_and_never_across_currencies(database: Database) -> None:
    lead = a_participant("LU")
    await keep(
        database,
        a_procurement(planned_year=2025, lead_participant=lead, **money(estimated_value="0.10 EUR")),
        a_procurement(planned_year=2025, lead_participant=lead, **money(estimated_value="0.20 EUR")),
        a_procurement(planned_year=2025, **money(estimated_value="91000000.00 DKK")),
        a_procurement(),
    )
    query = """{ procurements { aggregate {
        sums { estimatedValue { amount currency } }
        groupBy(by: [PLANNED_YEAR]) { keys { value } count sums { estimatedValue { amount currency } } }
        leads: groupBy(by: [LEAD_PARTICIPANT]) { keys { value label } count }
    } } }"""
    aggregate = (await read(database, query))["procurements"]["aggregate"]
    sums = ["91000000.00 DKK", "0.30 EUR"]
    assert spoken(aggregate["sums"]["estimatedValue"]) == sums
    found = [
        (group["keys"][0]["value"], group["count"], spoken(group["sums"]["estimatedValue"]))
        for group in aggregate["groupBy"]
    ]
    assert found == [("2025", 3, sums), (None, 1, [])]
    leads = [(*group["keys"][0].values(), group["count"]) for group in aggregate["leads"]]
    assert leads == [("LU", "The LU", 2), (None, None, 2)]


async def test_a_procurement_names_its_needs_and_who_pays_leads_and_buys(database: Database) -> None:
    need = a_need(a_capability_area(), "NEED-1")
    estonia, agency = a_participant("EE"), a_participant("NSPA")
    roles = {"lead_participant": estonia, "procuring_entity": agency, "funders": [a_participant("LU"), estonia]}
    await keep(database, a_procurement("PROC-1", needs=[need], cpv_code="32420000-3", ocid="ocds-1", **roles))
    query = """{ procurements { nodes {
        ocid cpvCode needs { nodes { reference } } funders { nodes { code } }
        leadParticipant { code ledProcurements { totalCount } } procuringEntity { code }
    } } }"""
    expected = {
        "ocid": "ocds-1",
        "cpvCode": "32420000-3",
        "needs": {"nodes": [{"reference": "NEED-1"}]},
        "funders": {"nodes": [{"code": "EE"}, {"code": "LU"}]},
        "leadParticipant": {"code": "EE", "ledProcurements": {"totalCount": 1}},
        "procuringEntity": {"code": "NSPA"},
    }
    assert await read(database, query) == {"procurements": {"nodes": [expected]}}


def test_a_procurement_changes_its_status_as_the_rules_say() -> None:
    assert (
        changes(
            ProcurementStatus,
            "PLANNING → APPROVED → TENDERING → AWARDED → ORDERED → DELIVERING → COMPLETED",
            "ORDERED → COMPLETED",
            "PLANNING·APPROVED·TENDERING·AWARDED → CANCELLED",
            "TENDERING → UNSUCCESSFUL → PLANNING·TENDERING",
            "CANCELLED → PLANNING",
            "APPROVED → AWARDED",
        )
        == PROCUREMENT_TRANSITIONS
    )


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_procurements_cpv_code", {"cpv_code": "3242000-3"}),
        ("ck_procurements_planned_year", {"planned_year": 2022}),
        ("ck_procurements_planned_year", {"planned_year": 2101}),
        ("ck_procurements_estimated_value", {"estimated_value_minor": 100}),
    ],
)
async def test_a_procurement_is_refused_whose_particulars_cannot_be(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, a_procurement(**fault))


async def test_a_reference_belongs_to_one_procurement(shared_database: Database) -> None:
    await refused(shared_database, "uq_procurements_reference", a_procurement("PROC-9"), a_procurement("PROC-9"))
