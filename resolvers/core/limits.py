"""How much one operation may ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is answered at once; `docs/limits.md` says how each was chosen.

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
    conditions: int = 200
    introspection_fields: int = 300
    introspection_lists: int = 2
    introspection_values: int = 500_000
