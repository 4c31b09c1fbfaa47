"""What the tests of loading a record again share: a small record that is loaded, and a person between two loads."""

from __future__ import annotations

import copy
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from resolvers.record.loader import LoadReport, load_file
from tests.support.records import SMALL, Document, written

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Executable

    from resolvers.database.database import Database

Load = Callable[..., Coroutine[Any, Any, LoadReport]]
Person = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
def small() -> Document:
    """Return a small record that a test can change."""
    return copy.deepcopy(SMALL)


@pytest.fixture
async def load_again(database: Database, tmp_path: Path, small: Document) -> Load:
    """Return a function that loads the small record again; it is loaded already."""
    engine = database.bypass_policies("a test loads a record")

    async def load(**options: Any) -> LoadReport:
        return await load_file(engine, written(tmp_path, small), **options)

    await load()
    return load


@pytest.fixture
def person(database: Database) -> Person:
    """Return a function that does what a person does between two loads."""

    async def work(*statements: Executable) -> None:
        async with database.bypass_policies("a person works", unaudited=True).begin() as connection:
            for statement in statements:
                await connection.execute(statement)

    return work


async def values_of(database: Database, *columns: Any) -> list[Any]:
    """Return the values of some columns of all rows, sorted."""
    async with database.bypass_policies("a test looks").connect() as connection:
        rows = (await connection.execute(select(*columns))).all()
    return sorted((row[0] if len(columns) == 1 else tuple(row) for row in rows), key=str)
