"""Attendees: the persons who attended a meeting, each for a participant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.values import derived
from models.types import KEY, LINE

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.derived.rows import RowAlias
    from models.meetings.meetings import Attendance


class Attendee(Entity):
    """A person who attended a meeting for a participant: an account, or a name if the person has no account."""

    __tablename__ = "attendees"
    natural_key = ("attendance", "ordinal")
    parent_relation = "attendance"

    attendance_id: Mapped[str] = mapped_column(KEY, reference_to("attendances", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the persons of the participant, from 1.")
    account_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    person_name: Mapped[str | None] = mapped_column(
        LINE, doc="The name of a person without an account; null if the person has one."
    )

    attendance: Mapped[Attendance] = relationship(
        back_populates="attendees", doc="The attendance of the participant for which the person attended."
    )
    account: Mapped[Account | None] = relationship(doc="The account of the person; null if the person has none.")

    @derived
    def is_delegate(self) -> bool:
        """Whether the person was a delegate of the participant on the day of the meeting."""
        day, person = self.attendance.meeting.held_on, (self.account_id, self.person_name)
        spoke = (each for each in self.attendance.participant.delegates if day and each.speaks_on(day))
        return any((each.account_id, each.person_name) == person for each in spoke)

    @is_delegate.expression
    @staticmethod
    def _is_delegate(attendee: RowAlias) -> Any:
        attendance = attendee.related("attendance")
        day = attendance.join("meeting").held_on
        delegate = attendance.join("participant").join("delegates")
        same = or_(delegate.account_id == attendee.account_id, delegate.person_name == attendee.person_name)
        lasts = or_(delegate.expires_on.is_(None), day <= delegate.expires_on)
        return attendance.exists(where=and_(same, delegate.valid_from <= day, lasts))

    __table_args__ = (
        UniqueConstraint("attendance_id", "ordinal"),
        UniqueConstraint("account_id", "attendance_id"),
        CheckConstraint("(account_id IS NULL) <> (person_name IS NULL)", name="one_person"),
        *sort_indexes("ordinal", "person_name", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="attendance_id"),
    )
