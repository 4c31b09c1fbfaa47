"""Review requests: who reviews which version, how a review ends, and what FINAL needs."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from models import DocumentStatus, Marking, ReviewStatus, VersionState
from models.base import now
from models.documents.review_requests import REVIEW_TRANSITIONS
from tests.support.discussions import a_review_request
from tests.support.execute import read
from tests.support.factories import a_document, a_document_version, an_account
from tests.support.mutations import change, changed, refused, the_trail
from tests.support.rows import changes, keep
from tests.support.rows import refused as refused_by_database
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import DocumentVersion
    from resolvers.database.database import Database
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

REVIEW = """reviewRequest { id version reference status result text reason doneAt sha256 isStale isOverdue
    availableTransitions document { id } documentVersion { label } requestedBy { displayName }
    reviewerAccount { displayName } reviewerGroup { code } }"""
TODAY = now().date()


async def a_version(world: World, label: str = "1", **given: Any) -> DocumentVersion:
    """Store a document under review, with a version that can be downloaded."""
    document = a_document(group=world.group, **{"status": DocumentStatus.UNDER_REVIEW, **given})
    version = a_document_version(document, label, state=VersionState.AVAILABLE, sha256=label.zfill(64))
    await keep(world.database, version)
    return version


async def requested(world: World, version: DocumentVersion, name: str = "other", **given: Any) -> Any:
    """Have the member request a review of a version, by default from an account."""
    fields = {"documentVersionId": an_id(version), "reviewer": {"accountId": an_id(world.accounts[name])}, **given}
    return await changed(world.database, await world.viewer("member"), "createReviewRequest", REVIEW, **fields)


async def moved(world: World, review: Any, to: str, name: str = "other", **given: Any) -> Any:
    """Have an account change the status of a request, or complete it."""
    fields = {"id": review["id"], "expectedVersion": review["version"], **({} if to == "DONE" else {"to": to}), **given}
    mutation = "completeReviewRequest" if to == "DONE" else "transitionReviewRequest"
    return await changed(world.database, await world.viewer(name), mutation, REVIEW, **fields)


async def rules(world: World, mutation: str, name: str, **given: Any) -> set[tuple[str, str]]:
    """Send a change that must be refused; return the path and rule of each violation, or the code of the error."""
    error = await refused(world.database, await world.viewer(name), mutation, **given)
    return {(".".join(each["path"]), each["rule"]) for each in error.get("violations", [])} or {(error["code"], "")}


def test_a_review_is_accepted_or_declined_and_then_done() -> None:
    answers = ("REQUESTED → ACCEPTED → DONE·DECLINED·CANCELLED", "REQUESTED → DECLINED → REQUESTED·CANCELLED")
    assert changes(ReviewStatus, *answers, "REQUESTED → CANCELLED") == REVIEW_TRANSITIONS


async def test_a_member_requests_a_review_which_the_reviewer_finds_and_writes(world: World) -> None:
    version = await a_version(world)
    review = await requested(world, version, dueOn=TODAY.isoformat(), note="Look at the figures.")
    assert (review["sha256"], review["requestedBy"]) == (version.sha256, {"displayName": "member"})
    of_group = await requested(world, version, reviewer={"groupId": an_id(world.group)})
    query = "{ viewer { reviewRequests(orderBy: [{field: CREATED_AT}]) { nodes { reference } } } }"
    for name, expected in (("other", [review]), ("reader", [of_group]), ("lead", [])):
        found = await read(world.database, query, viewer=await world.viewer(name))
        assert found["viewer"]["reviewRequests"]["nodes"] == [{"reference": each["reference"]} for each in expected]
    review = await moved(world, await moved(world, review, "ACCEPTED"), "DONE", result="NOT_READY", text="Too early.")
    assert (review["result"], review["text"], review["doneAt"] is not None) == ("NOT_READY", "Too early.", True)
    assert review["availableTransitions"] == []
    await moved(world, of_group, "ACCEPTED", "chair")
    query = """{ reviewRequests(where: {document: {title: {contains: "paper"}}}) {
        totalCount nodes { status } }
        documents(where: {reviewRequests: {some: {result: {eq: NOT_READY}}}}) { totalCount } }"""
    found = await read(world.database, query, viewer=await world.viewer("lead"))
    assert (found["reviewRequests"]["totalCount"], found["documents"]["totalCount"]) == (2, 1)
    events = [each["action"].name for each in await the_trail(world.database) if review["id"] == each["entity_id"]]
    assert events == ["CREATE", "TRANSITION", "TRANSITION"]


async def test_only_the_reviewer_answers_and_only_the_requester_or_the_chair_cancels(world: World) -> None:
    review = await requested(world, await a_version(world))
    given = {"id": review["id"], "expectedVersion": 1}
    for name, to in (("member", "ACCEPTED"), ("chair", "DECLINED"), ("other", "CANCELLED"), ("lead", "CANCELLED")):
        found = await rules(world, "transitionReviewRequest", name, **given, to=to, reason="No time.")
        assert found == {("FORBIDDEN", "")}, name
    for name, to in (("other", "DECLINED"), ("member", "CANCELLED")):
        assert await rules(world, "transitionReviewRequest", name, **given, to=to) == {("input.reason", "reason")}
    review = await moved(world, review, "DECLINED", reason="On leave.")
    assert review["reason"] == "On leave."
    given["expectedVersion"] = 2
    assert await rules(world, "transitionReviewRequest", "other", **given, to="REQUESTED") == {
        ("input.reason", "reason")
    }
    review = await moved(world, review, "REQUESTED", reason="Back again.")
    assert review["reason"] is None
    review = await moved(world, review, "CANCELLED", "chair", reason="It is too late.")
    assert (review["reason"], review["availableTransitions"]) == ("It is too late.", [])


async def test_only_an_accepted_review_is_completed_and_it_says_which_issues_there_are(world: World) -> None:
    review = await requested(world, await a_version(world))
    given = {"id": review["id"], "expectedVersion": 1, "result": "NOT_READY"}
    assert await rules(world, "completeReviewRequest", "other", **given) == {("input.id", "transition")}
    review = await moved(world, review, "ACCEPTED")
    given["expectedVersion"] = 2
    assert await rules(world, "completeReviewRequest", "other", **given) == {("input.text", "text")}
    assert await rules(world, "completeReviewRequest", "member", **given) == {("FORBIDDEN", "")}
    del given["result"]
    error = await rules(world, "transitionReviewRequest", "other", **given, to="DONE")
    assert (error, review["availableTransitions"]) == ({("input.to", "transition")}, ["DECLINED"])
    assert (await moved(world, review, "DONE", result="READY"))["text"] is None


async def test_what_cannot_be_reviewed_is_refused_without_telling_why(world: World) -> None:
    amber, open_ = await a_version(world, marking=Marking.AMBER_STRICT), await a_version(world, marking=Marking.GREEN)
    disabled = an_account(world.home, "disabled@example.org", disabled_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    old = a_document_version(open_.document, "0", state=VersionState.AVAILABLE, created_at=long_ago)
    waiting = a_document_version(open_.document, "2")
    ended = await a_version(world, status=DocumentStatus.SUPERSEDED, superseded_by=open_.document)
    await keep(world.database, disabled, old, waiting)
    other, group = {"accountId": an_id(world.accounts["other"])}, {"groupId": an_id(world.other_group)}
    sentences = set()
    for version, reviewer, path, rule in (
        (amber, other, "reviewer.accountId", "reviewer"),
        (amber, group, "reviewer.groupId", "reviewer"),
        (open_, group, "reviewer.groupId", "reviewer"),
        (open_, {"accountId": an_id(disabled)}, "reviewer.accountId", "reviewer"),
        (old, other, "documentVersionId", "replaced"),
        (waiting, other, "documentVersionId", "state"),
        (ended, other, "documentVersionId", "ended"),
    ):
        given = {"documentVersionId": an_id(version), "reviewer": reviewer}
        error = await refused(world.database, await world.viewer("member"), "createReviewRequest", **given)
        [violation] = error["violations"]
        assert (".".join(violation["path"]), violation["rule"]) == (f"input.{path}", rule)
        sentences |= {violation["message"]} if rule == "reviewer" else set()
    assert len(sentences) == 1
    given = {"documentVersionId": an_id(open_), "reviewer": other}
    yesterday = (TODAY - dt.timedelta(days=1)).isoformat()
    assert await rules(world, "createReviewRequest", "member", **given, dueOn=yesterday) == {("input.dueOn", "due")}
    assert await rules(world, "createReviewRequest", "reader", **given) == {("FORBIDDEN", "")}
    assert await rules(world, "createReviewRequest", "other", **{**given, "documentVersionId": an_id(amber)}) == {
        ("input.documentVersionId", "reference")
    }


async def test_a_request_is_overdue_until_it_is_answered(world: World) -> None:
    version = await a_version(world)
    late = a_review_request(version, reviewer_group=world.group, due_on=TODAY - dt.timedelta(days=1))
    await keep(world.database, late, a_review_request(version, reviewer_group=world.other_group, due_on=TODAY))
    query = "{ reviewRequests(where: {isOverdue: {eq: true}}) { nodes { reference isOverdue } } }"
    found = await read(world.database, query, viewer=await world.viewer("reader"))
    assert found["reviewRequests"]["nodes"] == [{"reference": late.reference, "isOverdue": True}]


async def test_a_request_for_a_version_that_is_withdrawn_is_stale_and_is_cancelled(world: World) -> None:
    version = await a_version(world)
    accepted = await moved(world, await requested(world, version), "ACCEPTED")
    wrong = {"id": an_id(version), "expectedVersion": 1, "reason": "It is the wrong file."}
    viewer = await world.viewer("member")
    await changed(world.database, viewer, "withdrawDocumentVersion", "documentVersion { state }", **wrong)
    query = "{ reviewRequests(where: {isStale: {eq: true}}) { nodes { reference isStale } } }"
    found = await read(world.database, query, viewer=await world.viewer("other"))
    assert found["reviewRequests"]["nodes"] == [{"reference": accepted["reference"], "isStale": True}]
    answer = {"id": accepted["id"], "expectedVersion": accepted["version"], "result": "READY"}
    error = await refused(world.database, await world.viewer("other"), "completeReviewRequest", **answer)
    [violation] = error["violations"]
    assert violation["message"] == (
        "The file of the version is WITHDRAWN. Decline this request, or ask the account that requested it to cancel it "
        "and to request a review of another version."
    )
    assert (await moved(world, accepted, "CANCELLED", "member", reason="Withdrawn."))["isStale"] is False


async def test_a_draft_beside_a_released_document_is_reviewed_before_it_is_released(world: World) -> None:
    released = await a_version(world, status=DocumentStatus.RELEASED, marking=Marking.GREEN)
    review = await requested(world, released)
    draft = a_document_version(released.document, "2", state=VersionState.AVAILABLE, draft_since=now())
    await keep(world.database, draft)
    # The reader of the released version learns nothing of the draft.
    query = "{ viewer { reviewRequests { nodes { isStale } } } }"
    found = await read(world.database, query, viewer=await world.viewer("other"))
    assert found["viewer"]["reviewRequests"]["nodes"] == [{"isStale": False}]
    assert (await moved(world, review, "ACCEPTED"))["status"] == "ACCEPTED"
    asked = {"documentVersionId": an_id(draft), "reviewer": {"accountId": an_id(world.accounts["other"])}}
    assert await rules(world, "createReviewRequest", "member", **asked) == {("input.reviewer.accountId", "reviewer")}
    review = await requested(world, draft, "chair")
    given = {"id": an_id(draft), "expectedVersion": 1}
    error = await refused(world.database, await world.viewer("chair"), "releaseDocumentVersion", **given)
    assert error["violations"][0]["rule"] == "reason"
    assert f"1 of 1 reviews of version 2 are not ready ({review['reference']} is REQUESTED)" in error["message"]
    await moved(world, await moved(world, review, "ACCEPTED", "chair"), "DONE", "chair", result="READY")
    released = await changed(
        world.database, await world.viewer("chair"), "releaseDocumentVersion", "documentVersion { draftSince }", **given
    )
    assert released == {"draftSince": None}


async def test_forty_requests_at_once_ask_a_reviewer_once(world: World) -> None:
    version, member = await a_version(world), await world.viewer("member")
    given = {"documentVersionId": an_id(version), "reviewer": {"groupId": an_id(world.group)}}
    sent = (change(world.database, member, "createReviewRequest", REVIEW, **given) for _ in range(40))
    answers = await asyncio.gather(*sent)
    found = Counter(each.get("violations", [{"rule": "done"}])[0]["rule"] for each in answers)
    assert found == {"done": 1, "requested_once": 39}


async def test_the_database_holds_the_rules_of_reviews(shared_database: Database) -> None:
    def reviewed(**given: Any) -> Any:
        return a_review_request(a_document_version(a_document()), **given)

    other = reviewed()
    other.sha256 = "1" * 64
    twice = reviewed()
    again = a_review_request(twice.document_version, reviewer_group=twice.reviewer_group)
    for name, rows in {
        "fk_review_requests_file": [other],
        "ck_review_requests_one_reviewer": [reviewed(reviewer_group=None)],
        "ck_review_requests_reason": [reviewed(status=ReviewStatus.DECLINED)],
        "ck_review_requests_result_when_done": [reviewed(status=ReviewStatus.DONE, done_at=now())],
        "uq_review_requests_reviewer_group": [twice, again],
    }.items():
        await refused_by_database(shared_database, name, *rows)
