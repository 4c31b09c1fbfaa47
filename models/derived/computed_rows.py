"""Rows that are not stored: a statement computes them from the rows that the viewer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


class ComputedRows:
    """Mixin for an entity whose table is never created: every statement has a subquery in its place.

    Attributes:
        is_node: Whether a row has an id by which it is found; false for rows that are only read with their parent.
    """

    is_node: ClassVar[bool] = True

    #: No search finds computed rows.
    searched: ClassVar[None] = None

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the rows; its columns have the names of the attributes.

        Args:
            tables: The tables of the statement.
            parent: The type of the object whose relation is read, so that rows without such an object can be left out;
                None if every row is read.
        """
        raise NotImplementedError


class Uncreated(DeclarativeBase):
    """The declarative base of computed rows; no migration creates its tables."""

    metadata = MetaData()
