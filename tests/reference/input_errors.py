"""The errors of the reference: every fault in the arguments of a field, in the words of the contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, get_named_type

from models.money import Money, Price
from resolvers.core.errors import BadUserInputError
from resolvers.search_index.search_query import parsed
from tests.reference.filters import TYPES, is_price, is_share, snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLSchema

    from tests.reference.pagination import Order

MAX_DEPTH = 3
MAX_IDS = 100
MAX_PAGE_SIZE = 100
MAX_GROUPS = 3
KEY = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UNFIT = re.compile("[\0\ud800-\udfff]")


class InputErrors:
    """Checks the arguments of a field."""

    def __init__(self, schema: GraphQLSchema, order: Callable[[str, Any, str, str], Order]) -> None:
        self.schema = schema
        self.order = order

    def of(self, type_name: str, arguments: dict[str, Any], place: tuple[str, str]) -> list[str]:
        """Return the message of every fault in the arguments of a field; `place` is its parent type and its name."""
        return list(self._arguments(type_name, arguments, place))

    def _arguments(self, type_name: str, arguments: dict[str, Any], place: tuple[str, str]) -> Iterator[str]:
        for name, value in arguments.items():
            if name == "ids" and len(value) > MAX_IDS:
                yield f"ids has {len(value)} items. Request at most {MAX_IDS} at once."
            if name in {"id", "ids"}:
                yield from self._ids(value, name)
            elif name in {"first", "last"} and value is not None and not 1 <= value <= MAX_PAGE_SIZE:
                yield f"{name} is {value}. It must be from 1 to {MAX_PAGE_SIZE}."
            elif (
                name == "by"
                and value is not None
                and not (len(set(value)) == len(value) and 1 <= len(value) <= MAX_GROUPS)
            ):
                yield f"by must list 1 to {MAX_GROUPS} different fields."
            elif isinstance(value, str):
                yield from _unfit(value, name)
                if name == "query":
                    yield from _unsearchable(value, name)
        if type_name.endswith("Connection"):
            listed = type_name.removesuffix("Connection")
            yield from self._where(listed, arguments.get("where") or {}, "where", 0)
            yield from self._page(listed, arguments, place)

    def _page(self, type_name: str, arguments: dict[str, Any], place: tuple[str, str]) -> Iterator[str]:
        if arguments.get("first") is not None and arguments.get("last") is not None:
            yield "first and last cannot be used together. Use one of them."
        order = self.order(type_name, arguments.get("orderBy"), *place)
        for name in ("after", "before"):
            if arguments.get(name) is not None:
                try:
                    order.read(arguments[name])
                except ValueError:
                    yield f"{name} is not a cursor of this list in this order. Use a cursor from its edges or pageInfo."

    def _ids(self, value: Any, name: str, type_name: str | None = None) -> Iterator[str]:
        for each in value if isinstance(value, list) else [value]:
            found, _, key = each.partition(":")
            known = (
                isinstance(self.schema.type_map.get(found), GraphQLObjectType)
                and f"{found}Where" in self.schema.type_map
            )
            if not known or not KEY.fullmatch(key):
                yield f"{name} is not an id of this API. Send the id exactly as you received it."
            elif type_name not in {None, found}:
                yield f"{name} is an id of type {found}. Send an id of type {type_name}."

    def _where(self, type_name: str, where: dict[str, Any], name: str, depth: int) -> Iterator[str]:
        if depth > MAX_DEPTH:
            yield f"{name} is nested too deeply. Nest at most {MAX_DEPTH} relations, and, or and not."
            return
        fields: Any = self.schema.type_map[f"{type_name}Where"]
        for key, value in where.items():
            place = f"{name}.{key}"
            target = get_named_type(fields.fields[key].type).name
            if value is None:
                yield f"{place} must not be null. Omit it or use isNull."
            elif key == "search":
                yield from (*_unfit(value, place), *_unsearchable(value, place))
            elif target.endswith("ListWhere"):
                for part, inner in value.items():
                    if inner is None:
                        yield f"{place}.{part} must not be null. Omit it or use isNull."
                    else:
                        yield from self._where(target.removesuffix("ListWhere"), inner, f"{place}.{part}", depth + 1)
            elif target.endswith("Where"):
                for inner in value if isinstance(value, list) else [value]:
                    yield from self._where(target.removesuffix("Where"), inner, place, depth + 1)
            else:
                yield from self._operators(type_name, snake_case(key), value, place)

    def _operators(self, type_name: str, attribute: str, operators: dict[str, Any], place: str) -> Iterator[str]:
        model = TYPES[type_name]
        is_money = hasattr(model, f"{attribute}_minor")
        currency = operators.get("currency")
        if is_money and currency is None and set(operators) - {"isNull", "currency"}:
            yield f"{place} compares amounts without a currency. Add the currency."
        for operator, operand in operators.items():
            name = f"{place}.{operator}"
            if operand is None:
                yield f"{name} must not be null. Omit it or use isNull."
            elif attribute == "id" and operator != "isNull":
                yield from self._ids(operand, name, type_name)
            elif is_money and operator in {"eq", "gte", "lte"} and currency:
                yield from _amount(operand, currency, name, Price if is_price(model, attribute) else Money)
            elif is_share(model, attribute) and operator != "isNull":
                units = operand * 10_000
                if units % 1 or abs(units) >= 2**31:
                    yield f"{name} must be a share: a number from 0 to 1 with at most four decimals."
            else:
                for each in operand if isinstance(operand, list) else [operand]:
                    yield from _unfit(each, name)


def _amount(operand: Any, currency: str, name: str, kind: type[Money | Price]) -> Iterator[str]:
    try:
        kind.of(operand, currency)
    except ValueError as error:
        yield f"{name}: {error}."


def _unfit(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, str) and UNFIT.search(value):
        yield f"{name} contains a NUL character or half of a surrogate pair. Remove it."


def _unsearchable(text: str, name: str) -> Iterator[str]:
    try:
        parsed(text, name)
    except BadUserInputError as error:
        yield error.message
