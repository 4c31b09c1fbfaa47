"""Counts, sums and groups in plain Python over loaded entities."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models.code_lists.currencies import EXPONENTS
from tests.reference.conversion import converted
from tests.reference.filters import snake_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models import HasId
    from tests.reference.conversion import Rates

Key = tuple[str | None, str | None]


def money(minor: int | Decimal, currency: str) -> dict[str, str]:
    """Return an amount with exactly the decimals of its currency; a unit price can have four more."""
    if isinstance(minor, Decimal):
        units, rest = divmod(minor, 1)
        found = money(int(units), currency)
        more = f"{rest:.4f}"[2:].rstrip("0")
        point = "." if more and not EXPONENTS[currency] else ""
        return {**found, "amount": f"{found['amount']}{point}{more}"}
    decimals = EXPONENTS[currency]
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    whole, part = (digits[:-decimals], "." + digits[-decimals:]) if decimals else (digits, "")
    return {"amount": f"{'-' * (minor < 0)}{whole}{part}", "currency": currency}


def aggregate_of(entities: Sequence[HasId], rates: Rates) -> dict[str, Any]:
    """Return the fields of the `aggregate` of a list."""
    return {**_counted(entities, rates), "groupBy": lambda by: _groups(entities, by, rates)}


def _counted(entities: Sequence[HasId], rates: Rates) -> dict[str, Any]:
    sums = Sums(entities)
    return {
        "count": len(entities),
        "sums": sums,
        "converted": lambda **wanted: ConvertedSums(sums, rates, wanted["in"], wanted.get("ratesOn")),
    }


class Sums:
    """The sums of a list's amounts, by their names in the API."""

    def __init__(self, entities: Sequence[HasId]) -> None:
        self.entities = entities

    def of(self, name: str) -> list[dict[str, str]]:
        """Return the sums of one amount, one for each currency."""
        # Of a contribution, and of a donor's share in it, only what is countable is added up.
        attribute = "countable" if name == "amount" and self._are("Contribution") else snake_case(name)
        attribute = "counted" if name == "amount" and self._are("ExplanationRow") else attribute
        attribute = "countable_share" if name == "share" else attribute
        sums: dict[str, int] = defaultdict(int)
        for entity in self.entities:
            minor = getattr(entity, f"{attribute}_minor")
            if minor is not None:
                sums[getattr(entity, f"{attribute}_currency")] += minor
        return [money(minor, currency) for currency, minor in sorted(sums.items())]

    def _are(self, type_name: str) -> bool:
        return any(type(entity).__name__ == type_name for entity in self.entities)


class ConvertedSums(Sums):
    """The sums of a list's amounts, converted into one currency."""

    def __init__(self, sums: Sums, rates: Rates, target: str, day: dt.date | None) -> None:
        super().__init__(sums.entities)
        self.rates = rates
        self.target = target
        self.day = day or dt.datetime.now(dt.UTC).date()

    def of(self, name: str) -> Any:
        """Return the sums of one amount, each converted once and then added."""
        return converted(super().of(name), self.rates, self.target, self.day)


def _groups(entities: Sequence[HasId], by: Sequence[str], rates: Rates) -> list[dict[str, Any]]:
    groups: dict[tuple[Key, ...], list[HasId]] = defaultdict(list)
    for entity in entities:
        groups[tuple(_key(entity, field.lower()) for field in by)].append(entity)
    return [
        {
            "keys": [{"field": field, "value": value, "label": label} for field, (value, label) in zip(by, key)],  # noqa: B905
            **_counted(found, rates),
        }
        for key, found in sorted(groups.items(), key=lambda item: _nulls_last(item[0]))
    ]


def _nulls_last(keys: tuple[Key, ...]) -> list[tuple[bool, str]]:
    return [(text is None, text or "") for key in keys for text in key]


def _key(entity: HasId, name: str) -> Key:
    value = getattr(entity, name)
    if name in inspect(type(entity)).relationships:
        if value is None:
            return None, None
        label = "name" if hasattr(value, "name") else "title"
        return getattr(value, value.natural_key[0]), getattr(value, label, None)
    if isinstance(value, Enum):
        return value.name, None
    if isinstance(value, bool):
        return str(value).lower(), None
    return None if value is None else str(value), None
