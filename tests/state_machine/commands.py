"""The commands of the model: the conditions of each, in their order, and its consequences.

Each takes the caller and an input in the names of the model. It changes the model's rows, or raises `Refused`.
"""

from __future__ import annotations

from copy import deepcopy

from tests.state_machine.model import (
    CONFLICT,
    DECIDED,
    DONORS,
    ENDED,
    FORBIDDEN,
    GIVEN_UP,
    KEEPERS,
    NOT_FOUND,
    REASONED,
    WRITERS,
    Model,
    Row,
    hold,
)
from tests.state_machine.needs import after_need
from tests.state_machine.payments import paid_stays, pay, rewrite_tranches, tranches_fit
from tests.state_machine.rates import NOT_STATED, paid_in
from tests.state_machine.returns import send_back
from tests.state_machine.tenders import after_award, is_awarded, make_award, make_supplier
from tests.state_machine.updates import (
    SEALS,
    UPDATERS,
    Input,
    change_allocation,
    change_delivery,
    change_order,
    change_procurement,
    change_roadmap,
    lines_fit,
    needs_are_bought,
    order_fits_award,
)


def make(model: Model, who: str, kind: str, given: Input) -> None:
    """Create an object."""
    for name in _names_in(given):
        hold(model.sees(who, name))
    MAKERS[kind](model, who, given)
    model.follow()


def update(model: Model, who: str, name: str, given: Input, *, fresh: bool) -> None:
    """Change fields of an object; `fresh` is whether the caller has read its current version."""
    row = found_by(model, who, name, model.writers_of(name), fresh=fresh)
    hold("status" not in row or row["status"] not in ENDED[row["kind"]].split())
    SEALS.get(row["kind"], _nothing)(row, given)
    for other in _names_in(given):
        hold(model.sees(who, other))
    before = deepcopy(model.rows)
    UPDATERS[row["kind"]](model, name, given)
    model.follow()
    if model.rows != before:
        model.touched.add(name)


def transition(  # noqa: PLR0913 - who asks for what, of which object
    model: Model, who: str, name: str, to: str, *, reason: bool, fresh: bool
) -> None:
    """Set another status of an object."""
    kind = model.rows[name]["kind"]
    reopens = model.reopens(name, to)
    decided = kind in DECIDED and (reopens or to in DECIDED[kind].split())
    row = found_by(model, who, name, {"chair"} if decided else model.writers_of(name), fresh=fresh)
    hold(to in model.asked(name))
    withdrawn = (kind, to) == ("CapabilityNeed", "WITHDRAWN") and row["status"] not in {"DRAFT", "SUBMITTED"}
    hold(reason or not (reopens or withdrawn or (kind, to) in REASONED))
    if end := {"CapabilityNeed": "WITHDRAWN", "PurchaseOrder": "CANCELLED"}.get(kind):
        # It is hidden if it ended as a draft, until it is reopened.
        row["_hidden"] = to == end and (row["status"] == "DRAFT" or row.get("_hidden", False))
    row["status"] = to
    AFTER[kind](model, name)
    model.follow()


def plan(model: Model, who: str, name: str, given: Input, *, fresh: bool) -> None:
    """Put a need on a roadmap."""
    hold(model.sees(who, name), NOT_FOUND)
    need = found_by(model, who, name, {"chair"}, fresh=fresh)
    roadmap, year = model.rows[given["roadmap"]], given["year"]
    hold(need["status"] in {"VALIDATED", "PLANNED"} and roadmap["status"] == "DRAFT")
    hold((roadmap["first_year"] or year) <= year <= (roadmap["last_year"] or year))
    lines = model.each("RoadmapLine", roadmap_id=given["roadmap"])
    hold(all((line["need_id"], line["year"]) != (name, year) for line in lines))
    place = 1 + max((line["ordinal"] for line in lines), default=0)
    model.add("RoadmapLine", roadmap_id=given["roadmap"], need_id=name, year=year, ordinal=place)
    model.touched |= {name, given["roadmap"]}
    model.follow()


def withdraw(model: Model, who: str, name: str, *, reason: bool, fresh: bool) -> None:
    """Withdraw an allocation."""
    row = found_by(model, who, name, KEEPERS, fresh=fresh)
    hold(reason)
    was, row["amount_minor"] = row["amount_minor"], 0
    hold(not was or model.backed(row["procurement_id"], row["amount_currency"]))


def found_by(model: Model, who: str, name: str, allowed: set[str], *, fresh: bool) -> Row:
    """Return an object that the caller may change and has read in its current version; refuse the change otherwise."""
    hold(model.sees(who, name), NOT_FOUND)
    hold(who in allowed, FORBIDDEN)
    hold(fresh, CONFLICT)
    return model.rows[name]


def _names_in(given: Input) -> list[str]:
    lines = [*given.get("lines", ()), *given.get("items", ())]
    refs = [given.get(key) for key in ("procurement", "order", "gift", "need", "delivery_line")]
    refs += [line.get(key) for line in lines for key in ("need", "order_line", "replaces")]
    needs = [each for each in (*refs, *given.get("needs", ())) if each]
    # A line of an order is seen where its order is; an order that is no draft is seen by all.
    return [each for each in needs if not each.startswith("OrderLine")]


def _make_need(model: Model, who: str, given: Input) -> None:
    hold(who in WRITERS, FORBIDDEN)
    model.add("CapabilityNeed", status="DRAFT", title=given["title"], quantity=given["quantity"])


def _make_roadmap(model: Model, who: str, given: Input) -> None:
    hold(who in KEEPERS, FORBIDDEN)
    name = model.add(
        "Roadmap", status="DRAFT", title=given["title"], first_year=None, last_year=None, endorsed_by_id=None
    )
    change_roadmap(model, name, given)


def _make_contribution(model: Model, who: str, given: Input) -> None:
    hold(who in DONORS, FORBIDDEN)
    minor, currency = given["amount"] or (None, None)
    name = model.add(
        "Contribution", status="PLEDGED", kind_=given["kind"], amount_minor=minor, amount_currency=currency
    )
    model.add("ContributionDonor", contribution_id=name)
    rewrite_tranches(model, name, given["tranches"])
    tranches_fit(model, name)


def _make_allocation(model: Model, who: str, given: Input) -> None:
    hold(who in KEEPERS, FORBIDDEN)
    pair = {"contribution_id": given["gift"], "procurement_id": given["procurement"], "need_id": given["need"]}
    name = model.add("Allocation", **pair, amount_minor=0, amount_currency=given["amount"][1])
    change_allocation(model, name, given)


def _make_procurement(model: Model, who: str, given: Input) -> None:
    hold(who in WRITERS, FORBIDDEN)
    name = model.add("Procurement", status="PLANNING", title=given["title"], method=None, needs=frozenset())
    change_procurement(model, name, given)


def _make_order(model: Model, who: str, given: Input) -> None:
    hold(who in WRITERS, FORBIDDEN)
    hold(model.rows[given["procurement"]]["status"] not in ENDED["Procurement"].split())
    name = model.add(
        "PurchaseOrder", status="DRAFT", procurement_id=given["procurement"], title=None,
        award_id=None, supplier_id=None, value_minor=None, value_currency=None, settled_minor=None, **NOT_STATED,
    )  # fmt: skip
    change_order(model, name, given)


def _make_delivery(model: Model, who: str, given: Input) -> None:
    order, gift = given["order"], given["gift"]
    hold(who in (WRITERS if order else KEEPERS), FORBIDDEN)
    hold((order is None) != (gift is None))
    hold(order is None or model.rows[order]["status"] not in {"DRAFT", *ENDED["PurchaseOrder"].split()})
    hold(gift is None or (model.rows[gift]["kind_"] == "IN_KIND" and model.rows[gift]["status"] != "CANCELLED"))
    name = model.add(
        "Delivery", status="SCHEDULED", title=given["title"], purchase_order_id=order, contribution_id=gift
    )
    change_delivery(model, name, given)


def _after_roadmap(model: Model, name: str) -> None:
    hold(model.rows[name]["endorsed_by_id"] is not None and model.of("RoadmapLine", roadmap_id=name))
    # The histories name no roadmap that is superseded, and every lead sees all roadmaps.
    others = (row for key, row in model.rows.items() if row["kind"] == "Roadmap" and key != name)
    hold(model.rows[name]["status"] != "ENDORSED" or all(row["status"] != "ENDORSED" for row in others))


def _after_contribution(model: Model, name: str) -> None:
    paid_stays(model, name, model.rows[name]["status"])
    handed_over = {row["status"] for row in model.each("Delivery", contribution_id=name)}
    taken = model.allocated(name) or handed_over & {"ACCEPTED", "PARTIALLY_ACCEPTED"}
    hold(model.rows[name]["status"] != "CANCELLED" or not taken)
    status = model.rows[name]["status"]
    model.follow()
    hold(status not in {"COMMITTED", "DISBURSED"} or model.rows[name]["status"] == status)


def _after_procurement(model: Model, name: str) -> None:
    status = model.rows[name]["status"]
    orders = model.each("PurchaseOrder", procurement_id=name)
    hold(status != "COMPLETED" or all(row["status"] in CLOSABLE for row in orders))
    needs_are_bought(model, name)
    is_awarded(model, name)
    if status == "CANCELLED":
        for row in model.each("Allocation", procurement_id=name):
            row["amount_minor"] = 0


#: The orders that do not keep a procurement from its end.
CLOSABLE = {"DELIVERED", "CLOSED", "TERMINATED", "CANCELLED"}


def _end_order(model: Model, name: str) -> None:
    row = model.rows[name]
    hold(all(each["status"] != "RECEIVED" for each in model.each("Delivery", purchase_order_id=name)))
    lines = model.of("OrderLine", purchase_order_id=name)
    accepted = {line: model.accepted("order_line_id", line) for line in lines}
    hold(row["status"] != "CANCELLED" or not any(accepted.values()))
    whole = all(accepted[line] >= model.rows[line]["quantity"] for line in lines)
    if row["status"] == "TERMINATED" or (row["status"] == "CLOSED" and not whole):
        hold(all(model.rows[line]["unit_price_minor"] is not None for line in lines))
        row["settled_minor"] = sum(accepted[line] * model.rows[line]["unit_price_minor"] for line in lines)


def _after_order(model: Model, name: str) -> None:
    row = model.rows[name]
    order_fits_award(model, name)
    if row["status"] in {"CANCELLED", "TERMINATED", "CLOSED"}:
        _end_order(model, name)
    if row["status"] == "DRAFT":
        row["settled_minor"] = None
        hold(model.rows[row["procurement_id"]]["status"] not in ENDED["Procurement"].split())
    if row["status"] == "PLACED":
        lines = model.each("OrderLine", purchase_order_id=name)
        hold(model.rows[row["procurement_id"]]["status"] in {"AWARDED", "ORDERED", "DELIVERING"})
        hold(row["supplier_id"] and lines and all(line["quantity"] is not None for line in lines))
        hold(row["award_id"] is None or model.rows[row["award_id"]]["status"] == "ACTIVE")
        hold(all(model.rows[line["need_id"]]["status"] not in GIVEN_UP for line in lines if line["need_id"]))
        hold(row["value_minor"] is not None and model.backed(row["procurement_id"], paid_in(row)))


def _after_delivery(model: Model, name: str) -> None:
    row, lines = model.rows[name], model.each("DeliveryLine", delivery_id=name)
    lines_fit(model, name)
    hold(not model.over_ordered())
    if row["status"] in {"SCHEDULED", "IN_TRANSIT", "RECEIVED"}:
        order, gift = row["purchase_order_id"], row["contribution_id"]
        hold(not order or model.rows[order]["status"] not in ENDED["PurchaseOrder"].split())
        hold(not gift or model.rows[gift]["status"] != "CANCELLED")
    if row["status"] == "RECEIVED":
        hold(not any(line["returned"] for line in lines))
        for line in lines:
            line |= {"accepted": None, "rejected": None}
    if row["status"] not in {"ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED"}:
        return
    hold(lines and all(line["quantity"] is not None for line in lines))
    accepted, rejected = any(line["accepted"] for line in lines), any(line["rejected"] for line in lines)
    seen = all(line["accepted"] is not None for line in lines)
    all_well = {
        "ACCEPTED": not rejected,
        "REJECTED": not accepted,
        "PARTIALLY_ACCEPTED": seen and accepted and rejected,
    }
    hold(all_well[row["status"]])
    for line in lines:
        if line["accepted"] is None:
            whole = 0 if row["status"] == "REJECTED" else line["quantity"]
            line["accepted"], line["rejected"] = whole, line["quantity"] - whole


def _nothing(_row: Row, _given: Input) -> None:
    return


MAKERS = {
    "CapabilityNeed": _make_need,
    "Roadmap": _make_roadmap,
    "Contribution": _make_contribution,
    "Allocation": _make_allocation,
    "Procurement": _make_procurement,
    "PurchaseOrder": _make_order,
    "Delivery": _make_delivery,
    "Supplier": make_supplier,
    "Award": make_award,
    "Disbursement": pay,
    "DeliveryReturn": send_back,
}
AFTER = {
    "CapabilityNeed": after_need,
    "Roadmap": _after_roadmap,
    "Contribution": _after_contribution,
    "Procurement": _after_procurement,
    "Award": after_award,
    "PurchaseOrder": _after_order,
    "Delivery": _after_delivery,
}
