"""Random histories: whatever is asked for in whatever order, the commands do what a model in memory does.

Hypothesis makes the histories and shortens one that fails; `--histories` asks for more of them, which are others then.
"""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from models import MeetingBody, Scope
from resolvers.database.database import Database
from tests.state_machine import commands, strategies
from tests.state_machine.amendments import Amendments
from tests.state_machine.invariants import Witness
from tests.state_machine.judged import what_is_told
from tests.state_machine.model import FORBIDDEN, STATUSES, Model, Refused, Row, hold
from tests.state_machine.strategies import AMOUNTS, ANYBODY, AT, ENDORSERS, FRESH, LINES, METHODS, TITLES, UNITS, YEARS
from tests.state_machine.updates import UPDATERS
from tests.support.factories import a_decision, a_meeting
from tests.support.mutations import change
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.servers.databases import Databases

#: How many changes one history has.
STEPS = 25
#: As many histories are always the same ones.
FEW = 4

A_LINE: Row = {"keep": False, "quantity": 3, "rejected": None, "price": (1000, "EUR")}


class Histories(Amendments, RuleBasedStateMachine):
    """One history on a database of its own."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self._opened: AbstractContextManager[str] = self.databases.migrated()
        self._database = Database(self._opened.__enter__())
        self._runner = asyncio.Runner()
        self.model = Model()
        self._witness = Witness(self._database)
        self._world = World(self._database)
        self._sent: list[tuple[str, str, Row]] = []
        self._whole = False
        self._runner.run(self._enter())

    async def _enter(self) -> None:
        await self._world.enter()
        body, other = (a_decision(a_meeting(body=each)) for each in (MeetingBody.STEERING_GROUP, MeetingBody.OTHER))
        await keep(self._database, body, other)
        self._witness.ids |= {"the Steering Group": an_id(body), "by another body": an_id(other)}
        self._viewers = {name: await self._world.viewer(name) for name in self._world.accounts}
        self._viewers["token"] = replace(self._viewers["member"], scopes=frozenset({Scope.READ}))

    def teardown(self) -> None:
        """See that the chain is whole, and take the database away."""
        try:
            if self._whole:
                self._runner.run(self._witness.end())
        finally:
            self._runner.run(self._database.close())
            self._runner.close()
            self._opened.__exit__(None, None, None)

    @initialize(quantity=UNITS, stage=st.integers(0, 7))
    def open_a_market(self, quantity: int | None, stage: int) -> None:
        """Begin where the buying begins, or later: with an order, and with what comes of it."""
        self.state_need("the right one", "Radios", quantity)
        for to in ("SUBMITTED", "VALIDATED"):
            self._move("chair", self.model.of("CapabilityNeed")[0], to)
        self.give("the right one", "CASH", (10000, "EUR"))
        self._move("member", self.model.of("Contribution")[0], "COMMITTED")
        self.buy("the right one", "Radios", "DIRECT", [0])
        steps: list[Callable[[], None]] = [
            lambda: self._move("chair", self.model.of("Procurement")[0], "APPROVED"),
            lambda: self._move("member", self.model.of("Procurement")[0], "AWARDED"),
            lambda: self.allocate("the right one", 0, 0, (6000, "EUR")),
            lambda: self.order("the right one", 0, [{**A_LINE, "at": 1}, {**A_LINE, "at": 0, "quantity": 2}]),
            lambda: self._move("member", self.model.of("PurchaseOrder")[0], "PLACED"),
            lambda: self._move("member", self.model.of("PurchaseOrder")[0], "CONFIRMED"),
            lambda: self.deliver("the right one", "Radios", 0, "order", [{**A_LINE, "at": 0, "quantity": 2}]),
            lambda: self._move("member", self.model.of("Delivery")[0], "IN_TRANSIT"),
            lambda: self._move("member", self.model.of("Delivery")[0], "RECEIVED"),
        ]
        for step in steps[: (3, 1, 4, 6, 7, 8, 9, 9)[stage]]:
            step()

    @rule(who=ANYBODY, title=TITLES, quantity=UNITS)
    def state_need(self, who: str, title: str, quantity: int | None) -> None:
        """State what is lacking."""
        self._make(who, "CapabilityNeed", title=title, quantity=quantity)

    @rule(who=ANYBODY, first=YEARS, last=YEARS, endorser=ENDORSERS)
    def make_roadmap(self, who: str, first: int | None, last: int | None, endorser: str | None) -> None:
        """Begin a roadmap."""
        self._make(who, "Roadmap", title="Ahead", first_year=first, last_year=last, endorsed_by_id=endorser)

    @rule(who=ANYBODY, kind=st.sampled_from(["CASH", "CASH", "IN_KIND"]), amount=st.one_of(AMOUNTS, st.none()))
    def give(self, who: str, kind: str, amount: tuple[int, str] | None) -> None:
        """State what Denmark gives."""
        self._make(who, "Contribution", kind=kind, amount=amount)

    @rule(who=ANYBODY, title=TITLES, method=METHODS, needs=st.lists(AT, max_size=2))
    def buy(self, who: str, title: str, method: str | None, needs: list[int]) -> None:
        """Begin a procurement."""
        found = strategies.several(self.model, "CapabilityNeed", needs)
        self._make(who, "Procurement", title=title, method=method, needs=found)

    @precondition(lambda self: self.model.of("Contribution") and self.model.of("Procurement"))
    @rule(who=ANYBODY, gift=AT, procurement=AT, amount=AMOUNTS)
    def allocate(self, who: str, gift: int, procurement: int, amount: tuple[int, str]) -> None:
        """Set money aside."""
        given = {
            "gift": strategies.apt(self.model, "Contribution", gift, "PLEDGED", "COMMITTED"),
            "procurement": strategies.one(self.model, "Procurement", procurement),
        }
        self._make(who, "Allocation", **given, amount=amount)

    @precondition(lambda self: self.model.of("Procurement"))
    @rule(who=ANYBODY, procurement=AT, lines=LINES)
    def order(self, who: str, procurement: int, lines: list[Row]) -> None:
        """Draft an order."""
        bought = strategies.apt(self.model, "Procurement", procurement, "AWARDED", "ORDERED", "DELIVERING")
        self._make(who, "PurchaseOrder", procurement=bought, lines=strategies.order_lines(self.model, None, lines))

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
        self._make(who, "Delivery", title=title, order=order, gift=gift, lines=found)

    @rule(
        who=ANYBODY, pick=st.integers(0, 1000), at=AT, fresh=FRESH, titled=st.booleans(),
        title=TITLES, quantity=UNITS, year=YEARS, endorser=ENDORSERS, amount=AMOUNTS, method=METHODS,
        needs=st.lists(AT, max_size=2), lines=LINES,
    )  # fmt: skip
    def change(self, who: str, pick: int, at: int, *, fresh: bool, titled: bool, **drawn: Any) -> None:
        """Change fields of something that is there."""
        kind, name = strategies.any_of(self.model, pick, [*UPDATERS, "PurchaseOrder", "Delivery"], at)
        given = strategies.changes(self.model, kind, name, titled=titled, drawn=drawn)
        who = strategies.person(self.model, who, kind, name, "")
        act = partial(commands.update, self.model, who, name, given, fresh=fresh)
        self._ask(who, f"update{kind}", strategies.with_reason(given), act, name, fresh=fresh)

    @rule(who=ANYBODY, pick=st.integers(0, 1000), at=AT, reason=FRESH, fresh=FRESH, legal=st.integers(0, 5), to=AT)
    def move(  # noqa: PLR0913 - drawn
        self, who: str, pick: int, at: int, *, reason: bool, fresh: bool, legal: int, to: int
    ) -> None:
        """Ask for a status, mostly for one that may be asked for."""
        kind, name = strategies.any_of(self.model, pick, [*STATUSES, *2 * ("PurchaseOrder", "Delivery")], at)
        may = self.model.asked(name) if legal else []
        found = may or STATUSES[kind].split()
        status = found[to % len(found)]
        person = strategies.person(self.model, who, kind, name, status)
        self._move(person, name, status, reason=reason, fresh=fresh)

    @precondition(lambda self: self.model.of("Roadmap"))
    @rule(who=ANYBODY, need=AT, roadmap=AT, year=st.sampled_from([2027, 2026]), fresh=FRESH)
    def plan(self, who: str, need: int, roadmap: int, year: int, *, fresh: bool) -> None:
        """Put a need on a roadmap."""
        name = strategies.apt(self.model, "CapabilityNeed", need, "VALIDATED", "PLANNED")
        assert name is not None
        who = "chair" if who == "the right one" else who
        given = {"roadmap": strategies.apt(self.model, "Roadmap", roadmap, "DRAFT"), "year": year}
        self._ask(
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
        self._ask(
            who, "withdrawAllocation", given,
            lambda: commands.withdraw(self.model, who, name, reason=reason, fresh=fresh), name, fresh=fresh,
        )  # fmt: skip

    @precondition(lambda self: self._sent)
    @rule(at=AT, same=st.booleans())
    def send_again(self, at: int, *, same: bool) -> None:
        """Send a change that was made once more: as it was, or another under its key."""
        who, mutation, given = self._sent[-1 - at % len(self._sent)]
        self.model.touched = set()
        given = given if same else {**given, "reason": "for another reason"}
        self._send(who, mutation, given, "done" if same else "IDEMPOTENCY_MISMATCH", deepcopy(self.model.rows))

    def _make(self, who: str, kind: str, /, **given: Any) -> None:
        if who == "the right one":
            keeps = kind in {"Roadmap", "Allocation"} or (kind == "Delivery" and given["order"] is None)
            who = "lead" if keeps else "other" if kind == "Contribution" else "member"
        fixed: dict[str, Row] = {
            "CapabilityNeed": {"areaId": an_id(self._world.area), "groupId": an_id(self._world.group)},
            "Roadmap": {"horizon": "some years"},
            "Contribution": {"donors": [{"participantId": an_id(self._world.home)}]},
            "Procurement": {"groupId": an_id(self._world.group)},
        }
        asked = {**fixed.get(kind, {}), **given}
        self._ask(who, f"create{kind}", asked, lambda: commands.make(self.model, who, kind, given))

    def _move(self, who: str, name: str, to: str, *, reason: bool = True, fresh: bool = True) -> None:
        kind = self.model.rows[name]["kind"]
        # Every end of an order needs a reason.
        reason = reason or kind == "PurchaseOrder"
        act = partial(commands.transition, self.model, who, name, to, reason=reason, fresh=fresh)
        given = {"to": to, "reason": "It is time."} if reason else {"to": to}
        told = self._runner.run(what_is_told(self._database, self._viewers[who], self._witness.ids[name], to))
        found = self._ask(who, f"transition{kind}", given, act, name, fresh=fresh)
        assert not (reason and fresh) or told.agrees_with(found), f"{told} and {found}"

    def _ask(  # noqa: PLR0913 - who asks for what, of which object
        self, who: str, mutation: str, given: Row, act: Callable[[], None], name: str = "", *, fresh: bool = True
    ) -> Row:
        """Have the model do it, ask for the same, and see that the same came of both."""
        asked = {strategies.NAMES.get(key, key): self._as_input(value) for key, value in given.items()}
        if name:
            key = self._witness.ids[name]
            version = self._witness.rows[key]["version"]
            stale = version - 1 or version + 1
            asked |= {"id": key, "expectedVersion": version if fresh else stale}
        before, self.model.touched = deepcopy(self.model.rows), set()
        try:
            hold(who != "token", FORBIDDEN)
            act()
            expected = "done"
        except Refused as refused:
            self.model.rows, self.model.touched, expected = deepcopy(before), set(), str(refused)
        asked["idempotencyKey"] = f"key {len(self._sent)}"
        found = self._send(who, mutation, asked, expected, before)
        if expected == "done":
            self._sent.append((who, mutation, asked))
        return found

    def _send(self, who: str, mutation: str, asked: Row, expected: str, before: dict[str, Row]) -> Row:
        self._whole = False
        kind = next(each for each in UPDATERS if mutation.endswith(each))
        selected = f"{kind[0].lower()}{kind[1:]} {{ id version }}"
        found: Row = self._runner.run(change(self._database, self._viewers[who], mutation, selected, **asked))
        code = found.get("code", "done")
        assert code == expected, f"{mutation} of {who} is {found}, the model's is {expected}: {asked}"
        done = expected == "done"
        self._runner.run(self._witness.look(before, self.model, done=done, recorded=not done and who != "token"))
        if done:
            (row,) = (value for value in found.values() if isinstance(value, dict))
            assert row["version"] == self._witness.rows[row["id"]]["version"]
        self._whole = True
        return found

    def _as_input(self, value: Any) -> Any:
        match value:
            case (int(minor), str(currency)):
                return {"amount": f"{minor // 100}.{minor % 100:02}", "currency": currency}
            case list():
                return [self._as_input(item) for item in value]
            case dict():
                return {strategies.NAMES.get(key, key): self._as_input(item) for key, item in value.items()}
            case _:
                return self._witness.ids.get(value, value)


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
