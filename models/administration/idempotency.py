"""Idempotency keys, with the change and the result of each."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now, reference_to
from models.types import CODE, KEY, UtcDateTime, text


class IdempotencyKey(Base):
    """An idempotency key of an account: a repeated request with this key makes no second change."""

    __tablename__ = "idempotency_keys"

    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(text(255), primary_key=True)
    mutation: Mapped[str] = mapped_column(text(80))
    #: SHA-256 of the input, in hexadecimal.
    digest: Mapped[str] = mapped_column(text(64))
    #: The type and key of the object that the change returned.
    outcome_type: Mapped[str | None] = mapped_column(CODE)
    outcome_key: Mapped[str | None] = mapped_column(KEY)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (Index(None, "account_id", "created_at"),)
