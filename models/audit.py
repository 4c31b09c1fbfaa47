"""The trail of changes: append-only, each row bound to the one before by its hash."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, new_key, now, reference_to
from models.types import CODE, KEY, PARAGRAPH, UtcDateTime, one_of, text

if TYPE_CHECKING:
    from models.accounts import Account


@unique
class AuditAction(Enum):
    """What was done."""

    CREATE = "An object was entered."
    UPDATE = "An object was changed."
    TRANSITION = "An object's status was changed."
    REMOVE = "An object that belonged to another was taken out of it."
    REFUSE = "A change was refused."
    READ = "A document marked TLP:RED was read."


class AuditEvent(Base):
    """One change, refusal or guarded read: who did what to which object, when and why."""

    __tablename__ = "audit_events"

    id: Mapped[str] = mapped_column(KEY, primary_key=True, default=new_key)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True, doc="Its place in the chain, from 1, without gaps.")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, doc="When it was done.")
    actor_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"), index=True)
    credential: Mapped[str | None] = mapped_column(
        CODE, doc="Through what: the key of an API token, or how one signed in."
    )
    request_id: Mapped[str | None] = mapped_column(CODE, doc="The request in which it was done.")
    action: Mapped[AuditAction] = mapped_column(one_of(AuditAction, "action"), doc="What was done.")
    entity_type: Mapped[str] = mapped_column(CODE, doc="The type of the object.")
    entity_id: Mapped[str] = mapped_column(KEY, doc="The key of the object.")
    before: Mapped[Any | None] = mapped_column(JSON, doc="The object before, null where it was not.")
    after: Mapped[Any | None] = mapped_column(JSON, doc="The object after.")
    reason: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Why, in the actor's words.")
    previous_hash: Mapped[str] = mapped_column(text(64), doc="The hash of the event before.")
    hash: Mapped[str] = mapped_column(text(64), unique=True, doc="SHA-256 over this event and the previous hash.")

    actor: Mapped[Account | None] = relationship(doc="Who did it.")

    __table_args__ = (
        Index(None, "entity_type", "entity_id", "sequence"),
        Index(None, "at", "sequence"),
    )
