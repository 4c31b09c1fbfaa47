"""Lists of computed rows: the page, the count and the sums of a list read one CTE.

Computing the clashes once more for each of them takes PostgreSQL 80 ms of planning a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import aliased

from models.derived.computed_rows import ComputedRows
from models.derived.relations import source_of
from resolvers.query.visible_entities import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CTE, Select


@dataclass(frozen=True)
class ComputedList:
    """The rows of one list, computed once."""

    model: type[ComputedRows]
    cte: CTE

    @classmethod
    def of(cls, alias: Any, conditions: Sequence[Any]) -> ComputedList | None:
        """Return the list of an alias under conditions; None for stored rows, which the engine reads by indexes."""
        model = inspect(alias).mapper.class_
        if not issubclass(model, ComputedRows):
            return None
        # SQLite would compute a CTE anew for each amount of the sums; PostgreSQL computes what is read twice once.
        return cls(
            model,
            rows_of(alias)
            .where(*conditions)
            .correlate_except(source_of(alias))
            .cte()
            .prefix_with("MATERIALIZED", dialect="sqlite"),
        )

    def rows(self) -> tuple[Any, Sequence[Any]]:
        """Return a new alias of the rows, and no further conditions."""
        return aliased(self.model, self.cte, adapt_on_names=True), ()

    def within(self, selected: Select[Any]) -> Select[Any]:
        """Return a SELECT that reads the rows with their CTE, so that a row outside of it can be read by the CTE."""
        return selected.add_cte(self.cte, nest_here=True)
