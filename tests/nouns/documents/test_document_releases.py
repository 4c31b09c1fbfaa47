"""A FINAL or RELEASED document is fixed: it names its version, and a new version is a draft beside it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import DocumentStatus, DocumentVersion, Marking, VersionState
from models.base import now
from tests.support.execute import read
from tests.support.factories import a_document, a_document_version
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import Document

pytestmark = pytest.mark.anyio

VERSION = "documentVersion { id version draftSince releasedAt path }"
FILE = {"fileName": "x.pdf", "mediaType": "application/pdf", "byteSize": 1, "sha256": "0" * 64}


async def a_reviewed(world: World, *labels: str, status: DocumentStatus = DocumentStatus.UNDER_REVIEW) -> Document:
    document = a_document(group=world.group, status=status, marking=Marking.GREEN)
    await keep(
        world.database, document, *(a_document_version(document, each, state=VersionState.AVAILABLE) for each in labels)
    )
    return document


async def seen(world: World, name: str, document: Document) -> list[tuple[str, bool]]:
    query = """query ($id: ID!) { node(id: $id) { ... on Document {
        versions(orderBy: [{field: CREATED_AT}]) { totalCount nodes { label releasedAt } } } } }"""
    found = await read(world.database, query, viewer=await world.viewer(name), id=an_id(document))
    versions = found["node"]["versions"]
    assert versions["totalCount"] == len(versions["nodes"])
    return [(each["label"], each["releasedAt"] is not None) for each in versions["nodes"]]


async def added(world: World, document: Document, label: str) -> dict[str, Any]:
    given = {"documentId": an_id(document), "label": label, **FILE}
    found: dict[str, Any] = await changed(
        world.database, await world.viewer("member"), "createDocumentVersion", VERSION, **given
    )
    return found


async def arrive(world: World, key: str, state: VersionState = VersionState.AVAILABLE) -> None:
    table = DocumentVersion.__table__
    async with world.database.bypass_policies("a test sends bytes", unaudited=True).begin() as connection:
        await connection.execute(
            table.update().where(table.c.id == key.partition(":")[2]).values(state=state)  # type: ignore[attr-defined]
        )


async def release(world: World, name: str, version: dict[str, Any]) -> Any:
    given = {"id": version["id"], "expectedVersion": 1}
    return await change(world.database, await world.viewer(name), "releaseDocumentVersion", VERSION, **given)


async def test_final_names_the_newest_version_that_is_there(world: World) -> None:
    document = await a_reviewed(world, "1", "2")
    late = await added(world, document, "3")
    assert late["draftSince"] is None
    given = {"id": an_id(document), "expectedVersion": 1, "to": "FINAL"}
    await changed(world.database, await world.viewer("chair"), "transitionDocument", "document { id }", **given)
    assert await seen(world, "reader", document) == [("1", False), ("2", True)]
    # Its bytes had not arrived: it is a draft now.
    assert await seen(world, "member", document) == [("1", False), ("2", True), ("3", False)]


@pytest.mark.parametrize("status", [DocumentStatus.FINAL, DocumentStatus.RELEASED, DocumentStatus.SUPERSEDED])
async def test_a_new_version_of_what_is_fixed_is_a_draft_beside_it(world: World, status: DocumentStatus) -> None:
    document = await a_reviewed(world, "1", status=status)
    version = await added(world, document, "2")
    assert version["draftSince"] is not None
    for name, count in {"reader": 1, "other": 1, "lead": 1, "member": 2, "chair": 2}.items():
        assert len(await seen(world, name, document)) == count, name
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for name in ("reader", "lead"):
        assert (await read(world.database, query, viewer=await world.viewer(name), id=version["id"]))["node"] is None


async def test_the_chair_releases_a_version_once_its_bytes_are_there(world: World) -> None:
    document = await a_reviewed(world, "1", status=DocumentStatus.RELEASED)
    version = await added(world, document, "2")
    assert (await release(world, "member", version))["code"] == "FORBIDDEN"
    assert (await release(world, "chair", version))["violations"][0]["rule"] == "state"
    await arrive(world, version["id"])
    assert (await release(world, "chair", version))["documentVersion"]["releasedAt"] is not None
    assert await seen(world, "reader", document) == [("1", False), ("2", True)]
    given = {"id": version["id"], "expectedVersion": 2}
    error = await refused(world.database, await world.viewer("chair"), "releaseDocumentVersion", **given)
    assert error["violations"][0]["rule"] == "released"


@pytest.mark.parametrize("status", [DocumentStatus.FINAL, DocumentStatus.RELEASED])
async def test_what_a_fixed_document_says_of_itself_no_longer_changes(world: World, status: DocumentStatus) -> None:
    document = await a_reviewed(world, status=status)
    given = {
        "id": an_id(document),
        "expectedVersion": 1,
        "title": "Other",
        "description": "Other",
        "url": "https://example.org/2",
    }
    error = await refused(world.database, await world.viewer("chair"), "updateDocument", **given)
    assert {(each["path"][-1], each["rule"]) for each in error["violations"]} == {
        ("title", "sealed"), ("description", "sealed"), ("url", "sealed"),
    }  # fmt: skip
    given = {"id": an_id(document), "expectedVersion": 1, "keywords": ["found"]}
    await changed(world.database, await world.viewer("chair"), "updateDocument", "document { id }", **given)


RELEASED = "query ($id: ID!) { node(id: $id) { ... on Document { releasedVersion { id label path } } } }"


async def named(world: World, name: str, document: Document) -> Any:
    """Return the version that a document names, as an account sees it."""
    return (await read(world.database, RELEASED, viewer=await world.viewer(name), id=an_id(document)))["node"][
        "releasedVersion"
    ]


async def test_a_document_names_the_version_that_was_released(world: World) -> None:
    document = await a_reviewed(world, "1", "2")
    assert await named(world, "member", document) is None
    given = {"id": an_id(document), "expectedVersion": 1, "to": "FINAL"}
    selected = "document { releasedVersion { label releasedAt } }"
    final = await changed(world.database, await world.viewer("chair"), "transitionDocument", selected, **given)
    assert final["releasedVersion"]["label"] == "2"
    assert final["releasedVersion"]["releasedAt"] is not None
    draft = await added(world, document, "3")
    for name in ("reader", "member"):
        assert (await named(world, name, document))["label"] == "2"
    await arrive(world, draft["id"])
    await release(world, "chair", draft)
    found = await named(world, "reader", document)
    assert (found["id"], found["label"]) == (draft["id"], "3")
    # A draft beside it, and the rest of the history, change nothing.
    await added(world, document, "4")
    assert await named(world, "other", document) == found


async def test_a_document_without_a_file_names_no_version(world: World) -> None:
    document = await a_reviewed(world, status=DocumentStatus.RELEASED)
    assert await named(world, "reader", document) is None


async def test_final_and_released_have_something_to_read(world: World) -> None:
    document = await a_reviewed(world, status=DocumentStatus.UNDER_REVIEW)
    version = await added(world, document, "1")
    chair = await world.viewer("chair")
    judged = "query ($id: ID!) { node(id: $id) { ... on Document { transitions { to allowed needsReason reason } } } }"

    async def refused_as(to: str, expected: int, advice: str) -> None:
        given = {"id": an_id(document), "expectedVersion": expected, "to": to}
        error = await refused(world.database, chair, "transitionDocument", **given)
        [violation] = error["violations"]
        assert (violation["path"], violation["rule"]) == (["input", "to"], "content")
        assert "none of its versions (1) has an AVAILABLE file to release" in violation["message"]
        assert violation["message"].endswith(advice)
        found = await read(world.database, judged, viewer=chair, id=an_id(document))
        transitions = {each["to"]: each for each in found["node"]["transitions"]}
        assert (transitions[to]["allowed"], transitions[to]["reason"]) == (False, violation["message"])
        assert transitions["WITHDRAWN"]["needsReason"]

    async def move(to: str, expected: int, **more: str) -> None:
        given = {"id": an_id(document), "expectedVersion": expected, "to": to, **more}
        await changed(world.database, chair, "transitionDocument", "document { id }", **given)

    await refused_as("FINAL", 1, "or set the URL.")
    await arrive(world, version["id"])
    await move("FINAL", 1)
    # The virus scan can reject a file later: then readers need another version.
    await arrive(world, version["id"], VersionState.REJECTED)
    await refused_as("RELEASED", 2, "releaseDocumentVersion.")
    later = await added(world, document, "2")
    await arrive(world, later["id"])
    await release(world, "chair", later)
    # Its readers get another file now: who read the document before does not release it.
    before = {"id": an_id(document), "expectedVersion": 2, "to": "RELEASED"}
    assert (await refused(world.database, chair, "transitionDocument", **before))["code"] == "CONFLICT"
    # A draft beside it changes nothing for them.
    await arrive(world, (await added(world, document, "3"))["id"])
    await move("RELEASED", 3)


@pytest.mark.parametrize("status", [each for each in DocumentStatus if each is not DocumentStatus.WITHDRAWN])
async def test_what_readers_have_seen_is_withdrawn_with_a_reason(world: World, status: DocumentStatus) -> None:
    document = await a_reviewed(world, "1", status=status)
    chair = await world.viewer("chair")
    given = {"id": an_id(document), "expectedVersion": 1, "to": "WITHDRAWN"}
    if status is not DocumentStatus.DRAFT:
        error = await refused(world.database, chair, "transitionDocument", **given)
        assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]
        given["reason"] = "The figures are wrong."
    await changed(world.database, chair, "transitionDocument", "document { id }", **given)


async def test_the_version_that_a_document_names_is_withdrawn_only_when_it_is_replaced(world: World) -> None:
    document = await a_reviewed(world, "1")
    member, chair = await world.viewer("member"), await world.viewer("chair")
    given = {"id": an_id(document), "expectedVersion": 1, "to": "FINAL"}
    final = await changed(
        world.database, chair, "transitionDocument", "document { releasedVersion { id version } }", **given
    )
    first = final["releasedVersion"]
    wrong = {"id": first["id"], "expectedVersion": first["version"], "reason": "The figures are wrong."}
    error = await refused(world.database, member, "withdrawDocumentVersion", **wrong)
    [violation] = error["violations"]
    assert (violation["path"], violation["rule"]) == (["input", "id"], "named_version")
    assert violation["message"].startswith("The document is FINAL, and this is its version. Release another version")
    # The database holds the rule, too.
    key = first["id"].partition(":")[2]
    behind = f"""UPDATE document_versions SET state = 'WITHDRAWN', withdrawn_at = '2026-11-28T10:00:00.000000Z',
        withdrawal_reason = 'Wrong.' WHERE id = '{key}'"""  # noqa: S608 - ours
    async with world.database.bypass_policies("a test writes behind the commands").connect() as connection:
        with pytest.raises(IntegrityError, match="coalition rule named_version"):
            await connection.execute(text(behind))

    second = await added(world, document, "2")
    await arrive(world, second["id"])
    await release(world, "chair", second)
    done = await changed(world.database, member, "withdrawDocumentVersion", "documentVersion { state }", **wrong)
    assert done == {"state": "WITHDRAWN"}
    error = await refused(world.database, chair, "releaseDocumentVersion", id=first["id"], expectedVersion=3)
    assert error["violations"][0]["message"] == "The version is WITHDRAWN: create another version."
    assert await seen(world, "reader", document) == [("1", True), ("2", True)]
    # The release and the withdrawal raised it.
    given = {"id": an_id(document), "expectedVersion": 4, "to": "WITHDRAWN", "reason": "Both are wrong."}
    await changed(world.database, chair, "transitionDocument", "document { id }", **given)
    wrong = {"id": second["id"], "expectedVersion": 2, "reason": "The figures are wrong."}
    await changed(world.database, member, "withdrawDocumentVersion", "documentVersion { state }", **wrong)


async def test_final_needs_a_version_that_is_not_withdrawn(world: World) -> None:
    document = await a_reviewed(world, "1", "2")
    member, chair = await world.viewer("member"), await world.viewer("chair")
    query = "query ($id: ID!) { node(id: $id) { ... on Document { currentVersion { id version label } } } }"
    current = "document { currentVersion { label } releasedVersion { label } }"
    for label in ("2", "1"):
        found = await read(world.database, query, viewer=member, id=an_id(document))
        version = found["node"]["currentVersion"]
        assert version["label"] == label
        given = {"id": version["id"], "expectedVersion": version["version"], "reason": "Wrong."}
        await changed(world.database, member, "withdrawDocumentVersion", "documentVersion { id }", **given)
    given = {"id": an_id(document), "expectedVersion": 3, "to": "FINAL"}
    error = await refused(world.database, chair, "transitionDocument", **given)
    assert [each["rule"] for each in error["violations"]] == ["content"]
    third = await added(world, document, "3")
    await arrive(world, third["id"])
    final = await changed(world.database, chair, "transitionDocument", current, **given)
    assert final == {"currentVersion": {"label": "3"}, "releasedVersion": {"label": "3"}}


async def test_an_expired_document_is_marked_found_and_never_current(world: World) -> None:
    today = now().date()
    days = {"past": today - dt.timedelta(days=1), "today": today, "ever": None}
    documents = {
        name: a_document(
            name, group=world.group, status=DocumentStatus.RELEASED, marking=Marking.GREEN, expires_on=day,
            issue_date=None,
        )
        for name, day in days.items()
    }  # fmt: skip
    versions = [a_document_version(each, state=VersionState.AVAILABLE) for each in documents.values()]
    await keep(world.database, *documents.values(), *versions)
    reader = await world.viewer("reader")
    query = """query ($expired: Boolean!) { documents(
        where: {isExpired: {eq: $expired}, reference: {in: ["past", "today", "ever"]}}
        orderBy: [{field: EXPIRES_ON}, {field: REFERENCE}]
      ) { nodes { reference isExpired currentVersion { id } } } }"""

    async def found(*, expired: bool) -> list[tuple[str, bool, bool]]:
        data = await read(world.database, query, viewer=reader, expired=expired)
        return [
            (each["reference"], each["isExpired"], each["currentVersion"] is not None)
            for each in data["documents"]["nodes"]
        ]

    assert await found(expired=True) == [("past", True, False)]
    assert await found(expired=False) == [("today", False, True), ("ever", False, True)]
    # Its readers still find its versions, and a later day makes it current again.
    chair = await world.viewer("chair")
    given = {"id": an_id(documents["past"]), "expectedVersion": 1, "expiresOn": (today + dt.timedelta(1)).isoformat()}
    selected = "document { isExpired currentVersion { id } versions { totalCount } }"
    extended = await changed(world.database, chair, "updateDocument", selected, **given)
    assert (extended["isExpired"], extended["versions"]["totalCount"]) == (False, 1)
    assert extended["currentVersion"] is not None
    given = {"id": an_id(documents["ever"]), "expectedVersion": 1, "to": "WITHDRAWN", "reason": "Wrong."}
    done = await changed(world.database, chair, "transitionDocument", selected, **given)
    assert done["currentVersion"] is None
