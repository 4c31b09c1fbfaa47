"""Rules about who can be given a task about an object: someone who can read that object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Account, ExpertGroup, ExpertGroupStatus, GroupMembership
from resolvers.access.viewer import WRITER_ROLES
from resolvers.commands.errors import INPUT, Violation
from resolvers.core.naming import api_name, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models import Entity, Participant
    from resolvers.commands.unit_of_work import UnitOfWork


def accounts_of(unit: UnitOfWork, owner: Account | ExpertGroup | Participant) -> Sequence[str]:
    """Return the keys of the accounts that do the task of an owner: its own, its writers', or its persons'."""
    if isinstance(owner, Account):
        return [owner.id]
    if not isinstance(owner, ExpertGroup):
        persons = Account.participant_id == owner.id, Account.disabled_at.is_(None)
        return unit.session.scalars(select(Account.id).where(*persons)).all()
    if owner.status is ExpertGroupStatus.DISSOLVED:
        return []
    held = GroupMembership.in_force, GroupMembership.role.in_(WRITER_ROLES)
    found = select(GroupMembership.account_id).where(GroupMembership.group_id == owner.id, *held)
    return unit.session.scalars(found).all()


def cannot_read(
    unit: UnitOfWork, row: Entity, choice: str, accounts: Sequence[str], hiding: Sequence[str] = ()
) -> Iterator[Violation]:
    """Yield a violation if none of some accounts can read an object; the message does not say why not.

    Args:
        unit: The unit of work.
        row: The object of the task, as it is in the database.
        choice: The input that names who gets the task, such as `owner`.
        accounts: The keys of the accounts.
        hiding: The inputs that can hide the object from those who have the task already, such as `marking`.
    """
    changed = [name for name in (choice, *hiding) if name in unit.input]
    if not changed or any(unit.is_seen_by(each, row) for each in accounts):
        return
    noun = snake_case(type(row).__name__).replace("_", " ")
    if choice in changed:
        (name,) = unit.input[choice]
        message = f"This {choice} cannot read the {noun}. Choose another {choice}."
        yield Violation((*INPUT, choice, api_name(name)), choice, message)
        return
    message = f"The {choice} could no longer read the {noun}. Choose another {choice} in the same update."
    for name in changed:
        yield Violation((*INPUT, api_name(name)), choice, message)
