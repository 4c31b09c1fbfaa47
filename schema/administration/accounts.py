"""Accounts in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import Connection, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.people.contacts import Contact
    from schema.people.expert_groups import GroupMembership
    from schema.people.participants import Participant


@entity_type(models.Account)
class Account(Entity):
    """An account."""

    display_name: str
    participant: Participant
    disabled_at: dt.datetime | None
    erased_at: dt.datetime | None
    contact: Contact | None
    group_memberships: Connection[GroupMembership]
