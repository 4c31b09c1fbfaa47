"""A rule judges only the values that a change touches: earlier violations do not prevent other changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from models import CoalitionRole, Contribution, ContributionDonor, HasStatus, Marking
from models.money import Money, Price
from resolvers.access.context import Context
from resolvers.access.viewer import READ_AND_WRITE, Viewer
from resolvers.commands.command import Command, all_commands
from resolvers.commands.errors import ValidationError
from resolvers.commands.input_fields import ITEM_VERSION
from resolvers.commands.runner import run_command
from resolvers.commands.spec import mutation_spec_of
from resolvers.core.attributes import Kind, is_unit_price
from resolvers.record.loader import load_file
from tests.support.execute import insider
from tests.support.factories import a_contribution, a_participant, an_account
from tests.support.mutations import changed, refused, the_trail
from tests.support.records import RECORD
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import Entity
    from resolvers.commands.input_fields import InputField
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: Objects of the record that break a rule which is younger than they are.
STANDING = {
    "Procurement": ("PROC-005", "PROC-007"),
    "Contribution": ("CON-009",),
    "Delivery": ("DEL-001", "DEL-003"),
}
#: The types of which the record has no row.
NOT_IN_THE_RECORD = {
    "ActionItem", "Allocation", "Award", "Comment", "Contact", "Delegate", "Deputy", "GroupMembership", "Milestone",
    "ReviewRequest", "Supplier",
}  # fmt: skip
#: Of the other nouns, the fields of so many objects are sent.
SAMPLED = 2


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    await load_file(shared_database.bypass_policies("a test loads the record"), RECORD)
    return shared_database


@pytest.fixture(scope="module")
async def lead(record: Database) -> Viewer:
    """Return a lead who writes in every group."""
    person = an_account(a_participant("XX"))
    await keep(record, person)
    everywhere = await insider(record)
    return replace(
        everywhere,
        account=person.id,
        participant=person.participant_id,
        roles=(CoalitionRole.LEAD,),
        scopes=READ_AND_WRITE,
    )


async def rows_of(database: Database, command: Command) -> list[Any]:
    """Return the objects of a noun that a command can still change with their lists, those that break a rule first."""
    lists = [selectinload(getattr(command.model, name)) for name, _ in lists_of(command)]
    async with AsyncSession(database.bypass_policies("a test reads the record")) as session:
        found = (await session.scalars(select(command.model).options(*lists))).all()
    open_ones = [row for row in found if not isinstance(row, HasStatus) or row.transitions[row.status]]
    first = STANDING.get(command.model.__name__, ())
    return sorted(open_ones, key=lambda row: getattr(row, "reference", "") not in first)


def lists_of(command: Command) -> list[tuple[str, InputField]]:
    """Return the lists of an input, each with the relation that it sets; the sources of a fact have no ids."""
    lists = [field for field in command.fields if field.kind is Kind.COLLECTION and field.name != "sources"]
    return [(field.attribute[1], field) for field in lists if field.attribute]


def is_locked_list(row: Any, field: InputField) -> bool:
    """Return whether a list is refused as a whole, with any content, in the status of an object."""
    locked = mutation_spec_of(type(row)).locked_fields
    return field.kind is Kind.COLLECTION and bool(locked) and field.name in locked.get(row.status, ())


def own_value(row: Entity, field: InputField) -> Any:
    """Return the value of a field as an input takes it."""
    name = field.attribute[1] if field.attribute else field.name
    if field.kind is Kind.COLLECTION:
        return [
            {item.name: own_value(each, item) for item in field.item_fields if item.kind is not Kind.COLLECTION}
            if field.item_fields
            else an_id(each)
            for each in sorted(getattr(row, name), key=lambda each: getattr(each, "ordinal", 0))
        ]
    if field.kind is Kind.MONEY:
        minor = getattr(row, f"{name}_minor")
        if minor is None:
            return None
        kind = Price if is_unit_price(type(row), name) else Money
        money = kind(minor, getattr(row, f"{name}_currency"))
        return {"amount": Decimal(money.amount), "currency": money.currency}
    if field.name == "id":
        return an_id(row)
    if field.kind is Kind.REFERENCE:
        key = getattr(row, f"{name}_id")
        return f"{field.target.__name__}:{key}" if key and field.target else None
    value = row.version if field is ITEM_VERSION else getattr(row, name)
    return value.name if isinstance(value, Enum) else value


async def donor_of(database: Database, row: Entity) -> str | None:
    async with database.bypass_policies("a test looks for a donor").connect() as connection:
        keys = select(ContributionDonor.participant_id).where(ContributionDonor.contribution_id == row.id)
        return (await connection.execute(keys)).scalars().first()


UPDATES = [each for each in all_commands() if each.name.startswith("update_")]


@pytest.mark.parametrize("command", UPDATES, ids=[each.name for each in UPDATES])
async def test_each_field_of_the_record_can_be_sent_with_its_own_value(
    record: Database, lead: Viewer, command: Command
) -> None:
    rows = await rows_of(record, command)
    sent, events = 0, len(await the_trail(record))
    for row in rows[: max(SAMPLED, len(STANDING.get(command.model.__name__, ())))]:
        viewer = replace(lead, participant=await donor_of(record, row)) if isinstance(row, Contribution) else lead
        for field in command.fields:
            if field.name in {"id", "expected_version", "sources"} or is_locked_list(row, field):
                continue
            # A version that was raised is refused with the next field.
            given = {"id": an_id(row), "expected_version": row.version, field.name: own_value(row, field)}
            try:
                await run_command(Context(record, viewer), command, given)
            except ValidationError as error:
                pytest.fail(f"{command.name} of {row} at {field.name}: {error.violations}")
            sent += 1
    assert sent or not rows
    assert len(await the_trail(record)) == events
    assert rows or command.model.__name__ in NOT_IN_THE_RECORD


@pytest.mark.parametrize(
    ("mutation", "reference", "name"),
    [
        (f"update{noun}", reference, "description" if noun == "Procurement" else "note")
        for noun, references in STANDING.items()
        for reference in references
    ],
)
async def test_the_note_of_what_breaks_an_older_rule_can_be_edited(
    record: Database, lead: Viewer, mutation: str, reference: str, name: str
) -> None:
    [command] = [each for each in UPDATES if each.model.__name__ == mutation.removeprefix("update")]
    [row] = [each for each in await rows_of(record, command) if each.reference == reference]
    viewer = replace(lead, participant=await donor_of(record, row)) if isinstance(row, Contribution) else lead
    noun = mutation.removeprefix("update")
    selected = f"{noun[0].lower()}{noun[1:]} {{ {name} }}"
    given = {"id": an_id(row), "expectedVersion": row.version, name: "Seen by the secretariat"}
    assert await changed(record, viewer, mutation, selected, **given) == {name: "Seen by the secretariat"}


async def test_what_an_object_broke_before_is_judged_again_where_it_is_touched(world: World) -> None:
    given = a_contribution(world.home, marking=Marking.GREEN, amount_minor=100, amount_currency="EUR")
    given.donors[0].share_minor, given.donors[0].share_currency = 500, "DKK"
    await keep(world.database, given)
    member = await world.viewer("member")
    update = {"id": an_id(given), "expectedVersion": 1}
    await changed(world.database, member, "updateContribution", "contribution { note }", **update, note="A note")
    update["expectedVersion"] = 2
    share = {"amount": "2.00", "currency": "EUR"}
    donors = [{"id": an_id(given.donors[0]), "participantId": an_id(world.home), "share": share}]
    error = await refused(world.database, member, "updateContribution", **update, donors=donors)
    assert [each["rule"] for each in error["violations"]] == ["shares_sum"]


async def test_a_rule_that_a_change_breaks_names_a_field_that_was_sent(world: World) -> None:
    given = a_contribution(world.home, marking=Marking.GREEN, amount_minor=500, amount_currency="EUR")
    given.donors[0].share_minor, given.donors[0].share_currency = 500, "EUR"
    await keep(world.database, given)
    less = {"id": an_id(given), "expectedVersion": 1, "amount": {"amount": "1.00", "currency": "EUR"}}
    error = await refused(world.database, await world.viewer("member"), "updateContribution", **less)
    assert [(each["rule"], each["path"]) for each in error["violations"]] == [("shares_sum", ["input", "amount"])]
