"""Small random worlds for the planning figures: needs with everything that covers them, dense and often shared.

The random rows of `rows` are of every kind and thinly linked; here each need has money, orders and deliveries.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

import models as m
from models.funding.earmarks import earmarked_areas, earmarked_groups, earmarked_needs
from models.planning.capability_needs import GIVEN_UP
from tests.generators.ended_orders import end
from tests.generators.in_kind import given_in_kind
from tests.support import factories as f
from tests.support.viewers import name_as_recipient, people

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Table

    from resolvers.database.database import Database

CURRENCIES = ("EUR", "EUR", "EUR", "DKK", "JPY")
#: 31 and 32 days after another day of announcements.
NEAR = (dt.date(2025, 2, 9), dt.date(2025, 2, 10))
AMOUNTS = (0, 1, 500, 10_000, 30_000, 10**15)
MARKINGS = (*[m.Marking.CLEAR] * 6, m.Marking.GREEN, m.Marking.AMBER, m.Marking.AMBER_STRICT, m.Marking.RED)
RATES = tuple(map(Decimal, ("0.00613", "1.0823", "7.4604", "163.29")))
UNITS = (*["SET"] * 6, "H87", None)
PRECISIONS = (None, m.DatePrecision.MONTH, m.DatePrecision.YEAR, m.DatePrecision.REPORTED_BY)


async def fill_with_planning(database: Database, seed: int, worlds: int) -> None:
    """Fill an empty database with random worlds, and with the accounts of all viewers."""
    made = PlanningWorlds(seed)
    for _ in range(worlds):
        made.add_world()
    made.add_roadmaps()
    async with AsyncSession(database.bypass_policies("a test makes random rows", unaudited=True)) as session:
        session.add_all([*made.rows, *people(made.group)])
        await session.flush()
        # Orders come before money: the database lets no order exceed the money that is there already.
        session.add_all([m.Allocation(**each) for each in made.allocations])
        await session.flush()
        # And earmarks after money, some of which misses them.
        for table, column, earmarks in made.earmarked():
            await session.execute(insert(table), [{"contribution_id": one.id, column: to.id} for one, to in earmarks])
        await name_as_recipient(session, "recipient@example.org")
        await session.commit()


class PlanningWorlds:
    """The rows of one seed."""

    def __init__(self, seed: int) -> None:
        # Each subject has its own, so that one changes nothing of the others; the same seed gives the same rows.
        self.random, self.earmarks, self.gifts = (Random(seed) for _ in range(3))  # noqa: S311
        self.rates, self.plans, self.ends, self.asked, self.in_kind = (Random(seed) for _ in range(5))  # noqa: S311
        self.group = f.an_expert_group()
        self.area = f.a_capability_area()
        self.donor = f.a_participant()
        self.ended = f.an_expert_group(status=m.ExpertGroupStatus.DISSOLVED)
        self.leads = [f.a_participant(), f.a_participant()]
        self.left = f.a_participant()
        former = f.a_coalition_membership(self.left, valid_to=dt.date(2024, 12, 31))
        self.rows: list[Any] = [self.group, self.ended, self.area, self.donor, *self.leads, former]
        self.allocations: list[dict[str, Any]] = []
        self.for_earmarks: list[tuple[str, Any, Any]] = []
        self.needs: list[Any] = []

    def _some(self, rows: Sequence[Any], most: int = 3) -> list[Any]:
        return self.random.sample(rows, min(len(rows), self.random.randint(0, most)))

    def _marked(self) -> dict[str, Any]:
        group = self.random.choice((None, self.group, self.group, self.ended))
        return {"marking": self.random.choice(MARKINGS), "group": group}

    def _money(self, name: str, share_of_nulls: float = 0.2) -> dict[str, Any]:
        if self.random.random() < share_of_nulls:
            return {}
        return {
            f"{name}_minor": self.random.choice(AMOUNTS),
            f"{name}_currency": self.random.choice(CURRENCIES),
        }

    def _quantity(self) -> Decimal | None:
        return self.random.choice((None, *map(Decimal, ("1", "2.5", "3", "10", "40"))))

    def add_world(self) -> None:
        """Add a few needs, and the procurements, money, orders and deliveries for them."""
        needs = [self._need() for _ in range(self.random.randint(1, 3))]
        for _ in range(self.random.randint(1, 3)):
            procurement = f.a_procurement(
                needs=self._some(needs),
                status=self.random.choice(list(m.ProcurementStatus)),
                lead_participant=self.random.choice((None, *self.leads, self.left)),
                planned_year=self.random.choice((None, 2025, 2026, 2027)),
                **self._money("estimated_value"),
                **self._marked(),
            )
            self.rows.append(procurement)
            self._fund(procurement, needs)
            for _ in range(self.random.randint(0, 2)):
                self._order(procurement, needs)
        for _ in range(self.random.randint(0, 2)):
            self._delivery(None, [], needs)
        self.rows += given_in_kind(needs, self.in_kind)
        gift = None
        for _ in range(4):
            gift = self._gift(gift)
        self.rows.append(self._figure(gift))
        self.needs += needs

    def earmarked(self) -> Iterator[tuple[Table, str, list[tuple[Any, Any]]]]:
        """Yield each table of earmarks, the column of its target, and the contributions with their targets."""
        tables = {"need_id": earmarked_needs, "group_id": earmarked_groups, "area_id": earmarked_areas}
        for column, table in tables.items():
            found = [(given, target) for name, given, target in self.for_earmarks if name == column]
            if found:
                yield table, column, found

    def _need(self) -> Any:
        need = f.a_need(
            self.area,
            quantity=self._quantity(),
            unit=self.random.choice(UNITS),
            status=self.random.choice((*m.NeedStatus, *[m.NeedStatus.VALIDATED] * 4)),
            priority=self.random.choice((None, *m.Priority)),
            needed_by=self.random.choice((None, dt.date(2025, 6, 30), dt.date(2027, 1, 31))),
            requested_by=self.asked.choice((None, *self.leads)),
            **self._money("estimated_cost"),
            **self._marked(),
        )
        self.rows.append(need)
        return need

    def _fund(self, procurement: Any, needs: list[Any]) -> None:
        for _ in range(self.random.randint(0, 3)):
            amount, currency = self.random.choice(AMOUNTS), self.random.choice(CURRENCIES)
            contribution = f.a_contribution(
                self.donor,
                status=self.random.choice(list(m.ContributionStatus)),
                amount_minor=amount,
                amount_currency=currency,
                marking=self.random.choice(MARKINGS),
            )
            self.rows.append(contribution)
            earmark = {
                "need_id": self.earmarks.choice(([], [], needs[:1])),
                "group_id": self.earmarks.choice(([], [], [], [self.group])),
                "area_id": self.earmarks.choice(([], [], [], [self.area])),
            }
            self.for_earmarks += [(column, contribution, each) for column, found in earmark.items() for each in found]
            need = self.random.choice((None, None, *procurement.needs)) if amount else None
            if contribution.status is m.ContributionStatus.CANCELLED:
                amount, need = 0, None
            amounts = {"amount_minor": amount, "amount_currency": currency}
            if need and need.status in GIVEN_UP:
                need = None
            self.allocations.append({"contribution": contribution, "procurement": procurement, "need": need, **amounts})

    def _figure(self, gift: Any) -> Any:
        """Return a published figure of a donor, of a contribution or of all."""
        dice = self.gifts
        return f.a_figure(
            measure=dice.choice((m.Measure.COMMITTED, m.Measure.EXPECTED, *m.Measure)),
            money_minor=dice.choice((900, 5_000)),
            money_currency=dice.choice(CURRENCIES),
            as_of=dice.choice((None, dt.date(2025, 1, 1), *NEAR)),
            as_of_precision=dice.choice(PRECISIONS),
            participant=dice.choice((None, self.donor, *self.leads)),
            contribution=dice.choice((None, None, gift)),
        )

    def _gift(self, whole: Any) -> Any:
        """Return a contribution that can have several donors, shares and payments, or be a part of another."""
        dice = self.gifts
        amount, currency = dice.choice((None, 900, 900, 5_000)), dice.choice(CURRENCIES)
        gift = f.a_contribution(
            *dice.sample([self.donor, *self.leads], dice.randint(0, 3)),
            # After those that buy something, so that a first page has clashes.
            reference=f.named("GIFT"),
            kind=dice.choice((m.ContributionKind.CASH, *m.ContributionKind)),
            status=dice.choice(list(m.ContributionStatus)),
            statement_kind=dice.choice((*[m.StatementKind.INCREMENT] * 4, *m.StatementKind)),
            amount_qualifier=dice.choice((*[m.Qualifier.EXACT] * 4, *m.Qualifier)),
            announced_on=dice.choice((None, dt.date(2024, 4, 3), dt.date(2025, 1, 9), *NEAR)),
            part_of=dice.choice((None, None, whole and (whole.part_of or whole))),
            marking=dice.choice(MARKINGS),
            amount_minor=amount,
            amount_currency=None if amount is None else currency,
        )
        for donor in gift.donors if amount else ():
            if dice.random() < 0.4:
                donor.share_minor, donor.share_currency = dice.choice((0, 100, 300)), currency
        self.rows.append(gift)
        if amount and dice.random() < 0.4:
            paid = {"amount_minor": dice.choice((50, 100)), "amount_currency": currency}
            self.rows.append(m.Disbursement(contribution=gift, number=1, paid_on=dt.date(2025, 5, 6), **paid))
        return gift

    def _order(self, procurement: Any, needs: list[Any]) -> None:
        currency = self.random.choice(CURRENCIES)
        order = f.an_order(
            procurement,
            status=self.random.choice([s for s in m.PurchaseOrderStatus if s.name != "TERMINATED"]),
            expected_on=self.random.choice((None, dt.date(2025, 3, 1), dt.date(2099, 1, 1))),
        )
        lines = [self._order_line(order, needs, currency) for _ in range(self.random.randint(1, 3))]
        order.value_minor, order.value_currency = 10**6 * len(lines), currency
        funding = self.rates.choice(CURRENCIES)
        if self.rates.random() < 0.5 and funding != currency:
            order.funded_in, order.exchange_rate = funding, self.rates.choice(RATES)
            order.exchange_rate_on, order.exchange_rate_source = dt.date(2026, 3, 2), "ECB"
        self.rows += [order, *lines]
        for _ in range(self.random.randint(0, 2)):
            self._delivery(order, lines, needs)
        if order.status is m.PurchaseOrderStatus.CLOSED or self.ends.random() < 0.3:
            end(order, self.ends)

    def _order_line(self, order: Any, needs: list[Any], currency: str) -> Any:
        priced = self.random.random() < 0.8
        price = {"unit_price_minor": self.random.choice((0, 7, 250, 9_000)), "unit_price_currency": currency}
        return f.an_order_line(
            order,
            kind=self.random.choice((*[m.OrderLineKind.GOODS] * 4, m.OrderLineKind.SERVICE, m.OrderLineKind.FREIGHT)),
            quantity=self._quantity(),
            unit=self.random.choice(UNITS),
            need=self.random.choice((None, *needs, *needs)),
            **(price if priced else {}),
        )

    def _delivery(self, order: Any, order_lines: list[Any], needs: list[Any]) -> None:
        delivery = f.a_delivery(
            purchase_order=order,
            status=self.random.choice(list(m.DeliveryStatus)),
            planned_on=self.random.choice((None, dt.date(2025, 3, 1), dt.date(2099, 1, 1))),
            marking=self.random.choice(MARKINGS),
            **self._money("value"),
        )
        self.rows.append(delivery)
        need = self.random.choice((None, *needs, *needs))
        for _ in range(self.random.randint(0, 3)):
            # Each order line is delivered once at most: more must not be received than was ordered.
            line = self.random.choice((None, *order_lines))
            if line:
                order_lines.remove(line)
            need = self.random.choice((None, *needs)) if self.random.random() < 0.3 else need
            quantity = Decimal(1 if line else self.random.randint(0, 5))
            accepted = self.random.choice((None, Decimal(0), Decimal(0), quantity, quantity))
            self.rows.append(
                f.a_delivery_line(
                    delivery,
                    order_line=line,
                    need=line.need if line else need,
                    unit=self.random.choice(UNITS),
                    quantity=quantity,
                    accepted=accepted,
                    rejected=None if accepted is None else quantity - accepted,
                )
            )

    def add_roadmaps(self) -> None:
        """Add roadmaps of which one is in force for each viewer, with lines for the needs."""
        days = (None, dt.date(2024, 4, 3), dt.date(2025, 1, 1), dt.date(2025, 1, 31), dt.date(2099, 1, 1))
        for day in (*days, *days[1:4]):
            meeting = f.a_meeting(
                held_on=day, held_on_precision=self.random.choice(PRECISIONS), marking=self.random.choice(MARKINGS)
            )
            decision = self.random.choice((None, f.a_decision(meeting), f.a_decision(meeting)))
            status = self.random.choice((*m.RoadmapStatus, m.RoadmapStatus.ENDORSED))
            roadmap = f.a_roadmap(status=status, endorsed_by=decision, marking=self.random.choice(MARKINGS))
            self.rows += [meeting, roadmap]
            if decision and day == dt.date(2024, 4, 3):
                later = f.a_meeting(held_on=dt.date(2024, 4, 20), marking=meeting.marking)
                self.rows.append(f.a_decision(later, revokes=decision))
            for need in self.random.sample(self.needs, len(self.needs) * 2 // 3):
                slots = set()
                for _ in range(self.random.randint(1, 2)):
                    line = {"year": self.random.randint(2024, 2027), "quarter": self.random.choice((None, 1, 2, 3, 4))}
                    line |= {**self._money("planned_amount"), **self._plan(need)}
                    slot = line["year"], line["quarter"], line["lead_participant"]
                    if slot not in slots:
                        self.rows.append(f.a_roadmap_line(roadmap, need, **line))
                    slots.add(slot)

    def _plan(self, need: Any) -> dict[str, Any]:
        """Return the lead of a roadmap line, and its quantity, in the unit of the need or in another."""
        dice = self.plans
        quantity = dice.choice((None, Decimal("2.5"), 6, 10**6, 10**6))
        unit = dice.choice((*[need.unit] * 8, *UNITS))
        return {"lead_participant": dice.choice((None, *self.leads * 3)), "quantity": quantity, "unit": unit}
