"""A small world with every type under every marking, and the viewers who must see each row, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

import models as m
from models.base import new_key, now
from tests.reference.filters import MODELS
from tests.support.discussions import a_comment, a_contact, a_review_request
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_decision,
    a_decision_target,
    a_delivery,
    a_delivery_line,
    a_delivery_return,
    a_disbursement,
    a_document,
    a_document_link,
    a_document_version,
    a_figure,
    a_meeting,
    a_need,
    a_participant,
    a_procurement,
    a_roadmap,
    a_roadmap_line,
    a_row,
    a_tranche,
    a_vote,
    an_action_item,
    an_action_item_target,
    an_agenda_item,
    an_allocation,
    an_amended_line,
    an_amendment,
    an_attendance,
    an_award,
    an_event,
    an_expert_group,
    an_item,
    an_order,
    an_order_line,
    money,
)
from tests.support.viewers import NAMES, PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import HasId, Marking

Names = frozenset[str]

EVERYBODY = frozenset(NAMES)
WITH_ACCOUNT = EVERYBODY - {"public"}
IN_TOUCH = WITH_ACCOUNT - {"left"}
INSIDE = frozenset({"lead", "participant"})
IN_OUR_GROUP = frozenset(PLACES) - {"expired"}
WRITES_IN_OUR_GROUP = frozenset({"chair", "member"})
NOBODY = frozenset[str]()

#: Whoever reads the papers of a group, and whoever writes them; what no group owns is with the lead.
READS = {"ours": IN_OUR_GROUP, "theirs": NOBODY, "nobody's": frozenset({"lead"})}
WRITES = {"ours": WRITES_IN_OUR_GROUP, "theirs": NOBODY, "nobody's": frozenset({"lead"})}


def admitted(marking: Marking, owner: str) -> Names:
    """Return the viewers who must see a row with this marking and this owner."""
    return {
        m.Marking.CLEAR: EVERYBODY,
        m.Marking.GREEN: IN_TOUCH,
        m.Marking.AMBER: INSIDE | READS[owner],
        m.Marking.AMBER_STRICT: READS[owner],
        m.Marking.RED: frozenset({"recipient"}),
    }[marking]


@dataclass
class World:
    """The rows, each with the viewers who must see it."""

    ours: m.ExpertGroup
    open_document: m.Document
    rows: list[tuple[HasId, Names]] = field(default_factory=list)

    def add(self, row: Any, names: Names) -> Any:
        """Add a row that these viewers must see; return it."""
        self.rows.append((row, names))
        return row


def make_world() -> World:
    """Return a world with all its rows, not yet stored."""
    released = a_document(marking=m.Marking.CLEAR, status=m.DocumentStatus.RELEASED)
    world = World(an_expert_group("OURS"), released)
    world.add(released, EVERYBODY)
    groups = {"ours": world.ours, "theirs": an_expert_group("THEIRS"), "nobody's": None}
    for marking in m.Marking:
        for owner, group in groups.items():
            names = admitted(marking, owner)
            _documents(world, names, WRITES[owner], {"marking": marking, "group": group})
            opened = _events(world, names, WRITES[owner], {"marking": marking, "group": group})
            _need(world, names, WRITES[owner], {"marking": marking, "group": group})
            _procurement(world, owner, {"marking": marking, "group": group})
            _action_item(world, names, {"marking": marking, "group": group})
            body = m.MeetingBody.EXPERT_GROUP if group else m.MeetingBody.STEERING_GROUP
            _meeting(world, names, {"marking": marking, "group": group, "body": body}, opened)
        names = admitted(marking, "nobody's")
        _contribution(world, names, {"marking": marking})
        _roadmap(world, names, {"marking": marking})
        _delivery(world, names, {"marking": marking})
    for marking in m.Marking:
        shared = a_document(marking=marking, group=groups["theirs"], status=m.DocumentStatus.RELEASED)
        shared.shared_with = [world.ours]
        # Only TLP:AMBER is there to be shared.
        more = IN_OUR_GROUP if marking is m.Marking.AMBER else NOBODY
        world.add(shared, admitted(marking, "theirs") | more)
    _rows_that_their_marking_alone_guards(world, groups)
    for group, is_past in ((world.ours, False), (world.ours, True), (groups["theirs"], False)):
        is_shared = group is world.ours and not is_past
        world.add(a_contact(group, is_past=is_past), frozenset({"lead"}) | (IN_OUR_GROUP if is_shared else NOBODY))
    return world


def _rows_that_their_marking_alone_guards(world: World, groups: dict[str, m.ExpertGroup | None]) -> None:
    """Add rows of every marked type without rows so far: drafts and parts of other objects must be added by hand."""
    known = {type(row) for row, _ in world.rows}
    for model in MODELS.values():
        if issubclass(model, m.HasMarking) and model not in known:
            has_group = "group" in inspect(model).relationships
            for marking, owner in product(m.Marking, groups if has_group else ["nobody's"]):
                owned = {"group": groups[owner]} if has_group else {}
                world.add(a_row(model, marking=marking, **owned), admitted(marking, owner))


def _documents(world: World, names: Names, writers: Names, marks: dict[str, Any]) -> None:
    document = world.add(a_document(status=m.DocumentStatus.RELEASED, **marks), names)
    version = world.add(a_document_version(document), names)
    world.add(a_review_request(version), names & WITH_ACCOUNT)
    world.add(a_document_link(document, roadmap=_open_roadmap()), names)
    world.add(m.Minutes(meeting=_open_meeting(), document=document), names)
    version = world.add(a_document_version(document, draft_since=now()), names & writers)
    world.add(a_review_request(version), names & writers)
    _targets(world, names, document=document)
    _thread(world, names, document=document)
    draft = world.add(a_document(status=m.DocumentStatus.DRAFT, **marks), names & writers)
    world.add(a_document_version(draft), names & writers)
    never_shown = world.add(a_document(status=m.DocumentStatus.WITHDRAWN, **marks), names & writers)
    world.add(a_document_version(never_shown), names & writers)
    world.add(a_document(status=m.DocumentStatus.WITHDRAWN, visible_since=now(), **marks), names)


def _events(world: World, names: Names, writers: Names, marks: dict[str, Any]) -> m.Document:
    """Add events of a document with this marking, and of one that had it at the time of the event; return that one."""
    if marks["group"]:
        marks["group"].id = marks["group"].id or new_key()
    group = marks["group"] and marks["group"].id
    document = world.add(a_document(id=new_key(), status=m.DocumentStatus.RELEASED, **marks), names)
    named = [["Document", document.id]]
    world.add(an_event(document, group_id=group, names=named), names & writers)
    # Nobody in the cast is among the readers of one, and nobody did another.
    world.add(an_event(document, group_id=group, names=named, readers=[["Account", new_key()]]), NOBODY)
    then = {m.Marking.CLEAR: EVERYBODY, m.Marking.GREEN: IN_TOUCH, m.Marking.AMBER: INSIDE}
    opened = a_document(id=new_key(), status=m.DocumentStatus.RELEASED, marking=m.Marking.CLEAR)
    world.add(opened, EVERYBODY)
    told = an_event(opened, group_id=group, marking=marks["marking"], names=[["Document", opened.id]])
    world.add(told, writers & then.get(marks["marking"], NOBODY))
    return opened


def _need(world: World, names: Names, writers: Names, marks: dict[str, Any]) -> None:
    area = a_capability_area()
    need = world.add(a_need(area, status=m.NeedStatus.VALIDATED, **marks), names)
    _targets(world, names, need=need)
    _thread(world, names, need=need)
    world.add(a_need(area, status=m.NeedStatus.DRAFT, **marks), names & writers)
    world.add(a_need(area, status=m.NeedStatus.WITHDRAWN, **marks), names & writers)
    world.add(a_need(area, status=m.NeedStatus.WITHDRAWN, visible_since=now(), **marks), names)
    world.add(a_roadmap_line(_open_roadmap(), need), names)
    # What was delivered towards a hidden need was delivered all the same.
    line = a_delivery_line(a_delivery(marking=m.Marking.CLEAR), need=need, quantity=2, accepted=2, rejected=0)
    world.add(line, EVERYBODY)


def _procurement(world: World, owner: str, marks: dict[str, Any]) -> None:
    names, writers = admitted(marks["marking"], owner), WRITES[owner]
    procurement = world.add(a_procurement(**money(estimated_value="1.00 EUR"), **marks), names)
    order = world.add(an_order(procurement, status=m.PurchaseOrderStatus.PLACED, **money(value="1.00 EUR")), names)
    ordered = world.add(an_order_line(order), names)
    amendment = world.add(an_amendment(order), names)
    world.add(an_amended_line(amendment, ordered), names)
    item = world.add(an_item(procurement), names)
    world.add(an_award(procurement, items=[item]), names)
    _targets(world, names, procurement=procurement)
    _thread(world, names, procurement=procurement)
    _targets(world, names, purchase_order=order)
    delivery = world.add(a_delivery(marking=m.Marking.CLEAR, purchase_order=order), names)
    line = world.add(a_delivery_line(delivery, quantity=1, accepted=1, rejected=0, returned=1), names)
    world.add(a_delivery_return(line, 1, 1), names)
    # A delivery of an order belongs to the group that buys.
    for marking in m.Marking:
        world.add(a_delivery(marking=marking, purchase_order=order), names & admitted(marking, owner))
    draft = world.add(an_order(procurement, status=m.PurchaseOrderStatus.DRAFT), names & writers)
    world.add(an_order_line(draft), names & writers)
    world.add(a_delivery(marking=m.Marking.CLEAR, purchase_order=draft), names & writers)
    giver = a_contribution(marking=m.Marking.CLEAR, **money(amount="9.00 EUR"))
    world.add(an_allocation(giver, procurement, "1.00 EUR"), names)
    world.add(a_decision_target(a_decision(_open_meeting()), procurement=procurement), names)


def _action_item(world: World, names: Names, marks: dict[str, Any]) -> None:
    item = world.add(an_action_item(**marks), names)
    world.add(an_action_item_target(item, participant=a_participant()), names)
    world.add(an_agenda_item(_open_meeting(), action_item=item), names)


def _targets(world: World, names: Names, **target: Any) -> None:
    """A target is hidden with its object; the action item and its other targets are not."""
    item = world.add(an_action_item(marking=m.Marking.CLEAR), EVERYBODY)
    world.add(an_action_item_target(item, **target), names)
    world.add(an_action_item_target(item, participant=a_participant()), EVERYBODY)
    if "document" not in target:
        _link(world, names, **target)


def _link(world: World, names: Names, **target: Any) -> None:
    """A link is hidden with its object, also from those who see the document."""
    world.add(a_document_link(world.open_document, **target), names)


def _thread(world: World, names: Names, **target: Any) -> None:
    comment = world.add(a_comment(**target), names & WITH_ACCOUNT)
    world.add(comment.thread, names & WITH_ACCOUNT)


def _meeting(world: World, names: Names, marks: dict[str, Any], paper: m.Document) -> None:
    meeting = world.add(a_meeting(**marks), names)
    _link(world, names, agenda_item=world.add(an_agenda_item(meeting), names))
    # The next step may be known to more than the meeting that agreed on it.
    world.add(an_action_item(meeting, marking=m.Marking.CLEAR, group=marks["group"]), EVERYBODY)
    attendance = world.add(an_attendance(meeting, a_participant()), names)
    # Who attended is not public, also where the meeting is.
    world.add(m.Attendee(attendance=attendance, ordinal=1, person_name="A person"), names & WITH_ACCOUNT)
    world.add(m.Minutes(meeting=meeting, document=paper), names)
    decision = world.add(a_decision(meeting), names)
    world.add(a_decision_target(decision, participant=a_participant()), names)
    _link(world, names, decision=decision)
    world.add(a_vote(decision, a_participant()), names)


def _contribution(world: World, names: Names, marks: dict[str, Any]) -> None:
    contribution = a_contribution(a_participant(), id=new_key(), **money(amount="1.00 EUR"), **marks)
    world.add(contribution, names)
    change = {"kind": m.ChangeKind.CREATED, "changed_fields": []}
    world.add(m.Change(entity_type="Contribution", entity_key=contribution.id, **change), names)
    world.add(a_figure(contribution=contribution), names)
    world.add(contribution.donors[0], names)
    _targets(world, names, contribution=contribution)
    world.add(a_tranche(contribution, 2025, "1.00 EUR"), names)
    world.add(a_disbursement(contribution, 1, "1.00 EUR"), names)
    world.add(a_delivery(marking=m.Marking.CLEAR, contribution=contribution), names)
    world.add(an_allocation(contribution, a_procurement(marking=m.Marking.CLEAR), "1.00 EUR"), names)
    # A part has its own marking; what it is part of may be hidden from those who see it.
    world.add(a_contribution(marking=m.Marking.CLEAR, part_of=contribution), EVERYBODY)


def _roadmap(world: World, names: Names, marks: dict[str, Any]) -> None:
    roadmap = world.add(a_roadmap(**marks), names)
    need = a_need(a_capability_area(), status=m.NeedStatus.VALIDATED, marking=m.Marking.CLEAR)
    world.add(a_roadmap_line(roadmap, need), names)
    world.add(a_decision_target(a_decision(_open_meeting()), roadmap=roadmap), names)
    _targets(world, names, roadmap=roadmap)


def _delivery(world: World, names: Names, marks: dict[str, Any]) -> None:
    delivery = world.add(a_delivery(**marks), names)
    _link(world, names, delivery=delivery)
    line = world.add(a_delivery_line(delivery, quantity=1, accepted=1, rejected=0, returned=1), names)
    world.add(a_delivery_return(line, 1, 1), names)


def _open_roadmap() -> m.Roadmap:
    return a_roadmap(marking=m.Marking.CLEAR)


def _open_meeting() -> m.Meeting:
    return a_meeting(marking=m.Marking.CLEAR)


def expected(rows: list[tuple[HasId, Names]]) -> Iterator[tuple[str, Names]]:
    """Yield the id in the API of each row, with the viewers who must see it."""
    for row, names in rows:
        yield f"{type(row).__name__}:{row.id}", names
