"""The query of the search: which objects match, how well, and which of them the viewer sees, in one statement.

The index says which objects match. Each object then comes through `VisibleEntities`, so the viewer's visibility
predicate decides; the rank of a hit depends on nothing but the hit and the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    String,
    case,
    func,
    inspect,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from models import ExpertGroup, SearchedType, SearchEntry, SearchHit
from models.derived.relations import source_of
from models.search.search_hits import FOUND
from models.sql_functions import EngineFunction
from resolvers.access.ownership import owning_group_key
from resolvers.core.attributes import Kind, attribute
from resolvers.query.list_arguments import is_named
from resolvers.query.spec import ListCondition, QuerySpec, register_query_spec
from resolvers.search_index.full_text import SearchArgument
from resolvers.search_index.search_query import Level
from resolvers.sql.comparisons import in_list
from resolvers.sql.json_expressions import literal_text

if TYPE_CHECKING:
    from sqlalchemy import CTE, ColumnElement, Select

    from resolvers.query.selection import SelectedField
    from resolvers.query.visible_entities import VisibleEntities
    from resolvers.sql.parameters import ParameterBinder

#: The levels from best to worst; every hit has the last one.
LEVELS = (Level.NAMED, Level.IN_TITLE, Level.EXACT, Level.SIMILAR)

#: The distance of two levels in a rank. Within one level, a hit with a shorter title is better.
STEP = 1000


class listed_texts(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql="(SELECT string_agg(value, ', ') FROM json_array_elements_text({0}))",
    sqlite="(SELECT group_concat(value, ', ') FROM json_each({0}))",
):
    """The texts of a stored JSON list, with commas between them; null if the list is empty."""

    type = String()


def search_rows(entities: VisibleEntities, binder: ParameterBinder, field: SelectedField) -> Any:
    """Return an alias of the hits that the viewer sees."""
    found = _found(binder, field)
    rows = union_all(*(_hits(entities, name, found) for name in FOUND)).subquery()
    return aliased(SearchHit, rows, adapt_on_names=True)


def _found(binder: ParameterBinder, field: SelectedField) -> CTE:
    """Return the matching entries, each with its rank."""
    entry = aliased(SearchEntry)
    searched = SearchArgument(field.arguments["query"], binder, field.path, "query")
    level = case(
        *((searched.matches(entry, each), literal_column(str(place * STEP))) for place, each in enumerate(LEVELS[:-1])),
        else_=literal_column(str((len(LEVELS) - 1) * STEP)),
    )
    most: ColumnElement[int] = literal_column(str(STEP - 1))
    length = case((entry.title_length < most, entry.title_length), else_=most)
    columns = (
        entry.object_id,
        entry.kind,
        type_coerce(level + length, Integer).label("rank"),
        binder.bind(searched.tree, String(), field.path).label("query"),
    )
    return select(*columns).where(searched.matches(entry, Level.SIMILAR)).cte().prefix_with("MATERIALIZED")


def _hits(entities: VisibleEntities, name: str, found: CTE) -> Select[*tuple[Any, ...]]:
    """Return the hits of one type that the viewer sees."""
    model, _ = FOUND[name]
    alias, seen = entities.visible_alias(model)
    declared = model.searched
    kind = literal_text(name.upper())
    columns = {
        "id": alias.id,
        "kind": kind,
        "rank": found.c.rank,
        "reference": getattr(alias, declared.name) if declared.name else null(),
        "title": getattr(alias, declared.title) if declared.title else null(),
        "snippet": _joined(alias, declared.texts),
        "query": found.c.query,
        "group_id": alias.id if model is ExpertGroup else owning_group_key(alias),
    }
    joined = source_of(alias).join(found, found.c.object_id == alias.id)
    conditions = [seen, found.c.kind == literal_text(model.__name__)]
    labelled = [value.label(each) for each, value in columns.items()]
    return select(*labelled).select_from(joined).where(*conditions)


def _joined(alias: Any, names: tuple[str, ...]) -> Any:
    """Return the texts of a row, one after the other; null if it has none."""
    if not names:
        return null()
    model = inspect(alias).mapper.class_
    parts = [
        listed_texts(value) if attribute(model, name).kind is Kind.TEXTS else value
        for name, value in ((name, getattr(alias, name)) for name in names)
    ]
    return func.nullif(func.concat_ws(literal_text(" · "), *parts), literal_text(""))


def _is_of_types(_entities: VisibleEntities, hit: Any, types: Any) -> ColumnElement[bool]:
    return in_list(hit.kind, types)


def _is_of_groups(_entities: VisibleEntities, hit: Any, wanted: Any) -> ColumnElement[bool]:
    group = aliased(ExpertGroup)
    is_owned: ColumnElement[bool] = hit.group_id.in_(select(group.id).where(is_named(group, wanted)))
    return is_owned


#: It has no base in common with the entities that are stored.
_MODEL: Any = SearchHit

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("kind", "reference", "group"),
        sortable=("rank",),
        groupable=("kind", "group"),
        rows=search_rows,
        list_conditions=(
            ListCondition("types", SearchedType, "Only objects of these types.", _is_of_types, list),
            ListCondition(
                "groups",
                None,
                "Only objects that these expert groups own; each group by its id or code. A group that does not "
                "exist owns nothing.",
                _is_of_groups,
                list,
            ),
        ),
    )
)
