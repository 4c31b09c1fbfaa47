"""Random histories: for any requests in any order, the commands do what a model in memory does.

Hypothesis makes the histories and shortens one that fails; `--histories` requests more of them, which then differ.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.state_machine import commands, strategies
from tests.state_machine.amendments import Amendments
from tests.state_machine.history import History
from tests.state_machine.model import STATUSES, Row
from tests.state_machine.opening import begin_a_purchase, steps_of_a_purchase
from tests.state_machine.reallocations import reallocate
from tests.state_machine.strategies import (
    AMOUNTS,
    ANYBODY,
    AT,
    BACK,
    CURRENCIES,
    DAYS,
    EARLIER,
    ENDORSERS,
    FRESH,
    IDENTIFIERS,
    LINES,
    METHODS,
    PAID,
    TITLES,
    UNITS,
    YEARS,
)
from tests.state_machine.updates import UPDATERS

if TYPE_CHECKING:
    import datetime as dt

    from tests.servers.databases import Databases

#: How many changes one history has after its beginning.
STEPS = 4
#: As many histories are always the same ones.
FEW = 4


class Histories(Amendments, History):
    """What can happen in a history, and where it begins."""

    @initialize(quantity=UNITS, much=st.sampled_from([99, 8, 14, 3, 11, 18, 5, 23]))
    def begin(self, quantity: int | None, much: int) -> None:
        """Begin where the buying begins, or later: with an order, or with what comes of it."""
        begin_a_purchase(self, quantity)
        for step in steps_of_a_purchase(self)[:much]:
            step()

    @rule(who=ANYBODY, title=TITLES, quantity=UNITS)
    def state_need(self, who: str, title: str, quantity: int | None) -> None:
        """State a need."""
        self.create(who, "CapabilityNeed", title=title, quantity=quantity)

    @rule(who=ANYBODY, first=YEARS, last=YEARS, endorser=ENDORSERS)
    def make_roadmap(self, who: str, first: int | None, last: int | None, endorser: str | None) -> None:
        """Begin a roadmap."""
        self.create(who, "Roadmap", title="Ahead", first_year=first, last_year=last, endorsed_by_id=endorser)

    @rule(
        who=ANYBODY, kind=st.sampled_from(["CASH", "CASH", "IN_KIND"]), amount=st.one_of(AMOUNTS, st.none()),
        planned=st.one_of(st.just([]), LINES),
    )  # fmt: skip
    def give(self, who: str, kind: str, amount: tuple[int, str] | None, planned: list[Row]) -> None:
        """State what Denmark gives, and in which years."""
        tranches = strategies.tranches(self.model, None, planned)
        self.create(who, "Contribution", kind=kind, amount=amount, tranches=tranches)

    @precondition(lambda self: self.model.of("Contribution"))
    @rule(who=ANYBODY, gift=AT, minor=PAID, currency=CURRENCIES, day=DAYS, year=YEARS, earlier=EARLIER, reason=FRESH)
    def pay(  # noqa: PLR0913 - drawn
        self, who: str, gift: int, minor: int, currency: str, day: dt.date, *, year: int | None, earlier: int | None,
        reason: bool,
    ) -> None:  # fmt: skip
        """Enter a payment or a refund."""
        given: Row = {"gift": strategies.apt(self.model, "Contribution", gift, "COMMITTED", "DISBURSED")}
        given |= {"amount": (minor, currency), "paid_on": day, "tranche_year": year, "corrects": earlier}
        self.create(who, "Disbursement", **given, **({"reason": "It is paid back."} if reason else {}))

    @rule(who=ANYBODY, title=TITLES, identifier=IDENTIFIERS)
    def enter_supplier(self, who: str, title: str, identifier: str | None) -> None:
        """Enter a supplier."""
        scheme = strategies.scheme_of(identifier)
        self.create(who, "Supplier", name=title, identifier=identifier, identifier_scheme=scheme)

    @precondition(lambda self: self.model.of("Procurement"))
    @rule(who=ANYBODY, procurement=AT, suppliers=st.lists(AT, max_size=2), items=st.lists(AT, max_size=2))
    def propose_award(self, who: str, procurement: int, suppliers: list[int], items: list[int]) -> None:
        """Propose who is to supply what."""
        given: Row = {"procurement": strategies.one(self.model, "Procurement", procurement)}
        given["suppliers"] = strategies.several(self.model, "Supplier", suppliers)
        self.create(who, "Award", **given, awarded=strategies.several(self.model, "ProcurementItem", items))

    @precondition(lambda self: self.model.of("DeliveryLine"))
    @rule(who=ANYBODY, at=AT, units=BACK, earlier=EARLIER, reason=FRESH)
    def send_back(self, who: str, at: int, units: int, *, earlier: int | None, reason: bool) -> None:
        """Enter a return."""
        accepted = [name for name in self.model.of("DeliveryLine") if self.model.rows[name]["accepted"]]
        line = accepted[at % len(accepted)] if accepted and at else strategies.one(self.model, "DeliveryLine", at)
        given: Row = {"delivery_line": line, "quantity": units, "corrects": earlier}
        self.create(who, "DeliveryReturn", **given, **({"reason": "Broken."} if reason else {}))

    @rule(who=ANYBODY, title=TITLES, method=METHODS, needs=st.lists(AT, max_size=2))
    def buy(self, who: str, title: str, method: str | None, needs: list[int]) -> None:
        """Begin a procurement."""
        found = strategies.several(self.model, "CapabilityNeed", needs)
        items = [{"description": "Thing", "quantity": 2, "need": need} for need in found]
        self.create(who, "Procurement", title=title, method=method, needs=found, items=items)

    @precondition(lambda self: self.model.of("Contribution") and self.model.of("Procurement"))
    @rule(who=ANYBODY, gift=AT, procurement=AT, need=AT, amount=AMOUNTS)
    def allocate(self, who: str, gift: int, procurement: int, need: int, amount: tuple[int, str]) -> None:
        """Set money aside."""
        given = {
            "gift": strategies.apt(self.model, "Contribution", gift, "PLEDGED", "COMMITTED"),
            "procurement": strategies.one(self.model, "Procurement", procurement),
            "need": strategies.one(self.model, "CapabilityNeed", need) if need % 2 else None,
        }
        self.create(who, "Allocation", **given, amount=amount)

    @precondition(lambda self: self.model.of("Procurement"))
    @rule(who=ANYBODY, procurement=AT, award=AT, lines=LINES)
    def order(self, who: str, procurement: int, award: int, lines: list[Row]) -> None:
        """Draft an order, perhaps under an award."""
        bought = strategies.apt(self.model, "Procurement", procurement, "AWARDED", "ORDERED", "DELIVERING")
        given: Row = {"procurement": bought, "lines": strategies.order_lines(self.model, None, lines)}
        given["award"] = strategies.apt(self.model, "Award", award, "ACTIVE") if award % 2 else None
        given["supplier"] = strategies.one(self.model, "Supplier", award) if award in {1, 2} else None
        self.create(who, "PurchaseOrder", **given)

    @precondition(lambda self: self.model.of("PurchaseOrder"))
    @rule(
        who=ANYBODY, title=TITLES, at=AT, origin=st.sampled_from(["order"] * 5 + ["gift", "both", "none"]), lines=LINES
    )
    def deliver(self, who: str, title: str, at: int, origin: str, lines: list[Row]) -> None:
        """Announce a delivery."""
        order = (
            strategies.apt(self.model, "PurchaseOrder", at, "PLACED", "CONFIRMED", "PARTIALLY_DELIVERED")
            if origin in {"order", "both"}
            else None
        )
        gift = strategies.one(self.model, "Contribution", at) if origin in {"gift", "both"} else None
        found = strategies.delivery_lines(self.model, order, None, lines)
        self.create(who, "Delivery", title=title, order=order, gift=gift, lines=found)

    @rule(
        who=ANYBODY, pick=st.integers(0, 1000), at=AT, fresh=FRESH, titled=st.booleans(),
        title=TITLES, quantity=UNITS, year=YEARS, endorser=ENDORSERS, amount=AMOUNTS, method=METHODS,
        needs=st.lists(AT, max_size=2), lines=LINES, identifier=IDENTIFIERS,
    )  # fmt: skip
    def change(self, who: str, pick: int, at: int, *, fresh: bool, titled: bool, **drawn: Any) -> None:
        """Change fields of something that is there."""
        kind, name = strategies.any_of(self.model, pick, [*UPDATERS, "PurchaseOrder", "Delivery"], at)
        given = strategies.changes(self.model, kind, name, titled=titled, drawn={"at": at, **drawn})
        who = strategies.person(self.model, who, kind, name, "")
        self.update(who, name, given, fresh=fresh)

    @rule(who=ANYBODY, pick=st.integers(0, 1000), at=AT, reason=FRESH, fresh=FRESH, legal=st.integers(0, 5), to=AT)
    def move(  # noqa: PLR0913 - drawn
        self, who: str, pick: int, at: int, *, reason: bool, fresh: bool, legal: int, to: int
    ) -> None:
        """Request a status, mostly one that can be requested."""
        kind, name = strategies.any_of(self.model, pick, [*STATUSES, *2 * ("PurchaseOrder", "Delivery")], at)
        may = self.model.asked(name) if legal else []
        found = may or STATUSES[kind].split()
        status = found[to % len(found)]
        person = strategies.person(self.model, who, kind, name, status)
        self.give_status(person, name, status, reason=reason, fresh=fresh)

    @precondition(lambda self: self.model.of("Roadmap"))
    @rule(who=ANYBODY, need=AT, roadmap=AT, year=st.sampled_from([2027, 2026]), fresh=FRESH)
    def plan(self, who: str, need: int, roadmap: int, year: int, *, fresh: bool) -> None:
        """Put a need on a roadmap."""
        name = strategies.apt(self.model, "CapabilityNeed", need, "VALIDATED", "PLANNED")
        assert name is not None
        who = "chair" if who == "the right one" else who
        given = {"roadmap": strategies.apt(self.model, "Roadmap", roadmap, "DRAFT"), "year": year}
        self.request(
            who, "planCapabilityNeed", given, lambda: commands.plan(self.model, who, name, given, fresh=fresh), name,
            fresh=fresh,
        )  # fmt: skip

    @precondition(lambda self: self.model.of("Allocation"))
    @rule(who=ANYBODY, at=AT, reason=FRESH, fresh=FRESH)
    def withdraw(self, who: str, at: int, *, reason: bool, fresh: bool) -> None:
        """Take an allocation back."""
        name = strategies.one(self.model, "Allocation", at)
        assert name is not None
        who = "lead" if who == "the right one" else who
        given = {"reason": "no longer needed"} if reason else {}
        self.request(
            who, "withdrawAllocation", given,
            lambda: commands.withdraw(self.model, who, name, reason=reason, fresh=fresh), name, fresh=fresh,
        )  # fmt: skip

    @precondition(lambda self: self.model.of("Allocation"))
    @rule(who=ANYBODY, at=AT, procurement=AT, need=AT, amount=AMOUNTS, reason=FRESH, fresh=FRESH)
    def reallocate(  # noqa: PLR0913 - drawn
        self, who: str, at: int, procurement: int, need: int, amount: tuple[int, str], *, reason: bool, fresh: bool
    ) -> None:
        """Move money to another procurement or need."""
        name, bought = (
            strategies.one(self.model, *each) for each in (("Allocation", at), ("Procurement", procurement))
        )
        assert name is not None
        assert bought is not None
        who = "lead" if who == "the right one" else who
        needs = sorted(self.model.rows[bought]["needs"])
        given: Row = {"procurement": bought, "need": needs[0] if needs and need % 4 else None, "amount": amount}
        given |= {"reason": "It is needed there."} if reason else {}
        act = partial(reallocate, self.model, who, name, given, fresh=fresh)
        self.request(who, "reallocateAllocation", given, act, name, fresh=fresh)

    @precondition(lambda self: self._repeated < len(self._sent) // 8)
    @rule(at=AT, same=st.booleans())
    def send_again(self, at: int, *, same: bool) -> None:
        """Send a change that was made once more: as it was, or another under its key."""
        who, mutation, given = self._sent[-1 - at % len(self._sent)]
        self._repeated += 1
        self.model.touched = set()
        given = given if same else {**given, "reason": "for another reason"}
        self.send(who, mutation, given, "done" if same else "IDEMPOTENCY_MISMATCH", deepcopy(self.model.rows))


def test_random_histories_lead_where_the_model_leads(databases: Databases, histories: int) -> None:
    machine = type("Histories", (Histories,), {"databases": databases})
    few = histories <= FEW
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=histories, stateful_step_count=STEPS, deadline=None, derandomize=few, database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )  # fmt: skip
