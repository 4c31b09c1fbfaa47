"""`transitions` says of every status what the command would say, and changes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select

from models import (
    ActionItem,
    ActionItemStatus,
    AuditEvent,
    CoalitionRole,
    DocumentStatus,
    HasStatus,
    Marking,
    MeetingBody,
    Milestone,
    MilestoneStatus,
    ReviewRequest,
    ReviewResult,
    ReviewStatus,
    Scope,
    VersionState,
)
from models.base import now
from resolvers.access.context import Actor
from resolvers.access.viewer import READ_AND_WRITE, Viewer
from resolvers.audit.transaction import audited_write
from resolvers.commands.command import all_commands
from resolvers.commands.errors import CommandError, ValidationError
from resolvers.commands.runner import READ_ONLY
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.core.naming import api_name
from resolvers.record.loader import load_file
from schema.builder.entity_types import declared_types
from tests.support.database.engines import engines_of
from tests.support.discussions import a_review_request
from tests.support.execute import insider, read
from tests.support.factories import (
    a_capability_area,
    a_decision,
    a_document,
    a_document_version,
    a_meeting,
    a_need,
    a_participant,
    a_roadmap,
    a_roadmap_line,
    a_row,
    an_account,
    an_action_item,
)
from tests.support.records import RECORD
from tests.support.rows import keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: As many statements as judge a page of any type: one for each relation that its rules read, and one for each type that
#: says which of its rows the viewer sees, however long the page is.
MOST_STATEMENTS = 33
JUDGED = "id version status availableTransitions transitions { to allowed needsReason needsFields reason }"
#: The command of each type with a status.
COMMANDS = {
    command.model.__name__: command
    for command in all_commands()
    if command.name.startswith("transition_") and issubclass(command.model, HasStatus)
}


class Undo(Exception):  # noqa: N818 - it is not an error
    """Ends a transaction of a test that succeeded, so that nothing is committed."""


def statuses_of(model: Any) -> list[Any]:
    return [*model.status_type()]


def one_with(model: type[Any], status: Any, **more: Any) -> Any:
    """Return an object with a status, which every account sees once it is no draft."""
    given = {"status": status, "marking": Marking.GREEN, **more}
    if model is ActionItem:
        day = dt.date(2025, 5, 6) if status is ActionItemStatus.DONE else None
        return an_action_item(status=status, done_on=day)
    if model is Milestone:
        given["ended_on"] = None if status is MilestoneStatus.OPEN else dt.date(2025, 5, 6)
    if model is ReviewRequest:
        ended = status in {ReviewStatus.DECLINED, ReviewStatus.CANCELLED}
        done = {"result": ReviewResult.READY, "done_at": now()} if status is ReviewStatus.DONE else {}
        version = a_document_version(a_document(status=DocumentStatus.UNDER_REVIEW), state=VersionState.AVAILABLE)
        return a_review_request(version, status=status, reason="No time." if ended else None, **done)
    return a_row(model, **{name: value for name, value in given.items() if hasattr(model, name)})


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    await load_file(shared_database.bypass_policies("a test loads the record"), RECORD)
    rows = [
        one_with(command.model, status, ordinal=50 + place)
        for command in COMMANDS.values()
        for place, status in enumerate(statuses_of(command.model))
    ]
    roadmap = a_roadmap(endorsed_by=a_decision(a_meeting(body=MeetingBody.STEERING_GROUP)))
    roadmap.lines = [a_roadmap_line(roadmap, a_need(a_capability_area()))]
    await keep(shared_database, *rows, roadmap)
    return shared_database


@pytest.fixture(scope="module")
async def viewers(record: Database) -> dict[str, Viewer]:
    """Return a lead who writes everywhere, a writer who decides nothing, an observer and a reader with a read token."""
    person = an_account(a_participant("XX"))
    await keep(record, person)
    everywhere = await insider(record)
    lead = replace(
        everywhere,
        account=person.id,
        participant=person.participant_id,
        roles=(CoalitionRole.LEAD,),
        scopes=READ_AND_WRITE,
    )
    return {
        "lead": lead,
        "writer": replace(lead, chaired_groups=()),
        "observer": replace(lead, chaired_groups=(), writable_groups=()),
        "reader": replace(lead, scopes=frozenset({Scope.READ})),
    }


async def judged_objects(database: Database, viewer: Viewer, type_name: str) -> list[Any]:
    root = api_name(declared_types()[type_name].root)
    found, after = [], None
    while True:
        selected = f"nodes {{ {JUDGED} }} pageInfo {{ hasNextPage endCursor }}"
        query = f"query($after: String) {{ {root}(first: 100, after: $after) {{ {selected} }} }}"
        page = (await read(database, query, viewer=viewer, after=after))[root]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def answer_of_the_command(
    database: Database, viewer: Viewer, row: Any, to: str, reason: str | None
) -> str | None:
    """Return why the command refuses a change of status, or None if it does not. Nothing is committed."""
    if not viewer.can_write:
        return READ_ONLY
    command = COMMANDS[row["id"].partition(":")[0]]
    model: Any = command.model
    status = next(each for each in model.status_type() if each.name == to)
    given = {"id": row["id"].split(":")[1], "to": status, "expected_version": row["version"]}

    def work(session: Session) -> None:
        command.execute(UnitOfWork(session, viewer, reason, given), given)
        raise Undo

    try:
        await audited_write(database, "a test tries a command", Actor(viewer.account, reason=reason), work)
    except Undo:
        return None
    except ValidationError as error:
        return " ".join(dict.fromkeys(each.message for each in error.violations))
    except CommandError as error:
        return error.message
    raise AssertionError


@pytest.fixture
def statements(record: Database) -> Iterator[list[str]]:
    """Yield the statements that judge transitions; compiled queries reach the database in another way."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    for engine in engines_of(record):
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield found
    for engine in engines_of(record):
        event.remove(engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("type_name", COMMANDS)
async def test_every_transition_is_what_the_command_says(
    record: Database, viewers: dict[str, Viewer], type_name: str
) -> None:
    seen = set()
    for who, viewer in viewers.items():
        for row in await judged_objects(record, viewer, type_name):
            allowed = [each["to"] for each in row["transitions"] if each["allowed"]]
            assert row["availableTransitions"] == allowed
            for each in row["transitions"]:
                reason = "It is time." if each["needsReason"] else None
                said = await answer_of_the_command(record, viewer, row, each["to"], reason)
                if each["needsFields"]:
                    assert each["needsFields"] == ["settled"], f"{who}: {row}"
                    assert "State the settled amount." in (said or ""), f"{who}: {row}"
                    continue
                assert (each["allowed"], each["reason"]) == (said is None, said), f"{who}: {row}"
                if each["needsReason"] and each["allowed"]:
                    without = await answer_of_the_command(record, viewer, row, each["to"], None)
                    assert without is not None
                    assert without.startswith("The reason is missing.")
                seen.add((who, each["allowed"]))
    assert {("lead", True), ("observer", False), ("reader", False)} <= seen


@pytest.mark.parametrize("type_name", COMMANDS)
async def test_a_page_is_judged_with_as_many_statements_as_its_types_have_relations(
    record: Database, viewers: dict[str, Viewer], statements: list[str], type_name: str
) -> None:
    root = api_name(declared_types()[type_name].root)
    await read(record, f"{{ {root}(first: 100) {{ nodes {{ {JUDGED} }} }} }}", viewer=viewers["lead"])
    assert 1 <= len(statements) <= MOST_STATEMENTS
    statements.clear()
    await read(record, f"{{ {root}(first: 100) {{ nodes {{ status }} }} }}", viewer=viewers["lead"])
    assert not statements


async def test_judging_changes_nothing(record: Database, viewers: dict[str, Viewer]) -> None:
    async with record.bypass_policies("a test counts the events").connect() as connection:
        count = select(func.count()).select_from(AuditEvent)
        before = (await connection.execute(count)).scalar()
    roots = {api_name(declared_types()[name].root) for name in COMMANDS}
    query = " ".join(f"{root} {{ nodes {{ {JUDGED} }} }}" for root in sorted(roots))
    first = await read(record, f"{{ {query} }}", viewer=viewers["lead"])
    assert await read(record, f"{{ {query} }}", viewer=viewers["lead"]) == first
    async with record.bypass_policies("a test counts the events").connect() as connection:
        assert (await connection.execute(count)).scalar() == before
