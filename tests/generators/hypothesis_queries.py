"""Queries of a generator that knows nothing but the contract, steered so that most of them can be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    NullValueNode,
    ObjectFieldNode,
    Visitor,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from tests.generators.values import CPV_CODES, CURRENCIES, TEXTS

if TYPE_CHECKING:
    from graphql import VisitorAction

    from tests.reference.executor import Reference


class _Steering(Visitor):
    """Removes values that almost every list refuses: nulls, cursors made of any text, `last` beside `first`."""

    def leave_argument(self, node: ArgumentNode, *_: Any) -> VisitorAction:
        return REMOVE if isinstance(node.value, NullValueNode) or node.name.value in {"after", "before"} else None

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> VisitorAction:
        return REMOVE if isinstance(node.value, NullValueNode) else None

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        names = {argument.name.value for argument in node.arguments or ()}
        if not {"first", "last"} <= names:
            return None
        kept = tuple(argument for argument in node.arguments or () if argument.name.value != "last")
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=kept,
            directives=node.directives,
            selection_set=node.selection_set,
        )


def generated_queries(reference: Reference, number: int) -> list[str]:
    """Return `number` queries, always the same ones."""
    found: list[str] = []

    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(queries(reference.schema, custom_scalars=_scalars(reference), print_ast=_steered))
    def collect(query: str) -> None:
        found.append(query)

    collect()
    return found


def _steered(document: DocumentNode) -> str:
    return print_ast(visit(document, _Steering()))


def _scalars(reference: Reference) -> dict[str, st.SearchStrategy[Any]]:
    ids = [f"{name}:{entity.id}" for name, entities in reference.entities.items() for entity in entities]
    texts = {
        "CountryCode": ("EE", "UA"),
        "CpvCode": (*CPV_CODES, "48000000"),
        "CurrencyCode": CURRENCIES,
        "Date": ("2024-04-03", "1999-12-31"),
        "DateTime": ("2024-04-03T09:30:00Z", "2024-04-03T12:30:00.000001+03:00"),
        "Decimal": ("0", "1", "0.99"),
        "ID": ids,
        "String": TEXTS,
        "URL": ("https://example.org/1/1",),
    }
    small = st.integers(1, 4).map(nodes.Int)
    return {
        **{name: st.sampled_from(values).map(nodes.String) for name, values in texts.items()},
        "BigInt": small,
        "Int": small,
    }
