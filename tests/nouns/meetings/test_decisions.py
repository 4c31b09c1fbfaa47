"""Decisions: only a meeting that was held makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from models import MeetingStatus
from tests.support.factories import a_decision, a_meeting
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

RULE = "decided_when_held"


@pytest.mark.parametrize("status", [status for status in MeetingStatus if status is not MeetingStatus.HELD])
async def test_the_database_refuses_a_decision_of_a_meeting_that_was_not_held(
    shared_database: Database, status: MeetingStatus
) -> None:
    with pytest.raises(IntegrityError, match=RULE):
        await keep(shared_database, a_decision(a_meeting(status=status)))


async def test_the_database_refuses_another_status_for_a_meeting_with_decisions(shared_database: Database) -> None:
    decision = a_decision(a_meeting())
    await keep(shared_database, decision)
    async with shared_database.bypass_policies("a test changes a row", unaudited=True).begin() as connection:
        with pytest.raises(IntegrityError, match=RULE):
            await connection.exec_driver_sql(
                f"UPDATE meetings SET status = 'PLANNED' WHERE id = '{decision.meeting_id}'"  # noqa: S608 - a key
            )
