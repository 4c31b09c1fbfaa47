"""Changes of an object's fields in the model, and the fields that can no longer change."""

from __future__ import annotations

from typing import Any

from tests.state_machine.model import ARRIVED, BROKEN, ENDED, GIVEN_UP, Model, Row, hold
from tests.state_machine.payments import paid_stays, rewrite_tranches, tranches_fit
from tests.state_machine.rates import STATED
from tests.state_machine.returns import replacements_fit
from tests.state_machine.tenders import change_award, change_supplier, seal_award

Input = dict[str, Any]


def _change_need(model: Model, name: str, given: Input) -> None:
    model.rows[name] |= {key: given[key] for key in ("title", "quantity") if key in given}


def change_roadmap(model: Model, name: str, given: Input) -> None:
    """Change the years and the endorsement."""
    row = model.rows[name]
    row |= {key: value for key, value in given.items() if key in row}
    hold(row["endorsed_by_id"] != "by another body")
    hold(row["first_year"] is None or row["last_year"] is None or row["first_year"] <= row["last_year"])
    for line in model.each("RoadmapLine", roadmap_id=name):
        hold((row["first_year"] or line["year"]) <= line["year"] <= (row["last_year"] or line["year"]))


def _change_contribution(model: Model, name: str, given: Input) -> None:
    row = model.rows[name]
    currency = row["amount_currency"]
    if "kind" in given:
        row["kind_"] = given["kind"]
    if "amount" in given:
        row["amount_minor"], row["amount_currency"] = given["amount"] or (None, None)
    if "tranches" in given:
        rewrite_tranches(model, name, given["tranches"])
    tranches_fit(model, name)
    paid_stays(model, name)
    taken = model.allocated(name)
    hold(not taken or row["kind_"] == "CASH")
    hold(row["kind_"] == "IN_KIND" or not model.of("Delivery", contribution_id=name))
    hold(row["amount_currency"] == currency or not model.of("Allocation", contribution_id=name))
    hold(taken <= (row["amount_minor"] or 0))


def change_allocation(model: Model, name: str, given: Input) -> None:
    """Change the amount and the need."""
    row = model.rows[name]
    was = row["amount_minor"]
    if "need" in given:
        row["need_id"] = given["need"]
    same = {column: row[column] for column in ("contribution_id", "procurement_id", "need_id")}
    hold(len(model.of("Allocation", **same)) == 1)
    if "amount" in given:
        row["amount_minor"], row["amount_currency"] = given["amount"]
        money_is_set_aside(model, name)
    hold(not (row["need_id"] and row["amount_minor"]) or row["need_id"] in model.rows[row["procurement_id"]]["needs"])
    hold(not (row["need_id"] and row["amount_minor"]) or model.rows[row["need_id"]]["status"] not in GIVEN_UP)
    hold(row["amount_minor"] >= was or model.backed(row["procurement_id"], row["amount_currency"]))


def money_is_set_aside(model: Model, name: str) -> None:
    """Require an amount above 0, within its contribution, for a procurement that is not cancelled."""
    row = model.rows[name]
    gift, bought = model.rows[row["contribution_id"]], model.rows[row["procurement_id"]]
    hold(row["amount_minor"] > 0)
    hold(gift["status"] != "CANCELLED" and gift["kind_"] == "CASH" and gift["amount_minor"] is not None)
    hold(row["amount_currency"] == gift["amount_currency"])
    hold(bought["status"] != "CANCELLED")
    hold(not row["need_id"] or row["need_id"] in bought["needs"])
    hold(not row["need_id"] or model.rows[row["need_id"]]["status"] not in GIVEN_UP)
    hold(model.allocated(row["contribution_id"]) <= (gift["amount_minor"] or 0))


def change_procurement(model: Model, name: str, given: Input) -> None:
    """Change the title, the method, the needs and the items."""
    row = model.rows[name]
    row |= {key: given[key] for key in ("title", "method") if key in given}
    before = row["needs"]
    if "needs" in given:
        row["needs"] = frozenset(given["needs"])
        money = model.each("Allocation", procurement_id=name)
        hold(all(each["need_id"] in row["needs"] for each in money if each["need_id"] and each["amount_minor"]))
        live = {"DRAFT", "PLACED", "CONFIRMED", "PARTIALLY_DELIVERED", "DELIVERED"}
        orders = [key for key in model.of("PurchaseOrder", procurement_id=name) if model.rows[key]["status"] in live]
        ordered = {each["need_id"] for key in orders for each in model.each("OrderLine", purchase_order_id=key)}
        hold(not ordered & (before - row["needs"]))
    if "items" in given:
        items = [
            {"id": each.get("id"), "quantity": each["quantity"], "need_id": each["need"]} for each in given["items"]
        ]
        _rewrite(model, "ProcurementItem", "procurement_id", name, items)
    hold(all(each["need_id"] in {None, *row["needs"]} for each in model.each("ProcurementItem", procurement_id=name)))
    # A need that was reopened breaks the rule, which an update judges only if it changes the needs.
    needs_are_bought(model, name, judged=row["needs"] != before, named=True)


def needs_are_of_the_procurement(model: Model, name: str) -> None:
    """Require that the needs of an order's lines are those of its procurement, unless it has ended."""
    row = model.rows[name]
    bought = {None, *model.rows[row["procurement_id"]]["needs"]}
    named = {line["need_id"] for line in model.each("OrderLine", purchase_order_id=name)}
    hold(row["status"] in ENDED["PurchaseOrder"].split() or named <= bought)


def needs_are_bought(model: Model, name: str, *, judged: bool = True, named: bool = False) -> None:
    """Require that the statuses of the needs fit the status of the procurement."""
    row = model.rows[name]
    if not judged:
        return
    idle = row["status"] in {"PLANNING", "UNSUCCESSFUL", "CANCELLED"}
    found = {model.rows[need]["status"] for need in row["needs"]}
    hold(idle or not found & {"DRAFT", "SUBMITTED"})
    hold((idle and not named) or row["status"] == "COMPLETED" or not found & GIVEN_UP)


def change_order(model: Model, name: str, given: Input) -> None:
    """Change the fields and the lines, and set the value that follows from the lines."""
    row = model.rows[name]
    before = row["award_id"], row["supplier_id"]
    row["title"] = given.get("title", row["title"])
    row |= {f"{key}_id": given[key] for key in ("award", "supplier") if key in given}
    hold(row["status"] == "DRAFT" or row["supplier_id"] or not before[1])
    if before != (row["award_id"], row["supplier_id"]):
        order_fits_award(model, name)
    if "lines" in given:
        _rewrite(model, "OrderLine", "purchase_order_id", name, [_order_line(line) for line in given["lines"]])
    lines = model.each("OrderLine", purchase_order_id=name)
    needs_are_of_the_procurement(model, name)
    known = [line for line in lines if None not in {line["quantity"], line["unit_price_minor"]}]
    currencies = {line["unit_price_currency"] for line in known}
    if lines and len(known) == len(lines):
        hold(len(currencies) == 1)
        row["value_minor"] = sum(line["quantity"] * line["unit_price_minor"] for line in lines)
        (row["value_currency"],) = currencies
    row |= {key: given[key] for key in STATED if key in given}
    hold(row["funded_in"] is None or row["funded_in"] != row["value_currency"])
    hold(not model.over_ordered())


def order_fits_award(model: Model, name: str) -> None:
    """Require that the award is of the order's procurement, and that the supplier is one of the award."""
    needs_are_of_the_procurement(model, name)
    row = model.rows[name]
    award = model.rows[row["award_id"]] if row["award_id"] else None
    hold(award is None or award["procurement_id"] == row["procurement_id"])
    hold(award is None or row["supplier_id"] in {None, *award["suppliers"]})


def change_delivery(model: Model, name: str, given: Input) -> None:
    """Change the title and the lines."""
    row = model.rows[name]
    lines = model.of("DeliveryLine", delivery_id=name)
    was = {line: (model.rows[line]["replaces_id"], model.rows[line]["quantity"]) for line in lines}
    row["title"] = given.get("title", row["title"])
    if "lines" in given:
        _rewrite(model, "DeliveryLine", "delivery_id", name, [_delivery_line(line) for line in given["lines"]])
    lines_fit(model, name)
    replacements_fit(model, name, was)
    hold(not model.over_ordered())


def lines_fit(model: Model, name: str) -> None:
    """Require that the lines are of the delivery's order, and are examined in full or not at all."""
    row = model.rows[name]
    for line in model.each("DeliveryLine", delivery_id=name):
        hold(row["purchase_order_id"] or not line["gift"])
        ordered = model.rows[line["order_line_id"]] if line["order_line_id"] else None
        if ordered:
            hold(ordered["purchase_order_id"] == row["purchase_order_id"])
            hold(line["need_id"] in {None, ordered["need_id"]})
            line["need_id"] = ordered["need_id"]
        parts = line["accepted"], line["rejected"]
        if parts != (None, None):
            hold(row["status"] in ARRIVED)
            hold(line["quantity"] is not None and None not in parts and sum(parts) == line["quantity"])


def _order_line(given: Input) -> Row:
    minor, currency = given["price"] or (None, None)
    columns = {"quantity": given["quantity"], "unit_price_minor": minor, "unit_price_currency": currency}
    return {"id": given.get("id"), **columns, "need_id": given["need"]}


def _delivery_line(given: Input) -> Row:
    columns = {key: given[key] for key in ("quantity", "accepted", "rejected")}
    columns |= {"gift": given["extra"], "order_line_id": given["order_line"], "need_id": given["need"]}
    return {"id": given.get("id"), **columns, "replaces_id": given["replaces"]}


def _rewrite(model: Model, kind: str, column: str, owner: str, lines: list[Row]) -> None:
    named = {line["id"] for line in lines}
    for name in model.lines(kind, column, owner):
        if name not in named:
            # What an amendment changed stays, as does all else that another row names.
            remove(model, name)
    for place, line in enumerate(lines, start=1):
        fresh = {"returned": 0} if kind == "DeliveryLine" else {}
        name = line.pop("id") or model.add(kind, **{column: owner}, **fresh)
        model.rows[name] |= {**line, "ordinal": place}


def remove(model: Model, name: str) -> None:
    """Remove a row; refuse the change if another row names it."""
    named = [value for row in model.rows.values() for column, value in row.items() if column.endswith("_id")]
    awarded = [item for row in model.each("Award") for item in row["items"]]
    hold(name not in named and name not in awarded)
    del model.rows[name]


def _seal_roadmap(row: Row, given: Input) -> None:
    sealed = {"first_year", "last_year", "endorsed_by_id"}
    hold(row["status"] == "DRAFT" or all(given[name] == row[name] for name in sealed & {*given}), BROKEN)


def _seal_procurement(row: Row, given: Input) -> None:
    hold(row["status"] in {"PLANNING", "APPROVED"} or given.get("method", row["method"]) == row["method"])


def _seal_order(row: Row, given: Input) -> None:
    hold(row["status"] == "DRAFT" or not {"lines", *STATED} & {*given})


UPDATERS = {
    "CapabilityNeed": _change_need,
    "Roadmap": change_roadmap,
    "Contribution": _change_contribution,
    "Allocation": change_allocation,
    "Supplier": change_supplier,
    "Procurement": change_procurement,
    "Award": change_award,
    "PurchaseOrder": change_order,
    "Delivery": change_delivery,
}
SEALS = {
    "Roadmap": _seal_roadmap,
    "Procurement": _seal_procurement,
    "Award": seal_award,
    "PurchaseOrder": _seal_order,
}
