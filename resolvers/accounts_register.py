"""The register of accounts, as an operator keeps it from the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from models import Account, Participant
from models.base import new_key, now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.accounts_identity import Identity
    from resolvers.database import Database

# ASCII only: other letters have capitals that fold onto these, so that two addresses could pass for one.
EMAIL = re.compile(r"[!-?A-~]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+", re.ASCII)
LINE_LENGTH = 300


class AccountError(ValueError):
    """What was asked of accounts or tokens cannot be done; the message is one line that says what to do instead."""


class ListedAccount(NamedTuple):
    """What an operator sees of an account."""

    email: str
    name: str
    participant: str
    identity: str
    state: str


async def create_account(
    database: Database,
    email: str,
    name: str,
    participant: str,
    identity: Identity | None = None,
) -> str:
    """Enter an account for a person of the participant with this code; give its key.

    Where its `identity` is not known yet, its first sign-in links the one whose address is verified and the same.

    Raises AccountError for an address that is none or taken, and a participant that is unknown.
    """
    _check(email, name, identity)
    async with database.unguarded("an operator enters an account").begin() as connection:
        owner = (
            await connection.execute(select(Participant.id).where(Participant.code == participant))
        ).scalar_one_or_none()
        if owner is None:
            message = f"There is no participant with the code {participant!r}: load a record first, or mend the code."
            raise AccountError(message)
        if (await connection.execute(select(Account.id).where(_has_address(email)))).first():
            message = f"{email} has an account already."
            raise AccountError(message)
        key = new_key()
        values = {"id": key, "email": email, "display_name": name, "participant_id": owner}
        if identity is not None:
            values |= {"issuer": identity.issuer, "subject": identity.subject}
        try:
            await connection.execute(insert(Account).values(**values))
        except IntegrityError:
            message = "Another account has this address or identity already."
            raise AccountError(message) from None
    return key


async def list_accounts(database: Database) -> Sequence[ListedAccount]:
    """Give every account, in the order of the addresses."""
    statement = (
        select(Account, Participant.code)
        .join(Participant, Participant.id == Account.participant_id)
        .order_by(Account.email)
    )
    lane = database.unguarded("an operator lists the accounts", reading=True)
    async with lane.connect() as connection:
        rows = (await connection.execute(statement)).all()
    return [
        ListedAccount(
            row.email,
            row.display_name,
            row.code,
            f"{row.subject} at {row.issuer}" if row.issuer else "not linked yet",
            "disabled" if row.disabled_at else "active",
        )
        for row in rows
    ]


async def disable_account(database: Database, email: str) -> None:
    """Let the account with this address in no longer, with whatever it shows; what it did stays.

    Raises AccountError where there is none.
    """
    async with database.unguarded("an operator disables an account").begin() as connection:
        await key_of(connection, email, active=False)
        await connection.execute(
            update(Account)
            .where(_has_address(email), Account.disabled_at.is_(None))
            .values(disabled_at=now(), version=Account.version + 1)
        )


async def key_of(connection: AsyncConnection, email: str, *, active: bool = True) -> str:
    """Give the key of the account with this address, in capitals or not.

    Raises AccountError where there is none, or, when it must be `active`, it is disabled.
    """
    row = (await connection.execute(select(Account.id, Account.disabled_at).where(_has_address(email)))).first()
    if row is None:
        message = f"There is no account with the address {email!r}: coalition account list shows them."
        raise AccountError(message)
    if active and row.disabled_at is not None:
        message = f"The account {email} is disabled."
        raise AccountError(message)
    key: str = row.id
    return key


def _check(email: str, name: str, identity: Identity | None) -> None:
    message = None
    if len(email) > LINE_LENGTH or EMAIL.fullmatch(email) is None:
        message = f"{email!r} is no e-mail address in ASCII, such as name@example.org."
    elif not name.strip() or len(name) > LINE_LENGTH:
        message = f"An account needs a name of 1 to {LINE_LENGTH} characters."
    elif identity is not None and not all(0 < len(part) <= LINE_LENGTH for part in (identity.issuer, identity.subject)):
        message = f"An issuer and a subject have 1 to {LINE_LENGTH} characters each."
    if message:
        raise AccountError(message)


def _has_address(email: str) -> ColumnElement[bool]:
    return func.lower(Account.email) == email.lower()
