"""The feed of changes once more, in plain Python: objects, titles and arguments of the changes that a viewer sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from tests.reference.visibility import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The first of these that an object has is its title; a part without one has the title of what it is a part of.
TITLES = ("title", "name", "display_name", "reference", "number", "label", "description")


def add_changes(entities: Mapping[str, Sequence[Any]]) -> None:
    """Set the object of each change and the title of the object, which is visible as the change is."""
    objects = {(name, each.id): each for name, found in entities.items() for each in found if hasattr(each, "id")}
    for change in entities["Change"]:
        change.node = objects[change.entity_type, change.entity_key]
        change.title = title_of(change.node)


def title_of(row: Any) -> str | None:
    """Return the title of an object."""
    columns = inspect(type(row)).columns
    for name in TITLES:
        if name in columns:
            value = getattr(row, name)
            return None if value is None else str(value)
    # Reads of documents are recorded, so that their parts do not have their titles.
    return title_of(getattr(row, row.parent_relation)) if row.parent_relation not in {"", "document"} else None


def of_arguments(changes: Iterable[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """Return the changes of objects of the types and groups in the arguments."""
    types, groups = arguments.get("types"), arguments.get("groups")
    return [
        each
        for each in changes
        if (types is None or re.sub("(?<!^)(?=[A-Z])", "_", each.entity_type).upper() in types)
        and (groups is None or _is_owned(each.node, groups))
    ]


def _is_owned(row: Any, groups: Sequence[str]) -> bool:
    owner = owner_of(row)
    return bool(owner) and (owner.code in groups or f"ExpertGroup:{owner.id}" in groups)
