"""Random rows of every entity: the same from the same seed, so that both engines hold the same data.

Ties, nulls, several currencies and unusual text are frequent; every constraint is
obeyed, and no date is near today, so that overdue rows stay overdue.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, insert, inspect, update

import models
from models import Base
from models.sources.sources import Sourced
from models.types import UnitPrice
from resolvers.search_index.entries import rebuild
from tests.generators.constraints import obey
from tests.generators.values import DATES, Values
from tests.reference.filters import MODELS

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.generators.constraints import Row

SEED = 20240403

#: How many rows of each entity are tried; what a row refers to stands before it. Types that are not named are added.
COUNTS: dict[type[Base], int] = {
    models.Participant: 14,
    models.CoalitionMembership: 22,
    models.Account: 8,
    models.ExpertGroup: 6,
    models.GroupMembership: 24,
    models.CapabilityArea: 5,
    models.CapabilityNeed: 30,
    models.Meeting: 24,
    models.Attendance: 40,
    models.Decision: 34,
    models.Vote: 30,
    models.ActionItem: 40,
    models.AgendaItem: 30,
    models.Roadmap: 5,
    models.RoadmapLine: 24,
    models.Procurement: 48,
    models.DecisionTarget: 30,
    models.Contribution: 44,
    models.ContributionDonor: 50,
    models.Allocation: 40,
    models.PurchaseOrder: 40,
    models.OrderLine: 50,
    models.Delivery: 44,
    models.DeliveryLine: 60,
    models.Document: 34,
    models.DocumentVersion: 24,
    models.PublishedFigure: 30,
    models.AuditEvent: 60,
    models.Change: 60,
}
#: How many rows of a type that is not named above.
USUAL_COUNT = 30
MAX_SOURCES = 3
LINKS = 30


async def fill(database: Database, seed: int = SEED) -> None:
    """Put the random rows of `seed` into an empty database."""
    tables, founding_decisions = _random_rows(seed)
    groups = table_of(models.ExpertGroup)
    async with database.bypass_policies("a test makes random rows", unaudited=True).begin() as connection:
        for table, rows in tables:
            await connection.execute(insert(table), rows)
        await connection.execute(insert(models.ExchangeRate), exchange_rates())
        for key, decision in founding_decisions:
            await connection.execute(update(groups).where(groups.c.id == key).values(created_by_id=decision))
        await connection.run_sync(rebuild)


def exchange_rates() -> list[Row]:
    """Return the rates of some days. One currency has none, so that it cannot be converted."""
    return [
        {"currency": currency, "day": day, "units_per_euro": rate, "source": f"Rates of {day:%Y}"}
        for currency, *rates in (("DKK", "7.4543", "7.5"), ("JPY", "0.00613001", "162.82"), ("ISK", "149.5", "1000000"))
        for day, rate in zip(sorted(DATES)[1::2], map(Decimal, rates), strict=False)
    ]


@cache
def _random_rows(seed: int) -> tuple[list[tuple[Table, list[Row]]], list[tuple[str, str]]]:
    made = RandomRows(seed)
    return made.tables(), made.founding_decisions()


@cache
def table_of(model: type[Base]) -> Table:
    """Return the table of an entity."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table


def counts() -> dict[type[Base], int]:
    """Return how many rows of each entity are tried, each entity after those it refers to."""
    found = list(COUNTS)
    for model in MODELS.values():
        if model not in found:
            table = table_of(model)
            # Events and changes come last: they are about all the others.
            later = [each for each in found if each in {models.AuditEvent, models.Change} or _refers(each, table)]
            found.insert(min(found.index(each) for each in later), model)
    return {model: COUNTS.get(model, USUAL_COUNT) for model in found}


def _refers(model: type[Base], table: Table) -> bool:
    return any(key.column.table is table for key in table_of(model).foreign_keys)


class RandomRows:
    """The rows of one seed."""

    def __init__(self, seed: int) -> None:
        self.values = Values(seed)
        self.rows: dict[type[Base], list[Row]] = defaultdict(list)
        tried = counts()
        for model, count in tried.items():
            for _ in range(count):
                row = self._row(model)
                if obey(model, row, self.rows, self.values):
                    self.rows[model].append(row)
        for model in tried:
            if issubclass(model, Sourced):
                self._add_sources(model)

    def tables(self) -> list[tuple[Table, list[Row]]]:
        """Return the rows of each table, in an order that foreign keys allow."""
        entities = [(table_of(model), rows) for model, rows in self.rows.items()]
        links = [table for table in Base.metadata.tables.values() if len(table.columns) == len(table.primary_key)]
        found = [*entities, *((table, self._links(table)) for table in links)]
        # A line is for a need of its procurement from the moment that it is there.
        names = [table.name for table, _ in found]
        found.insert(names.index("order_lines"), found.pop(names.index("procurement_needs")))
        return found

    def founding_decisions(self) -> list[tuple[str, str]]:
        """Return some of the groups, each with the decision that created it: neither can be there before the other."""
        decisions = self.rows[models.Decision]
        return [(group["id"], self.values.choice(decisions)["id"]) for group in self.rows[models.ExpertGroup][1:]]

    def _row(self, model: type[Base]) -> Row:
        columns = inspect(model).columns
        row = {
            name: self.values.of(column, self._keys_for(column))
            for name, column in columns.items()
            if not column.computed
        }
        for name in [name.removesuffix("_minor") for name in row if name.endswith("_minor")]:
            column = columns[f"{name}_minor"]
            draw = self.values.price if isinstance(column.type, UnitPrice) else self.values.money
            minor, currency = draw(nullable=bool(column.nullable))
            row |= {f"{name}_minor": minor, f"{name}_currency": currency}
        return row

    def _keys_for(self, column: Any) -> list[str]:
        # A key of several columns only repeats what a single one says.
        keys = [key for key in column.foreign_keys if len(key.constraint.columns) == 1]
        tables = {key.column.table for key in keys}
        return [row["id"] for model, rows in self.rows.items() if table_of(model) in tables for row in rows]

    def _add_sources(self, model: type[Sourced]) -> None:
        source = models.sources_of(model)
        for owner in self.rows[model]:  # type: ignore[index]
            for ordinal in range(1, 1 + self.values.random.randint(0, MAX_SOURCES)):
                row = self._row(source)
                address = f"https://example.org/{self.values.random.randrange(10)}/{ordinal}"
                self.rows[source].append(row | {"owner_id": owner["id"], "ordinal": ordinal, "url": address})

    def _links(self, table: Table) -> list[Row]:
        left, right = table.columns
        lefts, rights = self._keys_for(left), self._keys_for(right)
        pairs = {(self.values.choice(lefts), self.values.choice(rights)) for _ in range(LINKS)}
        if table.name == "award_items":
            pairs = self._items_of_awards()
        return [{left.name: one, right.name: other} for one, other in sorted(pairs | self._named_links(table))]

    def _items_of_awards(self) -> set[tuple[str, str]]:
        """Return some links of awards and items: an award is for items of its procurement."""
        items = self.rows[models.ProcurementItem]
        found = [
            (award["id"], item["id"])
            for award in self.rows[models.Award]
            for item in items
            if award["procurement_id"] == item["procurement_id"]
        ]
        return {self.values.choice(found) for _ in range(LINKS)}

    def _named_links(self, table: Table) -> set[tuple[str, str]]:
        """Return the links that rows need: an allocation and an order line are for a need of their procurement."""
        if table.name != "procurement_needs":
            return set()
        bought = {row["id"]: row["procurement_id"] for row in self.rows[models.PurchaseOrder]}
        ordered = {(bought[row["purchase_order_id"]], row["need_id"]) for row in self.rows[models.OrderLine]}
        paid = {(row["procurement_id"], row["need_id"]) for row in self.rows[models.Allocation]}
        return {(procurement, need) for procurement, need in ordered | paid if need}
