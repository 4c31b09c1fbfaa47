"""The validation rules for signed-in callers: those of all documents, with advice in their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLError,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    NoUndefinedVariablesRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    VariablesInAllowedPositionRule,
)

from schema.advice import advised
from schema.advice.arguments import declared_otherwise, missing_argument, undeclared_variable, unknown_argument
from schema.advice.fields import missing_selection, needless_selection, unknown_field
from schema.advice.values import advise_value
from schema.execution.validation import RULES, AllowedValues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import ArgumentNode, GraphQLInputType, ValueNode
    from graphql.validation import ValidationContext


def with_advice(error: GraphQLError, advice: str) -> GraphQLError:
    """Return the error with a message that ends with the advice, which can be empty."""
    if not advice:
        return error
    return GraphQLError(advised(error.message, advice), error.nodes, error.source, error.positions)


class TaughtFields(FieldsOnCorrectTypeRule):
    """Says what to write instead of a field that a type does not have."""

    def report_error(self, error: GraphQLError) -> None:
        """Report an unknown field."""
        node, parent = _field(error), self.context.get_parent_type()
        advice = unknown_field(self.context.schema, parent, node.name.value) if node and parent else ""
        super().report_error(with_advice(error, advice))


class TaughtLeafs(ScalarLeafsRule):
    """Says what to select of an object, and that a value has no fields."""

    name = ""

    def enter_field(self, node: FieldNode, *args: Any) -> None:
        """Remember the field, which the error on a selection does not name."""
        self.name = node.name.value
        super().enter_field(node, *args)

    def report_error(self, error: GraphQLError) -> None:
        """Report a selection that is missing or not needed."""
        kind = get_named_type(self.context.get_type())
        if error.nodes and isinstance(error.nodes[0], SelectionSetNode):
            advice = needless_selection(self.name)
        else:
            advice = missing_selection(self.context.schema, self.name, kind) if kind else ""
        super().report_error(with_advice(error, advice))


class TaughtArgumentNames(KnownArgumentNamesRule):
    """Says what to write instead of an argument that a field does not have."""

    def enter_argument(self, arg_node: ArgumentNode, *args: Any) -> None:
        """Report an unknown argument."""
        field, parent = self.context.get_field_def(), self.context.get_parent_type()
        if field and parent and not self.context.get_argument():
            name = arg_node.name.value
            message = f"Unknown argument '{name}' on field '{parent}.{args[3][-1].name.value}'."
            self.report_error(with_advice(GraphQLError(message, arg_node), unknown_argument(field, name)))


class TaughtRequiredArguments(ProvidedRequiredArgumentsRule):
    """Says how to write an argument that is required."""

    def report_error(self, error: GraphQLError) -> None:
        """Report a missing argument."""
        field, node = self.context.get_field_def(), _field(error)
        sent = {argument.name.value for argument in (node.arguments or ())} if node else set()
        missing = [name for name in (field.args if field else ()) if name not in sent and f"({name}:)" in error.message]
        advice = missing_argument(missing[0], field.args[missing[0]].type) if field and missing else ""
        super().report_error(with_advice(error, advice))


class TaughtDeclarations(NoUndefinedVariablesRule):
    """Says how to declare a variable."""

    def report_error(self, error: GraphQLError) -> None:
        """Report a variable that is not declared."""
        nodes: Any = error.nodes
        variable, operation = nodes
        advice = undeclared_variable(variable.name.value, _type_at(self.context, operation, variable))
        super().report_error(with_advice(error, advice))


class TaughtPositions(VariablesInAllowedPositionRule):
    """Says with which type to declare a variable."""

    operation: Any = None

    def leave_operation_definition(self, operation: Any, *args: Any) -> None:
        """Remember the operation, which the error does not name."""
        self.operation = operation
        super().leave_operation_definition(operation, *args)

    def report_error(self, error: GraphQLError) -> None:
        """Report a variable of another type."""
        nodes: Any = error.nodes
        _, variable = nodes
        kind = _type_at(self.context, self.operation, variable)
        super().report_error(with_advice(error, declared_otherwise(variable.name.value, kind) if kind else ""))


class TaughtValues(AllowedValues):
    """Says what to write instead of a value that does not fit its type."""

    def advice(self, kind: GraphQLInputType, node: ValueNode, path: Sequence[str | int]) -> str:
        """Return what to write for the part of the value that the path names."""
        return advise_value(kind, value_from_ast_untyped(node), path)


_TAUGHT = {
    rule.__mro__[1]: rule
    for rule in (
        TaughtFields, TaughtLeafs, TaughtArgumentNames, TaughtRequiredArguments, TaughtDeclarations, TaughtPositions,
        TaughtValues,
    )
}  # fmt: skip

TEACHING_RULES = tuple(_TAUGHT.get(rule, rule) for rule in RULES)


def _field(error: GraphQLError) -> FieldNode | None:
    node = error.nodes[0] if error.nodes else None
    return node if isinstance(node, FieldNode) else None


def _type_at(context: ValidationContext, operation: Any, variable: Any) -> GraphQLInputType | None:
    """Return the type of the place where an operation uses a variable; None if it is not known."""
    usages = context.get_recursive_variable_usages(operation)
    return next((usage.type for usage in usages if usage.node is variable), None)
