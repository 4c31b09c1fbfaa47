"""Declares the queries of the feed of changes."""

from enum import Enum
from typing import Any

from models import Change
from models.administration.changes import KEPT_DAYS
from resolvers.access.visibility import changed_models
from resolvers.core.naming import snake_case
from resolvers.query.fields.changed_objects import is_of_groups, is_of_types
from resolvers.query.spec import ListCondition, QuerySpec, register_query_spec

_TYPE_NAMES = {snake_case(model.__name__).upper(): model.__name__ for model in changed_models()}

ChangedType: Any = Enum(  # type: ignore[misc] # one member for each type
    "ChangedType",
    {snake_case(model.__name__).upper(): " ".join((model.__doc__ or "").split()) for model in changed_models()},
)
ChangedType.__doc__ = "The type of a changed object."


def _type_names(values: list[str]) -> list[str]:
    return [_TYPE_NAMES[value] for value in values]


register_query_spec(
    QuerySpec(
        Change,
        filterable=("id", "at"),
        sortable=("at",),
        list_conditions=(
            ListCondition("types", ChangedType, "Only changes of objects of these types.", is_of_types, _type_names),
            ListCondition(
                "groups",
                None,
                "Only changes of objects that these expert groups own now; each group by its id or code. A group "
                "that does not exist owns nothing.",
                is_of_groups,
                list,
            ),
        ),
        kept_days=KEPT_DAYS,
    )
)
