"""Contacts in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account


@entity_type(models.Contact, root="contacts", description="The contacts of the persons whom the viewer can reach.")
class Contact(Entity):
    """A contact."""

    account: Account
    email: str | None
    phone: str | None
    availability: str | None
