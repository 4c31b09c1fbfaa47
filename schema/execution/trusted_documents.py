"""Whether a document may be trusted: it must be one that the contract and the limits would let through."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationDefinitionNode, parse, validate

from resolvers.query.trusted_documents import Trusted
from schema.execution.validation import RULES
from schema.limits.check import check
from schema.limits.errors import limit_exceeded
from schema.strawberry_internals import core_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import DocumentNode

    from resolvers.core.limits import Limits

#: How many faults of one document are told.
MAX_FAULTS = 5


class FaultyDocumentError(ValueError):
    """A document that would never be answered, with what is wrong with it in `faults`."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def examine(schema: Any, text: str, limits: Limits) -> Trusted:
    """Give the document of this text with the names of its operations.

    How large its pages may be depends on the variables, and is looked at when it is asked.
    Raises FaultyDocumentError where the contract or the limits refuse it, or a database cannot keep it.
    """
    core = core_schema(schema)
    if "\0" in text:
        raise FaultyDocumentError(["it holds a NUL character, which PostgreSQL cannot keep"])
    try:
        document = _parse(text, limits)
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if not operations:
            raise FaultyDocumentError(["it has no operation"])
        # The first stands for all: each is held to every limit but this one.
        check(core, document, None, {}, replace(limits, nodes=sys.maxsize))
    except GraphQLError as error:
        raise FaultyDocumentError([_told(error)]) from None
    faults = validate(core, document, RULES, max_errors=MAX_FAULTS)
    if faults:
        raise FaultyDocumentError([_told(error) for error in faults[:MAX_FAULTS]])
    return Trusted(text, tuple(node.name.value for node in operations if node.name))


def _parse(text: str, limits: Limits) -> DocumentNode:
    if len(text) > limits.characters:
        limit_exceeded("characters", len(text), limits.characters)
    try:
        return parse(text, max_tokens=limits.tokens)
    except RecursionError:
        raise FaultyDocumentError(["it is nested too deep"]) from None


def _told(error: GraphQLError) -> str:
    place = f" (line {error.locations[0].line})" if error.locations else ""
    return f"{error.message}{place}"
