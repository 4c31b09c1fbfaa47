"""The contract as a whole: its description, which says how much may be asked at once, and its printed form."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql.utilities.print_schema import print_schema_definition

from resolvers.core.limits import Limits
from schema.strawberry_internals import core_schema

_USUAL = Limits()

#: The figures are the usual ones: an operator may have set others.
DESCRIPTION = f"""\
What the expert groups of the IT Coalition work with, and what the public record says of it.

How much one operation may ask for, unless the server is set up otherwise: {_USUAL.characters:,} characters,
{_USUAL.tokens:,} tokens, {_USUAL.depth} levels of fields, {_USUAL.fields} fields (those of a fragment counted \
each time it is spread),
{_USUAL.aliases} aliases, {_USUAL.directives} directives and none twice in one place, {_USUAL.root_fields} fields at \
the root of a query, {_USUAL.root_mutations} of a mutation,
{_USUAL.conditions} conditions and steps of orders (those in variables too, each as often as its list is read; a \
relation,
a computed value and a step count as five), and {_USUAL.nodes:,} objects in the answer at worst, where the sizes of
nested pages multiply. Introspection counts apart: {_USUAL.introspection_fields} fields and
{_USUAL.introspection_values:,} values at worst, which the usual introspection queries keep to.

Each answer says in `extensions.cost` what the operation cost: one for the request, one for each object and list at
worst, and ten for each condition. `remaining` of `maximum` may be spent at once; at `resetAt` there will be as much
as ever. Who has spent it all gets the status 429 with the code RATE_LIMITED, and the header Retry-After."""


class DescribedSchema(strawberry.Schema):
    """A schema with a description of its own, which Strawberry neither takes nor prints."""

    def __init__(self, *, description: str, **parts: Any) -> None:
        super().__init__(**parts)
        core_schema(self).description = description

    def as_str(self) -> str:
        """Give the contract in the schema definition language."""
        return f"{print_schema_definition(core_schema(self))}\n\n{super().as_str()}"

    __str__ = as_str
