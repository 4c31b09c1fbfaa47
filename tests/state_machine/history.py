"""One random history on a database of its own: the model changes first, the commands follow, and both are compared."""

from __future__ import annotations

import asyncio
import datetime as dt
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis.stateful import RuleBasedStateMachine

from models import MeetingBody, Scope
from models.base import now
from resolvers.database.database import Database
from tests.state_machine import commands, strategies
from tests.state_machine.invariants import Witness
from tests.state_machine.judged import what_is_told
from tests.state_machine.model import FORBIDDEN, Model, Refused, Row, hold
from tests.support.factories import a_decision, a_meeting
from tests.support.mutations import change
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.servers.databases import Databases


class History(RuleBasedStateMachine):
    """The database, the model, and how a change is requested of both; the rules are in `test_state_machine`."""

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
        self._repeated = 0
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
        """Check that the audit log's hash chain is whole, and remove the database."""
        try:
            if self._whole:
                self._runner.run(self._witness.end())
        finally:
            self._runner.run(self._database.close())
            self._runner.close()
            self._opened.__exit__(None, None, None)

    def create(self, who: str, kind: str, /, **given: Any) -> None:
        """Create an object; `the right one` is an account that has the permission."""
        if who == "the right one":
            who = self._right_one(kind, given)
        fixed: dict[str, Row] = {
            "CapabilityNeed": {"areaId": an_id(self._world.area), "groupId": an_id(self._world.group)},
            "Roadmap": {"horizon": "some years"},
            "Contribution": {"donors": [{"participantId": an_id(self._world.home)}]},
            "Procurement": {"groupId": an_id(self._world.group)},
            "Supplier": {"groupId": an_id(self._world.group)},
            "DeliveryReturn": {"returnedOn": str(now().date())},
        }
        asked = {**fixed.get(kind, {}), **given}
        self.request(who, f"create{kind}", asked, lambda: commands.make(self.model, who, kind, given))

    def _right_one(self, kind: str, given: Row) -> str:
        keeps = kind in {"Roadmap", "Allocation"} or (kind == "Delivery" and given["order"] is None)
        if kind == "DeliveryReturn":
            line = self.model.rows[given["delivery_line"]]
            keeps = not self.model.rows[line["delivery_id"]]["purchase_order_id"]
        return "lead" if keeps else "other" if kind in {"Contribution", "Disbursement"} else "member"

    def update(self, who: str, name: str, given: Row, *, fresh: bool = True) -> None:
        """Change fields of an object."""
        act = partial(commands.update, self.model, who, name, given, fresh=fresh)
        kind = self.model.rows[name]["kind"]
        self.request(who, f"update{kind}", strategies.with_reason(given), act, name, fresh=fresh)

    def give_status(self, who: str, name: str, to: str, *, reason: bool = True, fresh: bool = True) -> None:
        """Request a status of an object, and compare the result with `transitions` before the request."""
        kind = self.model.rows[name]["kind"]
        # Every end of an order needs a reason.
        reason = reason or kind == "PurchaseOrder"
        act = partial(commands.transition, self.model, who, name, to, reason=reason, fresh=fresh)
        given = {"to": to, "reason": "It is time."} if reason else {"to": to}
        told = self._runner.run(what_is_told(self._database, self._viewers[who], self._witness.ids[name], to))
        found = self.request(who, f"transition{kind}", given, act, name, fresh=fresh)
        assert not (reason and fresh) or told.agrees_with(found), f"{told} and {found}"

    def request(  # noqa: PLR0913 - who asks for what, of which object
        self, who: str, mutation: str, given: Row, act: Callable[[], None], name: str = "", *, fresh: bool = True
    ) -> Row:
        """Change the model, request the same change, and check that both have the same result."""
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
        found = self.send(who, mutation, asked, expected, before)
        if expected == "done":
            self._sent.append((who, mutation, asked))
        return found

    def send(self, who: str, mutation: str, asked: Row, expected: str, before: dict[str, Row]) -> Row:
        """Send a mutation, which must have the expected result, and check the database."""
        self._whole = False
        kind = next(each for each in commands.MAKERS if mutation.endswith(each))
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
                return {"amount": str(Decimal(minor).scaleb(-2)), "currency": currency}
            case dt.date():
                return value.isoformat()
            case Decimal():
                return str(value)
            case list():
                return [self._as_input(item) for item in value]
            case dict():
                return {strategies.NAMES.get(key, key): self._as_input(item) for key, item in value.items()}
            case _:
                return self._witness.ids.get(value, value)
