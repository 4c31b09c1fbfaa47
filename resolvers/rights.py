"""The rights of whoever asks, as bind parameters: the statement of one viewer serves all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String

from models.types import KEY
from resolvers.conditions import ListOf, in_list
from resolvers.policies import permissions

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from resolvers.binding import Binder
    from resolvers.viewers import Viewer

#: In what form each list of a viewer's rights is bound.
LISTS = {"markings": ListOf(String()), "groups": ListOf(KEY), "writes": ListOf(KEY)}


class BoundRights:
    """Binds the rights a statement asks for, each once."""

    def __init__(self, binder: Binder) -> None:
        self.binder = binder

    def account(self) -> ColumnElement[Any]:
        """Give the key of the account; null for the public."""
        return self.binder.right("account", KEY)

    def among(self, value: Any, name: str) -> ColumnElement[bool]:
        """Give whether `value` is one of the viewer's `markings`, `groups` or `writes`."""
        return in_list(value, self.binder.right(name, LISTS[name]))


def rights_of(viewer: Viewer) -> dict[str, Any]:
    """Give the values of a viewer's rights, by the names they are bound under."""
    markings = [marking.name for marking in viewer.markings]
    return {
        "account": viewer.account,
        "markings": markings,
        "groups": list(viewer.groups),
        "writes": list(viewer.writes),
        "roles": [role.name for role in viewer.roles],
        "permissions": [permission.name for permission in permissions(viewer)],
        # The same once more, as the wall is told them.
        "told_account": viewer.account or "",
        "told_markings": ",".join(markings),
        "told_groups": ",".join(viewer.groups),
        "told_writes": ",".join(viewer.writes),
    }
