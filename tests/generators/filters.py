"""Random `where` inputs, mostly such as find something, each in two versions of the same shape.

The first version is in the document or in the first request's variables, the
second in the second's, so that one compiled operation is executed twice.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLList, get_named_type

from models.code_lists.currencies import EXPONENTS
from tests.generators.values import TEXTS
from tests.reference.filters import TYPES, plain_value, snake_case
from tests.reference.pagination import moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLInputObjectType

    from tests.reference.executor import Reference

#: Two versions of one value.
Pair = tuple[Any, Any]

MAX_DEPTH = 3
#: What a value is compared with that no row has.
STRANGE: dict[str, Sequence[Any]] = {
    "StringFilter": TEXTS,
    "IntFilter": (0, -1, 2**31 - 1),
    "BigIntFilter": (0, -(2**53) + 1),
    "DecimalFilter": ("0.5", "-1", "17.25", "1.0001"),
    "QuantityFilter": ("0", "-1", "2.5", "0.001", "999999999999.999"),
    "DateFilter": ("0001-01-01", "2024-04-03", "9999-12-31"),
    "DateTimeFilter": ("2024-04-03T12:30:00+03:00", "0999-01-01T00:00:00Z", "2024-04-03t09:30:00.1z"),
    "CountryCodeFilter": ("EE",),
    "CpvCodeFilter": ("32420000-3", "32420000"),
    "CurrencyCodeFilter": ("EUR", "XAF"),
}

#: Searches in every form; their words are those of the random rows, some misspelled.
SEARCHES = (
    *(
        "apple",
        "appel",
        "ÉMOJI",
        "istanbul",
        "zebra OR київ",
        '"two lines"',
        "stra*",
        "sons -hi",
        "ligature OR appl* -say",
    ),
    *("aland tab", "replaced", 'hi OR sons OR "say hi"', "nothingofthekind", "leading OR u0041", "київе"),
)


class Dice:
    """Makes every choice of one random query."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  # the same seed must give the same query

    def number(self, least: int, most: int) -> int:
        """Return a number from `least` to `most`."""
        return self._random.randint(least, most)

    def chance(self, percent: int) -> bool:
        """Return True in `percent` of a hundred cases."""
        return self._random.random() * 100 < percent

    def choice(self, values: Sequence[Any]) -> Any:
        """Return one of `values`."""
        return self._random.choice(values)

    def pair(self, values: Sequence[Any]) -> Pair:
        """Return two of `values`, which can be the same."""
        return self.choice(values), self.choice(values)

    def some(self, values: Sequence[Any], most: int) -> list[Any]:
        """Return a few different items of `values`, at least one."""
        return self._random.sample(list(values), self.number(1, min(most, len(values))))


class Conditions:
    """Draws conditions that the contract allows."""

    def __init__(self, dice: Dice, reference: Reference) -> None:
        self.dice = dice
        self.reference = reference

    def where(self, type_name: str, depth: int = 0) -> Pair:
        """Return a `where` input, nested no deeper than `MAX_DEPTH`."""
        kind: Any = self.reference.schema.type_map[f"{type_name}Where"]
        names = [name for name, field in kind.fields.items() if depth < MAX_DEPTH or not _is_where(field.type)]
        pairs = {
            name: self._condition(type_name, name, kind.fields[name].type, depth) for name in self.dice.some(names, 2)
        }
        return _split(pairs)

    def _condition(self, type_name: str, name: str, kind: Any, depth: int) -> Pair:
        target = get_named_type(kind).name
        if name == "search":
            return self.dice.pair(SEARCHES)
        if target.endswith("ListWhere"):
            inner = target.removesuffix("ListWhere")
            keys = self.dice.some(("some", "none"), 2 if self.dice.chance(10) else 1)
            return _split({key: self.where(inner, depth + 1) for key in keys})
        if isinstance(kind, GraphQLList):
            parts = [self.where(type_name, depth + 1) for _ in range(self.dice.number(0, 2))]
            return [one for one, _ in parts], [other for _, other in parts]
        if target.endswith("Where"):
            return self.where(target.removesuffix("Where"), depth + 1)
        if target == "MoneyFilter":
            return self._money(type_name, snake_case(name))
        operators = self.dice.some(list(kind.fields), 2 if self.dice.chance(20) else 1)
        return _split({operator: self._operand(type_name, snake_case(name), kind, operator) for operator in operators})

    def _operand(self, type_name: str, attribute: str, kind: GraphQLInputObjectType, operator: str) -> Pair:
        operand_type = get_named_type(kind.fields[operator].type)
        if operator == "isNull" or operand_type.name == "Boolean":
            # A truth value may choose the form of a statement, so it is the same in both.
            value = self.dice.chance(50)
            return value, value
        if operator == "in":
            pairs = [self._operand(type_name, attribute, kind, "eq") for _ in range(self.dice.number(0, 3))]
            return [one for one, _ in pairs], [other for _, other in pairs]
        if isinstance(operand_type, GraphQLEnumType):
            return self.dice.pair(list(operand_type.values))
        strange = [] if self.dice.chance(75) else list(STRANGE.get(kind.name, ()))
        one, other = self.dice.pair(strange or self.known(type_name, attribute) or list(STRANGE[kind.name]))
        if operator in {"contains", "startsWith"}:
            return self._part(one, operator), self._part(other, operator)
        return json_value(one), json_value(other)

    def _part(self, text: str, operator: str) -> str:
        begin = 0 if operator == "startsWith" else self.dice.number(0, max(len(text) - 1, 0))
        part = text[begin : begin + self.dice.number(0, 4)]
        return part.swapcase() if self.dice.chance(30) else part

    def _money(self, type_name: str, attribute: str) -> Pair:
        if self.dice.chance(15):
            unknown = {"isNull": self.dice.chance(50)}
            return unknown, unknown
        pairs = [
            (getattr(entity, f"{attribute}_minor"), getattr(entity, f"{attribute}_currency"))
            for entity in self.reference.some(type_name)
        ]
        known = [pair for pair in pairs if pair[0] is not None] or [(100, "EUR")]
        operators = [] if self.dice.chance(20) else self.dice.some(("eq", "gte", "lte"), 2)
        one, other = (
            {"currency": currency, **dict.fromkeys(operators, f"{Decimal(minor).scaleb(-EXPONENTS[currency]):f}")}
            for minor, currency in self.dice.pair(known)
        )
        return one, other

    def known(self, type_name: str, attribute: str) -> list[Any]:
        """Return the values that an attribute has in the data."""
        if not hasattr(TYPES[type_name], attribute):
            return []
        values = (plain_value(entity, attribute) for entity in self.reference.some(type_name))
        return [value for value in values if value is not None]


def json_value(value: Any) -> Any:
    """Return a value as a client sends it."""
    if isinstance(value, dt.datetime):
        return moment_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _split(pairs: dict[str, Pair]) -> Pair:
    return {name: one for name, (one, _) in pairs.items()}, {name: other for name, (_, other) in pairs.items()}


def _is_where(kind: Any) -> bool:
    return str(get_named_type(kind).name).endswith("Where")
