"""The decorators that declare derived values on an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar, overload

from sqlalchemy.orm import InspectionAttrInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.derived.rows import Figures, RowAlias

T = TypeVar("T")
Expression = TypeVar("Expression", bound="Callable[[RowAlias], Any]")


class derived(InspectionAttrInfo, Generic[T]):  # noqa: N801 - a decorator is written in lower case
    """A value of a row that is computed from rows of other tables: a method over loaded objects, and its SQL.

    The docstring of the method is the description in the API. The return type defines whether the value can be null.
    A `list[Money]` is a list of sums, one for each currency.

    On an object, the attribute is the value. On the entity and its aliases, it is this declaration and not a SQL
    expression, so that a query must state which rows of other tables are visible: see `tables.Tables.value`.
    """

    #: SQLAlchemy lists it among the attributes of the entity.
    is_attribute = True

    def __init__(self, fget: Callable[[Any], T]) -> None:
        self.fget = fget
        self.name = fget.__name__
        self._expression: Callable[[RowAlias], Any] | None = None

    def expression(self, function: Expression) -> Expression:
        """Register the function that returns the SQL of the value for a row: an expression, or a SELECT of sums."""
        self._expression = function
        return function

    def sql(self, row: RowAlias) -> Any:
        """Return the SQL of the value for a row. Raise LookupError if no SQL is declared."""
        if self._expression is None:
            message = f"{self.fget.__qualname__} has no SQL: declare it with @{self.name}.expression"
            raise LookupError(message)
        return self._expression(row)

    @overload
    def __get__(self, instance: None, owner: Any) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: object | None, owner: Any) -> Self | T:
        """Return the value of an object, or the declaration of the class."""
        return self if instance is None else self.fget(instance)

    def __set__(self, instance: object, value: Any) -> NoReturn:
        """Raise AttributeError, because a derived value cannot be set."""
        message = f"{self.fget.__qualname__} is derived from other rows and cannot be set"
        raise AttributeError(message)


class figures:  # noqa: N801 - a decorator is written in lower case
    """Figures of a row that one SELECT computes, for use in derived values; not a field of the API."""

    def __init__(self, function: Callable[[RowAlias], Figures]) -> None:
        self._function = function

    def sql(self, row: RowAlias) -> Figures:
        """Return the figures of a row: SQL expressions as attributes."""
        return self._function(row)


class computed(InspectionAttrInfo):  # noqa: N801 - a decorator is written in lower case
    """A value of a row that only SQL computes: a figure over many tables that no command needs on an object.

    It decorates the static method that returns the SQL of the value for a row, as `derived.expression` does. The
    docstring of the method is the description in the API.

    Attributes:
        returns: The type of the value as an annotation; it defines whether the value can be null.
    """

    #: SQLAlchemy lists it among the attributes of the entity.
    is_attribute = True

    def __init__(self, returns: str) -> None:
        self.returns = returns
        self.fget: Any = None

    def __call__(self, function: Callable[[RowAlias], Any]) -> Self:
        """Register the function that returns the SQL of the value for a row: an expression, or a SELECT of sums."""
        self.fget = function
        return self

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    def sql(self, row: RowAlias) -> Any:
        """Return the SQL of the value for a row."""
        return self.fget(row)

    @overload
    def __get__(self, instance: None, owner: Any) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> Any: ...
    def __get__(self, instance: object | None, owner: Any) -> Any:
        """Return the declaration of the class, or the value that was read with an object.

        Raises:
            AttributeError: the object was read without the value.
        """
        if instance is None:
            return self
        if self.name not in vars(instance):
            message = f"{self.name} is computed by the database; select it with `unrestricted(...)`"
            raise AttributeError(message)
        return vars(instance)[self.name]

    def __set__(self, instance: object, value: Any) -> NoReturn:
        """Raise AttributeError, because a computed value cannot be set."""
        message = f"{self.name} is computed from other rows and cannot be set"
        raise AttributeError(message)
