"""Finds the work that an erased person leaves without a person: others must take it over, or end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from models import ActionItem, AgendaItem, Meeting, MeetingStatus, ReviewRequest
from models.documents.review_requests import OPEN_REVIEWS
from models.meetings.action_items import OPEN_ACTION_ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from models import Entity


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
    """Return the open action items, the coming agenda items and the open review requests of an account."""
    coming = Meeting.status.in_((MeetingStatus.PLANNED, MeetingStatus.POSTPONED))
    items = select(ActionItem).where(ActionItem.owner_account_id == account)
    agenda = select(AgendaItem).join(AgendaItem.meeting).where(AgendaItem.owner_account_id == account, coming)
    reviews = select(ReviewRequest).where(ReviewRequest.reviewer_account_id == account)
    kinds: list[tuple[Select[Any], str, str]] = [
        (items.where(ActionItem.status.in_(OPEN_ACTION_ITEMS)), "open action items",
         "choose another owner (updateActionItem)"),
        (agenda, "agenda items of coming meetings", "choose another owner (updateMeeting)"),
        (reviews.where(ReviewRequest.status.in_(OPEN_REVIEWS)), "open review requests",
         "cancel it (transitionReviewRequest), and ask another reviewer (createReviewRequest)"),
    ]  # fmt: skip
    found = [(name, sorted(map(id_in_api, session.scalars(rows))), advice) for rows, name, advice in kinds]
    return [RemainingWork(name, ids, advice) for name, ids, advice in found if ids]


def id_in_api(row: Entity) -> str:
    """Return the id of an object; of a part, with that of the object by which it is changed."""
    parent = getattr(row, row.parent_relation) if row.parent_relation else None
    place = f" in {type(parent).__name__}:{parent.id}" if parent is not None else ""
    return f"{type(row).__name__}:{row.id}{place}"
