"""Attendees in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.meetings.meetings import Attendance


@entity_type(models.Attendee)
class Attendee(Entity):
    """A person who attended."""

    attendance: Attendance
    ordinal: int
    account: Account | None
    person_name: str | None
    is_delegate: bool
