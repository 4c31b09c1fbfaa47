"""A day's work in the demonstration: neither its restarts nor further loads take back any change by people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from models import Account
from models.base import new_key
from resolvers.access.viewer import READ_AND_WRITE
from resolvers.commands.command import all_commands
from resolvers.identity.demo_personas import PERSONAS
from resolvers.identity.viewer_loader import read_viewer
from resolvers.record.loader import load_file
from server.auth.authenticator import Authenticator
from server.config.settings import load_settings
from server.startup.demo import PUBLIC_RECORD, fill
from tests.support.accounts import a_request
from tests.support.execute import read
from tests.support.mutations import change, changed
from tests.support.records import dump

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: Of each list, a field that anybody who writes may change of each of its objects, and what names an object.
EDITED = {
    "participants": ("name", "code"),
    "expertGroups": ("mandate", "code"),
    "documents": ("keywords", "reference"),
    "capabilityAreas": ("description", "code"),
    "capabilityNeeds": ("title", "reference"),
    "roadmaps": ("note", "reference"),
    "meetings": ("note", "reference"),
    "contributions": ("note", "reference"),
    "procurements": ("description", "reference"),
    "purchaseOrders": ("note", "number"),
    "deliveries": ("note", "reference"),
    "publishedFigures": ("note", "reference"),
}

#: Types that are not in `EDITED`: allocations have no list of their own, and the record has none of the others.
OTHERS = {
    "Account", "ActionItem", "Allocation", "Award", "Comment", "Contact", "Delegate", "Deputy", "GroupMembership",
    "Milestone", "ReviewRequest", "Supplier",
}  # fmt: skip

#: Two contributions are DISBURSED, and no longer change.
REFUSED = {"CON-007", "CON-014"}

#: What every start adds to: tokens for its personas, and the event of each with its label.
OF_EACH_START = ("api_tokens", "audit_events", "personal_values")


async def everything(database: Database, viewer: Viewer, name: str, selected: str) -> list[dict[str, Any]]:
    found = await read(database, f"{{ {name}(first: 100) {{ nodes {{ {selected} }} }} }}", viewer=viewer)
    nodes: list[dict[str, Any]] = found[name]["nodes"]
    return nodes


async def donors_of(database: Database, lead: Viewer) -> dict[str, Viewer]:
    """Enter a person of every donor, who alone changes what it gives; return them by contribution."""
    engine = database.bypass_policies("a test enters people of the donors", unaudited=True)
    found: dict[str, Viewer] = {}
    selected = "id donors { nodes { participant { id code } } }"
    for row in await everything(database, lead, "contributions", selected):
        participant = row["donors"]["nodes"][0]["participant"]
        key = new_key()
        person = {"id": key, "email": f"{key}@example.org", "display_name": participant["code"]}
        async with engine.begin() as connection:
            statement = insert(Account).values(**person, participant_id=participant["id"].partition(":")[2])
            await connection.execute(statement)
        viewer = await read_viewer(database, key, READ_AND_WRITE)
        assert viewer is not None
        found[row["id"]] = viewer
    return found


async def edit_everything(database: Database, lead: Viewer) -> set[str]:
    """Change a field of every object; return the names of those that refused it."""
    refused, donors = set(), await donors_of(database, lead)
    edited = set()
    for name, (field, key) in EDITED.items():
        for row in await everything(database, lead, name, f"__typename id version {key}"):
            edited.add(row["__typename"])
            mutation, viewer = f"update{row['__typename']}", donors.get(row["id"], lead)
            text = f"Ours, {row[key]}."
            value = [text] if field == "keywords" else text
            given = {"id": row["id"], "expectedVersion": row["version"], field: value}
            answer = await change(database, viewer, mutation, "__typename", **given)
            if not answer["__typename"].endswith("Success"):
                refused.add(row[key])
    assert edited == {each.model.__name__ for each in all_commands() if each.name.startswith("update_")} - OTHERS
    return refused


async def lower_allocations(database: Database, lead: Viewer) -> None:
    """Take a cent from every allocation."""
    selected = "allocations { nodes { id version amount { amount currency } } }"
    found = await everything(database, lead, "contributions", selected)
    rows = [row for each in found for row in each["allocations"]["nodes"]]
    assert rows
    for row in rows:
        amount = {**row["amount"], "amount": str(Decimal(row["amount"]["amount"]) - Decimal("0.01"))}
        given = {"id": row["id"], "expectedVersion": row["version"], "amount": amount, "reason": "For the day."}
        changed_row = await changed(database, lead, "updateAllocation", "allocation { amount { amount } }", **given)
        assert changed_row["amount"]["amount"] == amount["amount"]


async def move(database: Database, lead: Viewer, name: str, reference: str, *statuses: str) -> None:
    for status in statuses:
        rows = await everything(database, lead, name, "__typename id version reference")
        (row,) = [row for row in rows if row["reference"] == reference]
        noun = row["__typename"]
        selected = f"{noun[0].lower()}{noun[1:]} {{ status }}"
        given = {"id": row["id"], "expectedVersion": row["version"], "to": status, "reason": "For the day."}
        assert (await changed(database, lead, f"transition{noun}", selected, **given))["status"] == status


async def endorse_a_roadmap(database: Database, lead: Viewer) -> None:
    needs = await everything(database, lead, "capabilityNeeds", "id reference")
    (need,) = [row["id"] for row in needs if row["reference"] == "NEED-001"]
    decisions = [{"kind": "ROADMAP", "text": "The roadmap is endorsed."}]
    given: dict[str, Any] = {"body": "STEERING_GROUP", "title": "Ours", "heldOn": "2026-01-15", "decisions": decisions}
    meeting = await changed(database, lead, "createMeeting", "meeting { decisions { nodes { id } } }", **given)
    (decision,) = meeting["decisions"]["nodes"]
    lines = [{"needId": need, "year": 2028}]
    given = {"reference": "RM-9", "title": "To 2028", "horizon": "2028", "endorsedById": decision["id"], "lines": lines}
    await changed(database, lead, "createRoadmap", "roadmap { id }", **given)
    await move(database, lead, "roadmaps", "RM-9", "ENDORSED")


async def work_on_lists(database: Database, lead: Viewer) -> None:
    """Add a donor, correct a decision, and add an agenda item."""
    rows = await everything(
        database, lead, "contributions", "id reference version donors { nodes { id participant { id code } } }"
    )
    (given_by_estonia,) = [row for row in rows if row["reference"] == "CON-015"]
    (donor,) = given_by_estonia["donors"]["nodes"]
    participants = {row["code"]: row["id"] for row in await everything(database, lead, "participants", "id code")}
    donors = [{"id": donor["id"], "participantId": donor["participant"]["id"]}, {"participantId": participants["LT"]}]
    given: dict[str, Any] = {"id": given_by_estonia["id"], "expectedVersion": given_by_estonia["version"]}
    await changed(database, lead, "updateContribution", "contribution { id }", donors=donors, **given)
    meetings = await everything(database, lead, "meetings", "id version decisions { nodes { id kind text reference } }")
    meeting = next(row for row in meetings if len(row["decisions"]["nodes"]) > 1)
    decisions = [{"id": row["id"], "kind": row["kind"], "text": f"{row['text']} Corrected."} for row in
                 meeting["decisions"]["nodes"]]  # fmt: skip
    given = {"id": meeting["id"], "expectedVersion": meeting["version"], "agenda": [{"title": "Ours"}]}
    given |= {"reason": "The minutes say more."}
    await changed(database, lead, "updateMeeting", "meeting { id }", decisions=decisions, **given)


async def test_a_day_s_work_in_the_demonstration_outlives_three_restarts_and_two_loads(database: Database) -> None:
    (_, token), *_ = await fill(database)
    authenticator = Authenticator(database, load_settings())
    secretary = await authenticator.authenticate(a_request(authorization=f"Bearer {token}"))
    await authenticator.close()
    assert await edit_everything(database, secretary) == REFUSED
    await lower_allocations(database, secretary)
    await move(database, secretary, "capabilityNeeds", "NEED-001", "VALIDATED")
    await endorse_a_roadmap(database, secretary)
    await move(database, secretary, "capabilityNeeds", "NEED-002", "WITHDRAWN")
    await move(database, secretary, "procurements", "PROC-006", "CANCELLED")
    await work_on_lists(database, secretary)
    before = await dump(database)
    for _ in range(3):
        await fill(database)
    reports = [
        await load_file(database.bypass_policies("an operator loads the record again"), PUBLIC_RECORD) for _ in range(2)
    ]
    after = await dump(database)
    for name in OF_EACH_START:
        was, now = before.pop(name), after.pop(name)
        assert was.items() <= now.items()
        assert len(now) == len(was) + 3 * len(PERSONAS)
    assert after == before
    first, second = reports
    assert (first.created, first.updated, first.removed) == (0, 0, 0)
    assert first == second
    preserved = "\n".join(first.preserved)
    assert '"NEED-002": status: stays WITHDRAWN, as it was changed here' in preserved
    assert '"PROC-006": status: stays CANCELLED, as it was changed here' in preserved
    assert '"NEED-001": title: stays "Ours, NEED-001.", as it was changed here' in preserved
