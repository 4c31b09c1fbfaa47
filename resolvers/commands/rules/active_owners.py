"""Rules about who can be given a task or a role: accounts, participants and groups that are active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Account, ExpertGroup, ExpertGroupStatus, GroupRole
from models.base import now
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Participant
    from resolvers.commands.unit_of_work import UnitOfWork


def has_left(owner: Participant | ExpertGroup | Account | None) -> bool:
    """Return whether an owner is no longer active: a participant that left the coalition, its account, or a group."""
    if isinstance(owner, ExpertGroup):
        return owner.status is ExpertGroupStatus.DISSOLVED
    if isinstance(owner, Account):
        return owner.disabled_at is not None or has_left(owner.participant)
    today = now().date()
    left = owner and owner.memberships and not any(each.is_held_on(today) for each in owner.memberships)
    return bool(left)


def person_is_active(_unit: UnitOfWork, row: Any) -> Iterator[Violation]:
    """A person who is appointed from today on must be active; an erased person is never appointed.

    Of group memberships, a database trigger also checks that the person is not erased.
    """
    account = row.account
    if account is None or not _appoints(row):
        return
    at = (*INPUT, "accountId")
    if account.erased_at is not None:
        yield Violation(at, "erased", "The person is erased. Choose another account.")
    elif row.expires_on is not None and row.expires_on < now().date():
        # A period that is over can still be entered.
        return
    elif account.disabled_at is not None:
        message = "The account is disabled. Choose another account, or ask a lead to enable it (enableAccount)."
        yield Violation(at, "owner_left", message)
    elif has_left(account):
        message = "The participant of this account has left the coalition. Choose another account."
        yield Violation(at, "owner_left", message)


def lasts_longer(row: Any) -> bool:
    """Return whether the last day of an existing period becomes later, in a change that is not flushed yet."""
    (before,) = inspect(row).attrs.expires_on.history.deleted or (row.expires_on,)
    return row.expires_on != before and before is not None and (row.expires_on is None or row.expires_on > before)


def _appoints(row: Any) -> bool:
    """Return whether a change appoints the person: newly, for longer, or as the chair."""
    becomes_chair = getattr(row, "role", None) is GroupRole.CHAIR and is_changed(row, "role")
    return not inspect(row).persistent or lasts_longer(row) or becomes_chair
