"""Binds the viewer's claims as parameters, so that one compiled statement serves all viewers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, String, Text

from models.types import KEY
from resolvers.access.permissions import permissions
from resolvers.core.cache_bounds import CLAIMS
from resolvers.sql.comparisons import ListOf, in_list
from resolvers.sql.parameters import CLAIM_PREFIX, processor_of
from resolvers.sql.rendered_once import place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

    from resolvers.access.viewer import Viewer
    from resolvers.sql.parameters import ParameterBinder

#: The claims that visibility predicates use.
CLAIM_NAMES = ("account", "markings", "groups", "writes")

#: The SQL type of each claim of a viewer.
TYPES: dict[str, TypeEngine[Any]] = {
    "account": KEY,
    "markings": ListOf(String()),
    "groups": ListOf(KEY),
    "writes": ListOf(KEY),
    "roles": JSON(),
    "permissions": JSON(),
    **{f"setting_{name}": Text() for name in CLAIM_NAMES},
}


class BoundClaims:
    """Binds the claims that a statement uses, each once."""

    def __init__(self, binder: ParameterBinder) -> None:
        self.binder = binder

    def account(self) -> ColumnElement[Any]:
        """Return the key of the viewer's account; null for the public."""
        return self.binder.claim("account", TYPES["account"])

    def contains(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return whether `value` is one of the viewer's `markings`, `groups` or `writes`."""
        return in_list(value, self.binder.claim(name, TYPES[name]))


def claims_of(viewer: Viewer) -> dict[str, Any]:
    """Return the values of a viewer's claims, by parameter name without prefix."""
    markings = [marking.name for marking in viewer.markings]
    return {
        "account": viewer.account,
        "markings": markings,
        "groups": list(viewer.groups),
        "writes": list(viewer.writable_groups),
        "roles": [role.name for role in viewer.roles],
        "permissions": [permission.name for permission in permissions(viewer)],
        # The same claims, in the form of the settings for row-level security.
        "setting_account": viewer.account or "",
        "setting_markings": ",".join(markings),
        "setting_groups": ",".join(viewer.groups),
        "setting_writes": ",".join(viewer.writable_groups),
    }


@lru_cache(maxsize=CLAIMS)
def bound_claims(viewer: Viewer, dialect: Dialect) -> Mapping[str, Any]:
    """Return the values of a viewer's claims in the form that the driver expects, by parameter name."""
    found = {}
    for name, value in claims_of(viewer).items():
        processor = processor_of(TYPES[name], dialect)
        found[f"{CLAIM_PREFIX}{name}"] = processor(value) if processor else value
    return found


class PlacedClaims:
    """Places for the claims in an expression that is rendered once; `values` returns the claims of a statement."""

    def account(self) -> ColumnElement[Any]:
        """Return the place for the key of the viewer's account."""
        return place("account", TYPES["account"])

    def contains(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return whether `value` is one of the viewer's `markings`, `groups` or `writes`."""
        return in_list(value, place(name, TYPES[name]))

    @staticmethod
    def values(claims: BoundClaims) -> dict[str, ColumnElement[Any]]:
        """Return the values for the places."""
        return {name: claims.binder.claim(name, TYPES[name]) for name in CLAIM_NAMES}
