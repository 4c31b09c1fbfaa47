"""Trusted documents: the GraphQL queries of client programs. They have nothing to do with the papers in `documents`."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now
from models.types import UtcDateTime, text

DIGEST = text(64)


class TrustedDocument(Base):
    """A GraphQL document that an operator loaded, and that clients name by its digest."""

    __tablename__ = "trusted_documents"

    #: SHA-256 of the text in UTF-8, in lower-case hexadecimal.
    sha256: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    #: How its operations are named, in their order; one may have no name.
    names: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
