"""Compiles `where` filters to one SQL predicate.

A condition is either true or false for a row. A condition on an unknown value is false, and `not` is the exact
complement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import String, and_, false, inspect, or_, select, true, type_coerce

from models.derived.relations import source_of
from resolvers.core.attributes import Kind, attribute, is_computed
from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_FILTER_CONDITIONS, MAX_FILTER_DEPTH
from resolvers.core.naming import attribute_name
from resolvers.query.filter_operators import COMPARISONS, applied_operator, bound_type, operand_converter, to_minor
from resolvers.query.spec import query_spec_of
from resolvers.search_index.full_text import SearchArgument
from resolvers.sql.parameters import ArgumentValue

if TYPE_CHECKING:
    from resolvers.core.attributes import Attribute
    from resolvers.query.visible_entities import VisibleEntities
    from resolvers.sql.parameters import ArgumentTree, ParameterBinder, Path

#: The condition that a search finds the object; every type that a search finds has it.
SEARCH = "search"


class FilterCompiler:
    """Compiles the predicate of one `where` argument."""

    def __init__(self, entities: VisibleEntities, binder: ParameterBinder, path: Path) -> None:
        self.entities = entities
        self.binder = binder
        self.path = path
        self.conditions = 0

    def predicate(self, alias: Any, tree: ArgumentTree, name: str, depth: int = 0) -> Any:
        """Return the predicate of a `where` tree on an alias.

        Raises:
            BadUserInputError: the tree is nested too deeply, has too many conditions, or compares with null.
        """
        if depth > MAX_FILTER_DEPTH:
            self._fail(f"{name} is nested too deeply. Nest at most {MAX_FILTER_DEPTH} relations, and, or and not.")
        if not tree or not isinstance(tree, dict):
            # An empty filter is true for every row, but it also adds a condition to the statement.
            self._count()
            return true()
        return and_(true(), *(self._entry(alias, key, value, f"{name}.{key}", depth) for key, value in tree.items()))

    def _entry(self, alias: Any, key: str, value: ArgumentTree, name: str, depth: int) -> Any:
        self._count()
        if value is None:
            self._fail(f"{name} must not be null. Omit it or use isNull.")
        if isinstance(value, list):
            parts = [self.predicate(alias, part, name, depth + 1) for part in value]
            return and_(true(), *parts) if key == "and" else or_(false(), *parts)
        if key == "not":
            return self.predicate(alias, value, name, depth + 1).is_not(true())
        if key == SEARCH:
            return alias.id.in_(SearchArgument(value, self.binder, self.path, name).keys())
        described = attribute(inspect(alias).mapper.class_, attribute_name(key))
        if described.kind is Kind.REFERENCE:
            return self._exists(alias, described.name, value, name, depth)
        entries = value if isinstance(value, dict) else {}
        for operator, operand in entries.items():
            if operand is None:
                self._fail(f"{name}.{operator} must not be null. Omit it or use isNull.")
        if described.kind is Kind.COLLECTION:
            return self._collection(alias, described.name, entries, name, depth)
        compare = self._money if described.kind is Kind.MONEY else self._plain
        return and_(true(), *compare(alias, described, entries, name))

    def _exists(self, alias: Any, relation: str, value: ArgumentTree, name: str, depth: int) -> Any:
        target, joined = self.entities.related(alias, relation)
        condition = self.predicate(target, value, name, depth + 1)
        source = source_of(target)
        return select(1).select_from(source).where(joined, condition).correlate_except(source).exists()

    def _collection(self, alias: Any, relation: str, entries: dict[str, ArgumentTree], name: str, depth: int) -> Any:
        conditions = [true()]
        for key, tree in entries.items():
            found = self._exists(alias, relation, tree, f"{name}.{key}", depth)
            conditions.append(found if key == "some" else ~found)
        return and_(*conditions)

    def _money(self, alias: Any, described: Attribute, entries: dict[str, ArgumentTree], name: str) -> list[Any]:
        minor, currency = (self.entities.value(alias, f"{described.name}_{part}") for part in ("minor", "currency"))
        code = entries.get("currency")
        if code is None and set(entries) - {"isNull"}:
            self._fail(f"{name} compares amounts without a currency. Add the currency.")
        conditions = []
        for operator, tree in entries.items():
            if operator == "isNull":
                conditions.append(_is_null(minor, tree))
            elif operator == "currency":
                conditions.append(currency == self.binder.bind(tree, String(), self.path))
            else:
                bound = self.binder.bind(
                    [tree, code], minor.type, self.path, to_minor(f"{name}.{operator}", minor.type)
                )
                conditions.append(COMPARISONS[operator](minor, bound))
        return conditions

    def _plain(self, alias: Any, described: Attribute, entries: dict[str, ArgumentTree], name: str) -> list[Any]:
        column = self.entities.value(alias, described.name)
        compared = type_coerce(column, String) if described.kind is Kind.ENUM else column
        mapper = inspect(alias).mapper
        type_name, stored = mapper.class_.__name__, getattr(mapper.columns.get(described.name), "type", None)
        conditions = []
        for operator, tree in entries.items():
            if operator == "isNull":
                conditions.append(_is_null(column, tree))
                continue
            convert = operand_converter(described.kind, stored, type_name, operator, f"{name}.{operator}")
            applied = applied_operator(stored, operator)
            bound = self.binder.bind(tree, bound_type(described.kind, column, applied), self.path, convert)
            conditions.append(COMPARISONS[applied](compared, bound))
        return conditions

    def _count(self) -> None:
        self.conditions += 1
        if self.conditions > MAX_FILTER_CONDITIONS:
            self._fail(
                f"where has more than {MAX_FILTER_CONDITIONS} conditions. Use fewer conditions, or in for a list."
            )

    def _fail(self, message: str) -> NoReturn:
        error = BadUserInputError(message)
        error.path = list(self.path)
        raise error


def needs_select(type_name: str, name: str) -> bool:
    """Return whether a condition on an attribute can need a SELECT: on another object or on a computed value."""
    if name == SEARCH:
        return True
    model = query_spec_of(type_name).model
    return attribute(model, name).kind is Kind.REFERENCE or is_computed(model, name)


def _is_null(column: Any, tree: ArgumentTree) -> Any:
    # The value of isNull is part of the shape of a filter, so it can be read during compilation.
    wanted = isinstance(tree, ArgumentValue) and tree.value
    return column.is_(None) if wanted else column.is_not(None)
