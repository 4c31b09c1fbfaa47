"""Stories of documents and their reviews, over the API alone, except for the bytes of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models import DocumentVersion, VersionState
from tests.support.execute import read
from tests.support.mutations import changed, refused
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

DOCUMENT = "document { id version status transitions { to allowed needsReason } }"
REVIEW = "reviewRequest { id version reference status result isStale }"
FILE = {"fileName": "plan.pdf", "mediaType": "application/pdf", "byteSize": 1}


async def send(world: World, name: str, mutation: str, selected: str, **given: Any) -> Any:
    return await changed(world.database, await world.viewer(name), mutation, selected, **given)


async def a_plan(world: World) -> Any:
    """Have a member write a plan for all of the coalition, with its first version, and put it under review."""
    given = {"title": "Network plan", "documentType": "REPORT", "groupId": an_id(world.group), "marking": "GREEN"}
    document = await send(world, "member", "createDocument", DOCUMENT, **given)
    await a_version(world, document, "1")
    given = {"id": document["id"], "expectedVersion": document["version"], "to": "UNDER_REVIEW"}
    return await send(world, "member", "transitionDocument", DOCUMENT, **given)


async def a_version(world: World, document: Any, label: str) -> Any:
    """Add a version whose file arrives."""
    given = {"documentId": document["id"], "label": label, "sha256": label.zfill(64), **FILE}
    version = await send(world, "member", "createDocumentVersion", "documentVersion { id }", **given)
    key = version["id"].partition(":")[2]
    async with world.database.bypass_policies("a test sends bytes", unaudited=True).begin() as connection:
        await connection.execute(
            update(DocumentVersion).where(DocumentVersion.id == key).values(state=VersionState.AVAILABLE)
        )
    return version


async def ask(world: World, document: Any, *names: str) -> list[Any]:
    """Have the member request reviews of the current version from accounts."""
    query = """query ($id: ID!) { node(id: $id) { ... on Document {
        versions(orderBy: [{field: CREATED_AT, direction: DESC}], first: 1) { nodes { id } } } } }"""
    found = await read(world.database, query, viewer=await world.viewer("member"), id=document["id"])
    [version] = found["node"]["versions"]["nodes"]
    accounts = [{"accountId": an_id(world.accounts[name])} for name in names]
    return [
        await send(world, "member", "createReviewRequest", REVIEW, documentVersionId=version["id"], reviewer=account)
        for account in accounts
    ]


async def answer(world: World, name: str, review: Any, to: str, **given: Any) -> Any:
    """Have an account change the status of a request."""
    fields = {"id": review["id"], "expectedVersion": review["version"], "to": to, **given}
    return await send(world, name, "transitionReviewRequest", REVIEW, **fields)


async def complete(world: World, name: str, review: Any, result: str, text: str | None = None) -> Any:
    """Have a reviewer accept a request and write the review."""
    accepted = await answer(world, name, review, "ACCEPTED")
    given = {"id": accepted["id"], "expectedVersion": accepted["version"], "result": result, "text": text}
    return await send(world, name, "completeReviewRequest", REVIEW, **given)


async def finish(world: World, document: Any, **given: Any) -> Any:
    """Have the chair make the document FINAL; return it, or the error."""
    fields = {"id": document["id"], "expectedVersion": document["version"], "to": "FINAL", **given}
    return await send(world, "chair", "transitionDocument", DOCUMENT, **fields)


async def refusal(world: World, document: Any) -> str:
    """Return why the document cannot become FINAL without a reason."""
    given = {"id": document["id"], "expectedVersion": document["version"], "to": "FINAL"}
    error = await refused(world.database, await world.viewer("chair"), "transitionDocument", **given)
    [violation] = error["violations"]
    assert (violation["path"], violation["rule"]) == (["input", "reason"], "reason")
    message: str = violation["message"]
    return message


async def test_a_document_is_reviewed_by_two_one_declining(world: World) -> None:
    document = await a_plan(world)
    first, second = await ask(world, document, "other", "lead")
    message = await refusal(world, document)
    assert "2 of 2 reviews of version 1 are not ready" in message
    second = await answer(world, "lead", second, "DECLINED", reason="Not my subject.")
    first = await complete(world, "other", first, "READY")
    assert await refusal(world, document) == (
        f"The reason is missing. Say why it becomes FINAL although 1 of 2 reviews of version 1 are not ready "
        f"({second['reference']} is DECLINED), or wait for them, or cancel them."
    )
    query = "query ($id: ID!) { node(id: $id) { ... on Document { transitions { to allowed needsReason } } } }"
    found = await read(world.database, query, viewer=await world.viewer("chair"), id=document["id"])
    assert {"to": "FINAL", "allowed": True, "needsReason": True} in found["node"]["transitions"]
    # The requester cancels the request, and the one review that is left is enough.
    second = await answer(world, "member", second, "CANCELLED", reason="One review is enough.")
    assert (first["result"], (await finish(world, document))["status"]) == ("READY", "FINAL")


async def test_a_review_of_a_version_that_has_been_replaced_is_refused(world: World) -> None:
    document = await a_plan(world)
    [first] = await ask(world, document, "other")
    first = await answer(world, "other", first, "ACCEPTED")
    await a_version(world, document, "2")
    query = "{ reviewRequests(where: {isStale: {eq: true}}) { nodes { reference isStale } } }"
    found = await read(world.database, query, viewer=await world.viewer("other"))
    assert found["reviewRequests"]["nodes"] == [{"reference": first["reference"], "isStale": True}]
    given = {"id": first["id"], "expectedVersion": first["version"], "result": "READY"}
    error = await refused(world.database, await world.viewer("other"), "completeReviewRequest", **given)
    [violation] = error["violations"]
    assert violation["rule"] == "replaced"
    assert violation["message"] == (
        "Version 2 has replaced version 1. Decline this request, or ask the account that requested it to cancel it "
        "and to request a review of version 2."
    )
    await answer(world, "member", first, "CANCELLED", reason="Version 2 is there.")
    [second] = await ask(world, document, "other")
    await complete(world, "other", second, "NOT_READY", "The costs are missing.")
    assert "is NOT_READY" in await refusal(world, document)
    assert (await finish(world, document, reason="The costs follow in spring."))["status"] == "FINAL"
