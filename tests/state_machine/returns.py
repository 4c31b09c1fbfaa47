"""Goods that are returned after their acceptance, and lines that replace rejected, returned or lost units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.state_machine.corrections import correct
from tests.state_machine.model import ARRIVED, COUNTED, FORBIDDEN, hold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.state_machine.model import Model, Row


def send_back(model: Model, who: str, given: Row) -> None:
    """Enter a return of accepted units, or the correction of an earlier one."""
    name, units, corrects = given["delivery_line"], given["quantity"], given.get("corrects")
    line = model.rows[name]
    delivery = model.rows[line["delivery_id"]]
    hold(who in model.writers_of(line["delivery_id"]), FORBIDDEN)
    hold(delivery["status"] in COUNTED and "reason" in given)
    hold(units and -line["returned"] <= units <= (line["accepted"] or 0) - line["returned"])
    earlier = model.of("DeliveryReturn", delivery_line_id=name)
    hold(units > 0 if corrects is None else corrects <= len(earlier))
    correct(model.each("DeliveryReturn", delivery_line_id=name), corrects, "quantity", units)
    line["returned"] += units
    model.add(
        "DeliveryReturn", delivery_line_id=name, number=len(earlier) + 1, quantity=units, corrects=corrects
    )  # fmt: skip
    hold(not model.over_ordered())


def replacements_fit(model: Model, name: str, was: Mapping[str, tuple[str | None, int | None]]) -> None:
    """Require that a new or changed replacement replaces missing units of the same goods in another delivery."""
    for key in model.of("DeliveryLine", delivery_id=name):
        line = model.rows[key]
        if line["replaces_id"] is None or was.get(key) == (line["replaces_id"], line["quantity"]):
            continue
        replaced = model.rows[line["replaces_id"]]
        hold(replaced["delivery_id"] != name)
        hold(_serves(replaced) == _serves(line))
        hold(_replacing(model, name, line) <= _lacking(model, replaced))


def _replacing(model: Model, name: str, line: Row) -> int:
    """Return how many units replace the same line."""
    same = model.each("DeliveryLine", replaces_id=line["replaces_id"])
    return sum(int(each["quantity"] or 0) if each["delivery_id"] == name else _used(model, each) for each in same)


def _used(model: Model, line: Row) -> int:
    status = model.rows[line["delivery_id"]]["status"]
    if status in {"ACCEPTED", "PARTIALLY_ACCEPTED"}:
        return int((line["quantity"] if line["accepted"] is None else line["accepted"]) or 0) - int(line["returned"])
    return int(line["quantity"] or 0) if status in {"SCHEDULED", "IN_TRANSIT", "RECEIVED"} else 0


def _serves(line: Row) -> str | None:
    found: str | None = line["order_line_id"] or line["need_id"]
    return found


def _lacking(model: Model, line: Row) -> int:
    status = model.rows[line["delivery_id"]]["status"]
    if status in {"CANCELLED", "LOST"}:
        return int(line["quantity"] or 0)
    return int((line["rejected"] or 0) + line["returned"]) if status in ARRIVED - {"RECEIVED"} else 0
