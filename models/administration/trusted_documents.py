"""Trusted (persisted) GraphQL documents of clients, unrelated to the groups' documents in `documents`."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now
from models.types import UtcDateTime, text

DIGEST = text(64)


class TrustedDocument(Base):
    """A GraphQL document that an operator has loaded; clients refer to it by its digest."""

    __tablename__ = "trusted_documents"

    #: The SHA-256 hash of the text in UTF-8, in lower-case hexadecimal.
    sha256: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    #: The names of its operations, in order; an operation can have no name.
    names: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
