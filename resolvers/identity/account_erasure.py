"""Erases a person on request: the name, the address and every other personal value of an account, and its credentials.

The work of the person stays, under the name "Erased person". See `docs/decisions/erasure.md`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, delete, or_, select, text, update
from sqlalchemy.exc import OperationalError

from models import (
    ERASED,
    Account,
    ApiToken,
    Attendance,
    Attendee,
    AuditAction,
    BrowserSession,
    CoalitionMembership,
    CoalitionRole,
    Contact,
    Delegate,
    Deputy,
    ExpertGroup,
    GroupMembership,
    GroupRole,
    IdempotencyKey,
    PersonalValues,
    PersonKey,
)
from models.base import now
from resolvers.administration.accounts import has_address
from resolvers.audit.hash_chain import lock_and_read_head
from resolvers.audit.recorder import append_events, event_for_key
from resolvers.audit.transaction import audited_session
from resolvers.core.codecs import to_json
from resolvers.identity.account_admin import AccountCommandError, operator_actor
from resolvers.identity.remaining_work import RemainingWork, find_remaining_work
from resolvers.identity.text_search import Place, find_places
from resolvers.query.global_ids import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from resolvers.database.database import Database

ERASES = "an operator erases a person on request"


class Erasure(NamedTuple):
    """The result of an erasure.

    Attributes:
        account: The id of the account, which stays.
        places: Texts of the groups that still mention the name or the address.
        work: What still names the person as the one who does it.
        is_overwritten: Whether no old copy of the values is left in the file of an SQLite database; None on PostgreSQL.
    """

    account: str
    places: Sequence[Place]
    work: Sequence[RemainingWork]
    is_overwritten: bool | None


async def erase_account(database: Database, who: str) -> Erasure:
    """Erase the person of the account with this e-mail address or id.

    Of an account that is erased already, only the old copies in the file of the database are overwritten.

    Raises AccountCommandError if there is no such account, or others depend on it: a chair in office, the last lead.
    """
    async with audited_session(database, ERASES, operator_actor(ERASES)) as session:
        account, values = await session.run_sync(lambda sync: _erase(sync, who))
        work = await session.run_sync(lambda sync: find_remaining_work(sync, account))
    places = await find_places(database, values) if values else ()
    return Erasure(account, places, work, await _overwrite(database))


def _erase(session: Session, who: str) -> tuple[str, list[str]]:
    """Erase the person in the transaction of a session. Return the id of the account, and the erased values."""
    # From here on no other transaction changes what the refusals read.
    lock_and_read_head(session.connection())
    row = _find(session, who)
    if row.erased_at is not None:
        return row.id, []
    _refuse_chair(session, row)
    _refuse_last_lead(session, row)
    contact = session.scalars(select(Contact).where(Contact.account_id == row.id)).one_or_none()
    names = _names_of(session, row)
    known = (*names, row.email, row.subject, *((contact.email, contact.phone) if contact else ()))
    values = [value for value in dict.fromkeys(known) if value]
    _end_appointments(session, row.id)
    _erase_names(session, row, names)
    session.flush()
    _erase_values(session, row)
    return row.id, values


def _find(session: Session, who: str) -> Account:
    key = who.removeprefix("Account:")
    named = Account.id == key if UUID.fullmatch(key) else has_address(who)
    row = session.scalars(select(Account).where(named).with_for_update()).one_or_none()
    if row is None:
        message = f"There is no account with the email address or ID {who!r}: see coalition account list."
        raise AccountCommandError(message)
    return row


def _refuse_chair(session: Session, row: Account) -> None:
    lasting = or_(GroupMembership.expires_on.is_(None), GroupMembership.expires_on >= now().date())
    chairs = select(ExpertGroup.code).join(GroupMembership, GroupMembership.group_id == ExpertGroup.id)
    held = and_(GroupMembership.account_id == row.id, GroupMembership.role == GroupRole.CHAIR, lasting)
    if codes := session.scalars(chairs.where(held).order_by(ExpertGroup.code)).all():
        message = (
            f"The person chairs {', '.join(codes)}. Hand the chair over first: end that membership before today "
            "(updateGroupMembership with expiresOn and reason), and appoint another chair (createGroupMembership)."
        )
        raise AccountCommandError(message)


def _refuse_last_lead(session: Session, row: Account) -> None:
    leading = select(CoalitionMembership.participant_id).where(
        CoalitionMembership.role == CoalitionRole.LEAD, CoalitionMembership.held_on(now().date())
    )
    active = select(Account.id).where(Account.participant_id.in_(leading), Account.disabled_at.is_(None))
    if list(session.scalars(active)) == [row.id]:
        message = (
            "This is the last active account of a lead, and only leads change the register. Create another account of "
            "a lead first (coalition account create)."
        )
        raise AccountCommandError(message)


def _end_appointments(session: Session, account: str) -> None:
    """End the periods in force as a member, a deputy and a delegate, and remove those that have not begun."""
    today = now().date()
    models: tuple[Any, ...] = (GroupMembership, Deputy, Delegate)
    for model in models:
        lasting = or_(model.expires_on.is_(None), model.expires_on >= today)
        for row in session.scalars(select(model).where(model.account_id == account, lasting)):
            if row.valid_from > today:
                session.delete(row)
            else:
                row.expires_on = max(row.valid_from, today - dt.timedelta(days=1))


def _names_of(session: Session, row: Account) -> list[str]:
    """Return the names that the person has and had, the present one first."""
    shown = select(PersonalValues.before, PersonalValues.after).where(PersonalValues.account_id == row.id)
    states = [state for states in session.execute(shown) for state in states if state]
    former = (state["displayName"] for state in states if "displayName" in state)
    return [*dict.fromkeys((row.display_name, *former))]


def _erase_names(session: Session, row: Account, names: Sequence[str]) -> None:
    """Erase the names where they were entered for the same participant before the person had an account."""
    attended = select(Attendee).join(Attendee.attendance).where(Attendance.participant_id == row.participant_id)
    delegated = select(Delegate).where(Delegate.participant_id == row.participant_id)
    # Not in SQL, where each engine and collation has other lower cases.
    erased = {name.casefold() for name in names}
    for each in (*session.scalars(attended), *session.scalars(delegated)):
        if each.person_name and each.person_name.casefold() in erased:
            each.person_name = ERASED


def _erase_values(session: Session, row: Account) -> None:
    """Erase the values of the account and of its audit events, its credentials and its key, and record that."""
    connection, moment = session.connection(), now()
    for model in (ApiToken, BrowserSession, Contact, IdempotencyKey):
        connection.execute(delete(model).where(model.account_id == row.id))
    # Another account's key has the hash of an input with the name and the address, if it created this account.
    entered = and_(IdempotencyKey.outcome_type == "Account", IdempotencyKey.outcome_key == row.id)
    connection.execute(delete(IdempotencyKey).where(entered))
    erased = {"display_name": ERASED, "email": f"{row.id}@erased.invalid", "issuer": None, "subject": None}
    ended = {"disabled_at": row.disabled_at or moment, "erased_at": moment, "version": row.version + 1}
    connection.execute(update(Account).where(Account.id == row.id).values({**erased, **ended}))
    connection.execute(delete(PersonKey).where(PersonKey.account_id == row.id))
    _erase_readable_values(connection, row.id)
    was = {"disabledAt": to_json(row.disabled_at), "erasedAt": None}
    done = {"disabledAt": to_json(ended["disabled_at"]), "erasedAt": to_json(moment)}
    event = event_for_key("Account", row.id, AuditAction.UPDATE, was, done)
    append_events(connection, operator_actor(ERASES), [event])


def _erase_readable_values(connection: Connection, account: str) -> None:
    """Replace the readable values of the audit events about a person."""
    shown = select(PersonalValues.event_id, PersonalValues.before, PersonalValues.after)
    for event, *states in connection.execute(shown.where(PersonalValues.account_id == account)).all():
        before, after = (state and dict.fromkeys(state, ERASED) for state in states)
        changed = update(PersonalValues).where(PersonalValues.event_id == event)
        connection.execute(changed.values(before=before, after=after))


async def _overwrite(database: Database) -> bool | None:
    """Rewrite the file of SQLite, where old copies of rows stay in free space and in the write-ahead log."""
    if database.dialect.name != "sqlite":
        return None
    async with database.bypass_policies(ERASES, read_only=True).connect() as connection:
        try:
            await connection.execute(text("VACUUM"))
            busy, *_ = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).one()
        except OperationalError:
            # Another process reads or writes; what was erased stays erased.
            return False
    return not busy
