"""Random arguments of connections: pages, orders, positions and filters, and now and then one that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.reference.filters import TYPES

if TYPE_CHECKING:
    from tests.generators.filters import Conditions, Dice, Pair
    from tests.reference.pagination import Order

TOO_DEEP = {"and": [{"or": [{"not": {"and": [{"id": {"isNull": True}}]}}]}]}

#: Each names its argument and a value that is refused, of every list.
FAULTS: tuple[tuple[str, Any], ...] = (
    ("first", 0),
    ("first", -1),
    ("first", 101),
    ("last", 0),
    ("last", 101),
    ("first", 2**31),
    ("after", "not hexadecimal"),
    ("after", "5b5d"),
    ("before", ""),
    ("before", b'["X:id", 1]'.hex()),
    ("where", TOO_DEEP),
    ("where", {"createdAt": {"gte": None}}),
    ("where", {"createdAt": {"gte": "2024-04-03"}}),
    ("where", {"createdAt": {"lte": "2024-02-30T00:00:00Z"}}),
    ("where", {"id": {"eq": "Nothing:1"}}),
    ("where", {"id": {"in": ["Source:00000000-0000-4000-8000-000000000000"]}}),
    ("where", {"id": None}),
)


def page_arguments(conditions: Conditions, type_name: str, *, faulty: bool) -> dict[str, Pair]:
    """Return the arguments of a list, each in two versions of the same shape; `faulty` ones are refused."""
    dice, reference = conditions.dice, conditions.reference
    found: dict[str, Pair] = {}
    if dice.chance(55):
        size = dice.pair((1, 2, 3, 5, 100))
        found["last" if dice.chance(30) else "first"] = size
    order_by = _order_by(dice, list(reference.order_fields(type_name))) if dice.chance(45) else None
    if order_by is not None:
        found["orderBy"] = order_by, order_by
    order = reference.order(type_name, order_by)
    for name in ("after", "before"):
        if dice.chance(18):
            found[name] = _cursor(conditions, order, type_name), _cursor(conditions, order, type_name)
    if dice.chance(40):
        found["where"] = conditions.where(type_name)
    if faulty:
        found |= _fault(dice, found, type_name)
    return found


def _order_by(dice: Dice, fields: list[str]) -> list[dict[str, str]]:
    # The same field may be named again: it changes nothing but where ties begin.
    names = [dice.choice(fields) for _ in range(dice.number(0, 3))]
    directions: tuple[dict[str, str], ...] = ({}, {"direction": "ASC"}, {"direction": "DESC"}, {"direction": "DESC"})
    return [{"field": name, **dice.choice(directions)} for name in names]


def _cursor(conditions: Conditions, order: Order, type_name: str) -> str:
    dice, entities = conditions.dice, conditions.reference.some(type_name)
    position = order.position(dice.choice(entities))
    if dice.chance(25):
        # A position at which no row stands: the row has gone, or has changed its place.
        other = order.position(dice.choice(entities))
        place = dice.number(1, len(position))
        position = [*position[:place], *other[place:]]
    return order.cursor(position)


def _fault(dice: Dice, found: dict[str, Pair], type_name: str) -> dict[str, Pair]:
    if dice.chance(15):
        return {"first": (1, 2), "last": (1, 2)}
    has_times = hasattr(TYPES[type_name], "created_at")
    name, value = dice.choice([fault for fault in FAULTS if has_times or "createdAt" not in str(fault)])
    if name in {"first", "last"}:
        found.pop("first", None)
        found.pop("last", None)
        # The shape is the same as that of a size that is allowed: the second request must be refused all the same.
        return {name: (value if dice.chance(50) else 2, value)}
    return {name: (value, value)}
