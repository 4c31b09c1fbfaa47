"""Comment threads: who opens, answers and resolves one, how a comment is edited and withdrawn, who can be mentioned."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DocumentStatus, Marking, NeedStatus
from models.base import now
from resolvers.access.viewer import PUBLIC
from tests.support.discussions import a_comment
from tests.support.execute import read
from tests.support.factories import a_document, a_need, a_participant, a_procurement, an_account
from tests.support.mutations import change, changed, refused, the_trail
from tests.support.rows import keep
from tests.support.rows import refused as refused_by_database
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Procurement
    from resolvers.database.database import Database
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

COMMENT = """comment { id version ordinal content editedAt withdrawnAt withdrawalReason author { displayName }
    withdrawnBy { displayName } mentions { nodes { displayName } } thread { id } }"""
THREAD = """commentThread { id version reference isResolved resolvedBy { displayName } openedBy { displayName }
    document { id } need { id } procurement { id } comments { nodes { id version ordinal content } } }"""


async def bought(world: World, marking: Marking = Marking.AMBER) -> Procurement:
    """Store a procurement of the group."""
    row = a_procurement(group=world.group, marking=marking)
    await keep(world.database, row)
    return row


async def opened(world: World, target: dict[str, str], name: str = "member", **given: Any) -> Any:
    fields = {"target": target, "content": "Who pays?", **given}
    return await changed(world.database, await world.viewer(name), "createCommentThread", THREAD, **fields)


async def send(world: World, name: str, mutation: str, row: Any, **given: Any) -> Any:
    """Have an account change a comment or a thread."""
    fields = {"id": row["id"], "expectedVersion": row["version"], **given}
    selected = THREAD if mutation.endswith("Thread") else COMMENT
    return await changed(world.database, await world.viewer(name), mutation, selected, **fields)


async def reply(world: World, name: str, thread: Any, content: str, **given: Any) -> Any:
    fields = {"threadId": thread["id"], "content": content, **given}
    return await changed(world.database, await world.viewer(name), "createComment", COMMENT, **fields)


async def refusal(world: World, name: str, mutation: str, **given: Any) -> tuple[str, str]:
    """Send a change that must be refused; return the path and the rule, or the code of the error."""
    error = await refused(world.database, await world.viewer(name), mutation, **given)
    found = [(".".join(each["path"]), each["rule"]) for each in error.get("violations", [])]
    return found[0] if found else (error["code"], "")


async def test_people_comment_on_documents_needs_and_procurements_that_they_see(world: World) -> None:
    procurement = await bought(world)
    document = a_document(group=world.group, status=DocumentStatus.RELEASED)
    need = a_need(world.area, group=world.group, status=NeedStatus.SUBMITTED)
    await keep(world.database, document, need)
    for name, row in {"document": document, "need": need, "procurement": procurement}.items():
        thread = await opened(world, {f"{name}Id": an_id(row)}, "other")
        assert (thread[name], thread["openedBy"]) == ({"id": an_id(row)}, {"displayName": "other"})
        assert [(each["ordinal"], each["content"]) for each in thread["comments"]["nodes"]] == [(1, "Who pays?")]
        second = await reply(world, "member", thread, "Denmark does.")
        assert (second["ordinal"], second["author"]) == (2, {"displayName": "member"})
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {type(row).__name__} {{ commentThreads {{ nodes {{ id }} }} }} }} }}"  # noqa: E501
        found = await read(world.database, query, viewer=await world.viewer("lead"), id=an_id(row))
        assert found["node"]["commentThreads"]["nodes"] == [{"id": thread["id"]}]
    query = """{ commentThreads(where: {isResolved: {eq: false}, comments: {some: {ordinal: {eq: 2}}}}) {
        totalCount aggregate { groupBy(by: [IS_RESOLVED]) { count } } } }"""
    found = await read(world.database, query, viewer=await world.viewer("reader"))
    assert found["commentThreads"] == {"totalCount": 3, "aggregate": {"groupBy": [{"count": 3}]}}


async def test_a_thread_is_hidden_with_its_object_and_from_the_public(world: World) -> None:
    hidden, public = await bought(world, Marking.AMBER_STRICT), await bought(world, Marking.CLEAR)
    thread = await opened(world, {"procurementId": an_id(hidden)})
    await opened(world, {"procurementId": an_id(public)})
    query = "{ commentThreads { totalCount } procurements { totalCount } }"
    for name, count in {"reader": 2, "other": 1}.items():
        found = await read(world.database, query, viewer=await world.viewer(name))
        assert [each["totalCount"] for each in found.values()] == [count, count]
    found = await read(world.database, query, viewer=PUBLIC)
    assert [each["totalCount"] for each in found.values()] == [0, 1]
    for mutation, given, expected in (
        (
            "createCommentThread",
            {"target": {"procurementId": an_id(hidden)}},
            ("input.target.procurementId", "reference"),
        ),
        ("createComment", {"threadId": thread["id"]}, ("NOT_FOUND", "")),
    ):
        assert await refusal(world, "other", mutation, content="Hello", **given) == expected
    for target in ({"procurementId": an_id(public)}, {"procurementId": an_id(hidden)}):
        assert await refusal(world, "reader", "createCommentThread", target=target, content="Hi") == ("FORBIDDEN", "")


async def test_a_thread_is_resolved_and_reopened(world: World) -> None:
    thread = await opened(world, {"procurementId": an_id(await bought(world))}, "other")
    given = {"id": thread["id"], "expectedVersion": thread["version"]}
    for name in ("lead", "reader"):
        assert await refusal(world, name, "resolveCommentThread", **given) == ("FORBIDDEN", "")
    assert await refusal(world, "other", "reopenCommentThread", **given) == ("input.id", "resolved")
    thread = await send(world, "member", "resolveCommentThread", thread)
    assert (thread["isResolved"], thread["resolvedBy"]) == (True, {"displayName": "member"})
    wanted = {"threadId": thread["id"], "content": "One more."}
    assert await refusal(world, "other", "createComment", **wanted) == ("input.threadId", "resolved")
    thread = await send(world, "other", "reopenCommentThread", thread)
    assert (thread["isResolved"], thread["resolvedBy"]) == (False, None)
    assert (await reply(world, "other", thread, "One more."))["ordinal"] == 2


async def test_an_author_edits_a_comment_for_fifteen_minutes(world: World) -> None:
    thread = await opened(world, {"procurementId": an_id(await bought(world))}, "other")
    [first] = thread["comments"]["nodes"]
    given = {"id": first["id"], "expectedVersion": 1, "content": "Who pays for it?"}
    assert await refusal(world, "chair", "updateComment", **given) == ("FORBIDDEN", "")
    comment = await send(world, "other", "updateComment", first, content="Who pays for it?")
    assert (comment["content"], comment["editedAt"] is not None) == ("Who pays for it?", True)
    old = a_comment(procurement=await bought(world))
    old.author, old.created_at = world.accounts["other"], now() - dt.timedelta(minutes=16)
    await keep(world.database, old)
    given["id"] = an_id(old)
    assert await refusal(world, "other", "updateComment", **given) == ("input.id", "edited_late")


async def test_a_withdrawn_comment_leaves_its_mark_and_no_text(world: World) -> None:
    thread = await opened(world, {"procurementId": an_id(await bought(world))}, "other")
    [first] = thread["comments"]["nodes"]
    given = {"id": first["id"], "expectedVersion": 1}
    assert await refusal(world, "member", "withdrawComment", **given, reason="Rude.") == ("FORBIDDEN", "")
    assert await refusal(world, "chair", "withdrawComment", **given) == ("input.reason", "reason")
    comment = await send(world, "chair", "withdrawComment", first, reason="It names a person.")
    assert (comment["content"], comment["withdrawalReason"]) == (None, "It names a person.")
    assert comment["withdrawnBy"] == {"displayName": "chair"}
    given = {"id": first["id"], "expectedVersion": 2, "content": "Again."}
    assert await refusal(world, "other", "updateComment", **given) == ("input.id", "withdrawn")
    own = await reply(world, "other", thread, "Forget it.")
    assert (await send(world, "other", "withdrawComment", own, reason="A mistake."))["content"] is None
    assert not [each for each in await the_trail(world.database) if "Who pays" in str(each)]


async def test_only_accounts_that_see_the_object_are_mentioned(world: World) -> None:
    target = {"procurementId": an_id(await bought(world, Marking.AMBER_STRICT))}
    disabled = an_account(world.home, "disabled@example.org", disabled_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    await keep(world.database, disabled)
    accounts = {name: an_id(row) for name, row in world.accounts.items()}
    sentences = set()
    for wrong in (accounts["other"], accounts["lead"], an_id(disabled)):
        given = {"target": target, "content": "Look", "mentionIds": [accounts["chair"], wrong]}
        error = await refused(world.database, await world.viewer("member"), "createCommentThread", **given)
        [violation] = error["violations"]
        assert (violation["path"], violation["rule"]) == (["input", "mentionIds", "1"], "mention")
        sentences.add(violation["message"])
    assert len(sentences) == 1
    thread = await opened(world, target, mentionIds=[accounts["chair"]])
    comment = await reply(world, "chair", thread, "Look", mentionIds=[accounts["reader"], accounts["member"]])
    assert len(comment["mentions"]["nodes"]) == 2
    query = """query ($id: ID!) { commentThreads(
        where: {comments: {some: {mentions: {some: {id: {eq: $id}}}}}}) { totalCount } }"""
    found = await read(world.database, query, viewer=await world.viewer("reader"), id=accounts["reader"])
    assert found == {"commentThreads": {"totalCount": 1}}


async def test_forty_comments_at_once_have_forty_places(world: World) -> None:
    thread = await opened(world, {"procurementId": an_id(await bought(world))})
    member = await world.viewer("member")
    given = {"threadId": thread["id"], "content": "And?"}
    sent = (change(world.database, member, "createComment", COMMENT, **given) for _ in range(40))
    found = sorted(each["comment"]["ordinal"] for each in await asyncio.gather(*sent))
    assert found == list(range(2, 42))


async def test_the_database_holds_the_rules_of_comments(shared_database: Database) -> None:
    without, twice = a_comment(), a_comment(procurement=a_procurement(), document=a_document())
    for row in (without, twice):
        await refused_by_database(shared_database, "ck_comment_threads_one_target", row.thread)
    resolved, silent, kept = (a_comment(procurement=a_procurement()) for _ in range(3))
    resolved.thread.resolved_by = an_account(a_participant())
    await refused_by_database(shared_database, "ck_comment_threads_resolved", resolved)
    silent.content = None
    await refused_by_database(shared_database, "ck_comments_withdrawn", silent)
    kept.withdrawn_at, kept.withdrawal_reason = now(), "A mistake."
    await refused_by_database(shared_database, "ck_comments_withdrawn", kept)
