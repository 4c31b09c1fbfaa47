"""Personal values of audit events: readable beside the audit log, whose events store pseudonyms of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, reference_to
from models.types import KEY, text

#: The name of a person whose personal data is erased, and what the audit log shows in place of every value.
ERASED = "Erased person"


class PersonKey(Base):
    """The key of the pseudonyms of a person; it is destroyed when the person is erased."""

    __tablename__ = "person_keys"

    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"), primary_key=True)
    #: 32 random bytes, in hexadecimal.
    secret: Mapped[str] = mapped_column(text(64))


class PersonalValues(Base):
    """The readable personal values of an audit event, by the names of their fields in the event."""

    __tablename__ = "personal_values"

    event_id: Mapped[str] = mapped_column(KEY, reference_to("audit_events"), primary_key=True)
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts"), index=True)
    before: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
