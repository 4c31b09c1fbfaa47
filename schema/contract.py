"""The contract as a whole: its description, which states the limits of an operation, and its printed form."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql.utilities.print_schema import print_schema_definition

from resolvers.core.limits import CONDITION_COST, MUTATION_COST, SELECT_COST, Limits
from schema.strawberry_internals import core_schema

_USUAL = Limits()

#: The default limits: the operator can set other limits, which this text does not show.
DESCRIPTION = f"""\
The data of the IT Coalition's expert groups, and the public record of the coalition.

Each operation has limits. By default, they are:

- {_USUAL.characters:,} characters and {_USUAL.tokens:,} tokens in the document;
- {_USUAL.depth} levels of fields;
- {_USUAL.fields} fields, {_USUAL.aliases} aliases and {_USUAL.directives} directives. A fragment counts at each of \
its spreads. A directive must not be repeated in one place;
- {_USUAL.root_fields} fields at the root of a query, {_USUAL.root_mutations} at the root of a mutation;
- {_USUAL.conditions} conditions and sort steps, in the document and in its variables. A relation, a computed value \
and a sort step count as five. A condition counts again for each count and sum over its list;
- {_USUAL.nodes:,} possible objects in the response. Each page counts as full, and the sizes of nested pages multiply;
- {_USUAL.introspection_fields} fields of introspection and {_USUAL.introspection_values:,} possible values in its \
response. The usual introspection queries stay below this limit.

Each response contains the cost of the operation in `extensions.cost`: 1 for the request, 1 for each possible object \
and list, {CONDITION_COST} for each condition, {SELECT_COST} for each computed value, count, sum and grouping, and \
{MUTATION_COST} for each mutation. `maximum` is the budget, `remaining` is the rest of the budget, and \
at `resetAt` the budget is full again. A request over the budget gets the status 429 with the code RATE_LIMITED and \
the header Retry-After."""


class DescribedSchema(strawberry.Schema):
    """A schema with a description. Strawberry does not support one: it neither accepts nor prints it."""

    def __init__(self, *, description: str, **parts: Any) -> None:
        super().__init__(**parts)
        core_schema(self).description = description

    def as_str(self) -> str:
        """Return the contract in the schema definition language."""
        return f"{print_schema_definition(core_schema(self))}\n\n{super().as_str()}"

    __str__ = as_str
