"""Amendments of orders in random histories: the change in the model, and the rule that requests an amendment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from models.base import now
from tests.state_machine import strategies
from tests.state_machine.commands import found_by
from tests.state_machine.model import WRITERS, Model, Row, hold
from tests.state_machine.rates import RATE, bound, paid_in, stated_anew
from tests.state_machine.strategies import ANYBODY, AT, CURRENCIES, FRESH
from tests.state_machine.updates import change_order

if TYPE_CHECKING:
    from collections.abc import Callable

AMENDABLE = ("PLACED", "CONFIRMED", "PARTIALLY_DELIVERED", "DELIVERED")
QUANTITIES, PRICES = st.sampled_from([1, 2, 3, 5, 0]), st.tuples(st.sampled_from([500, 1000, 2000]), CURRENCIES)

RATES = st.sampled_from([None, None, None, 1, 2, 4])


def amend(model: Model, who: str, name: str, given: Row, *, fresh: bool) -> None:
    """Amend a line of an order."""
    row = found_by(model, who, name, WRITERS, fresh=fresh)
    hold(row["status"] in AMENDABLE)
    [changed] = given["lines"]
    line = model.rows[changed["order_line"]]
    quantity, was, currency = line["quantity"], bound(row), row["value_currency"]
    minor, code = changed["price"]
    terms = {"quantity": changed["quantity"], "unit_price_minor": minor, "unit_price_currency": code}
    rate = {column: given[column] for column in RATE if column in given}
    hold(not rate or row["funded_in"])
    is_changed = any(line[column] != value for column, value in terms.items())
    hold(is_changed or any(row[column] != value for column, value in rate.items()))
    line |= terms
    row |= rate
    change_order(model, name, {})
    hold(row["value_currency"] == currency and not model.over_ordered())
    hold(bound(row) <= was or model.backed(row["procurement_id"], paid_in(row)))
    number = row["amendment_count"] = row.get("amendment_count", 0) + 1
    after = row["exchange_rate"]
    entry = model.add("OrderAmendment", purchase_order_id=name, number=number, exchange_rate_after=after)
    of_line = {"order_line_id": changed["order_line"], "ordinal": line["ordinal"]}
    numbers = {"quantity_before": quantity, "quantity_after": changed["quantity"]}
    if is_changed:
        model.add("OrderAmendmentLine", amendment_id=entry, **of_line, **numbers)
    model.follow()


class Amendments:
    """The part of random histories that amends orders."""

    model: Model
    request: Callable[..., Row]

    @precondition(lambda self: self.model.of("OrderLine"))
    @rule(who=ANYBODY, at=AT, place=AT, quantity=QUANTITIES, price=PRICES, rate=RATES, fresh=FRESH)
    def amend(  # noqa: PLR0913, PLR0917 - drawn
        self, who: str, at: int, place: int, quantity: int, price: tuple[int, str], rate: int | None, *, fresh: bool
    ) -> None:
        """Amend a line of an order, mostly of one that is placed."""
        name = strategies.apt(self.model, "PurchaseOrder", at, *AMENDABLE)
        assert name is not None
        lines = self.model.lines("OrderLine", "purchase_order_id", name)
        if not lines:
            return
        who = "member" if who == "the right one" else who
        line = {"order_line": lines[place % len(lines)], "quantity": quantity, "price": price}
        given: dict[str, Any] = {"lines": [line], "amendedOn": str(now().date()), "reason": "Agreed with the supplier."}
        given |= stated_anew(rate) if rate else {}
        act = lambda: amend(self.model, who, name, given, fresh=fresh)  # noqa: E731 - as the other rules do
        self.request(who, "amendPurchaseOrder", given, act, name, fresh=fresh)
