"""Finds the work that an erased person leaves without a person: others must take it over, or end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from models import ActionItem, AgendaItem, Meeting, MeetingStatus
from models.meetings.action_items import OPEN_ACTION_ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


class RemainingWork(NamedTuple):
    """Objects of one type that still name an erased person.

    Attributes:
        name: What they are, in the plural.
        ids: Their ids in the API.
        advice: What to do with them.
    """

    name: str
    ids: Sequence[str]
    advice: str


def find_remaining_work(session: Session, account: str) -> list[RemainingWork]:
    """Return the open action items and the coming agenda items of an account."""
    coming = Meeting.status.in_((MeetingStatus.PLANNED, MeetingStatus.POSTPONED))
    items = select(ActionItem.id).where(ActionItem.owner_account_id == account)
    agenda = select(AgendaItem.id).join(AgendaItem.meeting).where(AgendaItem.owner_account_id == account, coming)
    kinds: list[tuple[type[object], Select[str], str, str]] = [
        (ActionItem, items.where(ActionItem.status.in_(OPEN_ACTION_ITEMS)), "open action items",
         "choose another owner (updateActionItem)"),
        (AgendaItem, agenda, "agenda items of coming meetings", "choose another owner (updateMeeting)"),
    ]  # fmt: skip
    found = [(kind.__name__, name, session.scalars(keys).all(), advice) for kind, keys, name, advice in kinds]
    return [
        RemainingWork(name, [f"{kind}:{key}" for key in sorted(keys)], advice)
        for kind, name, keys, advice in found
        if keys
    ]
