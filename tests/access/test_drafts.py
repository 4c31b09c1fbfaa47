"""An object that never left its draft stays with the writers of its group, in any status it ends in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from models import CapabilityNeed, Document, NeedStatus, PurchaseOrder, PurchaseOrderStatus
from models.base import now
from models.drafts import HasDrafts
from tests.support.execute import read
from tests.support.factories import a_procurement, an_order
from tests.support.mutations import change, changed
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer

pytestmark = pytest.mark.anyio

OUTSIDE = ("reader", "other", "lead")
WRITERS = ("member", "chair")
STEPS = 14

#: Of each noun: its list at the root, what makes one, and the statuses that are tried in random histories.
NOUNS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "Document": ("documents", {"documentType": "OTHER"}, ("UNDER_REVIEW", "DRAFT", "WITHDRAWN", "FINAL", "RELEASED")),
    "CapabilityNeed": ("capabilityNeeds", {}, ("SUBMITTED", "VALIDATED", "REJECTED", "WITHDRAWN")),
}


async def sees(world: World, viewer: Viewer, kind: str, row: dict[str, Any]) -> set[bool]:
    """Return in how many different ways of asking a row is there: all must agree."""
    name = NOUNS[kind][0]
    query = f"""query ($id: ID!, $ids: [ID!]!, $title: String!) {{
        node(id: $id) {{ id ... on {kind} {{ history {{ totalCount }} }} }}
        nodes(ids: $ids) {{ id }}
        listed: {name}(where: {{title: {{eq: $title}}}}) {{ totalCount nodes {{ id }} aggregate {{ count }} }}
        grouped: expertGroups(where: {{{name}: {{some: {{id: {{eq: $id}}}}}}}}) {{ totalCount }}
    }}"""
    found = await read(world.database, query, viewer=viewer, id=row["id"], ids=[row["id"]], title=row["title"])
    listed = found["listed"]
    counts = {listed["totalCount"], listed["aggregate"]["count"], len(listed["nodes"]), found["grouped"]["totalCount"]}
    return {found["node"] is not None, found["nodes"][0] is not None, *(count == 1 for count in counts)}


async def made(world: World, kind: str, title: str, marking: str) -> Any:
    given = {"title": title, "marking": marking, "groupId": an_id(world.group), **NOUNS[kind][1]}
    if kind == "Document":
        given["url"] = f"https://example.org/{title.replace(' ', '-')}"
    else:
        given["areaId"] = an_id(world.area)
    field = kind[0].lower() + kind[1:]
    selected = f"{field} {{ id version status title visibleSince }}"
    return await changed(world.database, await world.viewer("member"), f"create{kind}", selected, **given)


async def moved(world: World, kind: str, row: dict[str, Any], who: str, to: str) -> Any:
    field = kind[0].lower() + kind[1:]
    given = {"id": row["id"], "to": to, "expectedVersion": row["version"], "reason": "It is tried."}
    selected = f"{field} {{ id version status title visibleSince }}"
    found = await change(world.database, await world.viewer(who), f"transition{kind}", selected, **given)
    return found.get(field)


@pytest.mark.parametrize("kind", NOUNS)
async def test_a_draft_that_is_withdrawn_stays_with_its_writers(world: World, kind: str) -> None:
    row = await made(world, kind, "secret words", "CLEAR")
    row = await moved(world, kind, row, "member", "WITHDRAWN")
    assert (row["status"], row["visibleSince"]) == ("WITHDRAWN", None)
    for name in OUTSIDE:
        assert await sees(world, await world.viewer(name), kind, row) == {False}, name
    for name in WRITERS:
        assert await sees(world, await world.viewer(name), kind, row) == {True}, name


async def test_what_was_recalled_from_review_and_withdrawn_shows_nothing_that_was_written_since(world: World) -> None:
    row = await made(world, "Document", "first words", "GREEN")
    for to, seen in (("UNDER_REVIEW", True), ("DRAFT", False), ("WITHDRAWN", False)):
        row = await moved(world, "Document", row, "member", to)
        assert await sees(world, await world.viewer("reader"), "Document", row) == {seen}, to


async def test_what_was_shown_and_is_withdrawn_is_still_seen(world: World) -> None:
    row = await made(world, "CapabilityNeed", "stated", "GREEN")
    for to in ("SUBMITTED", "WITHDRAWN"):
        row = await moved(world, "CapabilityNeed", row, "member", to)
    assert await sees(world, await world.viewer("reader"), "CapabilityNeed", row) == {True}


@pytest.mark.parametrize("seed", range(4))
async def test_no_random_history_shows_what_never_left_its_draft(world: World, seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311 - no secret
    rows: list[tuple[str, dict[str, Any], bool]] = []
    for step in range(STEPS):
        if len(rows) < 3 or chosen.random() < 0.25:
            kind = chosen.choice(list(NOUNS))
            row = await made(world, kind, f"title {step}", chosen.choice(("CLEAR", "GREEN", "AMBER")))
            rows.append((kind, row, False))
        else:
            place = chosen.randrange(len(rows))
            kind, row, shown = rows[place]
            after = await moved(world, kind, row, chosen.choice(("chair", "member")), chosen.choice(NOUNS[kind][2]))
            if after:
                shown = after["status"] != "DRAFT" and (shown or after["status"] != "WITHDRAWN")
                rows[place] = kind, after, shown
        for name in ("reader", "lead"):
            for kind, row, shown in rows:
                if not shown:
                    assert await sees(world, await world.viewer(name), kind, row) == {False}, (seed, step, name, row)
    assert any(shown for *_, shown in rows) or any(row["status"] == "WITHDRAWN" for _, row, _ in rows)


def test_every_type_with_drafts_says_which_of_its_ends_a_draft_may_have() -> None:
    ends = {kind.__name__: kind.draft_ends() for kind in HasDrafts.__subclasses__()}
    assert ends["Document"] == ends["CapabilityNeed"] == ["WITHDRAWN"]
    assert ends["PurchaseOrder"] == ["CANCELLED"]
    assert {*ends} == {"Document", "CapabilityNeed", "PurchaseOrder"}


def test_a_row_knows_since_when_it_is_shown() -> None:
    need = CapabilityNeed(status=NeedStatus.DRAFT)
    assert (need.visible_since, need.is_unpublished) == (None, True)
    need.status = NeedStatus.SUBMITTED
    assert need.visible_since is not None
    assert need.visible_since <= now()
    assert not need.is_unpublished
    assert PurchaseOrder(status=PurchaseOrderStatus.CLOSED).visible_since is not None
    assert Document().visible_since is None


async def test_an_order_is_seen_once_it_was_placed(world: World) -> None:
    procurement = a_procurement(group=world.group)
    draft = an_order(procurement, status=PurchaseOrderStatus.DRAFT)
    placed = an_order(procurement, status=PurchaseOrderStatus.PLACED)
    await keep(world.database, draft, placed)
    given = {"id": an_id(draft), "to": "CANCELLED", "expectedVersion": 1, "reason": "A mistake."}
    selected = "purchaseOrder { status visibleSince }"
    ended = await changed(world.database, await world.viewer("member"), "transitionPurchaseOrder", selected, **given)
    assert ended == {"status": "CANCELLED", "visibleSince": None}
    query = "{ purchaseOrders { nodes { id visibleSince } } }"
    found = await read(world.database, query, viewer=await world.viewer("reader"))
    assert [(each["id"], bool(each["visibleSince"])) for each in found["purchaseOrders"]["nodes"]] == [
        (an_id(placed), True)
    ]
