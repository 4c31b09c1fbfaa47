"""Delegates in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.people.participants import Participant


@entity_type(models.Delegate)
class Delegate(Entity):
    """A delegate."""

    participant: Participant
    account: Account | None
    person_name: str | None
    valid_from: dt.date
    expires_on: dt.date | None
