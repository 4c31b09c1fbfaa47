"""Sources and published figures: where a fact comes from, and the public statements about it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models import Confidence, Measure, Meeting, Participant, PublishedFigure, Qualifier
from models.sources.sources import Sourced
from tests.reference.filters import MODELS
from tests.support.execute import read
from tests.support.factories import a_figure, a_meeting, a_participant, a_source, money, one_of_each
from tests.support.rows import keep, refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: Every entity that has sources.
SOURCED = [model for model in MODELS.values() if issubclass(model, Sourced)]
FIRST, SECOND, THIRD = (f"https://example.org/{name}" for name in ("b", "a", "c"))


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    meeting = a_meeting("SG-2")
    official = a_source(
        PublishedFigure,
        FIRST,
        publisher="Ministry of Defence",
        published_on=dt.date(2024, 4, 3),
        confidence=Confidence.HIGH,
        note="In its own words.",
    )
    await keep(
        shared_database,
        a_figure("FIG-1", meeting=meeting, value=10, sources=[official, a_source(PublishedFigure, SECOND)]),
        a_figure("FIG-2", meeting=meeting, value=11, sources=[a_source(PublishedFigure, THIRD)]),
        a_figure("FIG-3", measure=Measure.RAISED, qualifier=Qualifier.OVER, **money(money="1300000000.00 EUR")),
        a_figure("FIG-4", measure=Measure.SPENT, value=2**53 - 1),
    )
    return shared_database


async def test_a_fact_lists_its_sources_in_their_order(record: Database) -> None:
    query = """{ publishedFigures(where: {reference: {eq: "FIG-1"}}) { nodes {
        sources { url publisher publishedOn confidence note }
    } } }"""
    official = {"url": FIRST, "publisher": "Ministry of Defence", "publishedOn": "2024-04-03"}
    first = {**official, "confidence": "HIGH", "note": "In its own words."}
    second = {"url": SECOND, "publisher": None, "publishedOn": None, "confidence": None, "note": None}
    assert await read(record, query) == {"publishedFigures": {"nodes": [{"sources": [first, second]}]}}


async def test_figures_that_disagree_both_stand_with_their_sources(record: Database) -> None:
    query = """{ publishedFigures(where: {meeting: {reference: {eq: "SG-2"}}}) {
        nodes { value money { amount } sources { url } }
    } }"""
    ten = {"value": 10, "money": None, "sources": [{"url": FIRST}, {"url": SECOND}]}
    eleven = {"value": 11, "money": None, "sources": [{"url": THIRD}]}
    assert await read(record, query) == {"publishedFigures": {"nodes": [ten, eleven]}}


async def test_a_figure_is_a_number_or_an_amount(record: Database) -> None:
    query = "{ publishedFigures { nodes { reference measure qualifier value money { amount currency } } } }"
    raised = {"amount": "1300000000.00", "currency": "EUR"}
    nodes = (await read(record, query))["publishedFigures"]["nodes"]
    assert nodes[2:] == [
        {"reference": "FIG-3", "measure": "RAISED", "qualifier": "OVER", "value": None, "money": raised},
        {"reference": "FIG-4", "measure": "SPENT", "qualifier": "EXACT", "value": 2**53 - 1, "money": None},
    ]


async def test_figures_are_counted_but_never_added_up(record: Database) -> None:
    query = "{ publishedFigures { aggregate { groupBy(by: [MEASURE]) { keys { value } count } } } }"
    groups = (await read(record, query))["publishedFigures"]["aggregate"]["groupBy"]
    found = {group["keys"][0]["value"]: group["count"] for group in groups}
    assert found == {"PARTICIPATING_NATIONS": 2, "RAISED": 1, "SPENT": 1}
    fields = await read(record, '{ __type(name: "PublishedFigureAggregate") { fields { name } } }')
    assert {field["name"] for field in fields["__type"]["fields"]} == {"count", "groupBy"}


async def test_a_source_that_is_taken_out_leaves_no_gap(shared_database: Database) -> None:
    addresses = (FIRST, SECOND, THIRD)
    await keep(shared_database, a_participant("EE", sources=[a_source(Participant, address) for address in addresses]))

    def take_out_the_first(session: Session) -> list[tuple[int, str]]:
        estonia = session.scalars(select(Participant)).one()
        del estonia.sources[0]
        session.commit()
        return [(source.ordinal, source.url) for source in estonia.sources]

    async with AsyncSession(
        shared_database.bypass_policies("a test looks behind the policies", unaudited=True)
    ) as session:
        assert await session.run_sync(take_out_the_first) == [(1, SECOND), (2, THIRD)]
    answer = await read(shared_database, '{ participant(code: "EE") { sources { url } } }')
    assert answer == {"participant": {"sources": [{"url": SECOND}, {"url": THIRD}]}}


async def test_the_sources_of_a_fact_go_with_it(shared_database: Database) -> None:
    await keep(shared_database, a_meeting("GONE", sources=[a_source(Meeting), a_source(Meeting)]))
    async with shared_database.bypass_policies(
        "a test looks behind the policies", unaudited=True
    ).begin() as connection:
        await connection.execute(text("DELETE FROM meetings WHERE reference = 'GONE'"))
        left = await connection.execute(text("SELECT count(*) FROM meetings_sources"))
        assert left.scalar_one() == 0


@pytest.mark.parametrize("sourced", SOURCED, ids=lambda sourced: str(sourced.__name__))
async def test_a_statement_bears_a_fact_once(shared_database: Database, sourced: type[Sourced]) -> None:
    rows = one_of_each()
    [fact] = [row for row in rows if isinstance(row, sourced)]
    fact.sources.append(a_source(sourced, fact.sources[0].url))
    await refused(shared_database, f"uq_{fact.__tablename__}_sources_owner_id_url", *rows)


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_published_figures_value_or_money", {"value": None}),
        ("ck_published_figures_value_or_money", {"value": 1, **money(money="1.00 EUR")}),
        ("ck_published_figures_value", {"value": -1}),
        ("ck_published_figures_money", {"money_minor": 1}),
    ],
)
async def test_a_figure_is_refused_that_is_neither_or_both_or_below_nought(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, a_figure(**fault))


async def test_a_reference_belongs_to_one_figure(shared_database: Database) -> None:
    await refused(shared_database, "uq_published_figures_reference", a_figure("FIG-9"), a_figure("FIG-9"))
