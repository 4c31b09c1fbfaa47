"""The models' enums as the contract shows them: named values, each with its description."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

import strawberry


@cache
def enum_of(enum: type[Enum]) -> Any:
    """Give the contract's enum for a model's, whose members' values are their descriptions."""
    return make_enum(enum.__name__, (enum.__doc__ or "").strip(), {member.name: member.value for member in enum})


def make_enum(name: str, description: str, values: dict[str, str]) -> Any:
    """Make an enum of the contract from its values' names and descriptions."""
    members: Any = {value: strawberry.enum_value(value, description=words) for value, words in values.items()}
    return strawberry.enum(Enum(name, members), description=description)  # type: ignore[call-overload]
