"""Whoever asks, in the contract."""

from __future__ import annotations

from functools import cache
from typing import Any

from models import CoalitionRole
from resolvers.access.permissions import Permission
from schema.builder.connections import connection_field
from schema.builder.entity_types import declared_types
from schema.builder.enums import enum_of
from schema.builder.fields import field, list_of, make_type


@cache
def viewer_type() -> Any:
    """Make the type of whoever asks."""
    types = declared_types()
    return make_type(
        "Viewer",
        "Whoever asks, and what he or she may do here.",
        [
            field("account", types["Account"].cls, "The account that was recognised."),
            field("participant", types["Participant"].cls, "Whom it works for."),
            field("roles", list_of(enum_of(CoalitionRole)), "The roles of that participant in the coalition today."),
            connection_field("groups", types["GroupMembership"].cls, "The memberships in groups that are in force."),
            field("permissions", list_of(enum_of(Permission)), "What may be done beyond reading."),
        ],
    )
