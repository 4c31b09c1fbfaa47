"""The register of accounts, as an operator keeps it from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import Account, Participant
from models.base import now
from resolvers.access.context import Actor
from resolvers.access.viewer import LEADS_GROUP, READ_AND_WRITE, Viewer
from resolvers.accounts import address_is_one, has_address
from resolvers.audit.transaction import audited_write
from resolvers.commands.errors import ValidationError
from resolvers.commands.input_fields import fields_to_create
from resolvers.commands.input_validation import check, checker
from resolvers.commands.spec import mutation_spec_of
from resolvers.commands.standard_changes import create
from resolvers.commands.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.orm import Session

    from resolvers.database.database import Database
    from resolvers.identity.account_linking import Identity

LINE_LENGTH = 300

#: What the command line calls a field, where its message does not name it.
OPTIONS = {"displayName": "--name: "}

#: An operator may do what a lead may, and has no account.
OPERATOR_VIEWER = Viewer(
    account=LEADS_GROUP, writable_groups=(LEADS_GROUP,), chaired_groups=(LEADS_GROUP,), scopes=READ_AND_WRITE
)
ENTERS = "an operator enters an account"
DISABLES = "an operator disables an account"


def operator_actor(reason: str) -> Actor:
    """Give who does something from the command line, for the trail."""
    return Actor(credential="command line", reason=reason)


class AccountCommandError(ValueError):
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
    if identity is not None and not all(0 < len(part) <= LINE_LENGTH for part in (identity.issuer, identity.subject)):
        message = f"An issuer and a subject have 1 to {LINE_LENGTH} characters each."
        raise AccountCommandError(message)

    def enter(session: Session) -> str:
        return _enter_account(session, email, name, participant, identity)

    try:
        return await audited_write(database, ENTERS, operator_actor(ENTERS), enter)
    except ValidationError as error:
        faults = (f"{OPTIONS.get(each.path[-1], '')}{each.message}" for each in error.violations)
        raise AccountCommandError(" ".join(faults)) from None
    except IntegrityError:
        message = "Another account has this address or identity already."
        raise AccountCommandError(message) from None


def _enter_account(session: Session, email: str, name: str, participant: str, identity: Identity | None) -> str:
    owner = session.scalars(select(Participant.id).where(Participant.code == participant)).one_or_none()
    # Whatever else is wrong is told before the participant is: nobody looks for a code in vain.
    given = {"email": email, "display_name": name, "participant_id": f"Participant:{owner or LEADS_GROUP}"}
    values = check(checker("create_account", fields_to_create(mutation_spec_of(Account))), given)
    unit = UnitOfWork(session, OPERATOR_VIEWER)
    if broken := [*address_is_one(unit, Account(email=email))]:
        raise ValidationError(broken)
    if owner is None:
        message = f"There is no participant with the code {participant!r}: load a record first, or mend the code."
        raise AccountCommandError(message)
    row: Any = create(unit, mutation_spec_of(Account), values)
    if identity is not None:
        row.issuer, row.subject = identity.issuer, identity.subject
        session.flush()
    key: str = row.id
    return key


async def list_accounts(database: Database) -> Sequence[ListedAccount]:
    """Give every account, in the order of the addresses."""
    statement = (
        select(Account, Participant.code)
        .join(Participant, Participant.id == Account.participant_id)
        .order_by(Account.email)
    )
    engine = database.bypass_policies("an operator lists the accounts", read_only=True)
    async with engine.connect() as connection:
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
    async with database.bypass_policies(DISABLES).connect() as connection:
        await key_of(connection, email, active=False)

    def close(session: Session) -> None:
        for row in session.scalars(select(Account).where(has_address(email), Account.disabled_at.is_(None))):
            row.disabled_at = now()

    await audited_write(database, DISABLES, operator_actor(DISABLES), close)


async def key_of(connection: AsyncConnection, email: str, *, active: bool = True) -> str:
    """Give the key of the account with this address, in capitals or not.

    Raises AccountError where there is none, or, when it must be `active`, it is disabled.
    """
    row = (await connection.execute(select(Account.id, Account.disabled_at).where(has_address(email)))).first()
    if row is None:
        message = f"There is no account with the address {email!r}: coalition account list shows them."
        raise AccountCommandError(message)
    if active and row.disabled_at is not None:
        message = f"The account {email} is disabled."
        raise AccountCommandError(message)
    key: str = row.id
    return key
