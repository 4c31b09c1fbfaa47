"""Writes values into a document: as literals, or as variables at any depth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

if TYPE_CHECKING:
    from tests.generators.filters import Dice, Pair

PERCENT_OF_ARGUMENTS = 40
PERCENT_INSIDE = 8


class Written:
    """What one document has been given: its variables' definitions, and their values in two requests."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.definitions: list[str] = []
        self.values: tuple[dict[str, Any], dict[str, Any]] = ({}, {})

    def write(self, pair: Pair, kind: Any, percent: int = PERCENT_OF_ARGUMENTS) -> str:
        """Return the text of a value's first version, or of a variable that has both."""
        if self.dice.chance(percent):
            return self.variable(pair, kind)
        bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        one, other = pair
        if one is None:
            return "null"
        if isinstance(bare, GraphQLList):
            items = [self.write(item, bare.of_type, PERCENT_INSIDE) for item in zip(one, other, strict=True)]
            # A single item may stand for its list.
            return items[0] if len(items) == 1 and items[0][0] != "$" else f"[{', '.join(items)}]"
        if isinstance(bare, GraphQLInputObjectType):
            fields = [
                f"{name}: {self.write((one[name], other[name]), bare.fields[name].type, PERCENT_INSIDE)}"
                for name in one
            ]
            return "{" + ", ".join(fields) + "}"
        return one if isinstance(bare, GraphQLEnumType) else json.dumps(one, ensure_ascii=False)

    def variable(self, pair: Pair, kind: Any) -> str:
        """Make a variable that has the first version in the first request and the second in the second."""
        name = f"v{len(self.definitions)}"
        self.definitions.append(f"${name}: {kind}")
        for values, value in zip(self.values, pair, strict=True):
            values[name] = value
        return f"${name}"
