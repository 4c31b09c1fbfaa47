"""Faults of single fields: the nearest nullable field above each is null, and the rest of the data is returned.

Source: GraphQL specification, "Handling Execution Errors". The statement reads the data as if the faulty field were
null or empty; `null_faults` then does what an executor does with an error of that field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, GraphQLNonNull

from resolvers.core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import GraphQLError, GraphQLOutputType

    from resolvers.query.selection import SelectedField
    from resolvers.sql.parameters import Path


@dataclass(frozen=True)
class FieldFault:
    """A field whose arguments are not allowed, and the error that says why."""

    field: SelectedField
    error: RequestError


@dataclass
class _Step:
    """One field on the way to faulty fields."""

    type: GraphQLOutputType | None = None
    fault: FieldFault | None = None
    below: dict[str, _Step] = field(default_factory=dict)


#: The value of a field that has an error and whose type does not allow null.
_NULLED: Any = object()


def null_faults(data: Any, faults: Iterable[FieldFault]) -> tuple[Any, list[GraphQLError]]:
    """Return the data with null for each fault, and one error for each place of the data that has a faulty field.

    A field in a list that is empty has no error: it was not executed.
    """
    errors: list[GraphQLError] = []
    found = _Nulling(errors).object(data, _steps_to(faults), ())
    return (None if found is _NULLED else found), errors


def error_without_data(faults: Iterable[FieldFault]) -> GraphQLError | None:
    """Return the error of a query whose data is always null; None if the database must be read first."""
    first, *others = _in_order(faults)
    for fault in (first, *others):
        if not all(isinstance(kind, GraphQLNonNull) for kind in fault.field.types) or _is_in_list(fault.field):
            return None
    return _located(first, first.field.path)


def _is_in_list(field: SelectedField) -> bool:
    above: Any = field.types[:-1]
    return any(isinstance(kind.of_type, GraphQLList) for kind in above)


def _in_order(faults: Iterable[FieldFault]) -> list[FieldFault]:
    return sorted(faults, key=lambda each: each.field.places)


def _steps_to(faults: Iterable[FieldFault]) -> _Step:
    root = _Step()
    for fault in _in_order(faults):
        step = root
        for key, kind in zip(fault.field.path, fault.field.types, strict=True):
            step = step.below.setdefault(str(key), _Step(kind))
        step.fault = step.fault or fault
    return root


class _Nulling:
    """Walks the data along the faulty fields, in the order in which an executor completes fields."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self._errors = errors

    def object(self, value: Any, step: _Step, path: Path) -> Any:
        """Return an object with its faulty fields nulled; `_NULLED` if one of them must not be null."""
        if not isinstance(value, dict):
            return value
        for key, below in step.below.items():
            if key in value:
                value[key] = self._field(value[key], below.type, below, (*path, key))
                if value[key] is _NULLED:
                    return _NULLED
        return value

    def _field(self, value: Any, kind: Any, step: _Step, path: Path) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._value(value, kind.of_type, step, path)
        found = self._value(value, kind, step, path)
        return None if found is _NULLED else found

    def _value(self, value: Any, kind: Any, step: _Step, path: Path) -> Any:
        if step.fault is not None:
            self._errors.append(_located(step.fault, path))
            return _NULLED
        if not isinstance(kind, GraphQLList):
            return self.object(value, step, path)
        for place, item in enumerate(value or ()):
            value[place] = self._field(item, kind.of_type, step, (*path, place))
            if value[place] is _NULLED:
                return _NULLED
        return value


def _located(fault: FieldFault, path: Path) -> GraphQLError:
    nodes = [detail.node for detail in fault.field.details]
    return RequestError(fault.error.message, nodes=nodes, path=path, **fault.error.extensions or {})
