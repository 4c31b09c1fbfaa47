"""The contract's enums: made from the models' enums, or from names and descriptions."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

import strawberry


@cache
def enum_of(enum: type[Enum]) -> Any:
    """Return the contract's enum for a model's enum, whose members' values are the descriptions."""
    return make_enum(enum.__name__, (enum.__doc__ or "").strip(), {member.name: member.value for member in enum})


def make_enum(name: str, description: str, values: dict[str, str]) -> Any:
    """Make an enum of the contract from the names and descriptions of its values."""
    members: Any = {value: strawberry.enum_value(value, description=words) for value, words in values.items()}
    return strawberry.enum(Enum(name, members), description=description)  # type: ignore[call-overload]
