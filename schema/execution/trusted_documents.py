"""The validation of trusted documents: the contract and the limits must allow the document."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationDefinitionNode, parse, validate

from resolvers.trusted_documents import Trusted
from schema.execution.validation import RULES
from schema.limits.check import check
from schema.limits.errors import limit_exceeded
from schema.strawberry_internals import core_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import DocumentNode

    from resolvers.core.limits import Limits

#: How many faults of one document are reported.
MAX_FAULTS = 5


class FaultyDocumentError(ValueError):
    """A document is not valid; `faults` has the reasons."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def examine(schema: Any, text: str, limits: Limits) -> Trusted:
    """Return the document with this text, and the names of its operations.

    The number of objects in the response depends on the variables: each request checks that limit.
    Raises FaultyDocumentError if the contract or the limits do not allow the document, or a database cannot store it.
    """
    core = core_schema(schema)
    if "\0" in text:
        raise FaultyDocumentError(["it contains a NUL character, which PostgreSQL cannot store"])
    try:
        document = _parse(text, limits)
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if not operations:
            raise FaultyDocumentError(["it has no operation"])
        # This call checks all operations of the document against all limits except this one.
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
        raise FaultyDocumentError(["it is nested too deeply"]) from None


def _told(error: GraphQLError) -> str:
    place = f" (line {error.locations[0].line})" if error.locations else ""
    return f"{error.message}{place}"
