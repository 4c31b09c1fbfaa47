"""The condition that an entry of the search index matches a search, on both engines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Boolean, select
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text, TypeDecorator

from models import SearchEntry
from models.sql_functions import EngineFunction
from resolvers.search_index.search_query import Level, SearchQuery, as_fts5, as_tsquery, parsed

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Dialect

    from resolvers.sql.parameters import ArgumentTree, ParameterBinder, Path

#: A full-text query of both engines that finds nothing, for a request whose search is refused.
NOTHING = '"@"'


class FullTextQuery(TypeDecorator[SearchQuery]):
    """A search at one level, in the notation of the engine."""

    impl = Text
    cache_ok = True

    def __init__(self, level: Level) -> None:
        super().__init__()
        self.level = level

    def process_bind_param(self, value: SearchQuery | None, dialect: Dialect) -> str:
        """Return the full-text query."""
        if value is None:
            return NOTHING
        return as_fts5(value, self.level) if dialect.name == "sqlite" else as_tsquery(value, self.level)


class words_match(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[bool],
    postgresql="({0} @@ CAST({2} AS tsquery))",
    sqlite="({1} IN (SELECT rowid FROM search_words WHERE search_words MATCH {2}))",
):
    """Whether an entry, by its words and its number, matches a full-text query."""

    type = Boolean()


class SearchArgument(NamedTuple):
    """The text of a search: an argument of a field, and its place in messages."""

    tree: ArgumentTree
    binder: ParameterBinder
    path: Path
    place: str

    def matches(self, entry: Any, level: Level) -> ColumnElement[bool]:
        """Return the condition that an entry of the index matches at a level or better."""
        read = partial(parsed, place=self.place)
        query = self.binder.bind(self.tree, FullTextQuery(level), self.path, read, neutral=NOTHING)
        return words_match(entry.words, entry.number, query)

    def keys(self) -> Select[Any]:
        """Return the SELECT of the keys of all objects that match, visible or not, for a condition on visible rows."""
        entry = aliased(SearchEntry)
        return select(entry.object_id).where(self.matches(entry, Level.SIMILAR))
