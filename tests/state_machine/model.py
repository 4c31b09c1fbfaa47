"""The behaviour of the commands, written a second time: plain rows in memory, without any of the project's code.

A row is a mapping from columns to values; a reference to another row is its name here. A refused change raises
`Refused`; the caller must undo the part that was already done.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.state_machine.rates import bound, owed, paid_in

Row = dict[str, Any]

NOT_FOUND, FORBIDDEN, CONFLICT, BROKEN = "NOT_FOUND", "FORBIDDEN", "CONFLICT", "VALIDATION_FAILED"

#: The statuses that clients may request from each status. The others follow from facts, or have ended.
ASKED = {
    "CapabilityNeed": {
        "DRAFT": "SUBMITTED WITHDRAWN",
        "SUBMITTED": "VALIDATED REJECTED WITHDRAWN",
        "VALIDATED": "REJECTED WITHDRAWN",
        "PLANNED": "WITHDRAWN",
        "IN_PROCUREMENT": "WITHDRAWN",
        "PARTIALLY_MET": "WITHDRAWN",
        "REJECTED": "SUBMITTED",
        "WITHDRAWN": "SUBMITTED",
    },
    "Roadmap": {"DRAFT": "ENDORSED"},
    "Contribution": {
        "PLEDGED": "COMMITTED CANCELLED",
        "COMMITTED": "DISBURSED CANCELLED",
        "DISBURSED": "COMMITTED",
        "CANCELLED": "PLEDGED",
    },
    "Procurement": {
        "PLANNING": "APPROVED CANCELLED",
        "APPROVED": "TENDERING AWARDED CANCELLED",
        "TENDERING": "AWARDED UNSUCCESSFUL CANCELLED",
        "AWARDED": "CANCELLED",
        "ORDERED": "COMPLETED",
        "DELIVERING": "COMPLETED",
        "UNSUCCESSFUL": "PLANNING TENDERING",
        "CANCELLED": "PLANNING",
    },
    "Award": {
        "PENDING": "ACTIVE CANCELLED UNSUCCESSFUL",
        "ACTIVE": "CANCELLED",
        "CANCELLED": "PENDING",
        "UNSUCCESSFUL": "PENDING",
    },
    "PurchaseOrder": {
        "DRAFT": "PLACED CANCELLED",
        "PLACED": "CONFIRMED CANCELLED",
        "CONFIRMED": "TERMINATED",
        "PARTIALLY_DELIVERED": "CLOSED TERMINATED",
        "DELIVERED": "CLOSED",
        "CANCELLED": "DRAFT",
    },
    "Delivery": {
        "SCHEDULED": "IN_TRANSIT CANCELLED",
        "IN_TRANSIT": "RECEIVED CANCELLED LOST",
        "RECEIVED": "ACCEPTED PARTIALLY_ACCEPTED REJECTED",
        "ACCEPTED": "RECEIVED",
        "PARTIALLY_ACCEPTED": "RECEIVED",
        "REJECTED": "RECEIVED",
        "CANCELLED": "SCHEDULED",
        "LOST": "IN_TRANSIT",
    },
}
STATUSES = {
    "CapabilityNeed": "DRAFT SUBMITTED VALIDATED PLANNED IN_PROCUREMENT PARTIALLY_MET MET REJECTED WITHDRAWN",
    "Roadmap": "DRAFT ENDORSED SUPERSEDED",
    "Contribution": "PLEDGED COMMITTED DISBURSED CANCELLED",
    "Procurement": "PLANNING APPROVED TENDERING AWARDED ORDERED DELIVERING COMPLETED UNSUCCESSFUL CANCELLED",
    "Award": "PENDING ACTIVE CANCELLED UNSUCCESSFUL",
    "PurchaseOrder": "DRAFT PLACED CONFIRMED PARTIALLY_DELIVERED DELIVERED CLOSED TERMINATED CANCELLED",
    "Delivery": "SCHEDULED IN_TRANSIT RECEIVED ACCEPTED PARTIALLY_ACCEPTED REJECTED CANCELLED LOST",
}
ENDED = {
    "CapabilityNeed": "MET REJECTED WITHDRAWN",
    "Roadmap": "SUPERSEDED",
    "Contribution": "DISBURSED CANCELLED",
    "Procurement": "COMPLETED UNSUCCESSFUL CANCELLED",
    "Award": "CANCELLED UNSUCCESSFUL",
    "PurchaseOrder": "CLOSED TERMINATED CANCELLED",
    "Delivery": "ACCEPTED PARTIALLY_ACCEPTED REJECTED CANCELLED LOST",
    "Allocation": "",
}
#: The ended statuses from which something is reopened: by who may decide, with a reason.
REOPENED = {
    ("CapabilityNeed", "REJECTED", "SUBMITTED"),
    ("CapabilityNeed", "WITHDRAWN", "SUBMITTED"),
    ("Procurement", "UNSUCCESSFUL", "PLANNING"),
    ("Procurement", "UNSUCCESSFUL", "TENDERING"),
    ("Procurement", "CANCELLED", "PLANNING"),
    ("Contribution", "DISBURSED", "COMMITTED"),
    ("Contribution", "CANCELLED", "PLEDGED"),
    ("Award", "CANCELLED", "PENDING"),
    ("Award", "UNSUCCESSFUL", "PENDING"),
    ("PurchaseOrder", "CANCELLED", "DRAFT"),
    ("Delivery", "ACCEPTED", "RECEIVED"),
    ("Delivery", "PARTIALLY_ACCEPTED", "RECEIVED"),
    ("Delivery", "REJECTED", "RECEIVED"),
    ("Delivery", "CANCELLED", "SCHEDULED"),
    ("Delivery", "LOST", "IN_TRANSIT"),
}
#: The other statuses that need a reason. Those of orders always get one here.
REASONED = {("Delivery", "CANCELLED"), ("Delivery", "LOST"), ("Award", "CANCELLED"), ("Award", "UNSUCCESSFUL")}
#: The statuses that only the chair gives.
DECIDED = {
    "CapabilityNeed": "VALIDATED REJECTED",
    "Procurement": "APPROVED CANCELLED",
    **dict.fromkeys(("Award", "PurchaseOrder", "Delivery"), ""),
}

#: `token` is the member's, and may only read.
PEOPLE = ("chair", "member", "reader", "other", "lead", "token")
COUNTED, GIVEN_UP = {"ACCEPTED", "PARTIALLY_ACCEPTED"}, {"REJECTED", "WITHDRAWN"}
ARRIVED = {"RECEIVED", "REJECTED", *COUNTED}
WRITERS, KEEPERS, DONORS = {"chair", "member"}, {"lead"}, {"chair", "member", "reader", "other"}


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """A refused change, with the code of the refusal."""


class Model:
    """All rows by name, and the rules that connect them."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.made = 0
        #: What is written by the change at hand, whether or not anything of it differs then.
        self.touched: set[str] = set()

    def add(self, kind: str, **columns: Any) -> str:
        """Add a row; return its name."""
        self.made += 1
        name = f"{kind}-{self.made}"
        self.rows[name] = {"kind": kind, **columns}
        return name

    def of(self, kind: str, **columns: Any) -> list[str]:
        """Return the names of the rows of a kind with these values, in the order of their creation."""
        return [
            name
            for name, row in self.rows.items()
            if row["kind"] == kind and all(row[column] == value for column, value in columns.items())
        ]

    def each(self, kind: str, **columns: Any) -> list[Row]:
        """Return the rows of a kind with these values."""
        return [self.rows[name] for name in self.of(kind, **columns)]

    def asked(self, name: str) -> list[str]:
        """Return the statuses that a client can request for a row."""
        row = self.rows[name]
        found = ASKED[row["kind"]].get(row["status"], "").split()
        if row["kind"] == "Procurement" and row["status"] == "APPROVED":
            found.remove("TENDERING" if row["method"] == "DIRECT" else "AWARDED")
        return found

    def reopens(self, name: str, to: str) -> bool:
        """Return whether this change of status reopens a row that has ended."""
        row = self.rows[name]
        return (row["kind"], row["status"], to) in REOPENED

    def sees(self, person: str, name: str) -> bool:
        """Return whether a person sees a row: only the writers of the group see drafts of needs and of orders."""
        row = self.rows[name]
        if row["kind"] in {"Delivery", "DeliveryLine"}:
            owner = row["delivery_id"] if row["kind"] == "DeliveryLine" else row["purchase_order_id"]
            return owner is None or self.sees(person, owner)
        drafts = row["kind"] in {"CapabilityNeed", "PurchaseOrder"} and row["status"] == "DRAFT"
        return not (drafts or row.get("_hidden")) or person in WRITERS

    def writers_of(self, name: str) -> set[str]:
        """Return the people who may change a row."""
        row = self.rows[name]
        if row["kind"] in {"Roadmap", "Allocation"} or (row["kind"] == "Delivery" and not row["purchase_order_id"]):
            return KEEPERS
        return DONORS if row["kind"] == "Contribution" else WRITERS

    def lines(self, kind: str, column: str, owner: str) -> list[str]:
        """Return the names of the rows that belong to a row, in their order."""
        return sorted(self.of(kind, **{column: owner}), key=lambda name: int(self.rows[name]["ordinal"]))

    def allocated(self, contribution: str) -> int:
        """Return the sum of a contribution's allocations."""
        return sum(row["amount_minor"] for row in self.each("Allocation", contribution_id=contribution))

    def backed(self, procurement: str, currency: str | None) -> bool:
        """Return whether committed money covers the binding orders of a procurement in a currency."""
        orders = self.each("PurchaseOrder", procurement_id=procurement)
        ordered = sum(bound(row) for row in orders if paid_in(row) == currency)
        money = [
            row["amount_minor"]
            for row in self.each("Allocation", procurement_id=procurement, amount_currency=currency)
            if self.rows[row["contribution_id"]]["status"] in {"COMMITTED", "DISBURSED"}
        ]
        return bool(ordered <= sum(money))

    def accepted(self, column: str, name: str) -> int:
        """Return the accepted units that are not returned, of a need, or of an order line without gifts."""
        lines = [row for row in self.each("DeliveryLine", **{column: name}) if column == "need_id" or not row["gift"]]
        counted = [row for row in lines if self.rows[row["delivery_id"]]["status"] in COUNTED]
        return sum((row["accepted"] or 0) - row["returned"] for row in counted)

    def over_ordered(self) -> bool:
        """Return whether the accepted or expected units of any order line exceed its quantity."""
        used: Counter[str] = Counter()
        for row in self.each("DeliveryLine"):
            status = self.rows[row["delivery_id"]]["status"]
            if row["gift"]:
                continue
            if row["order_line_id"] and status in {"SCHEDULED", "IN_TRANSIT", "RECEIVED"}:
                used[row["order_line_id"]] += row["quantity"] or 0
            elif row["order_line_id"] and status in COUNTED:
                used[row["order_line_id"]] += (row["accepted"] or 0) - row["returned"]
        return any(
            self.rows[name]["quantity"] is not None and self.rows[name]["quantity"] < units
            for name, units in used.items()
        )

    def follow(self) -> None:
        """Set each row's status to the status that follows from its facts, forward or back."""
        for kind, rule in (
            ("PurchaseOrder", self._order_stands),
            ("Procurement", self._procurement_stands),
            ("CapabilityNeed", self._need_stands),
            ("Contribution", self._gift_stands),
        ):
            for name in self.of(kind):
                self.rows[name]["status"] = rule(name)

    def _order_stands(self, name: str) -> str:
        status, lines = str(self.rows[name]["status"]), self.of("OrderLine", purchase_order_id=name)
        if status not in {"PLACED", "CONFIRMED", "PARTIALLY_DELIVERED", "DELIVERED"}:
            return status
        accepted = {line: self.accepted("order_line_id", line) for line in lines}
        if not any(accepted.values()):
            return "PLACED" if status == "PLACED" else "CONFIRMED"
        ordered = {line: self.rows[line]["quantity"] for line in lines}
        whole = all(ordered[line] is not None and accepted[line] >= ordered[line] for line in lines)
        return "DELIVERED" if whole else "PARTIALLY_DELIVERED"

    def _procurement_stands(self, name: str) -> str:
        status, orders = str(self.rows[name]["status"]), self.of("PurchaseOrder", procurement_id=name)
        found = {self.rows[order]["status"] for order in orders} - {"DRAFT"}
        closed = status == "COMPLETED" and not found & {"PLACED", "CONFIRMED", "PARTIALLY_DELIVERED"}
        if not found or closed or status not in {"AWARDED", "ORDERED", "DELIVERING", "COMPLETED"}:
            return status
        lines = [line for order in orders for line in self.of("OrderLine", purchase_order_id=order)]
        of_orders = [row["status"] for order in orders for row in self.each("Delivery", purchase_order_id=order)]
        if (status == "DELIVERING" and "RECEIVED" in of_orders) or "CLOSED" in found:
            return "DELIVERING"
        if any(self.accepted("order_line_id", line) for line in lines):
            return "DELIVERING"
        return "ORDERED" if any(self._binds(order) for order in orders) else "AWARDED"

    def _binds(self, order: str) -> bool:
        row = self.rows[order]
        return bool(owed(row)) if row["status"] == "TERMINATED" else row["status"] not in {"DRAFT", "CANCELLED"}

    def _need_stands(self, name: str) -> str:
        row, bought = self.rows[name], self.each("Procurement")
        if row["status"] in {"DRAFT", "SUBMITTED", "REJECTED", "WITHDRAWN"}:
            return str(row["status"])
        if accepted := self.accepted("need_id", name):
            return "MET" if row["quantity"] is not None and accepted >= row["quantity"] else "PARTIALLY_MET"
        idle = {"PLANNING", "UNSUCCESSFUL", "CANCELLED", "COMPLETED"}
        if any(name in each["needs"] and each["status"] not in idle for each in bought):
            return "IN_PROCUREMENT"
        return "PLANNED" if self.of("RoadmapLine", need_id=name) else "VALIDATED"

    def _gift_stands(self, name: str) -> str:
        row, paid = self.rows[name], self.each("Disbursement", contribution_id=name)
        if paid and row["status"] in {"COMMITTED", "DISBURSED"}:
            whole = sum(each["amount_minor"] for each in paid) == row["amount_minor"]
            return "DISBURSED" if whole else "COMMITTED"
        found = {each["status"] for each in self.each("Delivery", contribution_id=name)} - {"CANCELLED", "LOST"}
        if row["status"] == "CANCELLED" or row["kind_"] != "IN_KIND" or not found:
            return str(row["status"])
        if found & COUNTED and found <= {*COUNTED, "REJECTED"}:
            return "DISBURSED"
        arrived = found & {"RECEIVED", *COUNTED} and not found & {"SCHEDULED", "IN_TRANSIT"}
        return "COMMITTED" if row["status"] == "DISBURSED" and not arrived else str(row["status"])


def hold(condition: object, code: str = BROKEN) -> None:
    """Refuse a change unless a condition is true."""
    if not condition:
        raise Refused(code)
