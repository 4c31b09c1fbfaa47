"""What every row shares: columns that hold and sort the same on both engines, keys, times and versions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Enum, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from asking import read
from keeping import keep, refused_sql
from making import a_participant, one_of_each
from models import Base, Confidence, DatePrecision, Entity, Participant, ParticipantKind, Qualifier
from models.base import new_key, now
from models.types import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from resolvers.database import Database

EARLIEST, LATEST = dt.datetime(1, 1, 2, tzinfo=dt.UTC), dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
MOMENTS = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.timezones())
DIALECTS: list[Any] = [sqlite.dialect(), postgresql.dialect()]

#: Every column that holds one of an enum's names: its table and its own name.
ENUMS = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum) and table.name != "audit_events"
]

#: Every entity of the domain.
ENTITIES = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Entity)]


@pytest.fixture(scope="module")
async def full_house(shared_database: Database) -> Database:
    await keep(shared_database, *one_of_each())
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
async def test_moments_are_kept_compared_and_shown_alike(database: Database) -> None:
    riga = dt.timezone(dt.timedelta(hours=3))
    moments = {
        "A": dt.datetime(999, 1, 1, tzinfo=dt.UTC),
        "B": dt.datetime(2024, 4, 3, 1, 30, tzinfo=riga),
        "C": dt.datetime(2024, 4, 3, 0, 0, 0, 1, tzinfo=dt.UTC),
    }
    await keep(database, *(a_participant(code, created_at=moment) for code, moment in moments.items()))
    query = """query ($since: DateTime) { participants(where: {createdAt: {gte: $since}}, orderBy: [{field: CREATED_AT}])
        { nodes { code createdAt } } }"""
    found = [(await read(database, query, since=since))["participants"]["nodes"] for since in SINCE]
    shown = ["0999-01-01T00:00:00.000000Z", "2024-04-02T22:30:00.000000Z", "2024-04-03T00:00:00.000001Z"]
    expected = [{"code": code, "createdAt": text} for code, text in zip(moments, shown, strict=True)]
    assert found == [expected, expected[1:], expected[2:]]


SINCE = ("0998-12-31T00:00:00Z", "1000-01-01T00:00:00Z", "2024-04-03T02:00:00+02:00")


@pytest.mark.anyio
async def test_text_sorts_by_code_point(database: Database) -> None:
    names = ["Zagreb", "a", "z", "É", "é", "ß", "Ω", "🛰"]
    await keep(database, *(a_participant(name=name) for name in reversed(names)))
    answer = await read(database, "{ participants(orderBy: [{field: NAME}]) { nodes { name } } }")
    assert [node["name"] for node in answer["participants"]["nodes"]] == sorted(names)


@pytest.mark.anyio
@pytest.mark.parametrize(("table", "name"), ENUMS)
async def test_a_name_that_its_enum_does_not_know_is_refused_by_the_database(
    full_house: Database, table: str, name: str
) -> None:
    await refused_sql(full_house, f"ck_{table}_{name}", f"UPDATE {table} SET {name} = 'NONSENSE'")


@pytest.mark.anyio
async def test_a_name_that_its_enum_does_not_know_is_refused_before_it_is_sent(shared_database: Database) -> None:
    unknown: Any = "EMPIRE"
    with pytest.raises(StatementError, match="EMPIRE"):
        await keep(shared_database, a_participant(kind=unknown))


@pytest.mark.anyio
async def test_an_enum_is_kept_by_its_name(shared_database: Database) -> None:
    await keep(shared_database, made := a_participant(kind=ParticipantKind.AGENCY, code="BY-NAME"))
    del made
    async with shared_database.engine.connect() as connection:
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
    return [row for entity in ENTITIES for row in session.scalars(select(entity)).all()]


@pytest.mark.anyio
async def test_every_write_of_a_row_counts_its_version_up_and_moves_its_time(database: Database) -> None:
    before = now()
    await keep(database, *one_of_each())

    def write(session: Session) -> list[tuple[int, bool, bool]]:
        rows = every_row(session)
        assert {type(row) for row in rows} == set(ENTITIES)
        assert {row.version for row in rows} == {1}
        for row in rows:
            flag_modified(row, "created_at")
        session.commit()
        return [(row.version, before <= row.created_at, row.created_at < row.updated_at) for row in rows]

    async with AsyncSession(database.engine) as session:
        assert set(await session.run_sync(write)) == {(2, True, True)}


@pytest.mark.anyio
async def test_a_row_that_was_not_changed_keeps_its_version_and_time(database: Database) -> None:
    await keep(database, a_participant("EE"))
    async with AsyncSession(database.engine) as session:
        estonia = (await session.scalars(select(Participant))).one()
        written = estonia.updated_at
        estonia.name = str(estonia.name)
        await session.commit()
        await session.refresh(estonia)
        assert (estonia.version, estonia.updated_at) == (1, written)


@pytest.mark.anyio
async def test_a_write_that_starts_from_an_older_state_is_refused(database: Database) -> None:
    await keep(database, *one_of_each())
    async with AsyncSession(database.engine, expire_on_commit=False) as early:
        stale = await early.run_sync(every_row)
        await early.commit()
        async with AsyncSession(database.engine) as late:
            for row in await late.run_sync(every_row):
                flag_modified(row, "created_at")
            await late.commit()
        for row in stale:
            flag_modified(row, "created_at")
            with pytest.raises(StaleDataError):
                await early.flush([row])
            await early.rollback()
            early.expunge(row)
