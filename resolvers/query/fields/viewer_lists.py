"""The lists of `Query.viewer`: what belongs to the viewer's account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_

from models import ActionItem, Deputy, ReviewRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resolvers.query.visible_entities import VisibleEntities

    #: Returns an alias of the rows of an account, and their conditions.
    ViewerList = Callable[[VisibleEntities, Any], tuple[Any, Sequence[Any]]]


def _memberships_in_force(entities: VisibleEntities, account: Any) -> tuple[Any, Sequence[Any]]:
    membership, joined = entities.related(account, "group_memberships")
    return membership, (joined, membership.in_force)


def _deputyships(entities: VisibleEntities, account: Any) -> tuple[Any, Sequence[Any]]:
    """Return the periods, current and coming, in which an account acts for a member."""
    deputy, seen = entities.visible_alias(Deputy)
    return deputy, (seen, deputy.account_id == account.id, deputy.expires_on >= func.current_date())


def _owned_action_items(entities: VisibleEntities, account: Any) -> tuple[Any, Sequence[Any]]:
    """Return the action items of an account: its own, its participant's and those of its current groups."""
    item, seen = entities.visible_alias(ActionItem)
    of_group = entities.claims.contains(item.owner_group_id, "groups")
    own = or_(item.owner_account_id == account.id, item.owner_participant_id == account.participant_id, of_group)
    return item, (seen, own)


def _requested_reviews(entities: VisibleEntities, account: Any) -> tuple[Any, Sequence[Any]]:
    """Return the review requests to an account and to its current groups."""
    request, seen = entities.visible_alias(ReviewRequest)
    of_group = entities.claims.contains(request.reviewer_group_id, "groups")
    return request, (seen, or_(request.reviewer_account_id == account.id, of_group))


#: The lists, by the names of their fields.
VIEWER_LISTS: dict[str, ViewerList] = {
    "groups": _memberships_in_force,
    "deputyships": _deputyships,
    "actionItems": _owned_action_items,
    "reviewRequests": _requested_reviews,
}
