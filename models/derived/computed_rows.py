"""Rows that are not stored: a statement computes them from the rows that the viewer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


class ComputedRows:
    """Mixin for an entity whose table is never created: every statement has a subquery in its place."""

    @classmethod
    def rows(cls, tables: Tables) -> SelectBase:
        """Return the SELECT of the rows; its columns have the names of the attributes."""
        raise NotImplementedError
