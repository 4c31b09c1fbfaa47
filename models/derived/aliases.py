"""Reuses the aliases of entities, because SQLAlchemy takes longer to adapt the columns of an alias than to render them.

The nth alias of an entity is the same object in each statement. Within a statement all aliases differ, so that no
subquery is correlated with a table of another part of the statement.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.orm import aliased

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from sqlalchemy import ColumnElement

#: How many aliases of one entity are shared. A statement that needs more creates the rest for itself.
SHARED = 32

#: Visibility predicates of an alias, by the relations whose targets are known to be visible.
Conditions = dict[frozenset[str], "ColumnElement[bool]"]


class SharedAlias(NamedTuple):
    """An alias, and the visibility predicates that were built for it."""

    alias: Any
    conditions: Conditions


#: The shared aliases of each entity.
_shared: defaultdict[type[Any], dict[int, SharedAlias]] = defaultdict(dict)


class StatementAliases:
    """The aliases of one statement."""

    def __init__(self) -> None:
        self._used: Counter[type[Any]] = Counter()
        self._conditions: dict[Any, Conditions] = {}

    def new(self, model: type[Any]) -> Any:
        """Return an alias of an entity that this statement does not use yet."""
        number = self._used[model]
        self._used[model] += 1
        if number >= SHARED:
            return aliased(model)
        shared = _shared[model].get(number) or _shared[model].setdefault(number, SharedAlias(aliased(model), {}))
        self._conditions[shared.alias] = shared.conditions
        return shared.alias

    def conditions(self, alias: Any) -> MutableMapping[frozenset[str], ColumnElement[bool]]:
        """Return the store of the visibility predicates of an alias; an empty one if the alias is not shared."""
        return self._conditions.get(alias, {})
