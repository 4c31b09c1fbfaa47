"""Suppliers, and the awards of a procurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.state_machine.model import ENDED, FORBIDDEN, WRITERS, hold

if TYPE_CHECKING:
    from tests.state_machine.model import Model, Row


def make_supplier(model: Model, who: str, given: Row) -> None:
    """Enter a supplier."""
    hold(who in WRITERS, FORBIDDEN)
    change_supplier(model, model.add("Supplier", name=None, identifier=None, identifier_scheme=None), given)


def change_supplier(model: Model, name: str, given: Row) -> None:
    """Change the name, and the identifier in a register, which no other supplier has."""
    row = model.rows[name]
    row |= given
    scheme, identifier = row["identifier_scheme"], row["identifier"]
    hold((identifier is None) == (scheme is None))
    same = model.of("Supplier", identifier=identifier, identifier_scheme=scheme)
    hold(identifier is None or "identifier" not in given or same == [name])


def make_award(model: Model, who: str, given: Row) -> None:
    """Propose an award."""
    hold(who in WRITERS, FORBIDDEN)
    hold(model.rows[given["procurement"]]["status"] not in ENDED["Procurement"].split())
    columns = {"procurement_id": given["procurement"], "suppliers": frozenset(), "items": frozenset()}
    change_award(model, model.add("Award", status="PENDING", title=None, **columns), given)


def change_award(model: Model, name: str, given: Row) -> None:
    """Change the title, the suppliers, and the items, which must be of the award's procurement."""
    row = model.rows[name]
    row["title"] = given.get("title", row["title"])
    row |= {column: frozenset(given[key]) for column, key in LINKS.items() if key in given}
    hold(all(model.rows[item]["procurement_id"] == row["procurement_id"] for item in row["items"]))


def seal_award(row: Row, given: Row) -> None:
    """Refuse a change of the suppliers or items of an award in force."""
    changed = [column for column, key in LINKS.items() if key in given and frozenset(given[key]) != row[column]]
    hold(row["status"] != "ACTIVE" or not changed)


def after_award(model: Model, name: str) -> None:
    """Require a supplier and an active procurement for an award in force; refuse its end while its orders are open."""
    row = model.rows[name]
    if row["status"] in {"CANCELLED", "UNSUCCESSFUL"}:
        ordered = {each["status"] for each in model.each("PurchaseOrder", award_id=name)}
        hold(not ordered & {"PLACED", "CONFIRMED", "PARTIALLY_DELIVERED", "DELIVERED"})
    if row["status"] == "ACTIVE":
        idle = {"PLANNING", "UNSUCCESSFUL", "CANCELLED"}
        hold(row["suppliers"] and model.rows[row["procurement_id"]]["status"] not in idle)


def is_awarded(model: Model, name: str) -> None:
    """Require an award in force for a procurement with the status AWARDED."""
    awards = {row["status"] for row in model.each("Award", procurement_id=name)}
    hold(model.rows[name]["status"] != "AWARDED" or "ACTIVE" in awards)


#: The columns of links, and their names in an input.
LINKS = {"suppliers": "suppliers", "items": "awarded"}
