"""Orders, cursors and pages in plain Python over loaded entities."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models import Base, HasId

#: Of a list at the root, and of a list of an object.
DEFAULT_SIZE, NESTED_SIZE = 20, 10
QUANTITY_DECIMALS = 3
PRICE_DECIMALS = 4


class Order:
    """The order of a list: attributes with whether each descends, the id last."""

    def __init__(self, model: type[Base], wanted: Sequence[tuple[str, bool]]) -> None:
        self.model = model
        self.terms: dict[str, bool] = {}
        for name, descending in wanted:
            money = hasattr(model, f"{name}_minor")
            for part in (f"{name}_currency", f"{name}_minor") if money else (name,):
                self.terms.setdefault(part, descending)
        self.terms.setdefault("id", wanted[-1][1])

    @classmethod
    def asked(cls, model: type[Base], order_by: Sequence[dict[str, str]] | None, default: str) -> Order:
        """Return the order that an `orderBy` requests."""
        terms = [(item["field"].lower(), item.get("direction") == "DESC") for item in order_by or ()]
        return cls(model, terms or [(default, False)])

    def position(self, entity: HasId) -> list[Any]:
        """Return the position of an entity, as the values of a cursor."""
        return [self._value(entity, name) for name in self.terms]

    def _value(self, entity: HasId, name: str) -> Any:
        value = getattr(entity, name)
        if isinstance(value, Decimal):
            # A cursor has the integer that the database sorts by.
            return int(value.scaleb(PRICE_DECIMALS if name.endswith("_minor") else QUANTITY_DECIMALS))
        if isinstance(value, dt.datetime):
            return moment_text(value)
        return value.isoformat() if isinstance(value, dt.date) else value

    def compare(self, one: Sequence[Any], other: Sequence[Any]) -> int:
        """Return a negative number if the first position is before the second, and 0 if they are the same."""
        for first, second, descending in zip(one, other, self.terms.values(), strict=True):
            if first != second:
                smaller = second is None or (first is not None and first < second)
                return -1 if smaller != descending else 1
        return 0

    def sort(self, entities: Sequence[HasId]) -> list[HasId]:
        """Sort entities."""
        by_position = cmp_to_key(self.compare)
        return sorted(entities, key=lambda entity: by_position(self.position(entity)))

    @property
    def signature(self) -> str:
        """The first value of every cursor of this order."""
        return f"{self.model.__name__}:" + ",".join("-" * down + name for name, down in self.terms.items())

    def cursor(self, position: Sequence[Any]) -> str:
        """Write a position as a cursor."""
        return json.dumps([self.signature, *position], ensure_ascii=False).encode().hex()

    def read(self, cursor: str) -> list[Any]:
        """Read the position of a cursor. Raises ValueError for one of another list or order, or of none."""
        try:
            signature, *values = list[Any](json.loads(bytes.fromhex(cursor)))
        except TypeError as error:
            raise ValueError(cursor) from error
        if signature != self.signature or len(values) != len(self.terms):
            raise ValueError(cursor)
        return values


def moment_text(moment: dt.datetime) -> str:
    """Write a moment in UTC."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def quantity_text(quantity: Decimal) -> str:
    """Write a quantity, or a rate, without trailing zeros."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share_text(units: int) -> str:
    """Write a share, which is stored as whole ten-thousandths."""
    return f"{units // 10_000}.{units % 10_000:04}"


def page_of(
    entities: Sequence[HasId], order: Order, arguments: dict[str, Any], usual: int
) -> dict[str, Callable[[], Any]]:
    """Return the fields that a connection has for its page."""
    listed = order.sort(entities)
    begin, end = 0, len(listed)
    if (after := arguments.get("after")) is not None:
        begin = sum(order.compare(order.position(entity), order.read(after)) <= 0 for entity in listed)
    if (before := arguments.get("before")) is not None:
        end = sum(order.compare(order.position(entity), order.read(before)) < 0 for entity in listed)
    window = listed[begin:end]
    last = arguments.get("last")
    size = last or arguments.get("first") or usual
    page = window[-size:] if last else window[:size]
    cut = len(window) > size
    cursors = [order.cursor(order.position(entity)) for entity in page]
    info = {
        "hasNextPage": end < len(listed) or (cut and not last),
        "hasPreviousPage": begin > 0 or (cut and bool(last)),
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    edges = [{"cursor": cursor, "node": entity} for cursor, entity in zip(cursors, page, strict=True)]
    return {"nodes": lambda: page, "edges": lambda: edges, "pageInfo": lambda: info}
