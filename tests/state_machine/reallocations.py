"""Money that moves from an allocation to another procurement or need, in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.state_machine.model import CONFLICT, FORBIDDEN, KEEPERS, hold
from tests.state_machine.updates import money_is_set_aside

if TYPE_CHECKING:
    from tests.state_machine.model import Model, Row


def reallocate(model: Model, who: str, name: str, given: Row, *, fresh: bool) -> None:
    """Move an amount."""
    row = model.rows[name]
    hold(who in KEEPERS, FORBIDDEN)
    hold(fresh, CONFLICT)
    minor, currency = given["amount"]
    hold("reason" in given and currency == row["amount_currency"] and minor <= row["amount_minor"])
    to = {"contribution_id": row["contribution_id"], "procurement_id": given["procurement"], "need_id": given["need"]}
    hold(given["need"] is None or model.sees(who, given["need"]))
    hold((row["procurement_id"], row["need_id"]) != (to["procurement_id"], to["need_id"]))
    row["amount_minor"] -= minor
    leaves = row["procurement_id"] != given["procurement"]
    hold(not leaves or not minor or model.backed(row["procurement_id"], currency))
    known = model.of("Allocation", **to)
    other = known[0] if known else model.add("Allocation", **to, amount_minor=0, amount_currency=currency)
    model.rows[other]["amount_minor"] += minor
    money_is_set_aside(model, other)
