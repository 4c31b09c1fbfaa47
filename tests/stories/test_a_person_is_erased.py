"""A person is erased on request: name and address go from every row and from the audit log, which still verifies."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from models import (
    ActionItemStatus,
    Attendee,
    Comment,
    CommentThread,
    Delegate,
    Deputy,
    GroupMembership,
    MeetingBody,
    MeetingStatus,
)
from models.base import now
from resolvers.audit.hash_chain import ChainError, HashChain, read_head, verify
from resolvers.audit.pseudonyms import sealed_events
from resolvers.backup.restore import restore
from resolvers.backup.take import create_backup
from resolvers.identity.account_admin import AccountCommandError
from resolvers.identity.account_erasure import erase_account
from resolvers.identity.account_linking import Identity, find_account
from resolvers.identity.api_tokens import create_token, find_token
from resolvers.identity.browser_sessions import open_session
from resolvers.identity.token_format import digest_of
from resolvers.identity.viewer_loader import read_viewer
from server.cli.main import main
from tests.support.database.engines import engines_of
from tests.support.discussions import a_review_request
from tests.support.execute import read
from tests.support.factories import (
    a_document,
    a_document_version,
    a_meeting,
    a_need,
    an_account,
    an_action_item,
    an_agenda_item,
    an_attendance,
)
from tests.support.mutations import changed, refused, the_trail
from tests.support.rows import keep
from tests.support.small_coalition import an_id
from tests.support.threads import in_a_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.database.database import Database
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

NAME, FORMER, ADDRESS, LABEL = "Õnne Kuuskveer", "Õnne Mändveer", "onne.kuuskveer@example.org", "Kuuskveer's laptop"
SECRETS = (NAME, FORMER, ADDRESS, LABEL, "Kuuskveer", "kuuskveer", "ndveer", "provider|onne")
ACCOUNT = "account { id version displayName erasedAt }"
IDENTITY = Identity("https://id.example.org", "provider|onne", ADDRESS)
DONE_BY = "query ($id: ID!) { node(id: $id) { ... on CapabilityNeed { history { nodes { actor { displayName } } } } } }"
HISTORY = """query ($id: ID!) { node(id: $id) { ... on Account { version displayName erasedAt disabledAt
    history { nodes { before after } } } } }"""


def erase_by_command(url: str, who: str) -> str:
    words, env = ["account", "erase", who, "--yes"], {"COALITION_DATABASE_URL": url}
    done = in_a_thread(lambda: CliRunner().invoke(main, words, env=env))
    assert done.exit_code == 0, done.output
    return str(done.output)


async def everything(database: Database, folder: Path) -> bytes:
    """Return the bytes of a backup, and on SQLite those of the database's own files."""
    await create_backup(database, folder)
    files = [each for each in folder.rglob("*") if each.is_file()]
    if database.dialect.name == "sqlite":
        own = Path(engines_of(database)[0].url.database or "")
        files += own.parent.glob(f"{own.name}*")
    return b"\n".join(each.read_bytes() for each in files)


def found_in(content: bytes) -> list[str]:
    spellings = {each: (each.encode(), each.encode("unicode_escape"), each.encode("utf-16-le")) for each in SECRETS}
    return [each for each, written in spellings.items() if any(one in content for one in written)]


def follow(rows: Sequence[Any]) -> None:
    chain = HashChain()
    for row in rows:
        chain.add({str(name): value for name, value in row.items()})


def names_in(account: dict[str, Any]) -> list[str]:
    """Return the names in the history of an account, in order."""
    states = [state for event in account["history"]["nodes"] for state in (event["before"], event["after"])]
    return [state["displayName"] for state in states if state and "displayName" in state]


async def a_person(world: World) -> tuple[str, str]:
    """Enter a person with everything that can have a name; return the id of the account and the text of a token."""
    database, lead = world.database, await world.viewer("lead")
    given = {"displayName": FORMER, "email": ADDRESS, "participantId": an_id(world.home)}
    made = await changed(database, lead, "createAccount", ACCOUNT, **given, idempotencyKey="onne")
    renamed = {"id": made["id"], "expectedVersion": 1, "displayName": NAME, "reason": "A wedding."}
    await changed(database, lead, "updateAccount", ACCOUNT, **renamed)
    member = {"accountId": made["id"], "groupId": an_id(world.group), "role": "MEMBER", "validFrom": "2025-01-01"}
    await changed(database, await world.viewer("chair"), "createGroupMembership", "groupMembership { id }", **member)
    await find_account(database, IDENTITY)
    token = await create_token(database, ADDRESS, LABEL, "write")
    key = made["id"].partition(":")[2]
    await open_session(database, key)
    meeting = a_meeting(body=MeetingBody.EXPERT_GROUP, group=world.group, held_on=dt.date(2025, 2, 3))
    attendance = an_attendance(meeting, world.home)
    spoke = Delegate(participant=world.home, person_name=NAME.upper(), valid_from=dt.date(2025, 1, 1))
    named = (Attendee(attendance=attendance, ordinal=i, person_name=name) for i, name in enumerate((NAME, FORMER), 1))
    await keep(database, spoke, *named)
    return made["id"], token.text


async def test_an_erased_person_no_longer_acts_for_others_and_is_not_appointed(world: World) -> None:
    database, chair = world.database, await world.viewer("chair")
    lead = await world.viewer("lead")
    person = an_account(world.home, ADDRESS, display_name=FORMER)
    spoke = Delegate(participant=world.home, person_name=FORMER.upper(), valid_from=dt.date(2025, 1, 1))
    await keep(database, person, spoke, a_meeting(title=f"Ask {FORMER} for the list"))
    async with database.bypass_policies("a test finds the membership of the chair").connect() as connection:
        of_chair = select(GroupMembership.id).where(GroupMembership.account_id == world.accounts["chair"].id)
        place = (await connection.execute(of_chair)).scalar_one()
    today = dt.datetime.now(dt.UTC).date()
    begun, later = today - dt.timedelta(days=3), today + dt.timedelta(days=3)
    deputy = {"deputyForId": f"GroupMembership:{place}", "accountId": an_id(person)}
    delegate = {"participantId": an_id(world.home), "accountId": an_id(person)}
    for day in (begun, later):
        days = {"validFrom": day.isoformat(), "expiresOn": (day + dt.timedelta(days=5)).isoformat()}
        await changed(database, chair, "createDeputy", "deputy { id }", **deputy, **days)
        if day == begun:
            await changed(database, lead, "createDelegate", "delegate { id }", **delegate, validFrom=day.isoformat())
    renamed = {"id": an_id(person), "expectedVersion": 1, "displayName": NAME}
    await changed(database, lead, "updateAccount", ACCOUNT, **renamed)
    done = await erase_account(database, ADDRESS)
    # The title mentions the former name.
    assert [each.column for each in done.places] == ["meetings.title"]
    async with database.bypass_policies("a test reads the periods of a person").connect() as connection:
        of_person = select(Deputy.id, Deputy.expires_on).where(Deputy.account_id == person.id)
        [(kept, ended)] = (await connection.execute(of_person)).all()
        names = select(Delegate.person_name, Delegate.expires_on).order_by(Delegate.valid_from)
        delegates = (await connection.execute(names)).all()
    yesterday = today - dt.timedelta(days=1)
    assert ended == yesterday
    assert [*map(tuple, delegates)] == [("Erased person", None), (None, yesterday)]
    days = {"validFrom": later.isoformat(), "expiresOn": later.isoformat()}
    for viewer, mutation, given in (
        (chair, "createDeputy", {**deputy, **days}),
        (chair, "updateDeputy", {"id": f"Deputy:{kept}", "expectedVersion": 2, "expiresOn": later.isoformat()}),
        (lead, "createDelegate", {**delegate, **days}),
    ):
        [violation] = (await refused(database, viewer, mutation, **given))["violations"]
        field = "accountId" if mutation.startswith("create") else "expiresOn"
        assert (violation["path"], violation["rule"]) == (["input", field], "erased")


async def test_a_person_is_erased_and_the_audit_log_still_verifies(
    world: World, database: Database, url: str, tmp_path: Path
) -> None:
    person, token = await a_person(world)
    key, lead, chair = person.partition(":")[2], await world.viewer("lead"), await world.viewer("chair")
    viewer = await read_viewer(database, key)
    assert viewer is not None
    need = await changed(database, viewer, "createCapabilityNeed", "capabilityNeed { id }", **world.a_need())
    shown = (await read(database, HISTORY, viewer=lead, id=person))["node"]
    assert (shown["displayName"], names_in(shown)) == (NAME, [FORMER, FORMER, NAME])
    before = await the_trail(database)
    assert found_in(str([(each["before"], each["after"], each["reason"]) for each in before]).encode()) == []
    head = await verify(database)
    assert {*found_in(await everything(database, tmp_path / "before"))} >= {NAME, ADDRESS, LABEL}

    said = erase_by_command(url, ADDRESS.upper())
    assert said.startswith(f"The person of the account {key} is erased.")
    assert "still" not in said.partition("Backups")[0], said
    assert found_in(await everything(database, tmp_path / "after")) == []
    assert (await verify(database, head)).sequence > head.sequence
    assert [each["hash"] for each in await the_trail(database)][: len(before)] == [each["hash"] for each in before]

    gone = (await read(database, HISTORY, viewer=lead, id=person))["node"]
    assert (gone["displayName"], gone["erasedAt"]) == ("Erased person", gone["disabledAt"])
    assert {*names_in(gone)} == {"Erased person"}
    [made] = (await read(database, DONE_BY, viewer=chair, id=need["id"]))["node"]["history"]["nodes"]
    assert made == {"actor": {"displayName": "Erased person"}}
    query = "{ meetings { nodes { attendances { nodes { attendees { nodes { personName } } } } } } }"
    assert '"personName": "Erased person"' in json.dumps(await read(database, query, viewer=chair))

    assert await find_token(database, digest_of(token)) is None
    assert await read_viewer(database, key) is None
    assert await find_account(database, IDENTITY) is None
    given = {"id": person, "expectedVersion": gone["version"]}
    for mutation, more in (("updateAccount", {"displayName": NAME}), ("enableAccount", {})):
        [violation] = (await refused(database, lead, mutation, **given, **more))["violations"]
        assert (violation["path"], violation["rule"]) == (["input", "id"], "erased")
    member = {"accountId": person, "groupId": an_id(world.group), "role": "MEMBER", "validFrom": "2030-01-01"}
    [violation] = (await refused(database, chair, "createGroupMembership", **member))["violations"]
    assert (violation["path"], violation["rule"]) == (["input", "accountId"], "erased")
    # The person can come back, with a new account and the same address.
    again = {"displayName": NAME, "email": ADDRESS, "participantId": an_id(world.home)}
    assert (await changed(database, lead, "createAccount", ACCOUNT, **again))["id"] != person
    # An erasure of what is erased changes nothing.
    count = len(await the_trail(database))
    assert "is erased" in erase_by_command(url, person)
    assert len(await the_trail(database)) == count


async def test_a_backup_of_an_erased_person_is_restored_and_forged_names_are_found(
    world: World, database: Database, empty: Database, tmp_path: Path
) -> None:
    person, _ = await a_person(world)
    other = {"displayName": "Another", "email": "other.person@example.org", "participantId": an_id(world.home)}
    await changed(database, await world.viewer("lead"), "createAccount", ACCOUNT, **other)
    await erase_account(database, person)
    await create_backup(database, tmp_path / "backup")
    await restore(empty, tmp_path / "backup")
    assert await verify(empty) == await read_head(database)
    login = engines_of(empty)[0].execution_options(coalition_reason="a test tampers with names")
    is_open = empty.dialect.name == "postgresql"
    for forgery, field in (
        ("UPDATE personal_values SET after = '{\"displayName\": \"Forged\"}' WHERE after LIKE '%Another%'", "after"),
        ("UPDATE personal_values SET after = '{\"displayName\": \"Forged\"}' WHERE after LIKE '%Erased%'", "after"),
        ("DELETE FROM personal_values", "after"),
        ("DELETE FROM person_keys", "after.displayName"),
    ):
        async with login.connect() as connection:
            for trigger in ("personal_values_changed", "personal_values_gone", "person_key_gone"):
                table = "person_keys" if trigger == "person_key_gone" else "personal_values"
                on_table = f" ON {table}" if is_open else ""
                await connection.execute(text(f"DROP TRIGGER {trigger}{on_table}"))
            written = forgery.replace("after LIKE", "CAST(after AS TEXT) LIKE") if is_open else forgery
            assert (await connection.execute(text(written))).rowcount
            rows = (await connection.execute(sealed_events())).mappings().all()
            with pytest.raises(ChainError, match=f"shows another value of {field}"):
                follow(rows)


async def test_a_chair_and_the_last_lead_are_handed_over_before_they_are_erased(world: World) -> None:
    database = world.database
    with pytest.raises(AccountCommandError, match=r"chairs EG1\. Hand the chair over first"):
        await erase_account(database, "chair@example.org")
    with pytest.raises(AccountCommandError, match="last active account of a lead"):
        await erase_account(database, "lead@example.org")
    with pytest.raises(AccountCommandError, match="no account"):
        await erase_account(database, "nobody@example.org")
    mentioned = an_account(world.home, ADDRESS, display_name=NAME)
    meeting = a_meeting(title=f"Ask {NAME} for the list")
    await keep(database, meeting, an_account(world.leads), mentioned)
    done = await erase_account(database, ADDRESS)
    assert [(each.column, each.keys, done.work) for each in done.places] == [("meetings.title", [an_id(meeting)], [])]
    await erase_account(database, "lead@example.org")
    assert (await verify(database)) == await read_head(database)


async def test_an_erasure_names_the_work_that_others_must_take_over(world: World, database: Database, url: str) -> None:
    person = an_account(world.home, ADDRESS, display_name=NAME)
    need, held, coming = a_need(world.area), a_meeting(), a_meeting(status=MeetingStatus.PLANNED, held_on=None)
    today = now().date()
    left = {
        "open action items": an_action_item(held, owner_account=person),
        "agenda items": an_agenda_item(coming, owner_account=person),
        "open review requests": a_review_request(a_document_version(a_document()), reviewer_account=person),
    }
    done = an_action_item(held, owner_account=person, status=ActionItemStatus.DONE, done_on=today)
    thread = CommentThread(reference="THR-1", need=need)
    said = Comment(thread=thread, ordinal=1, content=f"{NAME} knows.")
    await keep(database, *left.values(), done, an_agenda_item(held, owner_account=person), said)
    lines = erase_by_command(url, ADDRESS).splitlines()
    listed = [line for line in lines if line.startswith("The person is still named in ")]
    for (name, row), line in zip(left.items(), listed, strict=True):
        assert line.startswith(f"The person is still named in {name}")
        place = f" in {an_id(coming)}" if name == "agenda items" else ""
        assert f": {an_id(row)}{place}. In each, " in line
    [comment] = [line for line in lines if line.startswith("comments.content")]
    assert f"{an_id(said)} in {an_id(thread)}" in comment
    assert "withdrawn, by the chair of the group (withdrawComment)" in comment
