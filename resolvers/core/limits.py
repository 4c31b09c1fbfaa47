"""The limits of one operation, and the cost of its parts.

`docs/decisions/limits.md` explains each number. `schema/limits` measures an operation and refuses it before
compilation. The compiler counts again, with the same numbers, what can exhaust SQLite's parser or Python's stack.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Objects in a page: of a list at the root of a query, and of a list of an object, which is in each object of a page.
DEFAULT_PAGE_SIZE = 20
NESTED_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100

#: Ids in `nodes(ids:)`.
MAX_IDS = 100

#: Fields in `groupBy(by:)`.
MAX_GROUPS = 3

#: Nested relations, `and`, `or` and `not` in one filter.
MAX_FILTER_DEPTH = 3

#: Conditions in one filter: SQLite refuses expressions that are more than a thousand terms deep.
MAX_FILTER_CONDITIONS = 200

#: Levels of fields in one SQL statement: rendering a few more levels exhausts Python's stack.
MAX_STATEMENT_DEPTH = 20

#: Nested selections and fragments in a document: deeper nesting exhausts Python's stack.
MAX_LEVELS = 100

#: Items in a list in the input of a mutation.
MAX_LIST_ITEMS = 200

#: Values in the JSON of a request: each is read several times, while other requests wait.
MAX_JSON_VALUES = 10_000

#: Errors in one response.
MAX_REPORTED_ERRORS = 5
#: The largest message of an error, in characters: a message can quote a value of the request. Advice comes after it.
MAX_MESSAGE = 200
MAX_ADVICE = 400

#: Each relation, derived value and sort key counts as so many conditions: each is a SELECT with its own policies and
#: takes about 8 ms to compile; any other condition takes 1 ms.
CONDITIONS_PER_SELECT = 5

#: So many plain values in a list, such as those of `in`, count as one more condition: each value is read separately.
VALUES_PER_CONDITION = 100

#: The costs of one condition, one value with its own SELECT, and one change, in units of one object read; and the
#: number of introspection values per unit. A SELECT takes 5 ms to compile, and can read more than one object.
#: The characters and the words of one search.
MAX_SEARCH_LENGTH = 500
MAX_SEARCH_WORDS = 20

CONDITION_COST = 10
SELECT_COST = 20
MUTATION_COST = 10
INTROSPECTION_VALUES_PER_COST = 35


@dataclass(frozen=True, slots=True)
class Limits:
    """The maximum sizes of one operation; the operator can set other numbers.

    Attributes:
        characters: Characters of the document.
        tokens: Tokens of the document: names, punctuation, values, comments.
        depth: Levels of fields; the root fields are the first. Fragments are not a level.
        fields: Fields; those of a fragment count each time it is spread.
        aliases: Aliased fields, counted the same way.
        directives: Directives, counted the same way.
        root_fields: Fields at the root of a query.
        root_mutations: Fields at the root of a mutation.
        nodes: Maximum of objects and lists in the response: the sizes of nested pages, multiplied.
        conditions: Conditions and sort keys, each as often as its list is read; a relation, a derived value and a
            sort key count as five.
        introspection_fields: Introspection fields, which do not count in the other limits of fields.
        introspection_lists: Nested lists of type members; with these, an introspection query can repeat endlessly.
        introspection_values: Maximum of values in an introspection response: the lengths of nested lists, multiplied.
    """

    characters: int = 20_000
    tokens: int = 2_000
    depth: int = 16
    fields: int = 300
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    root_mutations: int = 5
    nodes: int = 25_000
    conditions: int = MAX_FILTER_CONDITIONS
    introspection_fields: int = 300
    introspection_lists: int = 2
    introspection_values: int = 500_000
