"""`where` in plain Python over loaded entities.

A comparison with null is false, and `not` is the exact complement.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Base, HasId
from models.code_lists.currencies import EXPONENTS
from models.derived.computed_rows import ComputedRows
from models.derived.tables import unrestricted
from models.types import ExchangeRate, Fraction, Quantity, UnitPrice
from tests.reference.searching import is_found

if TYPE_CHECKING:
    from collections.abc import Callable

Where = dict[str, Any]

#: Spaces that count as the plain one, with those beside them.
SPACES = re.compile(r" *[^\S \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029][^\S\t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]*")


#: Every entity that has an id in the API, by the name of its type. In the order of the names: SQLAlchemy's is another
#: in every process, and the processes of one run must agree.
MODELS: dict[str, type[HasId]] = {
    model.__name__: model
    for model in sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)
    if issubclass(model, HasId)
}


#: Every type that has a list: the entities, and what is computed from them.
TYPES: dict[str, type[Any]] = {
    **MODELS,
    **{model.__name__: model for model in ComputedRows.__subclasses__()},
}


def snake_case(name: str) -> str:
    """Return the attribute for a name in the API."""
    return re.sub("(?=[A-Z])", "_", name).lower()


def plain_value(entity: Base, name: str) -> Any:
    """Return the value of an attribute in the form in which the API compares it."""
    value = getattr(entity, name)
    if name == "id":
        return f"{type(entity).__name__}:{value}"
    if isinstance(value, Enum):
        return value.name
    if value is not None and is_share(type(entity), name):
        return Decimal(value).scaleb(-4)
    return value


def is_quantity(model: type[Base], name: str) -> bool:
    """Return whether an attribute is a quantity or a rate, which the API writes as text without needless zeros."""
    return isinstance(_type_of(model, name), Quantity | ExchangeRate)


def is_price(model: type[Base], name: str) -> bool:
    """Return whether an amount is a unit price, which can have four decimals more."""
    return isinstance(_type_of(model, f"{name}_minor"), UnitPrice)


def is_share(model: type[Base], name: str) -> bool:
    """Return whether an attribute is a share, which is stored as whole ten-thousandths."""
    return isinstance(_type_of(model, name), Fraction)


@cache
def _type_of(model: type[Base], name: str) -> Any:
    return getattr(getattr(unrestricted(model), name, None), "type", None)


def holds(entity: Base, where: Where | None) -> bool:
    """Return whether every condition of a `where` is true of an entity."""
    return all(_entry_holds(entity, name, condition) for name, condition in (where or {}).items())


def _entry_holds(entity: Base, name: str, condition: Any) -> bool:
    if name in COMBINE:
        return COMBINE[name](entity, condition)
    if name == "search":
        return is_found(entity, condition)
    attribute = snake_case(name)
    relation = inspect(type(entity)).relationships.get(attribute)
    if relation is not None:
        return _related_holds(getattr(entity, attribute), condition, is_list=bool(relation.uselist))
    if hasattr(entity, f"{attribute}_minor"):
        return _money_holds(getattr(entity, f"{attribute}_minor"), getattr(entity, f"{attribute}_currency"), condition)
    value = plain_value(entity, attribute)
    return all(_operator_holds(value, operator, operand) for operator, operand in condition.items())


COMBINE: dict[str, Callable[[Base, Any], bool]] = {
    "and": lambda entity, parts: all(holds(entity, part) for part in parts),
    "or": lambda entity, parts: any(holds(entity, part) for part in parts),
    "not": lambda entity, part: not holds(entity, part),
}


def _related_holds(related: Any, condition: Where, *, is_list: bool) -> bool:
    if not is_list:
        return related is not None and holds(related, condition)
    some = {key: any(holds(each, part) for each in related) for key, part in condition.items()}
    return some.get("some", True) and not some.get("none", False)


def _money_holds(minor: int | None, currency: str | None, condition: Where) -> bool:
    units = EXPONENTS.get(condition.get("currency", ""), 0)
    for operator, operand in condition.items():
        if operator == "currency":
            held = currency == operand
        elif operator == "isNull":
            held = (minor is None) == operand
        else:
            held = _operator_holds(minor, operator, operand.scaleb(units))
        if not held:
            return False
    return True


def clean(operand: Any) -> Any:
    """Return a filter's text in the form of stored texts: visible characters in NFC, without extra spaces."""
    if not isinstance(operand, str):
        return operand
    seen = "".join(character for character in operand if unicodedata.category(character) != "Cf")
    return SPACES.sub(" ", unicodedata.normalize("NFC", seen)).strip()


#: What people write for an apostrophe.
APOSTROPHE = re.compile("[`´‘’ʻʼ′＇]")  # noqa: RUF001 - the signs themselves


def folded(text: str) -> str:
    """Return a text without the differences of case and of apostrophes."""
    return APOSTROPHE.sub("'", text.casefold())


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: value == clean(operand),
    "in": lambda value, operand: value in [clean(each) for each in operand],
    "gte": lambda value, operand: value >= operand,
    "lte": lambda value, operand: value <= operand,
    "contains": lambda value, operand: folded(clean(operand)) in folded(value),
    "startsWith": lambda value, operand: folded(value).startswith(folded(clean(operand))),
}


def _operator_holds(value: Any, operator: str, operand: Any) -> bool:
    if operator == "isNull":
        return (value is None) is bool(operand)
    return value is not None and bool(COMPARE[operator](value, operand))
