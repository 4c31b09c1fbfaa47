"""Random queries over the contract: valid and mostly fruitful, with everything in them that a query can have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from tests.generators.documents import Written
from tests.generators.filters import SEARCHES, Conditions, Dice
from tests.generators.pagination import page_arguments
from tests.generators.values import CURRENCIES, DATES

if TYPE_CHECKING:
    from graphql import GraphQLField

    from tests.generators.filters import Pair
    from tests.reference.executor import Reference

MAX_DEPTH = 8
MAX_FIELDS = 18
#: What is chosen of a connection, the more often the more it stands here.
CONNECTION_FIELDS = ("nodes", "nodes", "nodes", "edges", "edges", "pageInfo", "totalCount", "aggregate", "__typename")
NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Question:
    """A document, and the sets of variables to ask it with, one after another."""

    query: str
    variables: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Head:
    """A field as it is written before its selection, and the types of the objects it may give."""

    text: str
    definition: GraphQLField | None
    types: tuple[str, ...]


@dataclass
class Level:
    """The selection at one place of a response, by its key there: merged fields must not contradict each other."""

    aliased: bool = False
    heads: dict[str, Head] = field(default_factory=dict)
    below: dict[str, Level] = field(default_factory=dict)


def random_question(reference: Reference, seed: int) -> Question:
    """Return the question of a seed over the data that a reference holds."""
    return Writer(Dice(seed), reference).question()


class Writer:
    """Writes one question."""

    def __init__(self, dice: Dice, reference: Reference) -> None:
        self.dice = dice
        self.reference = reference
        self.written = Written(dice)
        self.conditions = Conditions(dice, reference)
        self.fragments: list[str] = []
        self.left = MAX_FIELDS
        self.aliases = 0
        self.fault_is_due = dice.chance(12)

    def question(self) -> Question:
        """Return the question of this writer."""
        selection = self._selection(self.reference.schema.query_type, 0, Level())
        definitions = f"({', '.join(self.written.definitions)})" if self.written.definitions else ""
        document = "\n".join([f"query Asked{definitions} {selection}", *self.fragments])
        return Question(document, self.written.values)

    def _selection(self, type_: Any, depth: int, level: Level) -> str:
        parts = [self._part(type_, depth, level) for _ in range(self.dice.number(1, 4 if depth else 2))]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: Any, depth: int, level: Level) -> str:
        return self._fragment(type_, depth, level) if self.dice.chance(12) else self._field(type_, depth, level)

    def _fragment(self, type_: Any, depth: int, level: Level) -> str:
        inside = " ".join(self._field(type_, depth, level) for _ in range(self.dice.number(1, 2)))
        if self.dice.chance(50):
            condition = f"on {type_.name} " if self.dice.chance(60) else ""
            return f"... {condition}{self._directive()}{{ {inside} }}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {type_.name} {{ {inside} }}")
        return " ".join(f"...{name} {self._directive()}" for _ in range(self.dice.number(1, 2)))

    def _directive(self) -> str:
        if not self.dice.chance(10):
            return ""
        name, value = self.dice.choice(("skip", "include")), self.dice.chance(50)
        condition = self.written.variable((value, value), "Boolean!") if self.dice.chance(60) else str(value).lower()
        return f"@{name}(if: {condition}) "

    def _field(self, type_: Any, depth: int, level: Level) -> str:
        self.left -= 1
        if level.heads and self.dice.chance(12):
            key = self.dice.choice(list(level.heads))
        else:
            key = self._new_field(type_, depth, level)
        head = level.heads[key]
        return f"{head.text} {self._directive()}{self._below(head, depth, level.below.setdefault(key, Level()))}"

    def _new_field(self, type_: Any, depth: int, level: Level) -> str:
        name = self._choose(type_, depth)
        definition, key = type_.fields.get(name), name
        if level.aliased or name in level.heads or self.dice.chance(10):
            self.aliases += 1
            key = f"a{self.aliases}"
        pairs, types = self._arguments(name, definition)
        given = ", ".join(
            f"{each}: {self.written.write(pair, definition.args[each].type)}" for each, pair in pairs.items()
        )
        text = name if key == name else f"{key}: {name}"
        level.heads[key] = Head(f"{text}({given})" if given else text, definition, types)
        return key

    def _choose(self, type_: Any, depth: int) -> str:
        enough = depth >= MAX_DEPTH or self.left < 0
        if type_.name.endswith("Connection"):
            return str(self.dice.choice(("totalCount", "__typename") if enough else CONNECTION_FIELDS))
        composites = [name for name, each in type_.fields.items() if _is_composite(get_named_type(each.type))]
        leaves = [name for name in type_.fields if name not in composites]
        deeper = composites and not enough and (not leaves or self.dice.chance(45))
        return str(self.dice.choice(composites if deeper else [*leaves, "__typename"]))

    def _below(self, head: Head, depth: int, level: Level) -> str:
        kind = get_named_type(head.definition.type) if head.definition else None
        if isinstance(kind, GraphQLInterfaceType):
            return self._any_object(head, depth, level)
        return self._selection(kind, depth + 1, level) if isinstance(kind, GraphQLObjectType) else ""

    def _any_object(self, head: Head, depth: int, level: Level) -> str:
        """Select what every object has, and what those of some types have beside it."""
        parts = [self.dice.choice(("id", "__typename", "... on Node { id }"))]
        for name in dict.fromkeys([*head.types, self.dice.choice(list(self.reference.entities))]):
            # Keys of different types must not meet, so each is an alias.
            inside = self._selection(
                self.reference.schema.type_map[name], depth + 1, level.below.setdefault(name, Level(aliased=True))
            )
            parts.append(f"... on {name} {inside}")
        return "{ " + " ".join(parts) + " }"

    def _arguments(self, name: str, definition: GraphQLField | None) -> tuple[dict[str, Pair], tuple[str, ...]]:
        if definition is None or not definition.args:
            return {}, ()
        dice, kind = self.dice, get_named_type(definition.type)
        if kind.name.endswith("Connection"):
            faulty, self.fault_is_due = self.fault_is_due, False
            found = page_arguments(self.conditions, kind.name.removesuffix("Connection"), faulty=faulty)
            if "asOf" in definition.args and dice.chance(40):
                found["asOf"] = dice.pair([*map(str, DATES)])
            own = {
                "compareRoadmaps": self._compared,
                "search": self._searched,
                "changes": self._of_changes,
            }.get(name, dict)
            return found | own(), ()
        if name in {"node", "nodes"}:
            types = dice.some(list(self.reference.entities), 3 if name == "nodes" else 1)
            ids = [(self._id(each), self._id(each)) for each in types for _ in range(len(types))]
            lists = [one for one, _ in ids], [other for _, other in ids]
            return ({"ids": lists} if name == "nodes" else {"id": ids[0]}), tuple(types)
        if name in {"groupBy", "explain"}:
            return self._shaping(definition), ()
        if name in {"roadmapInForce", "converted"}:
            return self._dated(name), ()
        return {key: dice.pair([*self.conditions.known(kind.name, key), "nobody"]) for key in definition.args}, ()

    def _shaping(self, definition: GraphQLField) -> dict[str, Pair]:
        """Return an argument that shapes the statement, so that it is the same in both requests."""
        ((name, argument),) = definition.args.items()
        kind: Any = get_named_type(argument.type)
        values = list(kind.values)
        chosen = self.dice.some(values, 3) if name == "by" else self.dice.choice(values)
        return {name: (chosen, chosen)}

    def _dated(self, name: str) -> dict[str, Pair]:
        dice, day = self.dice, "ratesOn" if name == "converted" else "on"
        found: dict[str, Pair] = {"in": dice.pair(list(CURRENCIES))} if name == "converted" else {}
        # A null day has a statement of its own.
        value = (None, None) if dice.chance(15) else dice.pair([*map(str, DATES)])
        return {**found, day: value} if dice.chance(80) else found

    def _compared(self) -> dict[str, Pair]:
        roadmaps: list[Any] = self.reference.entities["Roadmap"]
        named = [f"Roadmap:{NOBODY}", *(text for each in roadmaps for text in (f"Roadmap:{each.id}", each.reference))]
        return {"from": self.dice.pair(named), "to": self.dice.pair(named)}

    def _searched(self) -> dict[str, Pair]:
        dice, found = self.dice, {"query": self.dice.pair(SEARCHES)}
        if dice.chance(30):
            kinds: Any = self.reference.schema.type_map["SearchedType"]
            some = dice.some(list(kinds.values), 4)
            found["types"] = (some, some[::-1])
        if dice.chance(30):
            groups: list[Any] = self.reference.entities["ExpertGroup"]
            named = [
                f"ExpertGroup:{NOBODY}",
                *(text for each in groups for text in (f"ExpertGroup:{each.id}", each.code)),
            ]
            found["groups"] = ([dice.choice(named)], [dice.choice(named)])
        return found

    def _of_changes(self) -> dict[str, Pair]:
        types: Any = self.reference.schema.type_map["ChangedType"]
        groups: list[Any] = self.reference.entities["ExpertGroup"]
        named = [text for each in groups for text in (f"ExpertGroup:{each.id}", each.code)]
        found: dict[str, Pair] = {}
        for name, values in (("types", list(types.values)), ("groups", named)):
            if self.dice.chance(30):
                pairs = [self.dice.pair(values) for _ in range(self.dice.number(0, 9))]
                found[name] = [one for one, _ in pairs], [other for _, other in pairs]
        return found

    def _id(self, type_name: str) -> str:
        entities = self.reference.entities[type_name]
        return f"{type_name}:{NOBODY if self.dice.chance(10) else self.dice.choice(entities).id}"


def _is_composite(kind: Any) -> bool:
    return isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
