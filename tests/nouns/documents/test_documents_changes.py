"""Documents are written by their group, agreed and shared by its chair, and superseded by later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import DocumentStatus, Marking
from tests.support.factories import a_document
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import Document

pytestmark = pytest.mark.anyio

DOCUMENT = "document { id version status availableTransitions supersededBy { id } }"


def a_paper(world: World, **given: Any) -> dict[str, Any]:
    """Return an input that creates a document of the group."""
    return {"title": "Network plan", "documentType": "REPORT", "groupId": an_id(world.group), **given}


async def entered(world: World, **given: Any) -> Any:
    return await changed(
        world.database, await world.viewer("member"), "createDocument", DOCUMENT, **a_paper(world, **given)
    )


async def transition(world: World, name: str, paper: dict[str, Any], to: str, version: int) -> Any:
    given = {"id": paper["id"], "to": to, "expectedVersion": version}
    return await change(world.database, await world.viewer(name), "transitionDocument", DOCUMENT, **given)


async def a_released(world: World, **changes: Any) -> Document:
    """Store a released document of the group, and return it."""
    paper = a_document(group=world.group, status=DocumentStatus.RELEASED, **changes)
    await keep(world.database, paper)
    return paper


async def supersede(world: World, name: str, paper: Document, later: Document, version: int = 1) -> Any:
    given = {"id": an_id(paper), "byId": an_id(later), "expectedVersion": version}
    return await change(world.database, await world.viewer(name), "supersedeDocument", DOCUMENT, **given)


async def test_a_member_enters_a_paper_as_it_was_given(world: World) -> None:
    selected = """document { title reference status marking language keywords issueDate expiresOn url publisher
        group { code } }"""
    particulars = {
        "language": "en", "keywords": ["network", "radio"], "issueDate": "2026-02-01", "expiresOn": "2027-02-01",
        "url": "https://example.org/plan.pdf", "publisher": "EG1",
    }  # fmt: skip
    member = await world.viewer("member")
    found = await changed(world.database, member, "createDocument", selected, **a_paper(world, **particulars))
    assert found.pop("reference").startswith("DOC-")
    assert found == {
        "title": "Network plan", "status": "DRAFT", "marking": "AMBER", "group": {"code": "EG1"}, **particulars,
    }  # fmt: skip


async def test_every_fault_of_the_particulars_is_told_where_it_stands(world: World) -> None:
    member = await world.viewer("member")
    given = a_paper(world, language="EN", issueDate="2026-02-01", expiresOn="2026-01-31")
    error = await refused(world.database, member, "createDocument", **given)
    found = {".".join(each["path"]): each["rule"] for each in error["violations"]}
    assert found == {"input.language": "language", "input.expiresOn": "period"}


@pytest.mark.parametrize(
    "keywords", [["a\0"], ["a\u200b"], ["a\ufe0f"], ["\u3164"], [" "], ["radio", "radio "], ["x" * 41]]
)
async def test_keywords_are_words_that_can_be_seen_and_told_apart(world: World, keywords: list[str]) -> None:
    error = await refused(
        world.database, await world.viewer("member"), "createDocument", **a_paper(world, keywords=keywords)
    )
    assert {each["path"][1] for each in error["violations"]} == {"keywords"}


async def test_a_paper_goes_through_review_and_only_the_chair_agrees_to_it(world: World) -> None:
    paper = await entered(world, url="https://example.org/plan.pdf")
    for name, to, version in (("member", "UNDER_REVIEW", 1), ("member", "DRAFT", 2), ("member", "UNDER_REVIEW", 3)):
        assert (await transition(world, name, paper, to, version))["document"]["status"] == to
    for to, version in (("FINAL", 4), ("RELEASED", 5)):
        assert (await transition(world, "member", paper, to, version))["code"] == "FORBIDDEN"
        found = (await transition(world, "chair", paper, to, version))["document"]
        assert found["status"] == to
    # It becomes SUPERSEDED by the document that takes its place.
    assert found["availableTransitions"] == ["WITHDRAWN"]


async def test_what_was_withdrawn_no_longer_changes(world: World) -> None:
    paper = await entered(world)
    assert (await transition(world, "member", paper, "WITHDRAWN", 1))["document"]["status"] == "WITHDRAWN"
    member = await world.viewer("member")
    error = await refused(world.database, member, "updateDocument", id=paper["id"], expectedVersion=2, title="Other")
    assert error["violations"][0]["rule"] == "ended"


async def test_only_the_chair_shares_a_paper_with_another_group(world: World) -> None:
    shared = {"sharedWithIds": [an_id(world.other_group)]}
    member, chair = await world.viewer("member"), await world.viewer("chair")
    error = await refused(world.database, member, "createDocument", **a_paper(world, **shared))
    assert error["code"] == "FORBIDDEN"
    paper = await entered(world)
    given = {"id": paper["id"], "expectedVersion": 1, **shared}
    assert (await refused(world.database, member, "updateDocument", **given))["code"] == "FORBIDDEN"
    selected = "document { sharedWith { nodes { code } } }"
    found = await changed(world.database, chair, "updateDocument", selected, **given)
    assert found == {"sharedWith": {"nodes": [{"code": "EG2"}]}}


async def test_a_marking_is_lowered_by_the_chair_with_a_reason(world: World) -> None:
    paper = await entered(world, marking="AMBER_STRICT")
    given = {"id": paper["id"], "expectedVersion": 1, "marking": "GREEN"}
    member, chair = await world.viewer("member"), await world.viewer("chair")
    assert (await refused(world.database, member, "updateDocument", **given, reason="known"))["code"] == "FORBIDDEN"
    assert (await refused(world.database, chair, "updateDocument", **given))["violations"][0]["rule"] == "reason"
    await changed(world.database, chair, "updateDocument", DOCUMENT, **given, reason="it was published")


async def test_an_author_names_himself_where_only_recipients_read(world: World) -> None:
    member = await world.viewer("member")
    given = a_paper(world, marking="RED", recipientIds=[an_id(world.accounts["chair"])])
    error = await refused(world.database, member, "createDocument", **given)
    assert error["violations"][0]["rule"] == "visible"
    both = [an_id(world.accounts[name]) for name in ("chair", "member")]
    await changed(world.database, member, "createDocument", DOCUMENT, **{**given, "recipientIds": both})


async def test_a_later_document_takes_the_place_of_a_released_one(world: World) -> None:
    paper, later = await a_released(world, url="https://example.org/plan"), await a_released(world)
    assert (await supersede(world, "member", paper, later))["code"] == "FORBIDDEN"
    found = (await supersede(world, "chair", paper, later))["document"]
    assert (found["status"], found["supersededBy"]) == ("SUPERSEDED", {"id": an_id(later)})
    back = {"id": an_id(paper), "expectedVersion": 2, "to": "RELEASED", "reason": "The later one is withdrawn."}
    chair = await world.viewer("chair")
    [broken] = (await refused(world.database, chair, "transitionDocument", **back))["violations"]
    assert (broken["rule"], broken["message"]) == (
        "superseded", f"{later.reference} supersedes it and is RELEASED. Withdraw that document first."
    )  # fmt: skip
    withdrawn = {"id": an_id(later), "expectedVersion": 1, "to": "WITHDRAWN", "reason": "It has errors."}
    await changed(world.database, chair, "transitionDocument", DOCUMENT, **withdrawn)
    found = await changed(world.database, chair, "transitionDocument", DOCUMENT, **back)
    assert (found["status"], found["supersededBy"]) == ("RELEASED", None)


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("CLEAR", "CLEAR", True), ("CLEAR", "GREEN", False), ("AMBER", "AMBER", True), ("AMBER", "AMBER_STRICT", False),
        ("AMBER_STRICT", "AMBER", True), ("AMBER", "CLEAR", True), ("GREEN", "RED", False),
    ],
)  # fmt: skip
async def test_a_document_is_replaced_by_one_that_all_its_readers_see(
    world: World, before: str, after: str, *, fits: bool
) -> None:
    paper = await a_released(world, marking=Marking[before])
    later = await a_released(world, marking=Marking[after], recipients=[world.accounts["chair"]])
    found = await supersede(world, "chair", paper, later)
    assert ("document" in found) == fits
    assert fits or found["violations"][0]["rule"] == "succession"


async def test_a_shared_document_is_replaced_by_one_that_is_shared_as_well(world: World) -> None:
    paper, later = [await a_released(world, marking=Marking.AMBER) for _ in range(2)]
    shared = {"id": an_id(paper), "expectedVersion": 1, "sharedWithIds": [an_id(world.other_group)]}
    chair = await world.viewer("chair")
    await changed(world.database, chair, "updateDocument", DOCUMENT, **shared)
    assert (await supersede(world, "chair", paper, later, 2))["violations"][0]["rule"] == "succession"
    await changed(world.database, chair, "updateDocument", DOCUMENT, **{**shared, "id": an_id(later)})
    assert "document" in await supersede(world, "chair", paper, later, 2)


async def test_an_address_of_a_hidden_document_is_not_told(world: World) -> None:
    url = "https://example.org/secret.pdf"
    hidden = a_document(group=world.other_group, marking=Marking.AMBER_STRICT, url=url)
    await keep(world.database, hidden)
    made = await entered(world, url=url)
    error = await refused(world.database, await world.viewer("member"), "createDocument", **a_paper(world, url=url))
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "url"], "unique")]
    again = {"id": made["id"], "expectedVersion": 1, "url": url}
    await changed(world.database, await world.viewer("member"), "updateDocument", DOCUMENT, **again)


async def test_documents_never_replace_each_other_in_a_circle(world: World) -> None:
    first, second, third = [await a_released(world) for _ in range(3)]
    await supersede(world, "chair", first, second)
    await supersede(world, "chair", second, third)
    assert (await supersede(world, "chair", third, third))["violations"][0]["rule"] == "circle"
    error = await supersede(world, "chair", third, first)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "byId"], "circle")]


async def test_only_what_is_released_is_superseded_and_only_by_what_is_agreed(world: World) -> None:
    paper, draft = await a_released(world), a_document(group=world.group)
    await keep(world.database, draft)
    error = await supersede(world, "chair", paper, draft)
    assert error["violations"][0]["rule"] == "replacing"
    error = await supersede(world, "chair", draft, paper)
    assert error["violations"][0]["rule"] == "transition"


async def test_the_file_of_a_version_is_declared_and_its_bytes_are_waited_for(world: World) -> None:
    member = await world.viewer("member")
    selected = (
        "documentVersion { label fileName mediaType byteSize sha256 state path uploadedBy { id } document { id } }"
    )
    document = await entered(world)
    file = {"fileName": "Plan 2027.pdf", "mediaType": "Application/PDF", "byteSize": 5, "sha256": "AB" * 32}
    given = {"documentId": document["id"], "label": "1.0", **file}
    found = await changed(world.database, member, "createDocumentVersion", selected, **given)
    assert found.pop("path").startswith(f"/documents/{document['id'].partition(':')[2]}/versions/")
    assert found == {
        "label": "1.0", "fileName": "Plan 2027.pdf", "mediaType": "application/pdf", "byteSize": 5,
        "sha256": "ab" * 32, "state": "DECLARED", "uploadedBy": {"id": an_id(world.accounts["member"])},
        "document": {"id": document["id"]},
    }  # fmt: skip


async def test_a_file_that_cannot_be_kept_is_refused_with_every_fault(world: World) -> None:
    member = await world.viewer("member")
    document = await entered(world)
    file = {"fileName": "../plan.pdf", "mediaType": "pdf", "byteSize": 5, "sha256": "ab"}
    given = {"documentId": document["id"], "label": "1.0", **file}
    error = await refused(world.database, member, "createDocumentVersion", **given)
    assert [each["path"] for each in error["violations"]] == [
        ["input", "fileName"], ["input", "mediaType"], ["input", "sha256"],
    ]  # fmt: skip


async def test_a_label_belongs_to_one_version_of_a_document_and_only_writers_add_one(world: World) -> None:
    document = await entered(world, marking="GREEN")
    file = {"fileName": "plan.pdf", "mediaType": "application/pdf", "byteSize": 5, "sha256": "ab" * 32}
    given = {"documentId": document["id"], "label": "1.0", **file}
    member = await world.viewer("member")
    await changed(world.database, member, "createDocumentVersion", "documentVersion { id }", **given)
    error = await refused(world.database, member, "createDocumentVersion", **given)
    message = "Another document version has the same documentId and label. Choose another label."
    assert error["violations"] == [{"path": ["input", "label"], "rule": "unique", "message": message}]
    reader = await world.viewer("reader")
    error = await refused(world.database, reader, "createDocumentVersion", **{**given, "label": "1.1"})
    assert error["code"] in {"FORBIDDEN", "NOT_FOUND"}
