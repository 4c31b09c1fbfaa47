"""Account administration from the command line: create, list and disable accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import Account, Participant
from models.base import now
from resolvers.access.context import Actor
from resolvers.access.viewer import LEADS_GROUP, READ_AND_WRITE, Viewer
from resolvers.administration.accounts import address_is_one, has_address
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

#: The command-line option of a field, for messages that do not name the field.
OPTIONS = {"displayName": "--name: "}

#: An operator has the permissions of a lead, and no account.
OPERATOR_VIEWER = Viewer(
    account=LEADS_GROUP, writable_groups=(LEADS_GROUP,), chaired_groups=(LEADS_GROUP,), scopes=READ_AND_WRITE
)
ENTERS = "an operator creates an account"
DISABLES = "an operator disables an account"


def operator_actor(reason: str) -> Actor:
    """Return the actor of a command-line command, for the audit log."""
    return Actor(credential="command line", reason=reason)


class AccountCommandError(ValueError):
    """An account or token command fails; the message is one line and says what to do."""


class ListedAccount(NamedTuple):
    """An account in the operator's list."""

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
    """Create an account for a person of the participant with this code. Return the account's id.

    Without an `identity`, the first sign-in with the same verified email address links one.

    Raises AccountCommandError if the address is invalid or taken, or the participant does not exist.
    """
    if identity is not None and not all(0 < len(part) <= LINE_LENGTH for part in (identity.issuer, identity.subject)):
        message = f"The issuer and the subject must each have 1 to {LINE_LENGTH} characters: correct them."
        raise AccountCommandError(message)

    def enter(session: Session) -> str:
        return _enter_account(session, email, name, participant, identity)

    try:
        return await audited_write(database, ENTERS, operator_actor(ENTERS), enter)
    except ValidationError as error:
        faults = (f"{OPTIONS.get(each.path[-1], '')}{each.message}" for each in error.violations)
        raise AccountCommandError(" ".join(faults)) from None
    except IntegrityError:
        message = "Another account already has this email address or identity: use another one."
        raise AccountCommandError(message) from None


def _enter_account(session: Session, email: str, name: str, participant: str, identity: Identity | None) -> str:
    owner = session.scalars(select(Participant.id).where(Participant.code == participant)).one_or_none()
    # Other errors are reported first, so that the operator corrects them before looking for a participant code.
    given = {"email": email, "display_name": name, "participant_id": f"Participant:{owner or LEADS_GROUP}"}
    values = check(checker("create_account", fields_to_create(mutation_spec_of(Account))), given)
    unit = UnitOfWork(session, OPERATOR_VIEWER)
    if broken := [*address_is_one(unit, Account(email=email))]:
        raise ValidationError(broken)
    if owner is None:
        message = f"There is no participant with the code {participant!r}: correct the code, or load a record first."
        raise AccountCommandError(message)
    row: Any = create(unit, mutation_spec_of(Account), values)
    if identity is not None:
        row.issuer, row.subject = identity.issuer, identity.subject
        session.flush()
    key: str = row.id
    return key


async def list_accounts(database: Database) -> Sequence[ListedAccount]:
    """Return all accounts, ordered by email address."""
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
    """Disable the account with this email address, so that none of its credentials works. Its data stays.

    Raises AccountCommandError if there is no such account.
    """
    async with database.bypass_policies(DISABLES).connect() as connection:
        await key_of(connection, email, active=False)

    def close(session: Session) -> None:
        for row in session.scalars(select(Account).where(has_address(email), Account.disabled_at.is_(None))):
            row.disabled_at = now()

    await audited_write(database, DISABLES, operator_actor(DISABLES), close)


async def key_of(connection: AsyncConnection, email: str, *, active: bool = True) -> str:
    """Return the id of the account with this email address; upper and lower case are the same.

    Raises AccountCommandError if there is no such account, or if it must be `active` and is disabled.
    """
    row = (await connection.execute(select(Account.id, Account.disabled_at).where(has_address(email)))).first()
    if row is None:
        message = f"There is no account with the email address {email!r}: see coalition account list."
        raise AccountCommandError(message)
    if active and row.disabled_at is not None:
        message = f"The account {email} is disabled: use another account."
        raise AccountCommandError(message)
    key: str = row.id
    return key
