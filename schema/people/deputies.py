"""Deputies in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.meetings.meetings import Meeting
    from schema.people.expert_groups import GroupMembership


@entity_type(models.Deputy)
class Deputy(Entity):
    """A deputy."""

    deputy_for: GroupMembership
    account: Account
    valid_from: dt.date
    expires_on: dt.date
    meeting: Meeting | None
