"""What every row shares: columns that hold and sort the same on both engines, keys, times and versions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Enum, select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from models import (
    Base,
    Change,
    ChangeKind,
    Confidence,
    DatePrecision,
    DeliveryReturn,
    Disbursement,
    Entity,
    OrderAmendment,
    OrderAmendmentLine,
    Participant,
    ParticipantKind,
    Qualifier,
)
from models.base import new_key
from models.types import UtcDateTime
from resolvers.database.database import create_engine
from tests.reference.filters import MODELS
from tests.support.execute import read
from tests.support.factories import a_participant, named, one_of_each
from tests.support.rows import keep, refused_sql

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from resolvers.database.database import Database

# A day from the ends of the calendar, so that every offset stays within it; without one, as hypothesis wants them.
EARLIEST, LATEST = dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)  # noqa: DTZ001
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=OFFSETS)
DIALECTS: list[Any] = [create_engine(url).dialect for url in ("sqlite://", "postgresql://")]

#: Every column that holds one of an enum's names: its table and its own name.
ENUMS = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum) and table.name != "audit_events"
]

#: Every entity of the domain.
ENTITIES = [model for model in MODELS.values() if issubclass(model, Entity)]
#: A row of these never changes, by a trigger.
CONSTANT = {Disbursement, DeliveryReturn, OrderAmendment, OrderAmendmentLine}
CHANGING = [model for model in ENTITIES if model not in CONSTANT]


@pytest.fixture(scope="module")
async def full_house(shared_database: Database) -> Database:
    change = Change(kind=ChangeKind.CREATED, entity_type="Participant", entity_key=new_key(), changed_fields=[])
    await keep(shared_database, *one_of_each(), change)
    return shared_database


@given(MOMENTS)
def test_a_moment_comes_back_in_utc_to_the_microsecond(moment: dt.datetime) -> None:
    for dialect in DIALECTS:
        kept = UtcDateTime().process_bind_param(moment, dialect)
        back = UtcDateTime().process_result_value(kept, dialect)
        assert back is not None
        assert (back, back.utcoffset()) == (moment, dt.timedelta(0))


@given(MOMENTS, MOMENTS)
def test_moments_sort_as_text_as_they_do_in_time(one: dt.datetime, other: dt.datetime) -> None:
    [first, second] = (UtcDateTime().process_bind_param(moment, DIALECTS[0]) for moment in (one, other))
    assert (first < second) == (one < other)
    assert len(first) == len("2024-04-03T00:00:00.000000Z")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: str(dialect.name))
def test_a_moment_without_an_offset_is_refused(dialect: Any) -> None:
    with pytest.raises(ValueError, match="offset"):
        UtcDateTime().process_bind_param(dt.datetime(2024, 4, 3), dialect)  # noqa: DTZ001 - the very fault


@pytest.mark.anyio
async def test_moments_are_kept_compared_and_shown_alike(shared_database: Database) -> None:
    riga = dt.timezone(dt.timedelta(hours=3))
    moments = {
        "MOMENT-1": dt.datetime(999, 1, 1, tzinfo=dt.UTC),
        "MOMENT-2": dt.datetime(2024, 4, 3, 1, 30, tzinfo=riga),
        "MOMENT-3": dt.datetime(2024, 4, 3, 0, 0, 0, 1, tzinfo=dt.UTC),
    }
    await keep(shared_database, *(a_participant(code, created_at=moment) for code, moment in moments.items()))
    query = """query ($since: DateTime) { participants(
        where: {code: {startsWith: "MOMENT-"}, createdAt: {gte: $since}}, orderBy: [{field: CREATED_AT}]
    ) { nodes { code createdAt } } }"""
    begins = ("0998-12-31T00:00:00Z", "1000-01-01T00:00:00Z", "2024-04-03T02:00:00+02:00")
    found = [(await read(shared_database, query, since=since))["participants"]["nodes"] for since in begins]
    shown = ["0999-01-01T00:00:00.000000Z", "2024-04-02T22:30:00.000000Z", "2024-04-03T00:00:00.000001Z"]
    expected = [{"code": code, "createdAt": text} for code, text in zip(moments, shown, strict=True)]
    assert found == [expected, expected[1:], expected[2:]]


@pytest.mark.anyio
async def test_text_sorts_by_code_point(shared_database: Database) -> None:
    names = ["Zagreb", "a", "z", "É", "é", "ß", "Ω", "🛰"]
    await keep(shared_database, *(a_participant(named("TEXT"), name=name) for name in reversed(names)))
    query = """{ participants(where: {code: {startsWith: "TEXT-"}}, orderBy: [{field: NAME}]) { nodes { name } } }"""
    answer = await read(shared_database, query)
    assert [node["name"] for node in answer["participants"]["nodes"]] == sorted(names)


@pytest.mark.anyio
@pytest.mark.parametrize(("table", "name"), ENUMS)
async def test_a_name_that_its_enum_does_not_know_is_refused_by_the_database(
    full_house: Database, table: str, name: str
) -> None:
    statement = f"UPDATE {table} SET {name} = 'NONSENSE'"  # noqa: S608 - names of our own
    # Triggers run before the check of the column itself.
    sooner = {
        ("document_versions", "state"): ["coalition rule version_state"],
        ("meetings", "status"): ["coalition rule decided_when_held"],
        # A scheme without a code is refused before the scheme is.
        ("procurement_items", "classification_scheme"): ["ck_procurement_items_classification"],
    }
    await refused_sql(full_house, f"ck_{table}_{name}", statement, *sooner.get((table, name), ()))


@pytest.mark.anyio
async def test_a_name_that_its_enum_does_not_know_is_refused_before_it_is_sent(shared_database: Database) -> None:
    unknown: Any = "EMPIRE"
    with pytest.raises(StatementError, match="EMPIRE"):
        await keep(shared_database, a_participant(kind=unknown))


@pytest.mark.anyio
async def test_an_enum_is_kept_by_its_name(shared_database: Database) -> None:
    await keep(shared_database, a_participant("BY-NAME", kind=ParticipantKind.AGENCY))
    async with shared_database.bypass_policies("a test looks behind the policies").connect() as connection:
        kept = await connection.exec_driver_sql("SELECT kind FROM participants WHERE code = 'BY-NAME'")
        assert kept.scalar_one() == "AGENCY"


@pytest.mark.parametrize(
    ("enum", "names"),
    [
        (DatePrecision, "DAY WEEK MONTH YEAR REPORTED_BY"),
        (Qualifier, "EXACT ABOUT NEARLY OVER UP_TO"),
        (Confidence, "HIGH MEDIUM LOW"),
    ],
)
def test_what_is_only_vaguely_known_says_how_vaguely(enum: Any, names: str) -> None:
    assert [member.name for member in enum] == names.split()
    assert all(member.value.endswith(".") for member in enum)


def test_keys_are_uuids_of_version_7_that_grow_with_time() -> None:
    keys = [new_key() for _ in range(1000)]
    assert {UUID(key).version for key in keys} == {7}
    assert sorted(set(keys)) == keys


def every_row(session: Session) -> list[Entity]:
    return [row for entity in CHANGING for row in session.scalars(select(entity)).all()]


@pytest.mark.anyio
async def test_every_write_of_a_row_counts_its_version_up_and_moves_its_time(full_house: Database) -> None:
    def write(session: Session) -> set[type[Entity]]:
        rows = every_row(session)
        before = [(row.version, row.updated_at, row.created_at) for row in rows]
        for row in rows:
            flag_modified(row, "created_at")
        session.commit()
        for row, (version, updated_at, created_at) in zip(rows, before, strict=True):
            assert row.version == version + 1
            assert row.updated_at > updated_at >= created_at == row.created_at
        return {type(row) for row in rows}

    async with AsyncSession(full_house.bypass_policies("a test looks behind the policies", unaudited=True)) as session:
        assert await session.run_sync(write) == set(CHANGING)


@pytest.mark.anyio
async def test_a_row_that_was_not_changed_keeps_its_version_and_time(shared_database: Database) -> None:
    await keep(shared_database, a_participant("UNCHANGED"))
    async with AsyncSession(shared_database.bypass_policies("a test looks behind the policies")) as session:
        row = (await session.scalars(select(Participant).where(Participant.code == "UNCHANGED"))).one()
        written = row.updated_at
        row.name = str(row.name)
        await session.commit()
        await session.refresh(row)
        assert (row.version, row.updated_at) == (1, written)


@pytest.mark.anyio
async def test_a_write_that_starts_from_an_older_state_is_refused(full_house: Database) -> None:
    async with AsyncSession(full_house.bypass_policies("a test looks behind the policies")) as session:
        stale = await session.run_sync(every_row)
    assert {type(row) for row in stale} == set(CHANGING)
    async with AsyncSession(full_house.bypass_policies("a test looks behind the policies", unaudited=True)) as session:
        for row in await session.run_sync(every_row):
            flag_modified(row, "created_at")
        await session.commit()
    for row in stale:
        async with AsyncSession(full_house.bypass_policies("a test looks behind the policies")) as session:
            session.add(row)
            flag_modified(row, "created_at")
            with pytest.raises(StaleDataError):
                await session.flush()
