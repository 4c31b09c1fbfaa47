"""What some readers of an object do not see raises no version of it: no part, no link and no reference."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

import models as m
from models.base import now
from resolvers.access.context import Actor
from resolvers.access.visibility import RESTRICTED, visibility_parents
from resolvers.audit.recorder import AuditedSession, touch_owner
from resolvers.commands.command import all_commands
from resolvers.commands.spec import InputSpec, mutation_specs
from resolvers.core.attributes import Kind, attribute
from tests.support.execute import read
from tests.support.factories import (
    a_contribution,
    a_document,
    a_meeting,
    a_need,
    a_procurement,
    a_roadmap,
    a_row,
    money,
    one_of_each,
)
from tests.support.mutations import change, changed, refused
from tests.support.purchasing import Market
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from resolvers.commands.input_fields import InputField
    from resolvers.database.database import Database
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

#: References to objects of the same procurement, which readers see, and one that changes with the priority, a field.
NEVER_HIDDEN = {(m.Award, "items"), (m.PurchaseOrder, "award"), (m.Procurement, "priority_decision")}


def written(spec: InputSpec) -> Iterator[tuple[type[m.Entity], str]]:
    """Yield the references, links and lists of an input whose targets can be hidden from readers of the object."""
    chosen = [relation for one_of in spec.one_of.values() for relation in one_of.relations]
    for name in (*spec.fields, *chosen, *spec.many_to_many):
        is_relation = name in inspect(spec.model).relationships and name not in visibility_parents(spec.model)
        if is_relation and can_hide(attribute(spec.model, name).target):
            yield spec.model, name
    for name, child in spec.children.items():
        if hiding_parents(child.model, child.back):
            yield spec.model, name
        yield from written(child)


def can_hide(model: Any) -> bool:
    """Return whether some accounts do not see the rows of a type."""
    return model in RESTRICTED or any(can_hide(target(model, name)) for name in visibility_parents(model))


def hiding_parents(model: Any, back: str) -> list[str]:
    """Return the relations besides the one to its owner that can hide a part."""
    return [name for name in sorted(visibility_parents(model) - {back}) if can_hide(target(model, name))]


def target(model: Any, name: str) -> Any:
    return inspect(model).relationships[name].mapper.class_


CASES = [*dict.fromkeys(each for spec in mutation_specs() for each in written(spec) if each not in NEVER_HIDDEN)]


def find(rows: list[m.Entity], model: type[Any]) -> Any:
    return next(each for each in rows if type(each) is model)


def rows_of_all() -> list[m.Entity]:
    """Return a row of each type that the public sees."""
    rows = one_of_each()
    for row in rows:
        if isinstance(row, m.HasMarking):
            row.marking = m.Marking.CLEAR
    find(rows, m.Document).status = m.DocumentStatus.UNDER_REVIEW
    find(rows, m.CapabilityNeed).status = m.NeedStatus.VALIDATED
    # Its decisions can endorse a roadmap.
    find(rows, m.Meeting).body = m.MeetingBody.STEERING_GROUP
    return rows


def give(session: AuditedSession, owner: Any, name: str, rows: list[m.Entity]) -> Any:
    """Add a part, a link or a reference to one of the rows as commands do, but without their rules."""
    relation = inspect(type(owner)).relationships[name]
    kind = relation.mapper.class_
    if relation.uselist and relation.secondary is None:
        (parent, *_) = hiding_parents(kind, relation.back_populates)
        values = {relation.back_populates: owner, parent: stored(session, rows, target(kind, parent))}
        values |= {each: number for each, number in (("ordinal", 99), ("year", 2026)) if hasattr(kind, each)}
        given = a_row(kind, **values)
        getattr(owner, name).append(given)
        touch_owner(owner, session)
    else:
        given = stored(session, rows, kind)
        if relation.uselist:
            getattr(owner, name).append(given)
        else:
            refer(owner, name, given)
    session.flush()
    return given


def take(session: AuditedSession, owner: Any, name: str, given: m.Entity) -> None:
    """Take the added part, link or reference back."""
    if inspect(type(owner)).relationships[name].uselist:
        getattr(owner, name).remove(given)
        session.flush()
        touch_owner(owner, session)
    else:
        refer(owner, name, None)
    session.flush()


def refer(owner: Any, name: str, row: Any) -> None:
    (column,) = inspect(type(owner)).relationships[name].local_columns
    setattr(owner, name, row)
    setattr(owner, inspect(type(owner)).get_property_by_column(column).key, row and row.id)


def read_again(session: AuditedSession, owner: Any) -> tuple[int, dt.datetime]:
    session.changes.clear()
    session.expire_all()
    return owner.version, owner.updated_at


def stored(session: AuditedSession, rows: list[m.Entity], model: type[Any]) -> Any:
    return session.get(model, find(rows, model).id)


async def test_only_what_all_readers_see_raises_the_version_of_an_object(database: Database) -> None:
    mine, hidden, seen = rows_of_all(), rows_of_all(), rows_of_all()
    for row in hidden:
        if isinstance(row, m.HasMarking):
            row.marking, row.recipients = m.Marking.RED, [find(hidden, m.Account)]
    find(seen, m.PurchaseOrder).status = m.PurchaseOrderStatus.CONFIRMED
    needs = [find(rows, m.CapabilityNeed) for rows in (hidden, seen)]
    # A contribution with allocations does not become a part of another one.
    find(mine, m.Allocation).contribution = a_contribution(marking=m.Marking.CLEAR, **money(amount="2.00 EUR"))
    find(mine, m.PurchaseOrder).procurement = a_procurement(marking=m.Marking.CLEAR, needs=needs)
    await keep(database, *mine, *hidden, *seen)

    def raised(session: AuditedSession, case: tuple[type[Any], str], rows: list[m.Entity]) -> list[tuple[int, bool]]:
        """Return by how much the version rises, and whether the time does, when something is given and taken back."""
        model, name = case
        with session.begin_nested() as place:
            owner = stored(session, mine, model)
            states = [(owner.version, owner.updated_at)]
            given = give(session, owner, name, rows)
            states.append(read_again(session, owner))
            take(session, owner, name, given)
            states.append(read_again(session, owner))
            place.rollback()
        session.expire_all()
        return [(after[0] - before[0], after[1] > before[1]) for before, after in pairwise(states)]

    def judge(session: Any) -> None:
        for case in CASES:
            assert raised(session, case, hidden) == [(0, False)] * 2, case
            assert raised(session, case, seen) == [(1, True)] * 2, case

    async with database.session("a test", sync_session_class=AuditedSession, origin=Actor()) as session:
        await session.run_sync(judge)
        await session.rollback()
    assert len(CASES) > 20


async def test_a_change_of_hidden_parts_changes_no_answer_about_the_object_for_those_who_do_not_see_them(
    database: Database,
) -> None:
    market = await Market(database).open()
    world = market.world
    red: dict[str, Any] = {"marking": m.Marking.RED, "recipients": [world.accounts["chair"]]}
    secret = a_need(world.area, group=world.group, status=m.NeedStatus.VALIDATED, **red)
    minutes = a_document(group=world.group, document_type=m.DocumentType.MINUTES, status=m.DocumentStatus.FINAL, **red)
    held = a_meeting(
        body=m.MeetingBody.EXPERT_GROUP, group=world.group, marking=m.Marking.CLEAR, held_on=dt.date(2026, 2, 9)
    )
    roadmap, later = a_roadmap(), a_roadmap(**red)
    paper = a_document(group=world.group, status=m.DocumentStatus.UNDER_REVIEW)
    await market.keep(secret, minutes, held, roadmap, later, paper)
    radios, bought = await market.need(), await market.procurement("PLANNING")
    planned = {"year": 2026, "quarter": 1}
    cases: list[tuple[m.Entity, m.Entity, str, dict[str, Any]]] = [
        (held, held, "updateMeeting", {"minutes": [{"documentId": an_id(minutes)}]}),
        (held, held, "approveMinutes", {"approvedOn": "2026-03-01"}),
        (bought, bought, "updateProcurement", {"needIds": [an_id(secret)]}),
        (paper, paper, "updateDocument", {"links": [{"needId": an_id(secret)}]}),
        (roadmap, secret, "planCapabilityNeed", {"roadmapId": an_id(roadmap), **planned}),
        (radios, radios, "planCapabilityNeed", {"roadmapId": an_id(roadmap), **planned}),
        (radios, radios, "planCapabilityNeed", {"roadmapId": an_id(later), **planned}),
    ]
    for owner, written_row, mutation, given in cases:
        before = [await seen_of(market, name, owner) for name in ("lead", "member", "other")]
        asked = {"id": an_id(written_row), "expectedVersion": await market.version(written_row), **given}
        answer = await change(database, await world.viewer("chair"), mutation, "__typename", **asked)
        assert answer["__typename"].endswith("Success"), answer
        after = [await seen_of(market, name, owner) for name in ("lead", "member", "other")]
        assert (after == before) == ((written_row, given.get("roadmapId")) != (radios, an_id(roadmap))), mutation


async def seen_of(market: Market, name: str, row: m.Entity) -> Any:
    """Return what an account reads of an object: its version and history."""
    query = """query($id: ID!) { node(id: $id) { ... on %s {
        version updatedAt history { totalCount nodes { action before after } } } } }"""
    viewer = await market.world.viewer(name)
    return await read(market.database, query % type(row).__name__, viewer=viewer, id=an_id(row))


async def test_two_writers_who_see_a_hidden_part_notice_each_other_by_the_version_of_the_item(world: World) -> None:
    need = a_need(world.area, status=m.NeedStatus.VALIDATED, group=world.group, visible_since=now())
    line = a_row(m.RoadmapLine, need=need, year=2027)
    roadmap = a_roadmap(marking=m.Marking.GREEN, first_year=2026, last_year=2028, lines=[line])
    await keep(world.database, roadmap)
    lead, lines = await world.viewer("lead"), "roadmap { version lines { nodes { id version quarter } } }"
    item = {"id": an_id(line), "expectedVersion": 1, "needId": an_id(need), "year": 2027}
    given: dict[str, Any] = {"id": an_id(roadmap), "expectedVersion": 1, "lines": [{**item, "quarter": 1}]}
    made = await changed(world.database, lead, "updateRoadmap", lines, **given)
    # Some readers of the roadmap do not see the need, so only the version of the line rises.
    assert made == {"version": 1, "lines": {"nodes": [{"id": an_id(line), "version": 2, "quarter": 1}]}}
    given["lines"][0]["quarter"] = 3
    error = await refused(world.database, lead, "updateRoadmap", **given)
    path = ["input", "lines", "0", "expectedVersion"]
    assert (error["code"], error["path"], error["currentVersion"]) == ("CONFLICT", path, 2)
    assert error["current"] == {"id": an_id(line)}
    new = [{"expectedVersion": 1, "needId": an_id(need), "year": 2028}]
    error = await refused(world.database, lead, "updateRoadmap", **{**given, "lines": [*given["lines"], *new]})
    assert error["code"] == "CONFLICT"
    given["lines"] = [{**given["lines"][0], "expectedVersion": 2}]
    error = await refused(world.database, lead, "updateRoadmap", **{**given, "lines": [*given["lines"], *new]})
    assert [(each["path"][1:], each["rule"]) for each in error["violations"]] == [
        (["lines", "1", "expectedVersion"], "new_item")
    ]
    made = await changed(world.database, lead, "updateRoadmap", lines, **given)
    assert made["lines"]["nodes"] == [{"id": an_id(line), "version": 3, "quarter": 3}]


def test_the_items_of_every_owned_list_take_the_version_that_was_read() -> None:
    def items(fields: Iterable[InputField]) -> Iterator[InputField]:
        for each in fields:
            names = {item.name for item in each.item_fields}
            if "id" in names and each.kind is Kind.COLLECTION:
                yield each
                assert "expected_version" in names, each
            yield from items(each.item_fields)

    found = {each.name for command in all_commands() for each in items(command.fields)}
    assert {"lines", "agenda", "attendances", "attendees", "decisions", "votes", "targets", "links"} <= found
