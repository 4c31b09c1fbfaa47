"""What the commands are to do, written out a second time: plain rows in memory, and none of the project's code.

A row is a mapping from columns to values; what refers to another row holds its name here. Whatever is refused raises
`Refused`, and leaves to its caller to forget what was begun.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

Row = dict[str, Any]

NOT_FOUND, FORBIDDEN, CONFLICT, BROKEN = "NOT_FOUND", "FORBIDDEN", "CONFLICT", "VALIDATION_FAILED"

#: To which statuses somebody may ask for a change. What is missing here follows by itself, or has ended.
ASKED = {
    "CapabilityNeed": {
        "DRAFT": "SUBMITTED WITHDRAWN",
        "SUBMITTED": "VALIDATED REJECTED WITHDRAWN",
        "VALIDATED": "REJECTED WITHDRAWN",
        "PLANNED": "WITHDRAWN",
        "IN_PROCUREMENT": "WITHDRAWN",
        "PARTIALLY_MET": "WITHDRAWN",
        "REJECTED": "SUBMITTED",
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
        "DELIVERING": "COMPLETED",
        "UNSUCCESSFUL": "PLANNING",
    },
    "PurchaseOrder": {
        "DRAFT": "PLACED",
        "PLACED": "CONFIRMED CANCELLED",
        "CONFIRMED": "TERMINATED",
        "PARTIALLY_DELIVERED": "CLOSED TERMINATED",
        "DELIVERED": "CLOSED",
        "CANCELLED": "DRAFT",
    },
    "Delivery": {
        "SCHEDULED": "IN_TRANSIT",
        "IN_TRANSIT": "RECEIVED",
        "RECEIVED": "ACCEPTED PARTIALLY_ACCEPTED REJECTED",
    },
}
STATUSES = {
    "CapabilityNeed": "DRAFT SUBMITTED VALIDATED PLANNED IN_PROCUREMENT PARTIALLY_MET MET REJECTED WITHDRAWN",
    "Roadmap": "DRAFT ENDORSED SUPERSEDED",
    "Contribution": "PLEDGED COMMITTED DISBURSED CANCELLED",
    "Procurement": "PLANNING APPROVED TENDERING AWARDED ORDERED DELIVERING COMPLETED UNSUCCESSFUL CANCELLED",
    "PurchaseOrder": "DRAFT PLACED CONFIRMED PARTIALLY_DELIVERED DELIVERED CLOSED TERMINATED CANCELLED",
    "Delivery": "SCHEDULED IN_TRANSIT RECEIVED ACCEPTED PARTIALLY_ACCEPTED REJECTED",
}
ENDED = {
    "CapabilityNeed": "MET REJECTED WITHDRAWN",
    "Roadmap": "SUPERSEDED",
    "Contribution": "DISBURSED CANCELLED",
    "Procurement": "COMPLETED CANCELLED",
    "PurchaseOrder": "CLOSED TERMINATED CANCELLED",
    "Delivery": "ACCEPTED PARTIALLY_ACCEPTED REJECTED",
    "Allocation": "",
}
#: The ended statuses from which something is reopened: by who may decide, with a reason.
REOPENED = {
    ("CapabilityNeed", "REJECTED", "SUBMITTED"),
    ("Contribution", "DISBURSED", "COMMITTED"),
    ("Contribution", "CANCELLED", "PLEDGED"),
    ("PurchaseOrder", "CANCELLED", "DRAFT"),
}
#: The statuses that only the chair gives.
DECIDED = {"CapabilityNeed": "VALIDATED REJECTED", "Procurement": "APPROVED CANCELLED", "PurchaseOrder": ""}

#: `token` is the member's, and may only read.
PEOPLE = ("chair", "member", "reader", "other", "lead", "token")
WRITERS, KEEPERS, DONORS = {"chair", "member"}, {"lead"}, {"chair", "member", "reader", "other"}


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """A change that is refused, with the code of the refusal."""


class Model:
    """All rows by name, and what hangs together between them."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.made = 0
        #: What is written by the change at hand, whether or not anything of it differs then.
        self.touched: set[str] = set()

    def add(self, kind: str, **columns: Any) -> str:
        """Make a row; give its name."""
        self.made += 1
        name = f"{kind}-{self.made}"
        self.rows[name] = {"kind": kind, **columns}
        return name

    def of(self, kind: str, **columns: Any) -> list[str]:
        """Give the names of the rows of a kind that have these values, in the order they were made."""
        return [
            name
            for name, row in self.rows.items()
            if row["kind"] == kind and all(row[column] == value for column, value in columns.items())
        ]

    def each(self, kind: str, **columns: Any) -> list[Row]:
        """Give those rows."""
        return [self.rows[name] for name in self.of(kind, **columns)]

    def asked(self, name: str) -> list[str]:
        """Give the statuses that may be asked for of a row."""
        row = self.rows[name]
        found = ASKED[row["kind"]].get(row["status"], "").split()
        if row["kind"] == "Procurement" and row["status"] == "APPROVED":
            found.remove("TENDERING" if row["method"] == "DIRECT" else "AWARDED")
        return found

    def reopens(self, name: str, to: str) -> bool:
        """Return whether this change of its status reopens a row, which has ended."""
        row = self.rows[name]
        return (row["kind"], row["status"], to) in REOPENED

    def sees(self, person: str, name: str) -> bool:
        """Tell whether somebody sees a row: drafts of needs and of orders are the group's writers' alone."""
        row = self.rows[name]
        drafts = row["kind"] in {"CapabilityNeed", "PurchaseOrder"} and row["status"] == "DRAFT"
        return not drafts or person in WRITERS

    def writers_of(self, name: str) -> set[str]:
        """Give who may change a row."""
        row = self.rows[name]
        if row["kind"] in {"Roadmap", "Allocation"} or (row["kind"] == "Delivery" and not row["purchase_order_id"]):
            return KEEPERS
        return DONORS if row["kind"] == "Contribution" else WRITERS

    def lines(self, kind: str, column: str, owner: str) -> list[str]:
        """Give what belongs to a row, in its order."""
        return sorted(self.of(kind, **{column: owner}), key=lambda name: int(self.rows[name]["ordinal"]))

    def allocated(self, contribution: str) -> int:
        """Give the sum of a contribution's allocations."""
        return sum(row["amount_minor"] for row in self.each("Allocation", contribution_id=contribution))

    def backed(self, procurement: str, currency: str | None) -> bool:
        """Tell whether committed money reaches for the binding orders of a procurement in a currency."""
        ordered = sum(
            owed(row) for row in self.each("PurchaseOrder", procurement_id=procurement, value_currency=currency)
        )
        money = [
            row["amount_minor"]
            for row in self.each("Allocation", procurement_id=procurement, amount_currency=currency)
            if self.rows[row["contribution_id"]]["status"] in {"COMMITTED", "DISBURSED"}
        ]
        return bool(ordered <= sum(money))

    def accepted(self, column: str, name: str) -> int:
        """Give how many units are accepted towards a need, or of a line of an order."""
        counted = {"ACCEPTED", "PARTIALLY_ACCEPTED"}
        lines = self.each("DeliveryLine", **{column: name})
        return sum(row["accepted"] or 0 for row in lines if self.rows[row["delivery_id"]]["status"] in counted)

    def over_ordered(self) -> bool:
        """Tell whether more was received of any line of an order than it says."""
        received: Counter[str] = Counter()
        for row in self.each("DeliveryLine"):
            if row["order_line_id"] and self.rows[row["delivery_id"]]["status"] not in {"SCHEDULED", "IN_TRANSIT"}:
                received[row["order_line_id"]] += row["quantity"] or 0
        return any(
            self.rows[name]["quantity"] is not None and self.rows[name]["quantity"] < units
            for name, units in received.items()
        )

    def need_follows(self, name: str) -> None:
        """A need stands where what is accepted towards it leads."""
        row = self.rows[name]
        accepted = self.accepted("need_id", name)
        if accepted and row["status"] in {"VALIDATED", "PLANNED", "IN_PROCUREMENT", "PARTIALLY_MET"}:
            met = row["quantity"] is not None and accepted >= row["quantity"]
            row["status"] = "MET" if met else "PARTIALLY_MET"

    def gift_follows(self, name: str) -> None:
        """A gift in kind is disbursed when goods of it are accepted and no delivery of it is open."""
        row, counted = self.rows[name], {"ACCEPTED", "PARTIALLY_ACCEPTED"}
        found = {each["status"] for each in self.each("Delivery", contribution_id=name)}
        if row["status"] in {"PLEDGED", "COMMITTED"} and found & counted and found <= {*counted, "REJECTED"}:
            row["status"] = "DISBURSED"

    def order_follows(self, name: str) -> None:
        """An order and its procurement stand where what it binds and what is accepted of it leads."""
        row = self.rows[name]
        bought = self.rows[row["procurement_id"]]
        if row["status"] not in {"DRAFT", "CANCELLED"} and bought["status"] == "AWARDED":
            bought["status"] = "ORDERED"
        lines = self.of("OrderLine", purchase_order_id=name)
        accepted = {line: self.accepted("order_line_id", line) for line in lines}
        if any(accepted.values()):
            if bought["status"] in {"AWARDED", "ORDERED"}:
                bought["status"] = "DELIVERING"
            if row["status"] == "CONFIRMED":
                row["status"] = "PARTIALLY_DELIVERED"
        known = all(self.rows[line]["quantity"] is not None for line in lines)
        whole = known and all(accepted[line] >= self.rows[line]["quantity"] for line in lines)
        if lines and whole and row["status"] in {"CONFIRMED", "PARTIALLY_DELIVERED"}:
            row["status"] = "DELIVERED"


def owed(order: Row) -> int:
    """Return the amount that an order owes: nothing as a draft or cancelled, after an early end the settled amount."""
    if order["status"] in {"DRAFT", "CANCELLED"}:
        return 0
    return (order["value_minor"] if order["settled_minor"] is None else order["settled_minor"]) or 0


def hold(condition: object, code: str = BROKEN) -> None:
    """Refuse a change unless something holds."""
    if not condition:
        raise Refused(code)
