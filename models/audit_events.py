"""The trail of changes: append-only, each row bound to the one before by its hash."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import HasId, now, reference_to
from models.markings import Marking
from models.types import CODE, KEY, PARAGRAPH, UtcDateTime, enum_column, text

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


STATE = JSON(none_as_null=True)


class AuditEvent(HasId):
    """One change, refusal or guarded read: who did what to which object, when and why."""

    __tablename__ = "audit_events"

    sequence: Mapped[int] = mapped_column(BigInteger, unique=True, doc="Its place in the chain, from 1, without gaps.")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, doc="When it was done.")
    actor_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    credential: Mapped[str | None] = mapped_column(
        text(80), doc="Through what: `token:` or `session:` with its key, or `oidc`; null where an operator did it."
    )
    request_id: Mapped[str | None] = mapped_column(CODE, doc="The request it was done in, as its answer named it.")
    action: Mapped[AuditAction] = mapped_column(enum_column(AuditAction, "action"), doc="What was done.")
    entity_type: Mapped[str] = mapped_column(CODE, doc="The type of the object.")
    entity_id: Mapped[str] = mapped_column(text(80), doc="The id of the object; it may be gone by now.")
    before: Mapped[Any | None] = mapped_column(STATE, doc="What was changed of it, as it was before.")
    after: Mapped[Any | None] = mapped_column(STATE, doc="The same as it was after; all of an object that was entered.")
    reason: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Why, in the actor's words.")
    previous_hash: Mapped[str] = mapped_column(text(64), doc="The hash of the event before.")
    hash: Mapped[str] = mapped_column(text(64), unique=True, doc="SHA-256 over this event and the previous hash.")

    #: The key of the object, and of what it is a part of.
    entity_key: Mapped[str] = mapped_column(KEY)
    subject_key: Mapped[str] = mapped_column(KEY)
    #: Who may read of it, decided when it is written. The group that owned the object; null where none did.
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"), index=True)
    #: The strictest marking then of what it tells of, but for what the owning group reads by itself.
    marking: Mapped[Marking | None] = mapped_column(enum_column(Marking, "marking"))
    #: Where it tells of something marked TLP:RED: `["Account", key]` of each named recipient.
    readers: Mapped[Any | None] = mapped_column(STATE)
    #: What may be hidden of all that it tells of: the type and key of each.
    names: Mapped[Any] = mapped_column(JSON)

    actor: Mapped[Account | None] = relationship(doc="Who did it; null where an operator or the system did.")

    __table_args__ = (
        Index(None, "entity_type", "sequence"),
        Index(None, "entity_id", "sequence"),
        Index(None, "entity_key", "sequence"),
        Index(None, "subject_key", "sequence"),
        Index(None, "actor_id", "sequence"),
        Index(None, "action", "sequence"),
        Index(None, "at", "sequence"),
    )
