"""The people who work with the coalition's data, and how they are recognised."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, new_key, now, reference_to, sort_indexes
from models.types import KEY, LINE, MAILBOX, UtcDateTime, text

if TYPE_CHECKING:
    from models.expert_groups import GroupMembership
    from models.participants import Participant


class Account(Entity):
    """A person of a participant who works in the coalition's groups."""

    __tablename__ = "accounts"
    natural_key = ("email",)

    display_name: Mapped[str] = mapped_column(LINE, doc="How the person is named here.")
    email: Mapped[str] = mapped_column(
        MAILBOX, unique=True, doc="The e-mail address by which the person is recognised once; it is not shown here."
    )
    #: Who the identity provider says it is: together unique, both null until the first sign-in.
    issuer: Mapped[str | None] = mapped_column(LINE)
    subject: Mapped[str | None] = mapped_column(LINE)
    disabled_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, doc="Since when it is let in no longer; null while it is."
    )
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))

    participant: Mapped[Participant] = relationship(back_populates="accounts", doc="Whom the person works for.")
    group_memberships: Mapped[list[GroupMembership]] = relationship(
        back_populates="account", doc="The expert groups the person belongs to."
    )

    __table_args__ = (
        Index("uq_accounts_identity", "issuer", "subject", unique=True),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="identity"),
        *sort_indexes("display_name", "created_at", "updated_at"),
        *sort_indexes("display_name", within="participant_id"),
    )


@unique
class Scope(Enum):
    """What an API token may be used for."""

    READ = "Read what its account may read."
    WRITE = "Change what its account may change, too."


class ApiToken(Base):
    """A machine's key to the API in an account's name; only its digest is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(KEY, primary_key=True, default=new_key)
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(LINE)
    #: SHA-256 of the token, in hexadecimal.
    digest: Mapped[str] = mapped_column(text(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class BrowserSession(Base):
    """A person's signed-in browser; only the digest of its cookie is kept."""

    __tablename__ = "browser_sessions"

    id: Mapped[str] = mapped_column(KEY, primary_key=True, default=new_key)
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"), index=True)
    #: SHA-256 of the cookie's value, in hexadecimal.
    digest: Mapped[str] = mapped_column(text(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
