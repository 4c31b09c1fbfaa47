"""Amendments of orders in random histories: what the model does, and the rule that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.state_machine import strategies
from tests.state_machine.commands import found_by
from tests.state_machine.model import WRITERS, Model, Row, hold, owed
from tests.state_machine.strategies import ANYBODY, AT, CURRENCIES, FRESH
from tests.state_machine.updates import change_order

if TYPE_CHECKING:
    from collections.abc import Callable

AMENDABLE = ("PLACED", "CONFIRMED", "PARTIALLY_DELIVERED", "DELIVERED")
QUANTITIES, PRICES = st.sampled_from([1, 2, 3, 5]), st.tuples(st.sampled_from([500, 1000, 2000]), CURRENCIES)


def amend(model: Model, who: str, name: str, given: Row, *, fresh: bool) -> None:
    """Amend a line of an order."""
    row = found_by(model, who, name, WRITERS, fresh=fresh)
    hold(row["status"] in AMENDABLE)
    [changed] = given["lines"]
    line = model.rows[changed["order_line"]]
    quantity, was, currency = line["quantity"], owed(row), row["value_currency"]
    minor, code = changed["price"]
    terms = {"quantity": changed["quantity"], "unit_price_minor": minor, "unit_price_currency": code}
    hold(any(line[column] != value for column, value in terms.items()))
    line |= terms
    change_order(model, name, {})
    hold(row["value_currency"] == currency and not model.over_ordered())
    hold(owed(row) <= was or model.backed(row["procurement_id"], currency))
    number = row["amendment_count"] = row.get("amendment_count", 0) + 1
    entry = model.add("OrderAmendment", purchase_order_id=name, number=number)
    model.add(
        "OrderAmendmentLine",
        amendment_id=entry,
        order_line_id=changed["order_line"],
        ordinal=line["ordinal"],
        quantity_before=quantity,
        quantity_after=changed["quantity"],
    )
    model.follow()


class Amendments:
    """The part of random histories that amends orders."""

    model: Model
    request: Callable[..., Row]

    @precondition(lambda self: self.model.of("OrderLine"))
    @rule(who=ANYBODY, at=AT, place=AT, quantity=QUANTITIES, price=PRICES, fresh=FRESH)
    def amend(  # noqa: PLR0913 - drawn
        self, who: str, at: int, place: int, quantity: int, price: tuple[int, str], *, fresh: bool
    ) -> None:
        """Amend a line of an order, mostly of one that is placed."""
        name = strategies.apt(self.model, "PurchaseOrder", at, *AMENDABLE)
        assert name is not None
        lines = self.model.lines("OrderLine", "purchase_order_id", name)
        if not lines:
            return
        who = "member" if who == "the right one" else who
        line = {"order_line": lines[place % len(lines)], "quantity": quantity, "price": price}
        given: dict[str, Any] = {"lines": [line], "amendedOn": "2026-03-04", "reason": "Agreed with the supplier."}
        act = lambda: amend(self.model, who, name, given, fresh=fresh)  # noqa: E731 - as the other rules do
        self.request(who, "amendPurchaseOrder", given, act, name, fresh=fresh)
