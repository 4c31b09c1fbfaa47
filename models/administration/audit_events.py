"""The audit log: append-only events, each linked to the previous event by its hash."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import HasId, now, reference_to
from models.derived.values import derived
from models.markings import Marking
from models.sql_functions import EngineFunction
from models.types import CODE, KEY, PARAGRAPH, UtcDateTime, enum_column, text

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.administration.personal_values import PersonalValues
    from models.derived.rows import RowAlias


@unique
class AuditAction(Enum):
    """The kind of action that an audit event records."""

    CREATE = "An object was created."
    UPDATE = "An object was updated."
    TRANSITION = "The status of an object was changed."
    REMOVE = "A part of an object was removed."
    REFUSE = "A change was refused."
    READ = "A document marked TLP:RED was read."


STATE = JSON(none_as_null=True)


class with_values(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[Any],
    # The cast reorders the names, so only states with personal values go through it.
    postgresql="CASE WHEN {1} IS NULL THEN {0} ELSE (({0})::jsonb || ({1})::jsonb)::json END",
    sqlite="CASE WHEN {1} IS NULL THEN {0} ELSE json_patch({0}, {1}) END",
):
    """A JSON object with the values of a second one in place of its own; the first alone if the second is null."""

    type = STATE


def _with_readable(event: RowAlias, state: Any, side: str) -> Any:
    values = event.related("personal_values")
    return with_values(state, values.first(getattr(values, side), values.event_id))


class AuditEvent(HasId):
    """An entry of the audit log: a change, a refused change or a read of a TLP:RED document."""

    __tablename__ = "audit_events"

    sequence: Mapped[int] = mapped_column(
        BigInteger, unique=True, doc="The position in the audit log, from 1, without gaps."
    )
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, doc="When the action happened.")
    actor_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    credential: Mapped[str | None] = mapped_column(
        text(80), doc="The credential: `token:` or `session:` with its key, or `oidc`; null for an operator."
    )
    request_id: Mapped[str | None] = mapped_column(
        CODE, doc="The ID of the request, as in the response header `X-Request-Id`."
    )
    action: Mapped[AuditAction] = mapped_column(enum_column(AuditAction, "action"), doc="The kind of action.")
    entity_type: Mapped[str] = mapped_column(CODE, doc="The type of the object.")
    entity_id: Mapped[str] = mapped_column(text(80), doc="The ID of the object, which can be deleted since then.")
    #: The states that the hash covers. Personal values are pseudonyms in them: see `personal_values`.
    sealed_before: Mapped[Any | None] = mapped_column("before", STATE)
    sealed_after: Mapped[Any | None] = mapped_column("after", STATE)
    reason: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The reason that the actor gave.")
    previous_hash: Mapped[str] = mapped_column(text(64), doc="The hash of the previous event.")
    hash: Mapped[str] = mapped_column(
        text(64), unique=True, doc="The SHA-256 hash of this event and the previous hash."
    )

    #: The keys of the object and of the object it is a part of.
    entity_key: Mapped[str] = mapped_column(KEY)
    subject_key: Mapped[str] = mapped_column(KEY)
    #: The audience of the event, decided when it is written: the group that owned the object; null for none.
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"), index=True)
    #: The strictest marking of the objects it mentions, except AMBER ones of the owning group.
    marking: Mapped[Marking | None] = mapped_column(enum_column(Marking, "marking"))
    #: If it mentions a TLP:RED object: `["Account", key]` of each named recipient.
    readers: Mapped[Any | None] = mapped_column(STATE)
    #: The type and key of each object it mentions that policies can hide.
    names: Mapped[Any] = mapped_column(JSON)

    actor: Mapped[Account | None] = relationship(doc="The account that acted; null for an operator or the system.")
    personal_values: Mapped[list[PersonalValues]] = relationship(viewonly=True)

    @derived
    def before(self) -> Any | None:
        """The changed fields, before the change."""
        return self._readable(self.sealed_before, "before")

    @before.expression
    @staticmethod
    def _before(event: RowAlias) -> Any:
        return _with_readable(event, event.sealed_before, "before")

    @derived
    def after(self) -> Any | None:
        """The changed fields, after the change; all fields of a created object."""
        return self._readable(self.sealed_after, "after")

    @after.expression
    @staticmethod
    def _after(event: RowAlias) -> Any:
        return _with_readable(event, event.sealed_after, "after")

    def _readable(self, state: Any | None, side: str) -> Any | None:
        values = [getattr(each, side) for each in self.personal_values]
        return state if state is None or not values else {**state, **(values[0] or {})}

    __table_args__ = (
        Index(None, "entity_type", "sequence"),
        Index(None, "entity_id", "sequence"),
        Index(None, "entity_key", "sequence"),
        Index(None, "subject_key", "sequence"),
        Index(None, "actor_id", "sequence"),
        Index(None, "action", "sequence"),
        Index(None, "at", "sequence"),
    )
