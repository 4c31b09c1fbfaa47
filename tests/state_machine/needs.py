"""Needs that are given up: nothing is bought for them, and no money is allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.state_machine.model import GIVEN_UP, hold

if TYPE_CHECKING:
    from tests.state_machine.model import Model


def after_need(model: Model, name: str) -> None:
    """Let a need be given up only if it is not being bought, and no money is allocated for it."""
    if model.rows[name]["status"] not in GIVEN_UP:
        return
    idle = {"PLANNING", "UNSUCCESSFUL", "CANCELLED", "COMPLETED"}
    hold(all(name not in each["needs"] or each["status"] in idle for each in model.each("Procurement")))
    orders = [model.rows[line["purchase_order_id"]] for line in model.each("OrderLine", need_id=name)]
    hold(all(each["status"] not in {"PLACED", "CONFIRMED", "PARTIALLY_DELIVERED"} for each in orders))
    hold(not any(each["amount_minor"] for each in model.each("Allocation", need_id=name)))
