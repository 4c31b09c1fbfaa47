"""Valid rows for tests, not yet stored: each function creates one, and `changes` replace its default values.

Required parameters come first. Names that must be unique are numbered
unless the caller sets them, so that separate rows never collide.
"""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Column, Enum, inspect

import models as m
from models.money import Money, Price
from tests.reference.filters import MODELS

if TYPE_CHECKING:
    from models.sources.sources import Sourced

Model = TypeVar("Model", bound=m.Base)

_numbers = count(1)


def named(prefix: str) -> str:
    """Return a name that no other row has."""
    return f"{prefix}-{next(_numbers)}"


def money(**amounts: str) -> dict[str, Any]:
    """Return the columns of amounts: `money(value="87.00 EUR")` is `value_minor=8700, value_currency="EUR"`."""
    columns: dict[str, Any] = {}
    for name, text in amounts.items():
        kind = Price if name == "unit_price" else Money
        columns[f"{name}_minor"], columns[f"{name}_currency"] = kind.of(*text.split())
    return columns


def a_source(of: type[Sourced], url: str | None = None, **changes: Any) -> m.Source:
    return m.sources_of(of)(url=url or f"https://example.org/{named('release')}", **changes)


def a_participant(code: str | None = None, **changes: Any) -> m.Participant:
    code = code or named("P")
    return m.Participant(**{"code": code, "name": f"The {code}", "kind": m.ParticipantKind.STATE, **changes})


def a_coalition_membership(participant: m.Participant, **changes: Any) -> m.CoalitionMembership:
    return m.CoalitionMembership(**{"participant": participant, "role": m.CoalitionRole.PARTICIPANT, **changes})


def an_account(participant: m.Participant, email: str | None = None, **changes: Any) -> m.Account:
    email = email or f"{named('person')}@example.org"
    return m.Account(**{"participant": participant, "email": email, "display_name": email.partition("@")[0], **changes})


def an_expert_group(code: str | None = None, **changes: Any) -> m.ExpertGroup:
    fields = {"code": code or named("EG"), "ordinal": next(_numbers), "theme_status": m.ThemeStatus.PLACEHOLDER}
    return m.ExpertGroup(**{**fields, **changes})


def a_group_membership(group: m.ExpertGroup, account: m.Account, **changes: Any) -> m.GroupMembership:
    fields = {"group": group, "account": account, "role": m.GroupRole.MEMBER, "valid_from": dt.date(2024, 4, 3)}
    return m.GroupMembership(**{**fields, **changes})


def a_document(reference: str | None = None, **changes: Any) -> m.Document:
    reference = reference or named("DOC")
    fields = {"document_type": m.DocumentType.REPORT, "marking": m.Marking.CLEAR, "title": f"The paper {reference}"}
    return m.Document(**{"reference": reference, **fields, **changes})


def a_document_version(document: m.Document, label: str | None = None, **changes: Any) -> m.DocumentVersion:
    fields = {"media_type": "application/pdf", "byte_size": 1024, "sha256": "0" * 64}
    return m.DocumentVersion(**{"document": document, "label": label or named("v"), **fields, **changes})


def a_capability_area(code: str | None = None, **changes: Any) -> m.CapabilityArea:
    code = code or named("AREA")
    return m.CapabilityArea(**{"code": code, "name": f"The area {code}", **changes})


def a_need(area: m.CapabilityArea, reference: str | None = None, **changes: Any) -> m.CapabilityNeed:
    reference = reference or named("NEED")
    return m.CapabilityNeed(**{"area": area, "reference": reference, "title": f"What {reference} says", **changes})


def a_roadmap(reference: str | None = None, **changes: Any) -> m.Roadmap:
    reference = reference or named("RM")
    return m.Roadmap(**{"reference": reference, "title": f"Roadmap {reference}", "horizon": "2024 to 2030", **changes})


def a_roadmap_line(roadmap: m.Roadmap, need: m.CapabilityNeed, **changes: Any) -> m.RoadmapLine:
    fields = {"roadmap": roadmap, "need": need, "ordinal": next(_numbers), "year": 2025}
    return m.RoadmapLine(**{**fields, **changes})


def a_contribution(*donors: m.Participant, reference: str | None = None, **changes: Any) -> m.Contribution:
    made = m.Contribution(**{"reference": reference or named("CON"), "kind": m.ContributionKind.CASH, **changes})
    made.donors = [m.ContributionDonor(participant=donor) for donor in donors]
    return made


def an_allocation(
    contribution: m.Contribution, procurement: m.Procurement, amount: str, **changes: Any
) -> m.Allocation:
    fields = {"contribution": contribution, "procurement": procurement, **money(amount=amount)}
    return m.Allocation(**{**fields, **changes})


def a_tranche(contribution: m.Contribution, year: int, amount: str) -> m.ContributionTranche:
    return m.ContributionTranche(contribution=contribution, year=year, **money(amount=amount))


def a_disbursement(contribution: m.Contribution, number: int, amount: str, **changes: Any) -> m.Disbursement:
    fields = {"contribution": contribution, "number": number, "paid_on": dt.date(2025, 5, 6), **money(amount=amount)}
    return m.Disbursement(**{**fields, **changes})


def a_procurement(reference: str | None = None, **changes: Any) -> m.Procurement:
    reference = reference or named("PROC")
    return m.Procurement(**{"reference": reference, "title": f"Buying {reference}", "needs": [], **changes})


def a_supplier(reference: str | None = None, **changes: Any) -> m.Supplier:
    reference = reference or named("SUP")
    return m.Supplier(**{"reference": reference, "name": f"Supplier {reference}", **changes})


def an_item(procurement: m.Procurement, **changes: Any) -> m.ProcurementItem:
    fields = {"procurement": procurement, "ordinal": next(_numbers), "description": "Laptops"}
    return m.ProcurementItem(**{**fields, **changes})


def an_award(procurement: m.Procurement, number: str | None = None, **changes: Any) -> m.Award:
    return m.Award(**{"procurement": procurement, "number": number or named("AWD"), **changes})


def an_order(procurement: m.Procurement, number: str | None = None, **changes: Any) -> m.PurchaseOrder:
    return m.PurchaseOrder(**{"procurement": procurement, "number": number or named("PO"), **changes})


def an_order_line(order: m.PurchaseOrder, **changes: Any) -> m.OrderLine:
    """Return a line of an order; its need becomes one of the procurement."""
    need, bought = changes.get("need"), order.procurement
    if need and need not in bought.needs:
        bought.needs.append(need)
    return m.OrderLine(**{"purchase_order": order, "ordinal": next(_numbers), "description": "Laptops", **changes})


def an_amendment(order: m.PurchaseOrder, number: int = 1, **changes: Any) -> m.OrderAmendment:
    """Return an amendment, and set the order's number of amendments."""
    order.amendment_count = number
    fields = {"purchase_order": order, "number": number, "amended_on": dt.date(2025, 3, 1), "reason": "Agreed"}
    return m.OrderAmendment(**{**fields, **changes})


def an_amended_line(amendment: m.OrderAmendment, line: m.OrderLine, **changes: Any) -> m.OrderAmendmentLine:
    fields = {"amendment": amendment, "order_line": line, "ordinal": line.ordinal}
    return m.OrderAmendmentLine(**{**fields, **changes})


def a_delivery(reference: str | None = None, **changes: Any) -> m.Delivery:
    reference = reference or named("DEL")
    return m.Delivery(**{"reference": reference, "title": f"Handing over {reference}", **changes})


def a_delivery_line(delivery: m.Delivery, **changes: Any) -> m.DeliveryLine:
    return m.DeliveryLine(**{"delivery": delivery, "ordinal": next(_numbers), "description": "Laptops", **changes})


def a_delivery_return(line: m.DeliveryLine, number: int, quantity: int, **changes: Any) -> m.DeliveryReturn:
    """Return a delivery return; the line has the total returned quantity."""
    fields = {"delivery_line": line, "number": number, "quantity": quantity, "reason": "Broken"}
    return m.DeliveryReturn(**{**fields, "returned_on": dt.date(2025, 3, 1), **changes})


def a_meeting(reference: str | None = None, **changes: Any) -> m.Meeting:
    reference = reference or named("MTG")
    fields = {"reference": reference, "body": m.MeetingBody.OTHER, "title": f"Meeting {reference}"}
    return m.Meeting(**{**fields, **changes})


def an_agenda_item(meeting: m.Meeting, **changes: Any) -> m.AgendaItem:
    return m.AgendaItem(**{"meeting": meeting, "ordinal": next(_numbers), "title": "Any other business", **changes})


def an_action_item(meeting: m.Meeting | None = None, **changes: Any) -> m.ActionItem:
    owners = {"owner_participant", "owner_group", "owner_account"}
    owner = {} if owners & changes.keys() else {"owner_participant": a_participant()}
    fields = {"meeting": meeting, "reference": named("ACT"), "text": "Draft the specification."}
    return m.ActionItem(**{**fields, **owner, **changes})


def a_document_link(document: m.Document, **changes: Any) -> m.DocumentLink:
    return m.DocumentLink(**{"document": document, "ordinal": next(_numbers), **changes})


def an_action_item_target(item: m.ActionItem, **changes: Any) -> m.ActionItemTarget:
    return m.ActionItemTarget(**{"action_item": item, "ordinal": next(_numbers), **changes})


def an_attendance(meeting: m.Meeting, participant: m.Participant, **changes: Any) -> m.Attendance:
    return m.Attendance(**{"meeting": meeting, "participant": participant, **changes})


def a_decision(meeting: m.Meeting, reference: str | None = None, **changes: Any) -> m.Decision:
    fields = {"ordinal": next(_numbers), "kind": m.DecisionKind.OTHER, "text": "To go on."}
    return m.Decision(**{"meeting": meeting, "reference": reference or named("DEC"), **fields, **changes})


def a_decision_target(decision: m.Decision, **changes: Any) -> m.DecisionTarget:
    return m.DecisionTarget(**{"decision": decision, "ordinal": next(_numbers), **changes})


def a_vote(decision: m.Decision, participant: m.Participant, **changes: Any) -> m.Vote:
    return m.Vote(**{"decision": decision, "participant": participant, "choice": m.VoteChoice.FOR, **changes})


def a_figure(reference: str | None = None, **changes: Any) -> m.PublishedFigure:
    what = {} if "value" in changes or "money_minor" in changes else {"value": 10}
    fields = {"reference": reference or named("FIG"), "measure": m.Measure.PARTICIPATING_NATIONS, **what}
    return m.PublishedFigure(**{**fields, **changes})


def an_event(about: m.Entity, **changes: Any) -> m.AuditEvent:
    """Return an event of the audit log that is not chained to another, about an object that has its key."""
    kind, place = type(about).__name__, next(_numbers)
    fields = {"action": m.AuditAction.UPDATE, "entity_type": kind, "entity_id": f"{kind}:{about.id}"}
    keys = {"entity_key": about.id, "subject_key": about.id, "names": []}
    chain = {"sequence": place, "previous_hash": f"{place - 1:064x}", "hash": f"{place:064x}"}
    return m.AuditEvent(**{**fields, **keys, **chain, **changes})


def a_row(model: type[Model], **changes: Any) -> Model:
    """Return a row of any type from its columns alone, for types that need only filled columns."""
    values: dict[str, Any] = {}
    relations = {column: relation for relation in inspect(model).relationships for column in relation.local_columns}
    for column in inspect(model).columns:
        is_filled = column.nullable or column.primary_key or column.computed
        if is_filled or column.default is not None or column.server_default is not None:
            continue
        if column.foreign_keys:
            key = relations[column].key
            values[key] = changes[key] if key in changes else a_row(relations[column].mapper.class_)
        else:
            values[inspect(model).get_property_by_column(column).key] = _plain(column)
    return model(**values | changes)


def _plain(column: Column[Any]) -> Any:
    """Return a value of a column's type."""
    if isinstance(column.type, Enum):
        return next(iter(column.type.enum_class or ()))
    if column.name.endswith("_currency"):
        return "EUR"
    plain = {bool: False, int: 1, dt.date: dt.date(2024, 4, 3), dict: []}
    kind = column.type.python_type
    return plain[kind] if kind in plain else named("T")


def one_of_each() -> list[m.Entity]:
    """Return a row of every table of the domain that has columns of its own, its sources included.

    A type that is not named here gets a row from its columns alone.
    """
    donor, group, area = a_participant(), an_expert_group(), a_capability_area()
    roadmap, meeting = a_roadmap(), a_meeting()
    account, need, document = an_account(donor), a_need(area), a_document()
    version, thread = a_document_version(document), m.CommentThread(reference=named("THR"), need=need)
    given, procurement = a_contribution(donor, **money(amount="2.00 EUR")), a_procurement()
    order, delivery, decision = an_order(procurement), a_delivery(), a_decision(meeting)
    attendance, membership = an_attendance(meeting, donor), a_group_membership(group, account)
    step = an_action_item(meeting, owner_participant=donor)
    ordered, amendment = an_order_line(order), an_amendment(order)
    line = a_delivery_line(delivery, quantity=2, accepted=1, rejected=1, returned=1)
    rows: list[Any] = [
        *(donor, account, group, document, area, need, roadmap, given, *given.donors, procurement, order, delivery),
        *(meeting, decision, a_figure(**money(money="1.00 EUR"))),
        *(a_coalition_membership(donor), membership, a_row(m.Milestone, group=group)),
        a_row(m.Deputy, deputy_for=membership, account=an_account(donor)),
        *(version, m.ReviewRequest(document_version=version, reference=named("REV"), reviewer_group=group)),
        *(thread, m.Comment(thread=thread, ordinal=1, content="Who pays?")),
        *(a_roadmap_line(roadmap, need), an_allocation(given, procurement, "1.00 EUR"), ordered),
        *(amendment, an_amended_line(amendment, ordered)),
        *(a_tranche(given, 2025, "1.00 EUR"), a_disbursement(given, 1, "1.00 EUR")),
        *(line, a_delivery_return(line, 1, 1), an_agenda_item(meeting), attendance),
        m.Attendee(attendance=attendance, ordinal=1, person_name="A person"),
        m.Delegate(participant=donor, person_name="A person", valid_from=dt.date(2026, 1, 1)),
        *(a_decision_target(decision, participant=donor), a_vote(decision, donor)),
        *(step, an_action_item_target(step, participant=donor), a_document_link(document, need=need)),
    ]
    named_here = {type(row) for row in rows}
    rows += [a_row(model) for model in MODELS.values() if issubclass(model, m.Entity) and model not in named_here]
    for row in rows:
        if hasattr(row, "sources"):
            row.sources.append(a_source(type(row)))
    return rows
