"""Checks of a database after every change: its rows and its audit log agree with the model."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import models as m
from models.procurement.awards import award_items, award_suppliers
from models.procurement.procurements import procurement_needs
from models.status_facts import RULES, status_from_facts
from resolvers.audit.hash_chain import verify

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from resolvers.database.database import Database
    from tests.state_machine.model import Model, Row

#: What the model knows of.
KINDS: dict[str, type[m.Entity]] = {
    kind.__name__: kind
    for kind in (
        m.CapabilityNeed, m.Roadmap, m.RoadmapLine, m.Contribution, m.ContributionDonor, m.Allocation, m.Procurement,
        m.PurchaseOrder, m.OrderLine, m.OrderAmendment, m.OrderAmendmentLine, m.Delivery, m.DeliveryLine,
        m.ContributionTranche, m.Disbursement, m.Supplier, m.ProcurementItem, m.Award, m.DeliveryReturn,
    )
}  # fmt: skip
#: The links of a type, by the name of the column that the model has for them, and the type that they lead to.
LINKS = (
    (procurement_needs, "Procurement", "needs", "CapabilityNeed"),
    (award_suppliers, "Award", "suppliers", "Supplier"),
    (award_items, "Award", "items", "ProcurementItem"),
)
REASON = "a test looks behind the policies"
EVENTS = m.AuditEvent.__table__
OPEN, COUNTED = {"SCHEDULED", "IN_TRANSIT", "RECEIVED"}, {"ACCEPTED", "PARTIALLY_ACCEPTED"}


class Witness:
    """The rows of a database, now and before the last change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: The id in the API of what the model has a name for.
        self.ids: dict[str, str] = {}
        self.rows: dict[str, Row] = {}
        self._told: dict[str, Row] = {}
        self._sequence = 0

    async def look(self, before: dict[str, Row], model: Model, *, done: bool, recorded: bool) -> None:
        """Check that the current change did the same as in the model, and nothing else.

        Args:
            before: The model's rows before the change.
            model: The model after the change.
            done: Whether the change was made.
            recorded: Whether a refused change has an audit event.
        """
        earlier, self.rows = self.rows, await self._read()
        self._name(earlier, before, model)
        gone = {name: self.ids[name] for name in before if name not in model.rows}
        self._agrees(model)
        expected = _events(before, model.rows) if done else Counter({("", "REFUSE"): int(recorded)})
        await self._is_told(+Counter({(self.ids.get(name, ""), what): n for (name, what), n in expected.items()}))
        self._versions(earlier, {self.ids[name] for name, _ in expected if name} | {*gone.values()}, model)
        self._sums()

    async def end(self) -> None:
        """Check that the hash chain of the audit log is whole, and that every status follows from the facts."""
        assert (await verify(self._database)).sequence == self._sequence
        async with AsyncSession(self._database.bypass_policies(REASON)) as session:
            await session.run_sync(_follow_from_facts)

    async def _read(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        async with self._database.bypass_policies(REASON, read_only=True).connect() as connection:
            for name, kind in KINDS.items():
                for row in (await connection.execute(select(kind.__table__))).mappings():
                    found[f"{name}:{row['id']}"] = {column: _plain(value) for column, value in row.items()}
            for table, owner, column, other in LINKS:
                for link in (await connection.execute(select(*table.primary_key.columns))).mappings():
                    one, many = link.values()
                    found[f"{owner}:{one}"].setdefault(column, []).append(f"{other}:{many}")
        return found

    def _name(self, earlier: dict[str, Row], before: dict[str, Row], model: Model) -> None:
        """Map the names of the model's new rows to the ids of the database's new rows."""
        for kind in KINDS:
            new = [key for key in self.rows if key not in earlier and key.startswith(f"{kind}:")]
            made = [name for name in model.of(kind) if name not in before]
            assert len(new) == len(made), (kind, new, made)
            new.sort(key=lambda key: _place(self.rows[key]))
            made.sort(key=lambda name: _place(model.rows[name]))
            self.ids |= dict(zip(made, new, strict=True))

    def _agrees(self, model: Model) -> None:
        """Check that every row is as in the model, and that there are no others."""
        assert {self.ids[name] for name in model.rows} == {*self.rows}
        for name, row in model.rows.items():
            there = self.rows[self.ids[name]]
            for column, value in row.items():
                if column == "kind" or column.startswith("_"):
                    continue
                expected, found = value, there.get(column.rstrip("_"))
                if isinstance(value, frozenset):
                    expected, found = sorted(self.ids[other] for other in value), sorted(there.get(column, []))
                elif column.endswith("_id") and value is not None:
                    expected = self.ids[value].partition(":")[2]
                assert found == expected, f"{name}.{column} is {found}, the model's {expected}"

    async def _is_told(self, expected: Counter[tuple[str, str]]) -> None:
        """Check that the audit log has one event for each object, and that all events together result in the rows."""
        newer = select(EVENTS).where(EVENTS.c.sequence > self._sequence).order_by(EVENTS.c.sequence)
        async with self._database.bypass_policies(REASON, read_only=True).connect() as connection:
            events = (await connection.execute(newer)).all()
        found = Counter(("" if each.action.name == "REFUSE" else each.entity_id, each.action.name) for each in events)
        assert found == expected, f"the audit log has {found}, the model {expected}"
        for each in events:
            self._sequence = each.sequence
            if each.action.name == "CREATE":
                self._told[each.entity_id] = dict(each.after)
            elif each.action.name == "REMOVE":
                assert self._told.pop(each.entity_id) | each.before == each.before
            elif each.action.name != "REFUSE":
                told = self._told[each.entity_id]
                assert told | each.before == told, f"{each.entity_id} was {told}, the audit log says {each.before}"
                told |= each.after
        assert {*self._told} == {*self.rows}
        for key, told in self._told.items():
            for name, value in told.items():
                there = _as_told(self.rows[key], name)
                said = value.partition(":")[2] if value and (name == "id" or name.endswith("Id")) else value
                assert there == said, f"{name} of {key} is {there}, the audit log says {value}"

    def _versions(self, earlier: dict[str, Row], changed: set[str], model: Model) -> None:
        """Check that the version of an object increases when the object is changed, and only then."""
        touched = changed | {self.ids[name] for name in model.touched}
        for key, row in self.rows.items():
            was = earlier[key]["version"] if key in earlier else 0
            grown = row["version"] > was
            assert grown == (key in touched), f"{key} was at version {was} and is at {row['version']}"
            assert row["version"] >= was

    def _sums(self) -> None:
        """Check by the rows alone that no sum is exceeded."""
        backed = self._added("Allocation", ("procurement_id", "amount_currency"), "amount_minor")
        backed.subtract(self._added("PurchaseOrder", ("procurement_id", "bound_currency"), "bound_minor"))
        assert all(left >= 0 for left in backed.values())
        of_contribution = [
            self._added(kind, ("contribution_id",), "amount_minor")
            for kind in ("Allocation", "ContributionTranche", "Disbursement")
        ]
        for row in self._each("Contribution"):
            assert all(0 <= added[row["id"],] <= (row["amount_minor"] or 0) for added in of_contribution)
        self._sums_of_lines()

    def _sums_of_lines(self) -> None:
        worth: Counter[str] = Counter()
        used: Counter[str] = Counter()
        returned = self._added("DeliveryReturn", ("delivery_line_id",), "quantity")
        for row in self._each("OrderLine"):
            worth[row["purchase_order_id"]] += (row["quantity"] or 0) * (row["unit_price_minor"] or 0)
        for row in self._each("DeliveryLine"):
            used[row["order_line_id"]] += self._used(row)
            assert row["returned"] == returned[row["id"],]
        for row in self._each("OrderLine"):
            assert not used[row["id"]] or used[row["id"]] <= row["quantity"]
        for row in self._each("PurchaseOrder"):
            priced = row["status"] != "DRAFT" and self._priced(row["id"])
            assert not priced or row["value_minor"] == worth[row["id"]]

    def _each(self, kind: str) -> list[Row]:
        return [row for key, row in self.rows.items() if key.startswith(f"{kind}:")]

    def _added(self, kind: str, owner: tuple[str, ...], column: str) -> Counter[Any]:
        """Return the sum of a column of a kind for each owner."""
        found: Counter[Any] = Counter()
        for row in self._each(kind):
            found[tuple(row[name] for name in owner)] += row[column] or 0
        return found

    def _used(self, line: Row) -> int:
        status = self.rows[f"Delivery:{line['delivery_id']}"]["status"]
        if line["gift"]:
            return 0
        units = line["quantity"] if status in OPEN else line["accepted"] if status in COUNTED else None
        return int((units or 0) - line["returned"])

    def _priced(self, order: str) -> bool:
        lines = [
            row for row in self.rows.values() if row.get("purchase_order_id") == order and "unit_price_minor" in row
        ]
        return all(line["unit_price_minor"] is not None for line in lines)


def _events(before: dict[str, Row], after: dict[str, Row]) -> Counter[tuple[str, str]]:
    """Return the audit events of a change: each object once, with its action."""
    found = {name: "CREATE" for name in after if name not in before}
    found |= {name: "REMOVE" for name in before if name not in after}
    for name, row in after.items():
        if name in before and row != before[name]:
            found[name] = "UPDATE" if row.get("status") == before[name].get("status") else "TRANSITION"
    return Counter(found.items())


def _follow_from_facts(session: Session) -> None:
    for kind in RULES:
        rows: list[Any] = [*session.scalars(select(kind))]
        for row in rows:
            assert row.status is status_from_facts(row), f"{row} has the status {row.status}"
    for given in session.scalars(select(m.Contribution)):
        if given.disbursements and given.status.name in {"COMMITTED", "DISBURSED"}:
            whole = sum(each.amount_minor for each in given.disbursements) == given.amount_minor
            assert given.status.name == ("DISBURSED" if whole else "COMMITTED")


def _place(row: Row) -> int:
    """Return the sort key of the new rows of a kind."""
    return int(row.get("ordinal") or row.get("year") or 0)


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, Enum) else value


def _as_told(row: Row, name: str) -> Any:
    """Return the value that the audit log must have under a name of the API."""
    column = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
    if column in {"needs", "funders", "recipients", "suppliers", "items"}:
        return sorted(row.get(column, []))
    if f"{column}_minor" in row:
        minor, currency = row[f"{column}_minor"], row[f"{column}_currency"]
        return None if minor is None else {"amount": f"{minor // 100}.{minor % 100:02}", "currency": currency}
    value = row[column]
    return value.isoformat() if isinstance(value, dt.date) else value
