"""Helpers of the tests of the nouns: rows stored and refused, values read back, rules of status changes."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models import Base, LoadedRow
from models.base import new_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models import Entity
    from resolvers.database.database import Database

Status = TypeVar("Status", bound=Enum)


async def keep(database: Database, *rows: Base) -> None:
    """Store rows, and the rows that are related to them."""
    async with AsyncSession(
        database.bypass_policies("a test writes rows", unaudited=True), expire_on_commit=False
    ) as session:
        session.add_all(rows)
        await session.commit()


async def keep_loaded(database: Database, *rows: Entity) -> None:
    """Store rows as a load does: it announces them first, so that some rules of the database exempt them."""
    for row in rows:
        row.id = row.id or new_key()
        await keep(database, LoadedRow(row_id=row.id, table_name=row.__tablename__, values={}))
    await keep(database, *rows)


async def in_python(database: Database, model: type[Base], key: str, *names: str) -> dict[Any, Any]:
    """Return the attributes `names` of every row, as Python computes them over the loaded objects, by their `key`."""

    def read(session: Session) -> dict[Any, Any]:
        rows = {getattr(row, key): [getattr(row, name) for name in names] for row in session.scalars(select(model))}
        return {
            found: tuple(value() if callable(value) else value for value in values) for found, values in rows.items()
        }

    async with AsyncSession(database.bypass_policies("a test looks behind the policies")) as session:
        found = await session.run_sync(read)
    return {key: values[0] if len(names) == 1 else values for key, values in found.items()}


async def allowed(database: Database, *rows: Base) -> None:
    """Check that the database accepts `rows`; they are not committed."""
    async with AsyncSession(database.bypass_policies("a test looks behind the policies")) as session:
        session.add_all(rows)
        await session.flush()


async def refused(database: Database, constraint: str, *rows: Base) -> None:
    """Check that the database refuses to store `rows`, and that it does so because of `constraint`."""
    async with AsyncSession(database.bypass_policies("a test looks behind the policies")) as session:
        session.add_all(rows)
        with pytest.raises(IntegrityError) as caught:
            await session.flush()
    assert said_by(database, constraint) in str(caught.value.orig)


async def refused_sql(database: Database, constraint: str, statement: str, *sooner: str) -> None:
    """Check that the database refuses a statement because of `constraint`, or with a trigger's words in `sooner`."""
    async with database.bypass_policies("a test looks behind the policies").connect() as connection:
        with pytest.raises(IntegrityError) as caught:
            await connection.execute(text(statement))
    assert any(words in str(caught.value.orig) for words in (said_by(database, constraint), *sooner))


def said_by(database: Database, constraint: str) -> str:
    """Return a database's words for a violated constraint of this name; SQLite names unique keys by their columns."""
    tables = Base.metadata.sorted_tables
    rules: list[Any] = [rule for table in tables for rule in (*table.constraints, *table.indexes)]
    [rule] = [rule for rule in rules if rule.name == constraint]
    if database.dialect.name == "postgresql" or isinstance(rule, CheckConstraint):
        return constraint
    if isinstance(rule, ForeignKeyConstraint):
        return "FOREIGN KEY constraint failed"
    return "UNIQUE constraint failed: " + ", ".join(f"{column.table.name}.{column.name}" for column in rule.columns)


def changes(enum: type[Status], *rules: str) -> dict[Status, frozenset[Status]]:
    """Return the changes in rules such as `A → B·C → D`: each status of a step may change to each of the next step."""
    found: dict[Status, set[Status]] = {status: set() for status in enum}
    for rule in rules:
        steps = [[enum[name] for name in step.split("·")] for step in rule.split(" → ")]
        for before, after in pairwise(steps):
            for status in before:
                found[status].update(after)
    return {status: frozenset(after) for status, after in found.items()}
