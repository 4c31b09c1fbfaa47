"""The table of limits: how much one operation may request, and what each part of it counts.

`docs/limits.md` says how each number was chosen. `schema/limits` measures an operation and refuses it before it is
compiled; the compiler counts a second time, with the same numbers, what SQLite's parser and Python's stack depend on.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Objects of a page.
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

#: Ids in `nodes(ids:)`.
MAX_IDS = 100

#: Fields in `groupBy(by:)`.
MAX_GROUPS = 3

#: Relations, `and`, `or` and `not` inside each other in one filter.
MAX_FILTER_DEPTH = 3

#: Conditions of one filter: SQLite accepts expressions a thousand terms deep and no deeper.
MAX_FILTER_CONDITIONS = 200

#: Levels of fields in one SQL statement: rendering one a few levels deeper exhausts Python's stack.
MAX_STATEMENT_DEPTH = 20

#: Selections and fragments inside each other in a document: walking deeper exhausts Python's stack.
MAX_LEVELS = 100

#: Items of a list in the input of a mutation.
MAX_LIST_ITEMS = 200

#: Values in the JSON of a request: each is read several times on its way to the database, while others wait.
MAX_JSON_VALUES = 10_000

#: Errors in one answer.
MAX_REPORTED_ERRORS = 5

#: As how many conditions a relation, a value computed from other rows and a step of an order count: to compile
#: one takes about 8 ms, as each is a SELECT with policies of its own; any other condition takes 1 ms.
CONDITIONS_PER_SELECT = 5

#: How many plain values of a list, such as those of `in`, count as one condition more: each is read by itself.
VALUES_PER_CONDITION = 100

#: What one condition, one value with a SELECT of its own and one change cost in objects read, and how many values of
#: introspection cost as much as one. A SELECT takes 5 ms to compile, and reads more than the object it stands for.
CONDITION_COST = 10
SELECT_COST = 20
MUTATION_COST = 10
INTROSPECTION_VALUES_PER_COST = 35


@dataclass(frozen=True, slots=True)
class Limits:
    """What one operation may request at most, unless the operator has set another number.

    Attributes:
        characters: Characters of the document.
        tokens: Tokens of the document: names, punctuation, values, comments.
        depth: Levels of fields, the root's being the first. Fragments are no level.
        fields: Fields, those of a fragment counted each time it is spread.
        aliases: Fields under another name, counted the same way.
        directives: Directives, counted the same way.
        root_fields: Fields at the root of a query.
        root_mutations: Fields at the root of a mutation.
        nodes: Objects and lists in the answer at worst: the sizes of nested pages, multiplied.
        conditions: Conditions and steps of orders, each as often as its list is read; a relation, a computed value
            and a step count as five.
        introspection_fields: Fields of the schema about itself, which count in no other limit of fields.
        introspection_lists: Lists of members of types inside each other, which is how introspection goes in circles.
        introspection_values: Values in the answer to introspection at worst: the lengths of nested lists, multiplied.
    """

    characters: int = 20_000
    tokens: int = 2_000
    depth: int = 16
    fields: int = 300
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    root_mutations: int = 5
    nodes: int = 10_000
    conditions: int = MAX_FILTER_CONDITIONS
    introspection_fields: int = 300
    introspection_lists: int = 2
    introspection_values: int = 500_000
