"""The start of a history: one purchase, from its need to money that moves on, with refused requests on the way.

Random steps alone seldom reach the limit of a rule; here each history does, in a random number of fixed steps.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from models.base import now
from tests.state_machine.amendments import amend
from tests.state_machine.rates import NOT_STATED, STATED, stated_anew
from tests.state_machine.reallocations import reallocate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.state_machine.history import History
    from tests.state_machine.model import Row

    Steps = list[Callable[[], object]]

THING: Row = {"description": "Thing"}
NEED, GIFT, BOUGHT, AWARD, ORDER, DELIVERY = (
    "CapabilityNeed", "Contribution", "Procurement", "Award", "PurchaseOrder", "Delivery",
)  # fmt: skip


def begin_a_purchase(history: History, quantity: int | None) -> None:
    """State two needs, give money in a tranche, begin a procurement for the first need, and enter a supplier."""
    for each in (quantity, 1):
        history.create("the right one", NEED, title="Radios", quantity=each)
    for to in ("SUBMITTED", "VALIDATED"):
        history.give_status("chair", _first(history, NEED), to)
    tranche = {"year": 2026, "amount": (6000, "EUR")}
    history.create("the right one", GIFT, kind="CASH", amount=(10000, "EUR"), tranches=[tranche])
    history.give_status("member", _first(history, GIFT), "COMMITTED")
    need = _first(history, NEED)
    items = [{**THING, "quantity": 2, "need": need}]
    history.create("the right one", BOUGHT, title="Radios", method="DIRECT", needs=[need], items=items)
    _supplier(history)


def steps_of_a_purchase(history: History) -> Steps:
    """Return the steps that can follow, in their order."""
    return [*_tender(history), *_deliver(history), *_go_wrong(history), *_move_money(history)]


def _tender(history: History) -> Steps:
    """Return the steps to a confirmed order under an award."""
    asked, first = partial(_status, history), partial(_first, history)
    return [
        partial(asked, "chair", BOUGHT, "APPROVED"),
        # There is no award.
        partial(asked, "member", BOUGHT, "AWARDED"),
        lambda: _allocate(history),
        lambda: history.create("the right one", AWARD, procurement=first(BOUGHT), suppliers=[], awarded=[]),
        # It has no supplier.
        partial(asked, "member", AWARD, "ACTIVE"),
        lambda: history.update(
            "member", first(AWARD), {"suppliers": [first("Supplier")], "awarded": [first("ProcurementItem")]}
        ),
        partial(asked, "member", AWARD, "ACTIVE"),
        partial(asked, "member", BOUGHT, "AWARDED"),
        partial(asked, "member", AWARD, "CANCELLED"),
        partial(asked, "chair", AWARD, "PENDING"),
        # The identifier is in use; the supplier without one is not of the award.
        lambda: _supplier(history),
        lambda: history.create("the right one", "Supplier", name="Other", identifier=None, identifier_scheme=None),
        lambda: _order(history, history.model.of("Supplier")[-1]),
        lambda: _order(history, first("Supplier")),
        # The award is pending.
        partial(asked, "member", ORDER, "PLACED"),
        partial(asked, "member", AWARD, "ACTIVE"),
        lambda: history.update("member", first(AWARD), {"suppliers": []}),
        # The awarded item stays, and an item is for a need of the procurement.
        lambda: history.update("member", first(BOUGHT), {"items": []}),
        lambda: history.update("member", first(BOUGHT), {"items": [_item(history, 1)]}),
        partial(asked, "member", ORDER, "PLACED"),
        # The need is being bought.
        partial(asked, "member", NEED, "WITHDRAWN"),
        partial(asked, "member", ORDER, "CONFIRMED"),
    ]


def _deliver(history: History) -> Steps:
    """Return the steps to accepted goods, of which one unit is a gift, and to paid money."""
    return [
        # A gift exceeds an order, and a delivery without one is in kind.
        lambda: history.create("the right one", GIFT, kind="IN_KIND", amount=None, tranches=[]),
        lambda: _announce(history, (2, False), (1, True), order=False),
        lambda: _announce(history, (2, False), (1, True)),
        *(partial(_status, history, "member", DELIVERY, to) for to in ("IN_TRANSIT", "RECEIVED")),
        # Nothing is accepted yet.
        lambda: _send_back(history, 1),
        partial(_status, history, "member", DELIVERY, "ACCEPTED"),
        # Two units are accepted, so the line keeps two; a price may fall.
        lambda: _amend(history, 0, quantity=1, price=(1000, "EUR")),
        lambda: _amend(history, 1, quantity=1, price=(500, "EUR")),
        # The tranche is of 6000.
        lambda: _pay(history, 7000),
        lambda: _pay(history, 5000),
    ]


def _go_wrong(history: History) -> Steps:
    """Return the steps to units that are returned and replaced."""
    return [
        lambda: _send_back(history, 1, reason=False),
        lambda: _send_back(history, 3),
        lambda: _send_back(history, 2),
        lambda: _send_back(history, -1, corrects=1),
        # What was returned was accepted.
        partial(_status, history, "chair", DELIVERY, "RECEIVED"),
        lambda: _announce(history, (2, False), replaces=True),
        lambda: _announce(history, (1, False), replaces=True),
        # The second is lost and found, which a member does not decide.
        *(lambda who=who, to=to: _status(history, who, DELIVERY, to, last=True) for who, to in LOST_AND_FOUND),
    ]


LOST_AND_FOUND = (("member", "IN_TRANSIT"), ("member", "LOST"), ("member", "IN_TRANSIT"), ("chair", "IN_TRANSIT"))


def _move_money(history: History) -> Steps:
    """Return the steps to money that is paid back and moves on, and to the end of the order."""
    first = partial(_first, history)
    too_much = [{"id": "", "year": 2026, "amount": (20000, "EUR")}]
    return [
        lambda: _pay(history, -6000),
        lambda: _pay(history, -2000, year=2028),
        lambda: _pay(history, -2000),
        partial(_status, history, "member", GIFT, "CANCELLED"),
        lambda: history.update(
            "member", first(GIFT), {"tranches": [{**each, "id": first("ContributionTranche")} for each in too_much]}
        ),
        lambda: _reallocate(history, None),
        lambda: _reallocate(history, first(NEED), reason=False),
        lambda: _reallocate(history, first(NEED)),
        lambda: _pay(history, 7000, year=None),
        partial(_status, history, "member", ORDER, "TERMINATED"),
        *_buy_in_dollars(history),
    ]


def _buy_in_dollars(history: History) -> Steps:
    """Return the steps to an order in dollars that the money in euros pays, at a rate that is amended."""
    placed = partial(_status, history, "member", ORDER, "PLACED", last=True)
    line = {**THING, "quantity": 3, "price": (1001, "USD"), "need": None}
    bought, supplier = partial(_first, history, BOUGHT), partial(_first, history, "Supplier")
    euros = {**STATED, "funded_in": "USD"}
    return [
        lambda: history.create("the right one", ORDER, procurement=bought(), lines=[line], supplier=supplier()),
        # The money is in euros.
        placed,
        *(lambda said=said: history.update("member", history.model.of(ORDER)[-1], said) for said in (euros, STATED)),
        placed,
        lambda: history.update("member", history.model.of(ORDER)[-1], NOT_STATED),
        *(lambda rate=rate: _amend(history, -1, rate=rate, quantity=3, price=(1001, "USD")) for rate in (1, 4, 2)),
        lambda: _amend(history, -1, rate=1, quantity=9, price=(1001, "USD")),
    ]


def _first(history: History, kind: str) -> str:
    return history.model.of(kind)[0]


def _status(history: History, who: str, kind: str, to: str, *, last: bool = False) -> None:
    history.give_status(who, history.model.of(kind)[-1 if last else 0], to)


def _supplier(history: History) -> None:
    history.create("the right one", "Supplier", name="Radios", identifier="10001", identifier_scheme="EE-RIK")


def _allocate(history: History) -> None:
    given = {"gift": _first(history, GIFT), "procurement": _first(history, BOUGHT), "need": None}
    history.create("the right one", "Allocation", **given, amount=(6000, "EUR"))


def _order(history: History, supplier: str) -> None:
    line = {**THING, "quantity": 3, "price": (1000, "EUR"), "need": _first(history, NEED)}
    given = {"procurement": _first(history, BOUGHT), "award": _first(history, AWARD), "supplier": supplier}
    history.create("the right one", ORDER, **given, lines=[line, {**line, "quantity": 1, "need": None}])


def _item(history: History, need: int) -> Row:
    item = _first(history, "ProcurementItem")
    return {"id": item, **THING, "quantity": 2, "need": history.model.of(NEED)[need]}


def _announce(history: History, *lines: tuple[int, bool], order: bool = True, replaces: bool = False) -> None:
    """Announce a delivery; each of its lines has a number of units, and is a gift or not."""
    line: Row = {**THING, "accepted": None, "rejected": None, "need": None, "order_line": None}
    line["order_line"] = _first(history, "OrderLine") if order else None
    line["replaces"] = _first(history, "DeliveryLine") if replaces else None
    origin = {"order": _first(history, ORDER) if order else None, "gift": None if order else history.model.of(GIFT)[-1]}
    given = [{**line, "quantity": units, "extra": gift} for units, gift in lines]
    history.create("the right one", DELIVERY, title="Radios", **origin, lines=given)


def _amend(history: History, place: int, *, rate: int | None = None, **terms: object) -> None:
    name = history.model.of(ORDER)[-1 if rate else 0]
    line = {"order_line": history.model.of("OrderLine")[place], **terms}
    given: Row = {"lines": [line], "amendedOn": str(now().date()), "reason": "Agreed with the supplier."}
    given |= stated_anew(rate) if rate else {}
    act = partial(amend, history.model, "member", name, given, fresh=True)
    history.request("member", "amendPurchaseOrder", given, act, name)


def _send_back(history: History, units: int, *, corrects: int | None = None, reason: bool = True) -> None:
    given: Row = {"delivery_line": _first(history, "DeliveryLine"), "quantity": units, "corrects": corrects}
    history.create("the right one", "DeliveryReturn", **given, **({"reason": "Broken."} if reason else {}))


def _pay(history: History, minor: int, *, year: int | None = 2026) -> None:
    given: Row = {"gift": _first(history, GIFT), "amount": (minor, "EUR"), "paid_on": dt.date(2026, 3, 1)}
    history.create(
        "the right one", "Disbursement", **given, tranche_year=year, corrects=None, reason="It is settled."
    )  # fmt: skip


def _reallocate(history: History, need: str | None, *, reason: bool = True) -> None:
    name = _first(history, "Allocation")
    given: Row = {"procurement": _first(history, BOUGHT), "need": need, "amount": (500, "EUR")}
    given |= {"reason": "It is needed there."} if reason else {}
    act = partial(reallocate, history.model, "lead", name, given, fresh=True)
    history.request("lead", "reallocateAllocation", given, act, name)
