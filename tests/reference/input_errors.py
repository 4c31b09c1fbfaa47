"""What the reference refuses: every fault that the arguments of an operation have, in the words of the contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphql import FragmentDefinitionNode, GraphQLError, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import get_argument_values

from models.money import Money
from tests.reference.filters import MODELS, is_share, snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import DocumentNode, GraphQLNamedType, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.values import VariableValues

    from tests.reference.pagination import Order

MAX_DEPTH = 3
MAX_OBJECTS = 100
MAX_GROUPS = 3
KEY = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UNFIT = re.compile("[\0\ud800-\udfff]")


class Refusals:
    """Walks what an operation selects, whether or not there are rows to select it from."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        order: Callable[[str, Any, str, str], Order],
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.variables = variables
        self.order = order
        fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        self.fragments = {fragment.name.value: FragmentDetails(fragment) for fragment in fragments}

    def all(self) -> list[str]:
        """Give the message of every fault."""
        query = self.schema.query_type
        assert query is not None
        collected = collect_fields(self.schema, self.fragments, self.variables, query, self.operation)
        return list(self._fields(query, collected))

    def _fields(self, parent: GraphQLObjectType, collected: Any) -> Iterator[str]:
        for details in collected.grouped_field_set.values():
            node = details[0].node
            definition = parent.fields.get(node.name.value)
            if definition is None:
                continue
            try:
                arguments = get_argument_values(definition, node, self.variables)
            except GraphQLError as error:
                yield error.message
                continue
            type_ = get_named_type(definition.type)
            yield from self._arguments(type_, arguments, (parent.name, node.name.value))
            for runtime in self._runtime_types(type_, arguments):
                below = collect_subfields(self.schema, self.fragments, self.variables, self.operation, runtime, details)
                yield from self._fields(runtime, below)

    def _runtime_types(self, type_: GraphQLNamedType, arguments: dict[str, Any]) -> list[GraphQLObjectType]:
        if isinstance(type_, GraphQLObjectType):
            return [type_]
        # Of `node` and `nodes` only those types are selected from that the ids name.
        ids = arguments.get("ids", [arguments.get("id")])
        named = dict.fromkeys(str(each).partition(":")[0] for each in ids)
        found = [self.schema.type_map.get(name) for name in named]
        return [each for each in found if isinstance(each, GraphQLObjectType)]

    def _arguments(self, type_: GraphQLNamedType, arguments: dict[str, Any], place: tuple[str, str]) -> Iterator[str]:
        for name, value in arguments.items():
            if name == "ids" and len(value) > MAX_OBJECTS:
                yield f"ids has {len(value)} items. Request at most {MAX_OBJECTS} at once."
            if name in {"id", "ids"}:
                yield from self._ids(value, name)
            elif name in {"first", "last"} and value is not None and not 1 <= value <= MAX_OBJECTS:
                yield f"{name} is {value}. It must be from 1 to {MAX_OBJECTS}."
            elif (
                name == "by"
                and value is not None
                and not (len(set(value)) == len(value) and 1 <= len(value) <= MAX_GROUPS)
            ):
                yield f"by must list 1 to {MAX_GROUPS} different fields."
            elif isinstance(value, str):
                yield from _unfit(value, name)
        if type_.name.endswith("Connection"):
            type_name = type_.name.removesuffix("Connection")
            yield from self._where(type_name, arguments.get("where") or {}, "where", 0)
            yield from self._page(type_name, arguments, place)

    def _page(self, type_name: str, arguments: dict[str, Any], place: tuple[str, str]) -> Iterator[str]:
        if arguments.get("first") is not None and arguments.get("last") is not None:
            yield "first and last cannot be used together. Use one of them."
        order = self.order(type_name, arguments.get("orderBy"), *place)
        for name in ("after", "before"):
            if arguments.get(name) is not None:
                try:
                    order.read(arguments[name])
                except ValueError:
                    yield f"{name} is not a cursor of this list in this order. Use a cursor from its edges or pageInfo."

    def _ids(self, value: Any, name: str, type_name: str | None = None) -> Iterator[str]:
        for each in value if isinstance(value, list) else [value]:
            found, _, key = each.partition(":")
            known = (
                isinstance(self.schema.type_map.get(found), GraphQLObjectType)
                and f"{found}Where" in self.schema.type_map
            )
            if not known or not KEY.fullmatch(key):
                yield f"{name} is not an id of this API. Send the id exactly as you received it."
            elif type_name not in {None, found}:
                yield f"{name} is an id of type {found}. Send an id of type {type_name}."

    def _where(self, type_name: str, where: dict[str, Any], name: str, depth: int) -> Iterator[str]:
        if depth > MAX_DEPTH:
            yield f"{name} is nested too deeply. Nest at most {MAX_DEPTH} relations, and, or and not."
            return
        fields: Any = self.schema.type_map[f"{type_name}Where"]
        for key, value in where.items():
            place = f"{name}.{key}"
            target = get_named_type(fields.fields[key].type).name
            if value is None:
                yield f"{place} must not be null. Omit it or use isNull."
            elif target.endswith("ListWhere"):
                for part, inner in value.items():
                    if inner is None:
                        yield f"{place}.{part} must not be null. Omit it or use isNull."
                    else:
                        yield from self._where(target.removesuffix("ListWhere"), inner, f"{place}.{part}", depth + 1)
            elif target.endswith("Where"):
                for inner in value if isinstance(value, list) else [value]:
                    yield from self._where(target.removesuffix("Where"), inner, place, depth + 1)
            else:
                yield from self._operators(type_name, snake_case(key), value, place)

    def _operators(self, type_name: str, attribute: str, operators: dict[str, Any], place: str) -> Iterator[str]:
        model = MODELS[type_name]
        is_money = hasattr(model, f"{attribute}_minor")
        currency = operators.get("currency")
        if is_money and currency is None and set(operators) - {"isNull", "currency"}:
            yield f"{place} compares amounts without a currency. Add the currency."
        for operator, operand in operators.items():
            name = f"{place}.{operator}"
            if operand is None:
                yield f"{name} must not be null. Omit it or use isNull."
            elif attribute == "id" and operator != "isNull":
                yield from self._ids(operand, name, type_name)
            elif is_money and operator in {"eq", "gte", "lte"} and currency:
                yield from _amount(operand, currency, name)
            elif is_share(model, attribute) and operator != "isNull":
                units = operand * 10_000
                if units % 1 or abs(units) >= 2**31:
                    yield f"{name} must be a share: a number from 0 to 1 with at most four decimals."
            else:
                for each in operand if isinstance(operand, list) else [operand]:
                    yield from _unfit(each, name)


def _amount(operand: Any, currency: str, name: str) -> Iterator[str]:
    try:
        Money.of(operand, currency)
    except ValueError as error:
        yield f"{name}: {error}."


def _unfit(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, str) and UNFIT.search(value):
        yield f"{name} contains a NUL character or half of a surrogate pair. Remove it."
