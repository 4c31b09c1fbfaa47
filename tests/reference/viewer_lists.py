"""The lists of the viewer, in plain Python over the entities that the viewer sees."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Account
    from tests.reference.visibility import Eye


def viewer_lists(entities: Mapping[str, Sequence[Any]], eye: Eye, account: Account) -> dict[str, tuple[str, list[Any]]]:
    """Return each list of an account: by its field, the type of its objects and the objects."""
    today = dt.datetime.now(dt.UTC).date()
    groups = [each.group for each in eye.memberships]
    return {
        "groups": ("GroupMembership", [*eye.memberships]),
        "deputyships": (
            "Deputy",
            [each for each in entities["Deputy"] if each.account is account and each.expires_on >= today],
        ),
        "actionItems": (
            "ActionItem",
            [
                each
                for each in entities["ActionItem"]
                if each.owner_account is account
                or each.owner_participant is account.participant
                or (each.owner_group and each.owner_group in groups)
            ],
        ),
        "reviewRequests": (
            "ReviewRequest",
            [
                each
                for each in entities["ReviewRequest"]
                if each.reviewer_account is account or (each.reviewer_group and each.reviewer_group in groups)
            ],
        ),
    }
