"""Accounts of people, and their credentials: API tokens and browser sessions."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Entity, new_key, now, reference_to, sort_indexes
from models.types import KEY, LINE, MAILBOX, UtcDateTime, text

if TYPE_CHECKING:
    from models.people.contacts import Contact
    from models.people.expert_groups import GroupMembership
    from models.people.participants import Participant


class Account(Entity):
    """The account of a person who works in the coalition for a participant."""

    __tablename__ = "accounts"
    natural_key = ("email",)

    display_name: Mapped[str] = mapped_column(LINE, doc="The person's display name.")
    email: Mapped[str] = mapped_column(
        MAILBOX, unique=True, doc="The e-mail address that identifies the person at the first sign-in; not readable."
    )
    #: The person's identity at the identity provider: unique together, both null until the first sign-in.
    issuer: Mapped[str | None] = mapped_column(LINE)
    subject: Mapped[str | None] = mapped_column(LINE)
    disabled_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, doc="When the account was disabled; null while it is active."
    )
    erased_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, doc="When the person's personal data was erased on request; null if it was not."
    )
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))

    participant: Mapped[Participant] = relationship(
        back_populates="accounts", doc="The participant the person works for."
    )
    contact: Mapped[Contact | None] = relationship(
        viewonly=True, doc="How to reach the person; null if the viewer is in none of the person's groups and no lead."
    )
    group_memberships: Mapped[list[GroupMembership]] = relationship(
        back_populates="account", doc="The person's memberships in expert groups."
    )

    __table_args__ = (
        Index("uq_accounts_identity", "issuer", "subject", unique=True),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="identity"),
        *sort_indexes("display_name", "created_at", "updated_at"),
        *sort_indexes("display_name", within="participant_id"),
    )


@unique
class Scope(Enum):
    """The permissions of an API token."""

    READ = "Read all data that the account may read."
    WRITE = "Make all changes that the account may make."


class ApiToken(Base):
    """An API token of an account, for a machine; only its digest is stored."""

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
    """A signed-in browser of a person; only the digest of its cookie is stored."""

    __tablename__ = "browser_sessions"

    id: Mapped[str] = mapped_column(KEY, primary_key=True, default=new_key)
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"), index=True)
    #: SHA-256 of the cookie's value, in hexadecimal.
    digest: Mapped[str] = mapped_column(text(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
