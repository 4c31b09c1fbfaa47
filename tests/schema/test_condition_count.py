"""Conditions: how many an operation has, in its document and in its variables, for every use of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from graphql import parse

from resolvers.core.limits import Limits
from schema import schema
from schema.limits.check import check
from schema.limits.errors import LimitError
from schema.strawberry_internals import core_schema

if TYPE_CHECKING:
    from schema.limits.measure import OperationCost

CORE = core_schema(schema)


def measure(document: str, **variables: Any) -> OperationCost:
    return check(CORE, parse(document), None, variables, Limits())


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [
        ("where: {}", 1),
        ("where: null", 0),
        ('where: {code: {eq: "EE"}}', 1),
        ('where: {code: {eq: "EE", contains: "E"}, name: {}}', 3),
        ("where: {code: {in: [1, 2, 3]}}", 1),
        ("where: {not: {or: [{}, {}]}}", 2 + 2),
        ("where: {memberships: {some: {}}}", 5 + 1),
        ("where: {memberships: {some: {role: {eq: LEAD}}, none: {}}}", 5 + 1 + 5 + 1),
        ("where: {memberships: {some: {participant: {code: {eq: 1}}}}}", 5 + 5 + 1),
        ("where: {nothing: {eq: 1}, or: {code: {nothing: 1}}}", 2),
        ("orderBy: [{field: CODE}, {field: NAME, direction: DESC}]", 2 * 5),
        ("orderBy: {field: CODE}, where: {code: {eq: 1}}", 5 + 1),
    ],
)
def test_conditions_count_by_what_they_take(arguments: str, counted: int) -> None:
    assert measure(f"{{ participants({arguments}) {{ nodes {{ code }} }} }}").conditions == counted
    assert (
        measure(f"{{ ...F }} fragment F on Query {{ participants({arguments}) {{ __typename }} }}").conditions
        == counted
    )


def test_a_condition_on_a_computed_value_counts_as_one_on_another_object_does() -> None:
    for where, counted in (("{fulfilment: {gte: 1, lte: 2}}", 10), ("{quantity: {gte: 1, lte: 2}}", 2)):
        assert measure(f"{{ capabilityNeeds(where: {where}) {{ nodes {{ id }} }} }}").conditions == counted


@pytest.mark.parametrize(
    ("selected", "times"),
    [
        ("nodes { code } edges { cursor }", 1),
        ("totalCount", 1 + 1),
        ("nodes { code } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }", 1 + 3),
        ("aggregate { count groupBy(by: [KIND]) { keys { value } } }", 1 + 2),
        ("...F ...F", 1 + 2),
        ("nodes { memberships { totalCount } }", 1),
        ("nodes { memberships(where: {}) { totalCount } }", 1 + 2),
    ],
)
def test_conditions_count_as_often_as_their_list_is_read(selected: str, times: int) -> None:
    document = f"{{ participants(where: {{}}) {{ {selected} }} }} fragment F on ParticipantConnection {{ totalCount }}"
    assert measure(document).conditions == times


def test_conditions_in_variables_count_each_time_the_variable_is_used() -> None:
    lists = "{ a: participants(where: $w) { totalCount } b: participants(where: {or: [$w, $w]}) { totalCount } }"
    document = f"query ($w: ParticipantWhere = {{code: {{eq: 1, in: []}}}}) {lists}"
    assert measure(document).conditions == 2 * 2 + 2 * (1 + 2 * 2)
    assert measure(document, w={"code": {"eq": "EE"}, "and": [{}] * 8}).conditions == 2 * 10 + 2 * (1 + 2 * 10)
    assert measure(document, w=None).conditions == 2 * 1
    steps = "query ($o: [ParticipantOrder!]) { participants(orderBy: $o) { totalCount } }"
    with pytest.raises(LimitError, match="Limit conditions: the operation has 205 conditions and sort steps"):
        measure(steps, o=[{"field": "CODE"}] * 41)


def test_values_that_stand_deep_inside_each_other_are_counted_all_the_same() -> None:
    deep: dict[str, Any] = {}
    for _ in range(150):
        deep = {"not": deep}
    document = "query ($w: ParticipantWhere) { participants(where: $w) { nodes { code } } }"
    assert measure(document, w=deep).conditions == 151
