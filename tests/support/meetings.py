"""Meetings of the group of a small coalition, and their minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import DocumentStatus, DocumentType, Marking
from tests.support.factories import a_document, a_document_version
from tests.support.mutations import changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Document
    from tests.support.small_coalition import World

MINUTES = "minutes { nodes { id document { reference } approvedOn approvedBy { reference } } }"
MEETING = f"meeting {{ id version reference status heldOn decisions {{ nodes {{ id reference }} }} {MINUTES} }}"
DOCUMENT = "document { id version reference status releasedVersion { id version } }"


async def run(world: World, name: str, mutation: str, row: Any, selected: str = MEETING, **given: Any) -> Any:
    """Change an object as an account of the group."""
    known = {"id": row["id"], "expectedVersion": row["version"]}
    return await changed(world.database, await world.viewer(name), mutation, selected, **known, **given)


async def refusal(world: World, name: str, mutation: str, row: Any, **given: Any) -> tuple[str, str]:
    """Have a change refused; return the path and the rule of its violation."""
    known = {"id": row["id"], "expectedVersion": row["version"]}
    error = await refused(world.database, await world.viewer(name), mutation, **known, **given)
    if error["code"] == "FORBIDDEN":
        return "", "FORBIDDEN"
    [violation] = error["violations"]
    return ".".join(violation["path"][1:]), violation["rule"]


async def meet(world: World, reference: str, held_on: str | None, **given: Any) -> Any:
    """Have a member enter a meeting of the group."""
    given = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": f"Meeting {reference}", **given}
    member = await world.viewer("member")
    return await changed(world.database, member, "createMeeting", MEETING, reference=reference, heldOn=held_on, **given)


async def written(world: World, reference: str, **changes: Any) -> Any:
    """Store minutes of the group that are under review, with a version; return the document."""
    fields = {
        "document_type": DocumentType.MINUTES,
        "status": DocumentStatus.UNDER_REVIEW,
        "marking": Marking.AMBER_STRICT,
    }
    document: Document = a_document(reference, **{"group": world.group, **fields, **changes})
    await keep(world.database, document, a_document_version(document, "1", state="AVAILABLE"))
    return {"id": an_id(document), "version": 1}
