"""No statement reaches a table without its policies, or without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

import models
from models import Base, HasId
from resolvers.access.visibility import VISIBILITY
from resolvers.database.database import create_engine
from resolvers.database.statement_guard import PolicyBypassError

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


async def test_a_statement_on_a_table_raises_where_it_gives_no_reason(url: str) -> None:
    engine = create_engine(url)
    statements = (
        select(models.Document),
        text("SELECT count(*) FROM documents"),
        text("UPDATE participants SET name = 'x'"),
        text("DELETE FROM document_recipients"),
        text("WITH found AS (SELECT * FROM api_tokens) SELECT * FROM found"),
        text("INSERT INTO audit_events (id) VALUES ('x')"),
        text('SELECT * FROM "meetings"'),
    )
    for statement in statements:
        async with AsyncSession(engine) as session:
            with pytest.raises(PolicyBypassError, match="has no policy and no reason"):
                await session.execute(statement)
    await engine.dispose()


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
async def test_every_table_is_guarded(url: str, table: str) -> None:
    engine = create_engine(url)
    async with engine.connect() as connection:
        with pytest.raises(PolicyBypassError):
            await connection.execute(text(f"SELECT 1 FROM {table}"))  # noqa: S608 - the names are ours
    await engine.dispose()


async def test_a_statement_with_a_reason_runs(database: Database) -> None:
    async with database.bypass_policies("a test").connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM documents"))).scalar_one() == 0


@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_a_reason_is_in_words(database: Database, reason: str) -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        database.bypass_policies(reason)


def test_every_type_has_its_line_in_the_table_of_policies() -> None:
    entities = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, HasId)}
    assert set(VISIBILITY) == entities
    assert all(VISIBILITY.values())
