"""The viewer in the contract."""

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
    """Make the type of the viewer."""
    types = declared_types()
    return make_type(
        "Viewer",
        "The viewer: the account that sends the request, with its rights.",
        [
            field("account", types["Account"].cls, "The account of the viewer."),
            field("participant", types["Participant"].cls, "The participant that the viewer works for."),
            field("roles", list_of(enum_of(CoalitionRole)), "The participant's roles in the coalition today."),
            connection_field("groups", types["GroupMembership"].cls, "The viewer's current group memberships."),
            connection_field(
                "deputyships",
                types["Deputy"].cls,
                "The current and coming periods in which the viewer acts as the deputy of a member of a group.",
            ),
            connection_field(
                "action_items",
                types["ActionItem"].cls,
                "The action items that the viewer, the participant or a current group owns.",
            ),
            connection_field(
                "review_requests",
                types["ReviewRequest"].cls,
                "The review requests to the viewer or to a current group of the viewer.",
            ),
            field("permissions", list_of(enum_of(Permission)), "The viewer's permissions beyond reading."),
        ],
    )
